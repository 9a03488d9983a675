//! The cloud's own last statement beside the figures, with the difference explained.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    amount::{Amount, AmountError},
    band::Band,
    drawdown::Figures,
};

/// What the cloud says remains of a commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The day at whose end it remained.
    pub as_of: Date,
    /// What remained over the whole term.
    pub remaining: Amount,
    /// What was committed by its word, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Amount>,
    /// Where it was read, such as a portal or an interface.
    pub source: String,
    /// The SHA-256 of the file that it was read from, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The day it was read.
    pub read: Date,
}

/// The figures beside a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// The statement.
    pub statement: Statement,
    /// What remained by our figures on the statement's day.
    pub ours_then: Band,
    /// What remains by our figures now.
    pub ours_now: Band,
    /// By how much it fell since then, by our figures.
    pub drawn_since: Band,
    /// Ours on the statement's day less the statement.
    pub difference: Band,
    /// Whether the statement lies within what we know: then rules or a cap that are unknown explain the difference.
    pub explained_by_band: bool,
}

/// Why figures cannot stand beside a statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// They are of another day.
    #[error(
        "the statement is of {statement} and the figures beside it of {figures}; compute those of the statement's own day"
    )]
    OtherDay {
        /// The statement's day.
        statement: Date,
        /// That of the figures.
        figures: Date,
    },
    /// A difference that is no longer exact.
    #[error(transparent)]
    Amount(#[from] AmountError),
}

/// Sets figures beside a statement. `then` are the figures of the statement's own day, `now` those of today.
///
/// # Errors
/// When `then` is of another day, or 28 digits do not hold a difference.
pub fn reconcile(statement: &Statement, then: &Figures, now: &Figures) -> Result<Reconciled, StatementError> {
    if then.as_of != statement.as_of {
        return Err(StatementError::OtherDay { statement: statement.as_of, figures: then.as_of });
    }
    let (ours_then, ours_now) = (then.remaining, now.remaining);
    let difference =
        Band { least: ours_then.least.minus(statement.remaining)?, most: ours_then.most.minus(statement.remaining)? };
    Ok(Reconciled {
        statement: statement.clone(),
        ours_then,
        ours_now,
        drawn_since: Band::between(ours_then.least.minus(ours_now.least)?, ours_then.most.minus(ours_now.most)?),
        explained_by_band: difference.least <= Amount::ZERO && difference.most >= Amount::ZERO,
        difference,
    })
}
