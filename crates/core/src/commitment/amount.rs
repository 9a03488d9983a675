//! Exact amounts that may have more decimals than a currency, and shares of them.

use std::{fmt, str::FromStr};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money, MoneyError, Rounding};

/// The most decimals that an amount may be written with.
pub const DECIMALS: u32 = 12;

/// The largest amount that may be written: a million million.
pub const LARGEST: i64 = 1_000_000_000_000;

/// How exact amounts become minor units, where they are shown.
pub const ROUNDING: Rounding = Rounding::HalfEven;

/// What can go wrong with an amount of spend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a decimal number.
    #[error("`{0}` is not an amount; write a decimal number such as `1250.00`")]
    NotANumber(String),
    /// Too large, or with too many decimals.
    #[error("`{0}` is out of bounds; write at most {DECIMALS} decimals and at most a million million")]
    OutOfBounds(String),
    /// Not between 0 and 100.
    #[error("`{0}` is not a percentage; write a decimal number from 0 to 100 such as `12.5`")]
    NotAPercentage(String),
    /// Not a rate of exchange.
    #[error("`{0}` is not a rate; write a positive decimal number of at most {DECIMALS} decimals such as `1.0857`")]
    NotARate(String),
    /// A result would no longer be exact.
    #[error("the sum no longer fits an exact decimal of 28 digits; split the commitment or round its spend earlier")]
    Inexact,
}

