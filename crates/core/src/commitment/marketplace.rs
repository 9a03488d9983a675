//! What a contract says about purchases on the marketplace.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    amount::{AmountError, Percent},
    band::Weight,
};

/// What comes from the marketplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketplaceTerms {
    /// How much of a purchase counts, unless a rule says otherwise.
    pub counts: Counts,
    /// How much of the commitment may be met with purchases.
    pub cap: Cap,
    /// Of what the cap is a share.
    #[serde(default)]
    pub cap_of: CapOf,
}

/// How much of a purchase counts; written `unknown`, `100`, or `50 to 100` where sources contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Counts(Weight);

impl Counts {
    /// Between which shares.
    pub fn weight(self) -> Weight {
        self.0
    }
}

impl JsonSchema for Counts {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Counts".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^(unknown|[0-9]{1,3}([.][0-9]{1,4})?( to [0-9]{1,3}([.][0-9]{1,4})?)?)$",
            "description": "How much of a purchase counts, in percent: `100`, `50 to 100` where sources contradict each other, or `unknown`."
        })
    }
}

impl From<Counts> for String {
    fn from(Counts(weight): Counts) -> String {
        let (least, most) = (weight.least.decimal(), weight.most.decimal());
        match least == most {
            true => least.to_string(),
            false if weight == Weight::UNKNOWN => "unknown".to_owned(),
            false => format!("{least} to {most}"),
        }
    }
}

impl TryFrom<String> for Counts {
    type Error = AmountError;
    fn try_from(text: String) -> Result<Counts, AmountError> {
        if text == "unknown" {
            return Ok(Counts(Weight::UNKNOWN));
        }
        let Some((low, high)) = text.split_once(" to ") else {
            return Ok(Counts(Weight::exactly(text.parse()?)));
        };
        between(low, high, &text).map(|(least, most)| Counts(Weight { least, most }))
    }
}

/// Two percentages, the lower one first.
fn between(low: &str, high: &str, text: &str) -> Result<(Percent, Percent), AmountError> {
    let (low, high): (Percent, Percent) = (low.parse()?, high.parse()?);
    if low < high { Ok((low, high)) } else { Err(AmountError::NotAPercentage(text.chars().take(40).collect())) }
}

/// A cap on the marketplace's share; written `unknown`, `none`, `25` or `15 to 25`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Cap {
    /// Nobody has read it in the contract: anything from nothing to everything.
    Unknown,
    /// The contract has none.
    Uncapped,
    /// This share.
    At(Percent),
    /// Sources contradict each other.
    Between(Percent, Percent),
}

impl Cap {
    /// The lowest and the highest cap that it may be; `None` is no cap.
    pub fn ends(self) -> (Option<Percent>, Option<Percent>) {
        match self {
            Cap::Unknown => (Some(Percent::NONE), None),
            Cap::Uncapped => (None, None),
            Cap::At(share) => (Some(share), Some(share)),
            Cap::Between(low, high) => (Some(low), Some(high)),
        }
    }
}

impl fmt::Display for Cap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cap::Unknown => f.write_str("unknown"),
            Cap::Uncapped => f.write_str("none"),
            Cap::At(share) => share.decimal().fmt(f),
            Cap::Between(low, high) => write!(f, "{} to {}", low.decimal(), high.decimal()),
        }
    }
}

impl JsonSchema for Cap {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cap".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^(unknown|none|[0-9]{1,3}([.][0-9]{1,4})?( to [0-9]{1,3}([.][0-9]{1,4})?)?)$",
            "description": "A cap in percent: `25`, `15 to 25` where sources contradict each other, `none`, or `unknown`."
        })
    }
}

impl From<Cap> for String {
    fn from(cap: Cap) -> String {
        cap.to_string()
    }
}

impl TryFrom<String> for Cap {
    type Error = AmountError;
    fn try_from(text: String) -> Result<Cap, AmountError> {
        match text.as_str() {
            "unknown" => return Ok(Cap::Unknown),
            "none" => return Ok(Cap::Uncapped),
            _ => {}
        }
        let Some((low, high)) = text.split_once(" to ") else { return text.parse().map(Cap::At) };
        between(low, high, &text).map(|(low, high)| Cap::Between(low, high))
    }
}

/// Of what a cap is a share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CapOf {
    /// Of each period's amount, anew in each period.
    #[default]
    Period,
    /// Of everything committed, over the whole term.
    Term,
}
