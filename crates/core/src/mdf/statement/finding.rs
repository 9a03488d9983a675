//! What a verification of a statement may find, and where.

use std::fmt;

use serde::Serialize;

use super::SectionFault;
use crate::{ids::FundId, money::Money};

/// What stood where something else stands now; the hash of the line proves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The field: `amount`, or `owed` of an opening or a closing.
    pub field: &'static str,
    /// What was signed.
    pub signed: Money,
    /// What stands there.
    pub found: Money,
}

/// Something that is not as it was signed. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum StatementFinding {
    /// A line was changed.
    Changed {
        /// The line of the file.
        line: u64,
        /// What was changed in it, where the totals and the line's hash prove it.
        #[serde(skip_serializing_if = "Option::is_none")]
        restored: Option<Restored>,
    },
    /// Lines are gone before this one.
    Missing {
        /// The line of the file.
        line: u64,
        /// The first that is gone, by its number.
        first: u64,
        /// The last that is gone.
        last: u64,
    },
    /// A line stands where it does not belong, or is there again.
    Misplaced {
        /// The line of the file.
        line: u64,
        /// Its number.
        no: u64,
    },
    /// The file ends without its signature.
    Unsigned,
    /// The signature is not that of the key.
    Signature,
    /// The lines fit together, yet they are not those that were signed.
    Rewritten,
    /// What was signed does not add up.
    DoesNotAddUp {
        /// The fund.
        fund: FundId,
        /// What does not.
        why: String,
    },
    /// What was signed is no statement: lines are in an order that none has.
    Shape {
        /// The line of the file.
        line: u64,
    },
}

impl StatementFinding {
    pub(super) fn of_section(fund: FundId, fault: &SectionFault) -> StatementFinding {
        StatementFinding::DoesNotAddUp { fund, why: fault.to_string() }
    }
}

impl fmt::Display for StatementFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StatementFinding::Changed { line, restored: None } => write!(f, "line {line} was changed"),
            StatementFinding::Changed { line, restored: Some(Restored { field, signed, found }) } => {
                write!(f, "line {line} was changed: `{field}` is {found}, and {signed} was signed")
            }
            StatementFinding::Missing { line, first, last } if first == last => {
                write!(f, "entry {first} is missing before line {line}")
            }
            StatementFinding::Missing { line, first, last } => {
                write!(f, "entries {first} to {last} are missing before line {line}")
            }
            StatementFinding::Misplaced { line, no } => {
                write!(f, "line {line} holds entry {no}, which does not belong there")
            }
            StatementFinding::Unsigned => f.write_str("the statement ends without its signature"),
            StatementFinding::Signature => f.write_str("the signature is not valid, or not of the key that was named"),
            StatementFinding::Rewritten => {
                f.write_str("the lines were written anew: they fit together, and are not those that were signed")
            }
            StatementFinding::DoesNotAddUp { fund, why } => {
                write!(f, "the statement was signed as it is, yet the section of fund `{fund}` {why}")
            }
            StatementFinding::Shape { line } => {
                write!(f, "the statement was signed as it is, yet line {line} cannot stand there")
            }
        }
    }
}