/// An exact amount in the currency of its commitment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(Decimal);

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(Decimal::ZERO);

    /// An amount within the bounds of what may be written.
    ///
    /// # Errors
    /// When it is larger than [`LARGEST`] or has more than [`DECIMALS`] decimals.
    pub fn new(value: Decimal) -> Result<Amount, AmountError> {
        let value = value.normalize();
        if value.scale() > DECIMALS || value.abs() > Decimal::from(LARGEST) {
            return Err(AmountError::OutOfBounds(value.to_string()));
        }
        Ok(Amount(value))
    }

    /// An amount that was computed: a quotient, brought to [`DECIMALS`] decimals.
    pub(super) fn computed(value: Decimal) -> Amount {
        Amount(value.round_dp(DECIMALS).normalize())
    }

    /// As a decimal.
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// As whole minor units, rounded by [`ROUNDING`].
    ///
    /// # Errors
    /// When it is beyond what minor units hold.
    pub fn money(self, currency: Currency) -> Result<Money, MoneyError> {
        Money::rounded(self.0, currency, ROUNDING)
    }

    /// Whether it has no more decimals than its currency.
    pub fn is_payable(self, currency: Currency) -> bool {
        Money::exact(self.0, currency).is_ok()
    }

    /// The exact sum.
    ///
    /// # Errors
    /// When 28 digits do not hold it.
    pub fn plus(self, other: Amount) -> Result<Amount, AmountError> {
        let sum = self.0.checked_add(other.0).ok_or(AmountError::Inexact)?;
        // The library rounds what 28 digits do not hold; what was rounded does not lead back.
        let exact = sum.checked_sub(other.0) == Some(self.0) && sum.checked_sub(self.0) == Some(other.0);
        if exact { Ok(Amount(sum.normalize())) } else { Err(AmountError::Inexact) }
    }

    /// The exact difference.
    ///
    /// # Errors
    /// When 28 digits do not hold it.
    pub fn minus(self, other: Amount) -> Result<Amount, AmountError> {
        self.plus(Amount(-other.0))
    }

    /// The exact share.
    ///
    /// # Errors
    /// When 28 digits do not hold it.
    pub fn share(self, percent: Percent) -> Result<Amount, AmountError> {
        let factor = (percent.0 / Decimal::ONE_HUNDRED).normalize();
        let product = self.0.checked_mul(factor).ok_or(AmountError::Inexact)?;
        let exact = product.is_zero() || product.scale() == self.0.scale() + factor.scale();
        if exact { Ok(Amount(product.normalize())) } else { Err(AmountError::Inexact) }
    }

    /// What it comes to at a rate of exchange, to [`DECIMALS`] decimals, half to even.
    ///
    /// # Errors
    /// When it is too large.
    pub(super) fn at_rate(self, rate: Decimal) -> Result<Amount, AmountError> {
        self.0.checked_mul(rate).map(Amount::computed).ok_or(AmountError::Inexact)
    }

    /// The part `of / whole`, to [`DECIMALS`] decimals; nothing of a whole that is not positive.
    ///
    /// # Errors
    /// When it is too large.
    pub fn part(self, of: i64, whole: i64) -> Result<Amount, AmountError> {
        if whole <= 0 {
            return Ok(Amount::ZERO);
        }
        let product = self.0.checked_mul(Decimal::from(of)).ok_or(AmountError::Inexact)?;
        product.checked_div(Decimal::from(whole)).map(Amount::computed).ok_or(AmountError::Inexact)
    }

    /// The part `part / whole`, to [`DECIMALS`] decimals; nothing of a whole that is not positive.
    pub(super) fn portion(self, part: Amount, whole: Amount) -> Result<Amount, AmountError> {
        if whole.0 <= Decimal::ZERO {
            return Ok(Amount::ZERO);
        }
        let product = self.0.checked_mul(part.0).ok_or(AmountError::Inexact)?;
        product.checked_div(whole.0).map(Amount::computed).ok_or(AmountError::Inexact)
    }

    /// How often `other` fits, to six decimals; `None` where `other` is not positive.
    pub fn ratio(self, other: Amount) -> Option<Decimal> {
        if other.0 <= Decimal::ZERO {
            return None;
        }
        self.0.checked_div(other.0).map(|ratio| ratio.round_dp(6).normalize())
    }

    /// The same, never below zero.
    pub fn floor(self) -> Amount {
        self.max(Amount::ZERO)
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The exact sum of many.
    ///
    /// # Errors
    /// When 28 digits do not hold it.
    pub fn sum(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, AmountError> {
        amounts.into_iter().try_fold(Amount::ZERO, Amount::plus)
    }
}

impl FromStr for Amount {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Amount, AmountError> {
        let short = || text.chars().take(40).collect::<String>();
        let written = text.trim();
        let value = Decimal::from_str_exact(written).or_else(|_| Decimal::from_scientific(written));
        Amount::new(value.map_err(|_| AmountError::NotANumber(short()))?)
    }
}

impl TryFrom<String> for Amount {
    type Error = AmountError;
    fn try_from(text: String) -> Result<Amount, AmountError> {
        text.parse()
    }
}

impl schemars::JsonSchema for Amount {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^-?[0-9]{1,13}([.][0-9]{1,12})?$",
            "description": "An exact decimal in the currency, such as `1250.00`."
        })
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> String {
        amount.to_string()
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A percentage from 0 to 100 with at most four decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Percent(Decimal);

impl Percent {
    /// Nothing of it.
    pub const NONE: Percent = Percent(Decimal::ZERO);
    /// All of it.
    pub const ALL: Percent = Percent(Decimal::ONE_HUNDRED);

    /// As a decimal from 0 to 100.
    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl FromStr for Percent {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Percent, AmountError> {
        let wrong = || AmountError::NotAPercentage(text.chars().take(40).collect());
        let value = Decimal::from_str_exact(text.trim()).map_err(|_| wrong())?.normalize();
        let sound = (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&value) && value.scale() <= 4;
        if sound { Ok(Percent(value)) } else { Err(wrong()) }
    }
}

impl TryFrom<String> for Percent {
    type Error = AmountError;
    fn try_from(text: String) -> Result<Percent, AmountError> {
        text.parse()
    }
}

impl schemars::JsonSchema for Percent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9]{1,3}([.][0-9]{1,4})?$",
            "description": "A percentage from 0 to 100, such as `12.5`."
        })
    }
}

impl From<Percent> for String {
    fn from(percent: Percent) -> String {
        percent.0.to_string()
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0)
    }
}
