//! Two owners at once: a process that stood still while another took its place does no harm when it goes on.
//!
//! The embedded database lets one process run it at a time, by a lock that a stopped process keeps. The second owner is
//! therefore the test itself, which opens the file as commands do and runs an engine on it all the same.

use std::time::Duration;

use entente::{
    app::App,
    config::Config,
    database::Use,
    runner::{Engine, settings::Settings},
};
use entente_core::ids::{Fence, RunId};
use entente_store::{Lease, LeaseKey};
use serde_json::{Value, json};

use crate::{
    aws::{approved_with, label, offer_id},
    house::{
        House,
        sandbox::{NO_POLLING, Sandbox},
        server::{HANG, Server},
    },
};

const CREATE: &str = "marketplace.create_offer";

/// An engine of this process, which takes every lease.
async fn take_over(house: &House) -> Engine {
    let app = App::of(Config::load(Some(&house.path("entente.yaml"))).unwrap(), Use::Beside).await.unwrap();
    app.start(Settings::default()).await.unwrap()
}

/// A server whose next step is to create an offer, stopped by `stop`. It may be stopped in the middle of a write, and then
/// nobody can go on before it does: such a one is let go, and another is tried.
async fn stopped_at_rest(
    failpoint: Option<&str>,
    stop: impl AsyncFn(&Sandbox, &Server),
) -> (Sandbox, House, RunId, Server) {
    for _ in 0..5 {
        let sandbox = Sandbox::start().await;
        let (house, run) = approved_with(&sandbox, NO_POLLING).await;
        let server = house.serve_until(failpoint).await;
        stop(&sandbox, &server).await;
        if house.store().set_setting("at rest", "yes").await.is_ok() {
            return (sandbox, house, run, server);
        }
        server.kill().await;
    }
    panic!("it is always stopped in the middle of a write");
}

/// The answer to a creation is under way for so long.
fn slow(ms: u64) -> Value {
    json!({ "op": "StartChangeSet", "effect": "delay", "ms": ms, "applied_first": true, "times": 1 })
}

