//! Spend on either store: files that come once, twice, restated, in part unreadable, and with an end in the middle.
#![cfg(all(unix, debug_assertions))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod ground;

#[path = "spend/desk.rs"]
mod desk;

#[path = "spend/again.rs"]
mod again;
#[path = "spend/covers.rs"]
mod covers;
#[path = "spend/currencies.rs"]
mod currencies;
#[path = "spend/doubt.rs"]
mod doubt;
#[path = "spend/files.rs"]
mod files;
#[path = "spend/killed.rs"]
mod killed;
#[path = "spend/runs.rs"]
mod runs;
#[path = "spend/sums.rs"]
mod sums;
