//! The ledger as a whole, looked at after the fact.

mod finding;
pub mod journals;
mod trace;
pub mod verify;

pub use finding::Finding;
