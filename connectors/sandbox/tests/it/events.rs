//! EventBridge envelopes: their shapes, and their delivery late, twice, reversed or not at all.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Json, State};
use axum::routing::post;
use serde_json::{Value, json};

use crate::desk::{Desk, contract};

type Inbox = Arc<Mutex<Vec<Value>>>;

async fn keep(State(inbox): State<Inbox>, Json(envelope): Json<Value>) {
    inbox.lock().unwrap().push(envelope);
}

/// A server that keeps what it is sent.
async fn sink(desk: &Desk, account: Option<&str>) -> Inbox {
    let inbox = Inbox::default();
    let app = Router::new().route("/", post(keep)).with_state(Arc::clone(&inbox));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    desk.post("/aws/event-sinks", json!({ "url": url, "account": account })).await.ok();
    inbox
}

fn titles(inbox: &Inbox) -> Vec<String> {
    inbox.lock().unwrap().iter().map(|envelope| envelope["detail-type"].as_str().unwrap().to_owned()).collect()
}

/// Waits for the delivery, which happens by itself; a minute means that it never will.
async fn arrived(inbox: &Inbox, count: usize) -> Vec<String> {
    let patience = Instant::now() + Duration::from_secs(60);
    while titles(inbox).len() < count && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    titles(inbox)
}

#[tokio::test]
async fn a_release_is_told_with_its_change_set() {
    let desk = Desk::new().await;
    let inbox = sink(&desk, None).await;
    let offer = desk.released().await;
    assert_eq!(arrived(&inbox, 2).await, ["Offer Released", "Change Set Succeeded"]);
    let events = inbox.lock().unwrap().clone();
    let released = &events[0];
    assert_eq!(released["source"], "aws.marketplacecatalog");
    assert_eq!(released["account"], "510000000001");
    assert_eq!(released["region"], "us-east-1");
    assert_eq!(released["detail"]["offer"]["id"], offer.as_str());
    assert_eq!(released["detail"]["offer"]["expirationDate"], "2031-06-30T23:59:59Z");
    assert_eq!(released["detail"]["sellerOfRecord"]["accountId"], "510000000001");
    assert_eq!(released["detail"]["targetedBuyerAccountIds"], json!([desk.buyer()]));
    let ended = &events[1]["detail"];
    assert_eq!(
        (&ended["Catalog"], &ended["ChangeSetName"]),
        (&json!("AWSMarketplace"), &json!("Submitted by 510000000001"))
    );
    assert!(ended["ChangeSetId"].is_string() && ended["StartTime"].is_string() && ended["EndTime"].is_string());
}

#[tokio::test]
async fn a_failure_and_a_cancellation_are_told() {
    let desk = Desk::new().await;
    let inbox = sink(&desk, None).await;
    desk.fault(json!({ "op": "StartChangeSet", "effect": "server_fault", "times": 1 })).await;
    desk.run(contract(desk.buyer())).await;
    let started = desk.start(contract(desk.buyer())).await.ok();
    desk.query(reqwest::Method::PATCH, "CancelChangeSet", "changeSetId", started["ChangeSetId"].as_str().unwrap())
        .await
        .ok();
    assert_eq!(arrived(&inbox, 2).await, ["Change Set Failed", "Change Set Cancelled"]);
    assert_eq!(inbox.lock().unwrap()[0]["detail"]["FailureCode"], "SERVER_FAULT");
}

#[tokio::test]
async fn agreements_are_told_to_both_parties() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let seller = sink(&desk, Some("510000000001")).await;
    let buyer = sink(&desk, Some(desk.buyer())).await;
    let agreement = desk.accepted(&offer).await;
    desk.post(&format!("/aws/agreements/{agreement}/cancel"), json!({})).await.ok();
    assert_eq!(
        arrived(&seller, 4).await,
        [
            "Purchase Agreement Created - Proposer",
            "License Updated - Manufacturer",
            "Purchase Agreement Ended - Proposer",
            "License Deprovisioned - Manufacturer",
        ]
    );
    assert_eq!(
        arrived(&buyer, 2).await,
        ["Purchase Agreement Created - Acceptor", "Purchase Agreement Ended - Acceptor"]
    );
    let events = seller.lock().unwrap().clone();
    assert_eq!(events[0]["source"], "aws.agreement-marketplace");
    assert_eq!(events[0]["detail"]["agreement"]["intent"], "NEW");
    assert_eq!(events[0]["detail"]["offer"]["id"], offer.as_str());
    assert_eq!(events[2]["detail"]["agreement"], json!({ "id": agreement, "status": "CANCELLED" }));
}

#[tokio::test]
async fn an_event_can_come_twice() {
    let desk = Desk::new().await;
    let inbox = sink(&desk, None).await;
    desk.fault(json!({ "effect": "events", "duplicate": 1, "times": 1 })).await;
    desk.released().await;
    assert_eq!(arrived(&inbox, 3).await, ["Offer Released", "Offer Released", "Change Set Succeeded"]);
    let events = inbox.lock().unwrap().clone();
    assert_eq!(events[0]["id"], events[1]["id"]);
}

#[tokio::test]
async fn events_can_come_in_the_wrong_order() {
    let desk = Desk::new().await;
    let inbox = sink(&desk, None).await;
    desk.fault(json!({ "effect": "events", "reverse": true, "times": 1 })).await;
    desk.released().await;
    assert_eq!(arrived(&inbox, 2).await, ["Change Set Succeeded", "Offer Released"]);
}

#[tokio::test]
async fn events_can_be_late_or_lost() {
    let desk = Desk::new().await;
    let inbox = sink(&desk, None).await;
    desk.fault(json!({ "effect": "events", "delay": "PT1H", "times": 1 })).await;
    let offer = desk.released().await;
    assert_eq!(arrived(&inbox, 1).await, ["Change Set Succeeded"]);
    desk.fault(json!({ "effect": "events", "drop": true, "times": 3 })).await;
    desk.accepted(&offer).await;
    desk.advance("PT1H").await;
    assert_eq!(arrived(&inbox, 2).await, ["Change Set Succeeded", "Offer Released"]);
    let log = desk.get("/aws/events").await;
    assert_eq!(log["events"].as_array().unwrap().len(), 5, "the log keeps what was lost");
}

#[tokio::test]
async fn a_sink_that_fails_is_tried_again() {
    let desk = Desk::new().await;
    let seen = Arc::new(Mutex::new(0_u32));
    let counter = Arc::clone(&seen);
    let flaky = async move |Json(_): Json<Value>| {
        let mut count = counter.lock().unwrap();
        *count += 1;
        if *count < 3 { axum::http::StatusCode::SERVICE_UNAVAILABLE } else { axum::http::StatusCode::OK }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", post(flaky))).await });
    desk.post("/aws/event-sinks", json!({ "url": url })).await.ok();
    desk.run(crate::desk::without(contract(desk.buyer()), "ReleaseOffer")).await;
    let patience = Instant::now() + Duration::from_secs(60);
    while *seen.lock().unwrap() < 3 && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(*seen.lock().unwrap(), 3);
}
