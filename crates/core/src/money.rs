//! Amounts of money: exact, never a float.

use std::{fmt, str::FromStr};

use iso_currency::Currency as Iso;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, de};

/// What can go wrong with an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a currency of ISO 4217.
    #[error("`{0}` is not a currency code of ISO 4217; write three capital letters such as `USD`")]
    UnknownCurrency(String),
    /// Amounts of different currencies do not add.
    #[error("amounts in {left} and {right} cannot be combined without a dated exchange rate")]
    Mixed {
        /// One currency.
        left: Currency,
        /// The other.
        right: Currency,
    },
    /// Beyond ±9.2e18 minor units.
    #[error("the amount is too large to be kept exactly")]
    Overflow,
    /// More decimals than the currency has.
    #[error("`{amount}` has more decimals than {currency} allows ({allowed})")]
    TooPrecise {
        /// The amount.
        amount: String,
        /// The currency.
        currency: Currency,
        /// Its decimals.
        allowed: u32,
    },
    /// Not a decimal number.
    #[error("`{0}` is not an amount; write a decimal number such as `1250.00`")]
    NotANumber(String),
}

/// A currency of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(Iso);

impl Currency {
    /// The alphabetic code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The number of decimals of its minor unit; 0 where ISO 4217 names none.
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(code: &str) -> Result<Self, MoneyError> {
        Iso::from_code(code).map(Currency).ok_or_else(|| MoneyError::UnknownCurrency(code.chars().take(20).collect()))
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(code: String) -> Result<Self, MoneyError> {
        code.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

impl schemars::JsonSchema for Currency {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[A-Z]{3}$",
            "description": "A currency code of ISO 4217, such as `USD`."
        })
    }
}

/// How a decimal is brought to minor units. Applied once, at posting, and named wherever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest, ties to the even neighbour.
    HalfEven,
    /// To the nearest, ties away from zero.
    HalfUp,
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
}

/// An amount owed or paid: whole minor units of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Money {
    /// Minor units, such as cents.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Nothing, in a currency.
    pub fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    /// An exact decimal amount; refused when it has more decimals than the currency.
    pub fn exact(amount: Decimal, currency: Currency) -> Result<Money, MoneyError> {
        let scaled = scale(amount, currency)?;
        if !scaled.fract().is_zero() {
            let allowed = currency.decimals();
            return Err(MoneyError::TooPrecise { amount: amount.normalize().to_string(), currency, allowed });
        }
        to_minor(scaled, currency)
    }

    /// A decimal amount, rounded by a named rule.
    pub fn rounded(amount: Decimal, currency: Currency, rule: Rounding) -> Result<Money, MoneyError> {
        use rust_decimal::RoundingStrategy as S;
        let strategy = match rule {
            Rounding::HalfEven => S::MidpointNearestEven,
            Rounding::HalfUp => S::MidpointAwayFromZero,
            Rounding::Down => S::ToZero,
            Rounding::Up => S::AwayFromZero,
        };
        to_minor(scale(amount, currency)?.round_dp_with_strategy(0, strategy), currency)
    }

    /// A decimal text with its currency.
    pub fn parse(amount: &str, currency: Currency) -> Result<Money, MoneyError> {
        let decimal = Decimal::from_str_exact(amount.trim())
            .map_err(|_| MoneyError::NotANumber(amount.chars().take(40).collect()))?;
        Money::exact(decimal, currency)
    }

    /// The amount as a decimal.
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.decimals())
    }

    /// The sum; currencies must agree.
    pub fn plus(self, other: Money) -> Result<Money, MoneyError> {
        self.same(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Money { minor, ..self })
    }

    /// The difference; currencies must agree.
    pub fn minus(self, other: Money) -> Result<Money, MoneyError> {
        self.same(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Money { minor, ..self })
    }

    /// The sum of amounts, zero of `currency` when there are none.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Money>) -> Result<Money, MoneyError> {
        amounts.into_iter().try_fold(Money::zero(currency), Money::plus)
    }

    /// Splits into parts in proportion to `weights`; parts sum exactly to the whole (largest remainder, ties to the earlier part).
    /// `None` when there is no positive weight, or one is negative.
    pub fn split(self, weights: &[u64]) -> Option<Vec<Money>> {
        let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
        if total == 0 {
            return None;
        }
        let sign = if self.minor < 0 { -1 } else { 1 };
        let amount = u128::from(self.minor.unsigned_abs());
        let mut parts: Vec<(u128, u128, usize)> = Vec::with_capacity(weights.len());
        for (at, weight) in weights.iter().enumerate() {
            let share = amount.checked_mul(u128::from(*weight))?;
            parts.push((share / total, share % total, at));
        }
        let given: u128 = parts.iter().map(|part| part.0).sum();
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|at| (std::cmp::Reverse(parts.get(*at).map(|part| part.1)), *at));
        for at in order.into_iter().take(usize::try_from(amount - given).ok()?) {
            if let Some(part) = parts.get_mut(at) {
                part.0 += 1;
            }
        }
        parts.into_iter().map(|part| Some(Money { minor: i64::try_from(part.0).ok()? * sign, ..self })).collect()
    }

    fn same(self, other: Money) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::Mixed { left: self.currency, right: other.currency })
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// A decimal with its currency, such as `1250.00 USD`; the currency may come first.
    fn from_str(text: &str) -> Result<Money, MoneyError> {
        let wrong = || MoneyError::NotANumber(text.chars().take(40).collect());
        let (left, right) = text.trim().split_once(char::is_whitespace).ok_or_else(wrong)?;
        match left.chars().all(|c| c.is_ascii_alphabetic()) {
            true => Money::parse(right, left.parse()?),
            false => Money::parse(left, right.trim().parse()?),
        }
    }
}

/// Records hold minor units and a currency; people write `1250.00 USD`.
impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        deserializer.deserialize_any(MoneyVisitor)
    }
}

struct MoneyVisitor;

/// The fields of an amount in records.
#[derive(Deserialize)]
struct Recorded {
    minor: i64,
    currency: Currency,
}

impl<'de> de::Visitor<'de> for MoneyVisitor {
    type Value = Money;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount with its currency, such as `1250.00 USD`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Money, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Money, A::Error> {
        let Recorded { minor, currency } = Recorded::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(Money { minor, currency })
    }
}

fn scale(amount: Decimal, currency: Currency) -> Result<Decimal, MoneyError> {
    amount.checked_mul(Decimal::from(10u64.pow(currency.decimals()))).ok_or(MoneyError::Overflow)
}

fn to_minor(scaled: Decimal, currency: Currency) -> Result<Money, MoneyError> {
    let minor =
        i64::try_from(scaled.trunc().normalize().mantissa()).ok().filter(|_| scaled.trunc().normalize().scale() == 0);
    minor.map(|minor| Money { minor, currency }).ok_or(MoneyError::Overflow)
}

impl fmt::Display for Money {
    /// `USD 1,250.00`: code, grouped, with the currency's own decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.currency.decimals() as usize;
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let mut grouped = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if self.minor < 0 { "-" } else { "" };
        let point = if decimals > 0 { "." } else { "" };
        write!(f, "{} {sign}{grouped}{point}{fraction}", self.currency)
    }
}
