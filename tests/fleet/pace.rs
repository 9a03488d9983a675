//! Four processes are one customer to the marketplace.

use entente_sandbox::Throttling;
use serde_json::Value;

use crate::{
    ground,
    house::{
        sandbox::Sandbox,
        selling::{connected, submitted},
    },
};

const OFFERS: u32 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn four_processes_together_keep_within_the_quotas_of_an_account() {
    ground::require_server();
    let sandbox = Sandbox::throttled(Throttling::Times(1)).await;
    let house = connected(&sandbox, "").await;
    let mut processes = vec![house.serve().await];
    for _ in 0..3 {
        processes.push(house.run_beside().await);
    }
    let mut runs = Vec::new();
    for number in 0..OFFERS {
        runs.push(submitted(&sandbox, &house, &format!("Q-{number}")).await);
    }
    for run in &runs {
        house.approve(*run).await;
    }
    for run in &runs {
        house.state(*run, "published").await;
    }
    let asked = sandbox.get("aws/requests").await;
    let refused: Vec<&Value> =
        asked["requests"].as_array().unwrap().iter().filter(|request| request["status"] == 429).collect();
    assert!(refused.is_empty(), "{refused:#?}");
    for process in processes {
        process.stop().await;
    }
}
