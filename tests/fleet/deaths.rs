//! One process after another dies, stands still or comes back, while offers go out.

use std::time::Duration;

use entente_core::{event::Resolution, ids::RunId};
use serde_json::{Value, json};

use crate::{
    draw::Draw,
    ground,
    house::{
        House,
        sandbox::Sandbox,
        selling::{connected, label, submitted},
        server::{HANG, Server},
    },
    parts::{shown, three},
};

const KILLS: u32 = 12;
const OFFERS: u32 = 8;

/// What people do meanwhile.
pub async fn attend(house: &House, runs: &[RunId]) {
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

/// Every offer stands at the marketplace once, under the id that its run knows.
pub async fn each_once(sandbox: &Sandbox, house: &House, runs: &[RunId]) {
    let mut known = Vec::new();
    for run in runs {
        let effects = sandbox.applied(&label(house, *run).await).await;
        assert_eq!(effects.len(), 1, "{effects:#?}");
        known.push(house.row(*run).await.snapshot.context["remote"]["offer_id"].clone());
    }
    let mut standing: Vec<Value> = sandbox.offers().await.into_iter().map(|offer| offer["offer_id"].clone()).collect();
    standing.sort_by_key(Value::to_string);
    known.sort_by_key(Value::to_string);
    assert_eq!(standing, known, "what stands there is what the runs know, and nothing else");
    house.verify().await;
}

pub async fn published(house: &House, runs: &[RunId]) {
    let published = async {
        for run in runs {
            while house.find(*run).await.is_none_or(|row| row.snapshot.state != "published") {
                attend(house, runs).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    };
    let in_time = tokio::time::timeout(2 * HANG, published).await;
    in_time.unwrap_or_else(|_| panic!("some offer stands still\n{}", house.logs()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_three_processes_is_killed_again_and_again_and_every_offer_goes_out_once() {
    ground::require_server();
    let sandbox = Sandbox::at_rate("20").await;
    let house = connected(&sandbox, "").await;
    let mut runs = Vec::new();
    for number in 0..OFFERS {
        runs.push(submitted(&sandbox, &house, &format!("F-{number}")).await);
    }
    for (skip, effect) in ["lose_answer", "drop_request", "throttle", "unavailable"].iter().enumerate() {
        sandbox.fault(json!({ "op": "StartChangeSet", "effect": effect, "skip": skip, "times": 2 })).await;
    }
    let mut processes: Vec<Server> = three(&house).await.into();
    let mut draw = Draw::seeded();
    for _ in 0..KILLS {
        attend(&house, &runs).await;
        tokio::time::sleep(Duration::from_millis(500 + 50 * draw.below(30))).await;
        let victim = usize::try_from(draw.below(3)).unwrap();
        processes.remove(victim).kill().await;
        processes.push(house.run_beside().await);
    }
    published(&house, &runs).await;
    for process in processes {
        process.stop().await;
    }
    each_once(&sandbox, &house, &runs).await;
}

/// The process that delivers for the account, among these.
async fn deliverer(house: &House, processes: &mut Vec<Server>) -> Server {
    let seen = shown(house).await;
    let owner = seen.iter().find(|process| !process["accounts"].as_array().unwrap().is_empty()).unwrap();
    let name = owner["process"].as_str().unwrap();
    let at = processes.iter().position(|process| name.contains(&format!("-{}-", process.pid()))).unwrap();
    processes.remove(at)
}

#[tokio::test(flavor = "multi_thread")]
async fn row_11_13_a_process_that_stands_still_past_its_leases_loses_them_and_its_late_writes_change_nothing() {
    ground::require_server();
    let sandbox = Sandbox::at_rate("20").await;
    let house = connected(&sandbox, "").await;
    let mut processes: Vec<Server> = three(&house).await.into();
    let first = submitted(&sandbox, &house, "Z-0").await;
    published(&house, &[first]).await;
    let slow = json!({ "op": "StartChangeSet", "effect": "delay", "ms": 4000, "applied_first": true, "times": 1 });
    sandbox.fault(slow).await;
    let mut runs = vec![first];
    for number in 1..5 {
        runs.push(submitted(&sandbox, &house, &format!("Z-{number}")).await);
    }
    attend(&house, &runs).await;
    let frozen = deliverer(&house, &mut processes).await;
    let sent = async {
        while sandbox.effects().await.len() < 2 {
            attend(&house, &runs).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(HANG, sent).await.unwrap();
    frozen.freeze().await;
    published(&house, &runs).await;
    frozen.thaw();
    frozen.says("leases went to another process").await;
    processes.push(frozen);
    for process in processes {
        process.stop().await;
    }
    each_once(&sandbox, &house, &runs).await;
}
