//! Quantities, prices and percentages: exact decimals of bounded size.

use std::{fmt, str::FromStr};

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::money::{Currency, Money, Rounding};

/// The most decimals.
const DECIMALS: u32 = 6;

/// What no number reaches.
const LIMIT: i64 = 1_000_000_000;

/// A text that is no such number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a number from 0 to below 1000000000 with at most 6 decimals; write it in quotes, such as \"2.5\""
)]
pub struct NotExact(String);

/// A number of at least nothing, kept exactly. People write `3`, or `"2.5"` in quotes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(Decimal);

impl Exact {
    /// The number as a decimal.
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// So many of something at a price, rounded once to whole minor units, ties to the even one.
    pub fn at_price(self, price: Exact, currency: Currency) -> Option<Money> {
        Money::rounded(self.0.checked_mul(price.0)?, currency, Rounding::HalfEven).ok()
    }

    /// So many percent of an amount.
    pub fn percent_of(self, amount: Money, rounding: Rounding) -> Option<Money> {
        let part = amount.decimal().checked_mul(self.0)?.checked_div(Decimal::ONE_HUNDRED)?;
        Money::rounded(part, amount.currency, rounding).ok()
    }

    /// It and so many percent of it; the largest decimal where that cannot be counted.
    pub fn and_percent(self, percent: Exact) -> Decimal {
        let more = self.0.checked_mul(percent.0).and_then(|more| more.checked_div(Decimal::ONE_HUNDRED));
        more.and_then(|more| self.0.checked_add(more)).unwrap_or(Decimal::MAX)
    }
}

impl FromStr for Exact {
    type Err = NotExact;

    fn from_str(text: &str) -> Result<Exact, NotExact> {
        let wrong = || NotExact(text.chars().take(40).collect());
        let number = Decimal::from_str_exact(text.trim()).map_err(|_| wrong())?.normalize();
        let fits = number.scale() <= DECIMALS && !number.is_sign_negative() && number < Decimal::from(LIMIT);
        if fits { Ok(Exact(number)) } else { Err(wrong()) }
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Exact, D::Error> {
        deserializer.deserialize_any(ExactVisitor)
    }
}

impl schemars::JsonSchema for Exact {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Exact".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "integer"],
            "pattern": r"^\d{1,9}(\.\d{1,6})?$",
            "minimum": 0,
            "description": "A whole number, or a decimal number in quotes such as `2.5`."
        })
    }
}

struct ExactVisitor;

impl de::Visitor<'_> for ExactVisitor {
    type Value = Exact;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, or a decimal number in quotes such as \"2.5\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Exact, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Exact, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Exact, E> {
        self.visit_str(&number.to_string())
    }
}
