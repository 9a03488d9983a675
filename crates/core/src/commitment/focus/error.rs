//! Why something cannot be written as FOCUS, or read from it.

use jiff::civil::Date;

use crate::{
    commitment::{CommitmentId, amount::AmountError},
    offer::DocumentError,
};

/// Why something cannot be written as FOCUS, or read from it.
#[derive(Debug, thiserror::Error)]
pub enum FocusError {
    /// No table.
    #[error("the file is no CSV with a header: {0}")]
    Csv(#[from] csv::Error),
    /// Columns that an export of this program has.
    #[error("the file lacks the columns {}; only an export of this program reads back", .0.join(", "))]
    Missing(Vec<&'static str>),
    /// A cell.
    #[error("row {row}, `{column}`: {problem}")]
    Cell {
        /// The row, the first one after the header being 1.
        row: usize,
        /// The column.
        column: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// Rows that contradict each other.
    #[error("row {row} tells another `{column}` of `{commitment}` than the rows before it")]
    Contradiction {
        /// The row.
        row: usize,
        /// The column.
        column: &'static str,
        /// The commitment.
        commitment: String,
    },
    /// A commitment that does not hold together.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A `ContractApplied` that is none.
    #[error("`ContractApplied` cannot be read: {0}")]
    Applied(String),
    /// A day that has no next one.
    #[error("{0} is the calendar's last day, and FOCUS names the instant at which a day has ended")]
    LastDay(Date),
    /// A zone that is unknown here.
    #[error("`{0}` is not an IANA zone")]
    Zone(String),
    /// Sums of another commitment.
    #[error("the sums are of `{sums}`, not of `{commitment}`")]
    Other {
        /// Whose sums they are.
        sums: CommitmentId,
        /// The commitment.
        commitment: CommitmentId,
    },
    /// Nothing is known about a day.
    #[error("`{commitment}` has no terms on {day}; name a day within its versions")]
    NoTerms {
        /// The commitment.
        commitment: CommitmentId,
        /// The day.
        day: Date,
    },
    /// A sum that is no longer exact.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// Something that cannot be written as JSON.
    #[error("a cell cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}
