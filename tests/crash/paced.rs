//! Rows 24 and 25: a marketplace that asks for patience, or is down for a while.

use std::{collections::BTreeSet, time::Duration};

use entente_core::ids::RunId;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    aws::label,
    house::{
        House,
        offer::document,
        sandbox::{NO_POLLING, Sandbox},
    },
};

/// The failures after which an account is left alone, and the calls beside the last of them.
const BEFORE_IT_OPENS: usize = 5 + 7;

/// As many approved offers as entities are named, each of a product of its own, and the next step of each is to create it.
pub async fn approved(sandbox: &Sandbox, entities: &[&str]) -> (House, Vec<RunId>) {
    let accounts: BTreeSet<&str> = entities.iter().copied().collect();
    let house = House::new(&format!("{}\n{NO_POLLING}", sandbox.connectors_of(accounts))).await;
    let (buyer, now) = (sandbox.buyer(), sandbox.now().await);
    let products = sandbox.list_products(entities.len().try_into().unwrap()).await;
    let offers = products.iter().zip(entities).enumerate().map(|(number, (product, entity))| {
        let mut offer = document("aws", product, &buyer, &format!("P-{number}"), now);
        offer.legal_entity = entity.parse().unwrap();
        offer
    });
    let runs = house.submit_all(&offers.collect::<Vec<_>>()).await;
    let server = house.serve().await;
    for run in &runs {
        house.state(*run, "approvals").await;
    }
    server.stop().await;
    assert_eq!(house.attend().await, entities.len(), "one vote each");
    (house, runs)
}

/// Every request, oldest first.
async fn requests(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.get("aws/requests").await["requests"].as_array().unwrap().clone()
}

/// Those to create something.
async fn creations(sandbox: &Sandbox) -> Vec<Value> {
    requests(sandbox).await.into_iter().filter(|request| request["operation"] == "StartChangeSet").collect()
}

/// When those were made that were answered with 503.
fn unavailable(requests: &[Value]) -> Vec<Timestamp> {
    let refused = requests.iter().filter(|request| request["status"] == 503);
    refused.map(|request| request["at"].as_str().unwrap().parse().unwrap()).collect()
}

/// How many of them came before it was left alone for the first time; later ones find out, one by one, whether it is back.
fn storm(refused: &[Timestamp]) -> usize {
    let first = refused.iter().min().unwrap();
    refused.iter().filter(|at| at.duration_since(*first) < SignedDuration::from_secs(10)).count()
}

async fn published_once(sandbox: &Sandbox, house: &House, runs: &[RunId]) {
    for run in runs {
        house.state(*run, "published").await;
        assert_eq!(sandbox.applied(&label(house, *run).await).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_24_an_account_that_is_told_to_wait_waits_as_long_and_another_goes_on() {
    const WAIT: i64 = 10;
    let sandbox = Sandbox::start().await;
    let (house, runs) = approved(&sandbox, &["acme-us", "acme-de"]).await;
    sandbox.fault(json!({ "op": "StartChangeSet", "effect": "throttle", "retry_after": WAIT, "times": 1 })).await;
    let server = house.serve().await;
    published_once(&sandbox, &house, &runs).await;
    server.stop().await;
    let asked = creations(&sandbox).await;
    let (refused, taken): (Vec<&Value>, Vec<&Value>) = asked.iter().partition(|request| request["status"] == 429);
    let ([refused], [other, again]) = (refused.as_slice(), taken.as_slice()) else { panic!("{asked:#?}") };
    let token = |request: &Value| request["client_request_token"].clone();
    assert_eq!(token(again), token(refused));
    assert_ne!(token(other), token(refused), "the other account did not wait");
    let at = |request: &Value| request["at"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let waited = at(again).duration_since(at(refused));
    assert!(waited >= SignedDuration::from_secs(WAIT), "it waited for {waited}");
}

/// Offers that wait.
const OFFERS: usize = 24;

/// All of these offers wait for a marketplace that answers an operation with 503 until it is healed; how many calls it got
/// before it was left alone. Afterwards everything is sent, once.
async fn left_alone(operation: &str) -> usize {
    let sandbox = Sandbox::start().await;
    let (house, runs) = approved(&sandbox, &["acme-us"; OFFERS]).await;
    sandbox.fault(json!({ "op": operation, "effect": "unavailable" })).await;
    let server = house.serve().await;
    let mut before = 0;
    loop {
        tokio::time::sleep(Duration::from_secs(4)).await;
        match unavailable(&requests(&sandbox).await).len() {
            refused if refused == before && refused > 0 => break,
            refused => before = refused,
        }
    }
    sandbox.heal().await;
    published_once(&sandbox, &house, &runs).await;
    server.stop().await;
    let refused = unavailable(&requests(&sandbox).await);
    let storm = storm(&refused);
    assert!(refused.len() <= storm + 2, "no second storm: {refused:?}");
    let asked = creations(&sandbox).await;
    assert_eq!(asked.len() - unavailable(&asked).len(), runs.len(), "each is taken once: {asked:#?}");
    storm
}

#[tokio::test(flavor = "multi_thread")]
async fn row_25_while_writes_fail_the_marketplace_is_left_alone_and_then_everything_is_sent_once() {
    // Reads are answered in between, so that not all of the failures are in a row; but nobody asks twice.
    let storm = left_alone("StartChangeSet").await;
    assert!(storm <= OFFERS, "{storm} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_25_while_everything_fails_the_marketplace_is_left_alone_and_then_everything_is_sent_once() {
    let storm = left_alone("*").await;
    assert!(storm <= BEFORE_IT_OPENS, "{storm} calls");
}
