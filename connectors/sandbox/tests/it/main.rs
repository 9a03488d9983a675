//! The sandbox over HTTP, as a client sees it.
//!
//! The virtual clock stands still in these tests and is pushed by hand, so nothing depends on how
//! fast the machine is.

#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as expected")]

mod agreements;
mod async_codes;
mod change_sets;
mod control;
mod desk;
mod events;
mod faults;
mod lists;
mod offers;
mod persistence;
mod renewals;
mod sync_errors;
mod throttles;
