//! The real program, ended at its worst moments and met by the worst answers: what it promises holds afterwards.
//!
//! Tests are named by the row of the fault matrix that they prove.
#![cfg(all(unix, debug_assertions))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod ground;
mod house;

#[path = "crash/amendments.rs"]
mod amendments;
#[path = "crash/aws.rs"]
mod aws;
#[path = "crash/classes.rs"]
mod classes;
#[path = "crash/clocks.rs"]
mod clocks;
#[path = "crash/damaged.rs"]
mod damaged;
#[path = "crash/draw.rs"]
mod draw;
#[path = "crash/events.rs"]
mod events;
#[path = "crash/funding.rs"]
mod funding;
#[path = "crash/hidden.rs"]
mod hidden;
#[path = "crash/owners.rs"]
mod owners;
#[path = "crash/paced.rs"]
mod paced;
#[path = "crash/payments.rs"]
mod payments;
#[path = "crash/poison.rs"]
mod poison;
#[path = "crash/refunds.rs"]
mod refunds;
#[path = "crash/remote.rs"]
mod remote;
#[path = "crash/shuffled.rs"]
mod shuffled;
#[path = "crash/shutdown.rs"]
mod shutdown;
#[path = "crash/unreachable.rs"]
mod unreachable;
#[path = "crash/us01_a_thousand_offers.rs"]
mod us01_a_thousand_offers;
