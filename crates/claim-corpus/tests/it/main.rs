//! The corpus is what it says it is, and duplicates are found in it.
#![allow(clippy::unwrap_used, missing_docs)]

mod case;
mod corpus;
mod evaluation;
mod finding;
