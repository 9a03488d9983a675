//! The operator's side: history that proves itself, copies and restores, scheduled jobs, notices.
#![cfg(all(unix, debug_assertions))]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod ground;
mod house;
mod kit;

#[path = "ops/archive.rs"]
mod archive;
#[path = "ops/audit.rs"]
mod audit;
#[path = "ops/backup.rs"]
mod backup;
#[path = "ops/commands.rs"]
mod commands;
#[path = "days/backup.rs"]
mod copies;
#[path = "ops/days.rs"]
mod days;
#[path = "ops/earlier_chart.rs"]
mod earlier_chart;
#[path = "ops/forger.rs"]
mod forger;
#[path = "ops/ledger.rs"]
mod ledger;
#[path = "ops/notices.rs"]
mod notices;
#[path = "days/restore.rs"]
mod restore;
#[path = "ops/restore_asks.rs"]
mod restore_asks;
#[path = "days/restore_killed.rs"]
mod restore_killed;
#[path = "days/rollback.rs"]
mod rollback;
#[path = "ops/schedule.rs"]
mod schedule;
#[path = "ops/withheld.rs"]
mod withheld;
