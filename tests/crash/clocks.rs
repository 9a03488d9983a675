//! Clocks that jump under a running server: the business clock, and the one on which leases live.

use std::time::Duration;

use jiff::{Span, Timestamp, ToSpan as _};
use rusqlite::Connection;
use serde_json::json;

use crate::{
    aws::{approved_with, connected, label, submitted},
    house::{
        House,
        sandbox::{NO_POLLING, Sandbox},
        server::HANG,
    },
};

/// Moves the end of every lease, as though the database's clock had jumped so many minutes the other way.
fn shift_leases(house: &House, minutes: i64) {
    let database = Connection::open(house.path("entente.db")).unwrap();
    database.busy_timeout(Duration::from_secs(30)).unwrap();
    let shifted =
        database.execute("UPDATE leases SET expires = expires + ?1 * 60000000 WHERE owner IS NOT NULL", [minutes]);
    assert!(shifted.unwrap() > 0, "nobody holds a lease");
}

async fn published_once(sandbox: &Sandbox, house: &House, run: entente_core::ids::RunId) {
    house.state(run, "published").await;
    assert_eq!(sandbox.applied(&label(house, run).await).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_14_a_database_clock_ten_minutes_ahead_costs_a_server_its_leases_for_a_moment_and_nothing_else() {
    let sandbox = Sandbox::start().await;
    let house = connected(&sandbox, NO_POLLING).await;
    let first = submitted(&sandbox, &house, "A-1").await;
    let server = house.serve().await;
    house.approve(first).await;
    published_once(&sandbox, &house, first).await;
    // Every lease has run out, as the database sees it.
    shift_leases(&house, -10);
    let second = submitted(&sandbox, &house, "A-2").await;
    house.approve(second).await;
    published_once(&sandbox, &house, second).await;
    let held_again = async {
        while house.store().leases().await.unwrap().iter().any(|lease| lease.remaining.is_zero()) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(HANG, held_again).await.expect("the leases are held again");
    server.stop().await;
    house.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_14_leases_that_a_dead_server_left_ten_minutes_in_the_future_hold_nobody_up() {
    let sandbox = Sandbox::start().await;
    let (house, run) = approved_with(&sandbox, NO_POLLING).await;
    house.serve_until(Some("K5:marketplace.create_offer")).await.died().await;
    shift_leases(&house, 10);
    let server = house.serve().await;
    published_once(&sandbox, &house, run).await;
    server.stop().await;
    house.verify().await;
}

/// Shows another time at the marketplace, which business time follows, and waits until the server has taken it.
async fn jump(sandbox: &Sandbox, house: &House, run: entente_core::ids::RunId, to: Timestamp) {
    sandbox.post("clock", json!({ "now": to })).await;
    let near = |at: Timestamp| at.duration_since(to).abs() < jiff::SignedDuration::from_mins(5);
    let following = async {
        for turn in 0.. {
            let seq = house.row(run).await.snapshot.seq;
            house.tell(run, "ada", &format!("note/{to}/{turn}"), "note", json!({ "text": "what time is it?" })).await;
            let row = house.until(run, "the note is taken", |row| row.snapshot.seq > seq).await;
            let history = house.store().history(&entente_core::scope::Scope::vendor(), run, row.snapshot.seq, 1).await;
            let record: entente_core::run::Record = serde_json::from_str(&history.unwrap()[0].record).unwrap();
            if near(record.at) {
                return;
            }
        }
    };
    tokio::time::timeout(HANG, following).await.expect("business time follows the marketplace's");
}

async fn reminders(house: &House, count: usize) {
    let sent = || house.notices().iter().filter(|name| *name == "expiry_reminder").count();
    let sending = async {
        while sent() < count {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(HANG, sending).await.expect("people are reminded");
    assert_eq!(sent(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_14_15_business_time_that_jumps_back_an_hour_and_ahead_a_day_reminds_once_and_moves_no_lease() {
    let sandbox = Sandbox::start().await;
    let (house, run) = approved_with(&sandbox, NO_POLLING).await;
    let server = house.serve().await;
    let row = house.state(run, "published").await;
    let last: Timestamp = row.snapshot.context["expiry"]["last_moment"].as_str().unwrap().parse().unwrap();
    let before = |span: Span| last.checked_sub(span).unwrap();
    let fences = async || {
        let leases = house.store().leases().await.unwrap();
        leases.into_iter().map(|lease| (lease.key, lease.owner, lease.fence)).collect::<Vec<_>>()
    };
    let held = fences().await;
    // Past the first reminder, back before it, and ahead again.
    jump(&sandbox, &house, run, before((6 * 24 + 23).hours().minutes(30))).await;
    reminders(&house, 1).await;
    jump(&sandbox, &house, run, before((7 * 24).hours().minutes(30))).await;
    reminders(&house, 1).await;
    jump(&sandbox, &house, run, before((6 * 24).hours())).await;
    reminders(&house, 1).await;
    // A restart in the middle, and the clock back by an hour meanwhile.
    assert_eq!(fences().await, held, "leases live on another clock");
    server.stop().await;
    let server = house.serve().await;
    jump(&sandbox, &house, run, before((6 * 24 + 1).hours())).await;
    jump(&sandbox, &house, run, before((24 + 23).hours())).await;
    reminders(&house, 2).await;
    assert_eq!(house.row(run).await.snapshot.state, "published");
    jump_to_the_end(&sandbox, &house, run, last).await;
    reminders(&house, 2).await;
    server.stop().await;
    house.verify().await;
}

/// A day past the last moment, nobody having accepted.
async fn jump_to_the_end(sandbox: &Sandbox, house: &House, run: entente_core::ids::RunId, last: Timestamp) {
    sandbox.post("clock", json!({ "now": last.checked_add(1.hours()).unwrap() })).await;
    house.state(run, "closing").await;
    sandbox.post("clock", json!({ "now": last.checked_add(30.hours()).unwrap() })).await;
    house.state(run, "expired").await;
}
