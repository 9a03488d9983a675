//! The real program, ended at its worst moments and met by the worst answers: what it promises holds afterwards.
//!
//! Tests are named by the row of the fault matrix that they prove.
#![cfg(all(unix, debug_assertions))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

#[path = "crash/aws.rs"]
mod aws;
#[path = "crash/classes.rs"]
mod classes;
#[path = "crash/events.rs"]
mod events;
#[path = "crash/hidden.rs"]
mod hidden;
#[path = "crash/house.rs"]
mod house;
#[path = "crash/offer.rs"]
mod offer;
#[path = "crash/poison.rs"]
mod poison;
#[path = "crash/remote.rs"]
mod remote;
#[path = "crash/sandbox.rs"]
mod sandbox;
#[path = "crash/server.rs"]
mod server;
#[path = "crash/shutdown.rs"]
mod shutdown;
#[path = "crash/storm.rs"]
mod storm;
