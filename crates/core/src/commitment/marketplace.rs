//! What a contract says about purchases on the marketplace.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::amount::{AmountError, Percent};

/// What comes from the marketplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketplaceTerms {
    /// How much of a purchase counts, unless a rule says otherwise.
    #[serde(default = "wholly")]
    pub counts: Percent,
    /// How much of the commitment may be met with purchases.
    pub cap: Cap,
    /// Of what the cap is a share.
    #[serde(default)]
    pub cap_of: CapOf,
}

fn wholly() -> Percent {
    Percent::ALL
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
        let (low, high): (Percent, Percent) = (low.parse()?, high.parse()?);
        if low < high { Ok(Cap::Between(low, high)) } else { Err(AmountError::NotAPercentage(text)) }
    }
}

/// Of what a cap is a share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapOf {
    /// Of each period's amount, anew in each period.
    #[default]
    Period,
    /// Of everything committed, over the whole term.
    Term,
}
