//! The engine on the embedded store: what it promises, and what bad days do to it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod kit;

#[path = "engine/children.rs"]
mod children;
#[path = "engine/clocks.rs"]
mod clocks;
#[path = "engine/faults.rs"]
mod faults;
#[path = "engine/ledger.rs"]
mod ledger;
#[path = "engine/promises.rs"]
mod promises;
