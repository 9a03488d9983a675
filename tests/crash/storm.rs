//! Ten offers, thirty deaths, and a marketplace that misbehaves all the while.

use std::time::Duration;

use entente_core::{event::Resolution, ids::RunId};
use serde_json::{Value, json};

use crate::{
    aws::{connected, label, submitted},
    house::House,
    sandbox::Sandbox,
    server::HANG,
};

const DEATHS: u32 = 30;
const OFFERS: u32 = 10;

/// A small generator: the same deaths for the same seed, which `ENTENTE_STORM_SEED` may name.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % bound
    }
}

/// Things that go wrong, a few times each.
async fn misbehave(sandbox: &Sandbox) {
    let writes = [
        "lose_answer",
        "drop_request",
        "throttle",
        "unavailable",
        "resource_in_use",
        "truncated_json",
        "internal_error",
    ];
    for (skip, effect) in writes.iter().enumerate() {
        sandbox.fault(json!({ "op": "StartChangeSet", "effect": effect, "skip": skip, "times": 2 })).await;
    }
    for (skip, effect) in ["throttle", "unavailable", "lose_answer", "garbage_html"].iter().enumerate() {
        sandbox.fault(json!({ "op": "DescribeChangeSet", "effect": effect, "skip": skip * 3, "times": 2 })).await;
    }
    sandbox.fault(json!({ "op": "DescribeEntity", "effect": "unavailable", "skip": 2, "times": 2 })).await;
    sandbox.fault(json!({ "op": "StartChangeSet", "effect": "hide_change_sets", "for": "PT30S" })).await;
}

/// What people do meanwhile: they vote where they are asked, and have tried again what was given up.
async fn attend(house: &House, runs: &[RunId]) {
    for run in runs {
        let Some(row) = house.find(*run).await else { continue };
        if row.snapshot.approvals.is_some() {
            house.approve(*run).await;
        }
        if row.snapshot.incident.is_some() {
            house.settle(*run, &format!("retry/{run}/{}", row.snapshot.seq), Resolution::Retry).await;
        }
    }
}

/// One life of the server: it ends itself at a drawn point, or is killed after a drawn while.
async fn live_and_die(house: &House, runs: &[RunId], draw: &mut Draw) {
    let point = format!("K{}:*:{}", 1 + draw.below(8), 1 + draw.below(6));
    let looks = 10 + draw.below(40);
    let mut server = house.serve_until(Some(&point)).await;
    for _ in 0..looks {
        attend(house, runs).await;
        if !server.runs() {
            return server.died().await;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_deaths_while_ten_offers_go_out_leave_every_offer_published_exactly_once() {
    let sandbox = Sandbox::at_rate("20").await;
    let house = connected(&sandbox, "").await;
    let mut runs = Vec::new();
    for number in 0..OFFERS {
        runs.push(submitted(&sandbox, &house, &format!("S-{number}")).await);
    }
    misbehave(&sandbox).await;
    let seed = std::env::var("ENTENTE_STORM_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_270_211);
    println!("ENTENTE_STORM_SEED={seed}");
    let mut draw = Draw(seed);
    for _ in 0..DEATHS {
        live_and_die(&house, &runs, &mut draw).await;
    }
    let server = house.serve().await;
    let published = async {
        for run in &runs {
            while house.row(*run).await.snapshot.state != "published" {
                attend(&house, &runs).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    };
    tokio::time::timeout(HANG, published).await.unwrap_or_else(|_| panic!("some offer stands still\n{}", house.logs()));
    server.stop().await;
    let mut standing: Vec<Value> = sandbox.offers().await.into_iter().map(|offer| offer["offer_id"].clone()).collect();
    let mut known = Vec::new();
    for run in &runs {
        let effects = sandbox.applied(&label(&house, *run).await).await;
        assert_eq!(effects.len(), 1, "{effects:#?}");
        known.push(house.row(*run).await.snapshot.context["remote"]["offer_id"].clone());
    }
    standing.sort_by_key(Value::to_string);
    known.sort_by_key(Value::to_string);
    assert_eq!(standing, known, "what stands there is what the runs know, and nothing else");
    house.verify().await;
}
