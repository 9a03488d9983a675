//! What people do about agreements that stand: looking at them and their invoices, giving money back, asking for payments or an early end.
//!
//! Nothing here prints or parses a command line, and nothing decides what becomes of a request: its chart does.

pub mod dry_run;
pub mod figures;
pub mod known;
pub mod launch;
pub mod standing;
pub mod stored;

pub use known::{Known, Whose};
