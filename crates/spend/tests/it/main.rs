//! Spend files, read from the outside.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod aws;
mod files;
mod focus;
mod json;
mod parquet;
mod portions;
mod public;
mod sums;
