//! The operator's side: history that proves itself, copies and restores, scheduled jobs, notices.
#![cfg(all(unix, debug_assertions))]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod kit;

#[path = "ops/audit.rs"]
mod audit;
#[path = "ops/backup.rs"]
mod backup;
#[path = "ops/commands.rs"]
mod commands;
#[path = "ops/forger.rs"]
mod forger;
#[path = "crash/house.rs"]
#[expect(dead_code, reason = "every test binary uses its own part")]
mod house;
#[path = "ops/notices.rs"]
mod notices;
#[path = "crash/offer.rs"]
mod offer;
#[path = "ops/restore.rs"]
mod restore;
#[path = "crash/sandbox.rs"]
#[expect(dead_code, reason = "every test binary uses its own part")]
mod sandbox;
#[path = "ops/schedule.rs"]
mod schedule;
#[path = "crash/server.rs"]
#[expect(dead_code, reason = "every test binary uses its own part")]
mod server;
