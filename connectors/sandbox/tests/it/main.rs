//! The sandbox over HTTP, as a client sees it.
//!
//! The virtual clock stands still in these tests and is pushed by hand, so nothing depends on how
//! fast the machine is.

#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as expected")]

mod agreement_ends;
mod agreement_events;
mod agreement_proposals;
mod agreement_requests;
mod agreements;
mod buyer_requests;
mod change_sets;
mod codes;
mod control;
mod desk;
mod events;
mod faults;
mod lists;
mod model_bounds;
mod offer_sets;
mod offers;
mod persistence;
mod products;
mod reasons;
mod release_as_whole;
mod renewals;
mod resale;
mod resale_desk;
mod sync_errors;
mod throttles;
