//! `ContractApplied`: how much of a charge counts for which commitment.

use serde::Deserialize;

use super::{FocusError, allocation::Allocated};
use crate::commitment::amount::Amount;

/// What of a charge counts for a commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedCost {
    /// The commitment's id in its dataset.
    pub commitment: String,
    /// How much; `None` where it is told in units of usage alone.
    pub cost: Option<Amount>,
    /// At most this much, where it is not known how much.
    pub most: Option<Amount>,
}

/// Writes it as the JSON object that FOCUS asks for, with exact numbers.
pub fn contract_applied(id: &str, allocated: Allocated) -> String {
    let most = match allocated.least == allocated.most {
        true => String::new(),
        false => format!(",\"{MOST}\":{}", String::from(allocated.most)),
    };
    // A JSON library writes binary fractions; amounts stay decimals.
    format!(
        "{{\"ContractApplied\":[{{\"ContractCommitmentID\":{},\"ContractCommitmentAppliedCost\":{},\
         \"ContractCommitmentAppliedQuantity\":null,\"ContractCommitmentAppliedUnit\":null{most}}}]}}",
        serde_json::Value::from(id),
        String::from(allocated.least),
    )
}

/// Our own word for the other end of a band.
const MOST: &str = "x_ContractCommitmentAppliedCostMost";

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "ContractCommitmentID", alias = "ContractCommitmentId")]
    id: String,
    #[serde(rename = "ContractCommitmentAppliedCost", default)]
    cost: Option<String>,
    #[serde(rename = "x_ContractCommitmentAppliedCostMost", default)]
    most: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Wrapped {
        #[serde(rename = "ContractApplied")]
        entries: Vec<Entry>,
    },
    Bare(Vec<Entry>),
}

/// Reads it: as an object or as the bare list of earlier drafts, with `ContractCommitmentID` or `ContractCommitmentId`, and with
/// numbers or texts; nothing where the cell is null.
///
/// # Errors
/// When it is something else.
pub fn applied_costs(text: &str) -> Result<Vec<AppliedCost>, FocusError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let wrong = |problem: String| FocusError::Applied(problem);
    let written: Written = serde_json::from_str(&quoted(text)).map_err(|error| wrong(error.to_string()))?;
    let (Written::Wrapped { entries } | Written::Bare(entries)) = written;
    let amount = |text: Option<String>| text.map(|text| text.parse::<Amount>()).transpose();
    entries
        .into_iter()
        .map(|entry| Ok(AppliedCost { commitment: entry.id, cost: amount(entry.cost)?, most: amount(entry.most)? }))
        .collect()
}

/// The same JSON with its numbers as texts, so that no decimal passes through a binary fraction.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let (mut within, mut escaped, mut number) = (false, false, false);
    for c in text.chars() {
        let digit = !within && (c.is_ascii_digit() || c == '-' || (number && ".eE+".contains(c)));
        if digit != number {
            out.push('"');
            number = digit;
        }
        out.push(c);
        within ^= c == '"' && !escaped;
        escaped = within && c == '\\' && !escaped;
    }
    out
}
