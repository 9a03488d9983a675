//! The engine on the embedded store: what it promises, and what bad days do to it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod ground;
mod kit;

#[path = "engine/busy.rs"]
mod busy;
#[path = "engine/children.rs"]
mod children;
#[path = "engine/clocks.rs"]
mod clocks;
#[path = "engine/cost.rs"]
mod cost;
#[path = "engine/doubt.rs"]
mod doubt;
#[path = "engine/faults.rs"]
mod faults;
#[path = "engine/fleet.rs"]
mod fleet;
#[path = "engine/held.rs"]
mod held;
#[path = "engine/ledger.rs"]
mod ledger;
#[path = "engine/left.rs"]
mod left;
#[path = "engine/migrations.rs"]
mod migrations;
#[path = "engine/owners.rs"]
mod owners;
#[path = "engine/promises.rs"]
mod promises;
#[path = "engine/races.rs"]
mod races;
#[path = "engine/suspects.rs"]
mod suspects;
