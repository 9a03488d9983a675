//! What a contract says about spend in another currency.

use std::{fmt, str::FromStr};

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    commitment::amount::{AmountError, DECIMALS},
    context::FieldError,
    money::Currency,
};

/// The largest rate: more than any currency costs in another one.
const LARGEST: i64 = 1_000_000_000;

/// What one unit of a currency costs in another: a positive decimal of at most twelve decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate(Decimal);

impl Rate {
    /// As a decimal.
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// A rate that was made of others, brought to twelve decimals, half to even; `None` where nothing of it is left.
    pub(super) fn computed(value: Option<Decimal>) -> Option<Rate> {
        let value = value?.round_dp(DECIMALS).normalize();
        Some(Rate(value)).filter(|_| value > Decimal::ZERO && value <= Decimal::from(LARGEST))
    }
}

impl FromStr for Rate {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Rate, AmountError> {
        let wrong = || AmountError::NotARate(text.chars().take(40).collect());
        let value = Decimal::from_str_exact(text).map_err(|_| wrong())?.normalize();
        let sound = value > Decimal::ZERO && value <= Decimal::from(LARGEST) && value.scale() <= DECIMALS;
        if sound { Ok(Rate(value)) } else { Err(wrong()) }
    }
}

impl TryFrom<String> for Rate {
    type Error = AmountError;
    fn try_from(text: String) -> Result<Rate, AmountError> {
        text.parse()
    }
}

impl JsonSchema for Rate {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9]{1,10}([.][0-9]{1,12})?$",
            "description": "What one unit of a currency costs in another, such as `1.0850`."
        })
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> String {
        rate.0.to_string()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How spend that was billed in a currency is converted into the commitment's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Written", into = "Written")]
#[schemars(with = "Written")]
pub struct Conversion {
    /// The currency that is billed.
    pub from: Currency,
    /// By which rate.
    pub by: By,
    /// The published rates that are watched, by their name.
    pub watched: Option<String>,
    /// The rate that the budget was made with, where the contract names one.
    pub reference: Option<Rate>,
}

/// By which rate spend is converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// By one that the contract fixes.
    Fixed(Rate),
    /// By the published one of a day.
    Published(RateDay),
}

/// The day whose published rate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateDay {
    /// The day that the charge counts on.
    Charge,
    /// The first day of its month.
    MonthStart,
    /// The last day of its month.
    MonthEnd,
    /// The day of the cloud's last statement before it, or of that very day.
    Statement,
}

/// How spend that was billed in a currency is converted: by a fixed `rate`, or by published `rates` of a `day`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Conversion")]
struct Written {
    /// The currency that is billed.
    from: Currency,
    /// What one unit of it costs in the commitment's currency, where the contract fixes that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rate: Option<Rate>,
    /// The published rates that count, or that are watched, by their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rates: Option<String>,
    /// The day whose published rate counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day: Option<RateDay>,
    /// The rate that the budget was made with, where the contract names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<Rate>,
}

impl TryFrom<Written> for Conversion {
    type Error = &'static str;
    fn try_from(written: Written) -> Result<Conversion, &'static str> {
        let Written { from, rate, rates, day, reference } = written;
        let by = match (rate, &rates, day) {
            (Some(_), _, Some(_)) => return Err("has a fixed `rate` and a `day`; write one of the two"),
            (Some(rate), _, None) => By::Fixed(rate),
            (None, Some(_), Some(day)) => By::Published(day),
            (None, ..) => return Err("says no rate; write a fixed `rate`, or the name of `rates` and the `day`"),
        };
        Ok(Conversion { from, by, watched: rates, reference })
    }
}

impl From<Conversion> for Written {
    fn from(conversion: Conversion) -> Written {
        let Conversion { from, by, watched: rates, reference } = conversion;
        let (rate, day) = match by {
            By::Fixed(rate) => (Some(rate), None),
            By::Published(day) => (None, Some(day)),
        };
        Written { from, rate, rates, day, reference }
    }
}

/// Whether the conversions of one version of the terms hold together.
pub(in crate::commitment) fn check(conversions: &[Conversion], currency: Currency) -> Result<(), FieldError> {
    for (at, one) in conversions.iter().enumerate() {
        let refuse = |message: &str| Err(FieldError { field: format!("/{at}/from"), message: message.to_owned() });
        if one.from == currency {
            return refuse("is the commitment's own currency; leave it out");
        }
        if conversions.iter().take(at).any(|other| other.from == one.from) {
            return refuse("is converted twice; write one way for each currency");
        }
    }
    Ok(())
}
