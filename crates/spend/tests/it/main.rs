//! Spend files, read from the outside.
#![allow(clippy::unwrap_used, missing_docs)]

mod files;
mod focus;
