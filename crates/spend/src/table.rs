//! Files of rows and columns.

mod delimited;
mod parquet;
mod text;

pub(crate) use delimited::{headings, lines, read as read_csv};
pub(crate) use parquet::{headings as parquet_headings, read as read_parquet};
pub(crate) use text::utf8;

use crate::{Shape, SpendError};

/// Sums are brought as CSV alone.
pub(crate) fn no_sums(shape: Shape) -> Result<(), SpendError> {
    match shape {
        Shape::DailySums => Err(SpendError::Damaged("daily sums are read from CSV; write them as such".into())),
        _ => Ok(()),
    }
}
