//! An exact decimal as documents write it: text in JSON, a plain number or text in YAML, never a float.

use std::{fmt, str::FromStr};

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The largest magnitude a document may write, in whole units.
const LARGEST: i64 = 1_000_000_000_000;

/// The most decimals a document may write.
const DECIMALS_MAX: u32 = 9;

/// An exact, non-negative decimal in the offer's currency. `1250`, `1250.0` and `1250.00` are the same amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(Decimal);

/// A text that is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAmount {
    /// Not a decimal number.
    #[error("`{0}` is not an amount; write a decimal number such as 1250.00")]
    NotANumber(String),
    /// Below zero.
    #[error("`{0}` is negative; amounts and prices start at 0")]
    Negative(String),
    /// Too large or too precise to be kept and compared exactly.
    #[error("`{0}` is out of range; amounts have at most 9 decimals and stay below 1000000000000")]
    OutOfRange(String),
}

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(Decimal::ZERO);

    /// The amount as a decimal, without trailing zeros.
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

impl TryFrom<Decimal> for Amount {
    type Error = InvalidAmount;
    fn try_from(value: Decimal) -> Result<Amount, InvalidAmount> {
        let value = value.normalize();
        if value.is_sign_negative() && !value.is_zero() {
            return Err(InvalidAmount::Negative(value.to_string()));
        }
        if value >= Decimal::from(LARGEST) || value.scale() > DECIMALS_MAX {
            return Err(InvalidAmount::OutOfRange(value.to_string()));
        }
        Ok(Amount(value))
    }
}

impl FromStr for Amount {
    type Err = InvalidAmount;
    fn from_str(text: &str) -> Result<Amount, InvalidAmount> {
        let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-');
        let parsed = Some(text).filter(|_| plain).and_then(|text| Decimal::from_str_exact(text).ok());
        parsed.ok_or_else(|| InvalidAmount::NotANumber(text.chars().take(40).collect())).and_then(Amount::try_from)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
        struct Text;

        impl de::Visitor<'_> for Text {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an exact decimal written as text, such as \"1250.00\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
    }
}

impl schemars::JsonSchema for Amount {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "number"],
            "pattern": "^[0-9]{1,12}([.][0-9]{1,9})?$",
            "minimum": 0,
            "description": "An exact decimal in the offer's currency, such as `1250.00`; text in JSON."
        })
    }
}
