//! Parquet, column by column. Most values come from dictionaries: they are understood once per dictionary, not once per row.

mod chunk;
mod hybrid;
mod kind;
mod known;
mod library;
mod plan;
mod rows;
mod values;

pub(crate) use rows::{headings, read};

use crate::SpendError;

fn damaged(error: impl std::fmt::Display) -> SpendError {
    SpendError::Damaged(error.to_string())
}
