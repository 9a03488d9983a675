//! Several processes on one database server: what one does not do, another does, and nothing twice.
#![cfg(all(unix, debug_assertions))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod ground;
mod house;
mod kit;

#[path = "fleet/away.rs"]
mod away;
#[path = "days/backup.rs"]
mod copies;
#[path = "fleet/copy.rs"]
mod copy;
#[path = "fleet/days.rs"]
mod days;
#[path = "fleet/deaths.rs"]
mod deaths;
#[path = "fleet/disk.rs"]
mod disk;
#[path = "crash/draw.rs"]
mod draw;
#[path = "fleet/pace.rs"]
mod pace;
#[path = "fleet/parts.rs"]
mod parts;
#[expect(dead_code, reason = "those of the store cut and restart in other ways too")]
#[path = "../crates/store-postgres/tests/it/proxy.rs"]
mod proxy;
#[path = "days/restore.rs"]
mod restore;
#[path = "days/restore_killed.rs"]
mod restore_killed;
#[path = "days/rollback.rs"]
mod rollback;
#[expect(dead_code, reason = "those of the store cut and restart in other ways too")]
#[path = "../crates/store-postgres/tests/it/server.rs"]
mod server;
#[path = "fleet/storm.rs"]
mod storm;
#[path = "fleet/story.rs"]
mod story;
#[path = "fleet/ticks.rs"]
mod ticks;
#[path = "torture/storm.rs"]
mod torture;
#[path = "fleet/versions.rs"]
mod versions;
