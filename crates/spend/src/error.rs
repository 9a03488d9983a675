//! Why a spend file is refused as a whole.

use entente_core::commitment::AmountError;

/// Why a spend file cannot be read at all. What is wrong with single rows is quarantined instead.
#[derive(Debug, thiserror::Error)]
pub enum SpendError {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// It is not what its first bytes say.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// It is one page of a list that goes on.
    #[error(
        "it is one page of a list that goes on at its `nextLink`; fetch every page and join their `value` in one file"
    )]
    GoesOn,
    /// Nobody knows its columns.
    #[error(
        "its columns are of no known kind: it is neither FOCUS (no {missing}), nor an AWS CUR 2.0, nor a list of daily sums"
    )]
    UnknownShape {
        /// The columns of FOCUS that it lacks.
        missing: String,
    },
    /// Columns that are needed are missing.
    #[error("{shape}: it lacks the columns {}; export it again with them", columns.join(", "))]
    MissingColumns {
        /// What it is.
        shape: String,
        /// Those columns.
        columns: Vec<String>,
    },
    /// Two columns have one name.
    #[error("it has the column `{0}` twice")]
    ColumnTwice(String),
    /// It cannot tell the cost that the commitment counts.
    #[error("{shape}: it does not tell {cost}; the commitment's basis counts that alone")]
    OtherBasis {
        /// What it is.
        shape: String,
        /// The cost, and before or after what.
        cost: String,
    },
    /// A column of a type that cannot hold what it should.
    #[error("the column `{column}` is of the type {found}; {expected}")]
    ColumnType {
        /// The column.
        column: String,
        /// Its type.
        found: String,
        /// What it may be.
        expected: String,
    },
    /// Compressed by what is not understood.
    #[error("its columns are compressed by {codec}; write it with Snappy, Zstandard or gzip, or uncompressed")]
    Codec {
        /// By what.
        codec: &'static str,
    },
    /// No such time zone.
    #[error("`{0}` is no time zone; write one such as `Europe/Berlin`")]
    Zone(String),
    /// A sum beyond what is held exactly.
    #[error("the sum of a class of charges no longer fits an exact decimal: {0}")]
    Inexact(#[from] AmountError),
    /// Reading goes on from a row that the file does not have.
    #[error("it has {rows} rows, and reading should go on after row {after}: it is not the file that was begun")]
    Shorter {
        /// The rows that it has.
        rows: u64,
        /// Where reading should go on.
        after: u64,
    },
}
