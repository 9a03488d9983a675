//! The published request rates.

use entente_sandbox::{Config, Throttling};
use serde_json::json;

use crate::desk::{Desk, stopped};

#[tokio::test]
async fn a_burst_beyond_the_rate_is_refused() {
    let desk = Desk::with(Config { throttling: Throttling::Times(1), ..stopped() }).await;
    let ask = || json!({ "Catalog": "AWSMarketplace" });
    // All requests at once: whatever the machine's speed, the bucket of five cannot serve forty.
    let burst = futures_of(&desk, 40, ask()).await;
    assert!(burst.iter().filter(|status| **status == 200).count() >= 5, "{burst:?}");
    assert!(burst.contains(&429), "{burst:?}");
    let theirs = desk.catalog_as("reseller", "ListChangeSets", ask()).await;
    assert_eq!(theirs.status, 200, "another account has its own bucket");
}

async fn futures_of(desk: &Desk, count: usize, ask: serde_json::Value) -> Vec<u16> {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..count {
        let request = desk
            .http
            .post(format!("{}/ListChangeSets", desk.running.aws_url()))
            .header("authorization", crate::desk::authorization("AKIASBOX510000000001"))
            .json(&ask);
        tasks.spawn(async move { request.send().await.unwrap().status().as_u16() });
    }
    tasks.join_all().await
}

#[tokio::test]
async fn an_injected_throttle_says_when_to_come_back() {
    let desk = Desk::new().await;
    desk.fault(json!({ "op": "ListChangeSets", "effect": "throttle", "retry_after": 120, "times": 1 })).await;
    let request = desk.http.post(format!("{}/ListChangeSets", desk.running.aws_url()));
    let request = request.header("authorization", crate::desk::authorization("AKIASBOX510000000001"));
    let response = request.json(&json!({ "Catalog": "AWSMarketplace" })).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "120"));
}
