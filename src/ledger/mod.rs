//! The ledger as a whole, looked at after the fact.

mod finding;
mod trace;
pub mod verify;

pub use finding::Finding;
