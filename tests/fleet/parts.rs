//! Who owns what, as everybody can see it.

use std::time::Duration;

use serde_json::Value;

use crate::{
    ground,
    house::{
        House,
        sandbox::Sandbox,
        selling::{connected, submitted},
        server::{HANG, Server},
    },
};

/// The processes that `entente fleet` shows.
pub async fn shown(house: &House) -> Vec<Value> {
    let said = house.command("ada", &["fleet", "--json"]).await;
    serde_json::from_str::<Value>(&said).unwrap().as_array().unwrap().clone()
}

/// Waits until the processes have these parts, in any order.
pub async fn until_parts(house: &House, wished: &[u64]) -> Vec<Value> {
    let mut seen = Vec::new();
    let settled = async {
        loop {
            seen = shown(house).await;
            let mut parts: Vec<u64> = seen.iter().map(|process| process["shards"].as_u64().unwrap()).collect();
            parts.sort_unstable();
            if parts == wished {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let in_time = tokio::time::timeout(HANG, settled).await.is_ok();
    assert!(in_time, "they never came to {wished:?}: {seen:#?}\n{}", house.logs());
    seen
}

/// The server and two processes beside it.
pub async fn three(house: &House) -> [Server; 3] {
    [house.serve().await, house.run_beside().await, house.run_beside().await]
}

#[tokio::test(flavor = "multi_thread")]
async fn three_processes_come_to_equal_parts_and_one_delivers_for_the_account() {
    ground::require_server();
    let sandbox = Sandbox::at_rate("20").await;
    let house = connected(&sandbox, "").await;
    let processes = three(&house).await;
    let run = submitted(&sandbox, &house, "P-1").await;
    house.approve(run).await;
    house.state(run, "published").await;
    let seen = until_parts(&house, &[85, 85, 86]).await;
    assert!(seen.iter().all(|process| process["version"] == env!("CARGO_PKG_VERSION")), "{seen:#?}");
    let delivers =
        seen.iter().filter(|process| process["accounts"].as_array().unwrap().iter().any(|a| a == "aws/acme-us"));
    assert_eq!(delivers.count(), 1, "{seen:#?}");
    for process in processes {
        process.stop().await;
    }
    assert_eq!(shown(&house).await, Vec::<Value>::new(), "who stops gives everything back");
    house.verify().await;
}