/// Waits until the marketplace has made the offer, and stops the server before the answer is there.
async fn freeze_under_way(sandbox: &Sandbox, server: &Server) {
    let made = async {
        while sandbox.effects().await.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(HANG, made).await.unwrap_or_else(|_| panic!("nothing was sent: {}", server.said()));
    server.freeze().await;
}

/// The tokens under which creations were asked for, answered or not.
async fn tokens(sandbox: &Sandbox) -> Vec<Value> {
    let all = sandbox.get("aws/requests").await;
    let begun = all["requests"].as_array().unwrap().iter().filter(|request| request["operation"] == "StartChangeSet");
    begun.map(|request| request["client_request_token"].clone()).collect()
}

async fn asked_twice(sandbox: &Sandbox) {
    let asking = async {
        while sandbox.asked("StartChangeSet").await < 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(HANG, asking).await.expect("the stopped process sends what it was about to send");
}

/// One offer stands there, the run knows it, and its history holds each step once.
async fn published_once(sandbox: &Sandbox, house: &House, run: RunId) {
    assert_eq!(sandbox.applied(&label(house, run).await).await.len(), 1);
    let standing: Vec<Value> = sandbox.offers().await.into_iter().map(|offer| offer["offer_id"].clone()).collect();
    assert_eq!(standing, [json!(offer_id(house, run).await)]);
    house.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_12_a_process_that_stands_still_between_its_fence_check_and_its_send_makes_no_second_offer() {
    let stop = format!("K4:{CREATE}:1:stop");
    let (sandbox, house, run, older) = stopped_at_rest(Some(&stop), async |_, server| server.frozen().await).await;
    assert_eq!(tokens(&sandbox).await, Vec::<Value>::new(), "it stopped before it sent");
    let newer = take_over(&house).await;
    house.state(run, "published").await;
    let results = house.messages(run, "result").await.len();
    older.thaw();
    asked_twice(&sandbox).await;
    older.says("leases went to another process").await;
    let tokens = tokens(&sandbox).await;
    assert_eq!((tokens.len(), &tokens[0]), (2, &tokens[1]), "the same request, under the same token");
    assert_eq!(house.messages(run, "result").await.len(), results, "its answer is nobody's");
    older.stop().await;
    newer.stop().await;
    published_once(&sandbox, &house, run).await;
}

/// Another owner takes every lease from whoever believes to hold it, and does nothing with them.
async fn stolen(house: &House) -> Vec<(LeaseKey, Fence)> {
    let fences = |leases: Vec<Lease>| leases.into_iter().map(|lease| (lease.key, lease.fence)).collect::<Vec<_>>();
    let held = fences(house.store().leases().await.unwrap());
    house.store().release(&held).await.unwrap();
    let keys: Vec<LeaseKey> = held.into_iter().map(|(key, _)| key).collect();
    let taken = house.store().acquire(&"another".parse().unwrap(), &keys, Duration::from_secs(3600)).await.unwrap();
    assert_eq!(taken.len(), keys.len());
    fences(taken)
}

#[tokio::test(flavor = "multi_thread")]
async fn row_11_13_a_process_that_stood_still_with_an_answer_in_its_hands_may_not_use_it_once_another_owns_the_account()
{
    let stop = format!("K5:{CREATE}:1:stop");
    let (sandbox, house, run, server) = stopped_at_rest(Some(&stop), async |_, server| server.frozen().await).await;
    assert_eq!(sandbox.effects().await.len(), 1, "the offer is being made, and the answer is there");
    let results = house.messages(run, "result").await.len();
    let taken = stolen(&house).await;
    server.thaw();
    server.says("leases went to another process").await;
    assert_eq!(house.messages(run, "result").await.len(), results, "the answer is refused: the fence has moved on");
    assert_eq!(house.row(run).await.snapshot.state, "creating");
    // The account comes back, under another fence: what became of the send is found out.
    house.store().release(&taken).await.unwrap();
    house.state(run, "published").await;
    server.stop().await;
    let tokens = tokens(&sandbox).await;
    assert_eq!((tokens.len(), &tokens[0]), (2, &tokens[1]), "asked again under its token");
    published_once(&sandbox, &house, run).await;
}

/// How many leases have run out by the database's own clock, of those that somebody had.
async fn run_out(house: &House) -> (usize, usize) {
    let all = house.store().leases().await.unwrap();
    (all.iter().filter(|lease| lease.remaining.is_zero()).count(), all.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn row_13_a_process_that_stood_still_until_its_leases_ran_out_takes_them_again_and_sends_nothing_twice() {
    let sandbox = Sandbox::start().await;
    sandbox.fault(slow(2000)).await;
    let (house, run) = approved_with(&sandbox, NO_POLLING).await;
    let server = house.serve().await;
    freeze_under_way(&sandbox, &server).await;
    let starving = async {
        loop {
            let (gone, all) = run_out(&house).await;
            if gone == all {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(HANG, starving).await.expect("the leases run out");
    server.thaw();
    house.state(run, "published").await;
    assert_eq!(run_out(&house).await.0, 0, "it holds its leases again");
    server.stop().await;
    published_once(&sandbox, &house, run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_11_a_second_server_is_refused_with_the_number_of_the_first_also_while_that_one_stands_still() {
    let serving = async |_: &Sandbox, server: &Server| {
        server.address().await;
        server.freeze().await;
    };
    let (sandbox, house, run, first) = stopped_at_rest(None, serving).await;
    let fences = async || -> Vec<(LeaseKey, i64)> {
        let leases = house.store().leases().await.unwrap();
        leases.into_iter().map(|lease| (lease.key, lease.fence.0)).collect()
    };
    let before = fences().await;
    let mut second = house.serve().await;
    let status = second.ended().await;
    assert_eq!(status.code(), Some(5), "{}", second.said());
    assert!(second.said().contains(&format!("process {}", first.pid())), "{}", second.said());
    assert_eq!(fences().await, before, "the second took nothing");
    first.thaw();
    house.state(run, "published").await;
    first.stop().await;
    published_once(&sandbox, &house, run).await;
}
