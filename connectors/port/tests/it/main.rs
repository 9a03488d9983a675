//! The wrappers that stand between the runner and any connector.
#![allow(clippy::unwrap_used, missing_docs)]

mod guarded;
mod offers;
mod pace;
