//! Real processes are killed at random on the embedded store, one after another, while offers are sold and the marketplace
//! misbehaves: nothing is lost, nothing is done twice. The same storm over three processes on a server is in `tests/fleet`.
#![cfg(all(unix, debug_assertions))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod ground;
mod house;

#[path = "crash/draw.rs"]
mod draw;
#[path = "torture/storm.rs"]
mod storm;

#[tokio::test(flavor = "multi_thread")]
async fn p4_p5_kills_on_the_embedded_store_lose_nothing_and_do_nothing_twice() {
    ground::require_files();
    storm::bear().await;
}
