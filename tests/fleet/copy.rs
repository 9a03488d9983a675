//! `entente backup` and `entente restore` as people use them, while three processes work.

use serde_json::Value;

use crate::{
    ground,
    house::{
        House,
        sandbox::Sandbox,
        selling::{connected, submitted},
        server::stop_all,
    },
};

const COPIES: u32 = 5;

async fn recovery(house: &House) -> Value {
    let said = house.command("ada", &["recovery", "show", "--json"]).await;
    serde_json::from_str::<Value>(&said).unwrap()["pending"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_67_copies_made_while_three_processes_work_are_restored_into_another_database_and_verify_there() {
    ground::require_server();
    let sandbox = Sandbox::at_rate("20").await;
    let house = connected(&sandbox, "").await;
    // Another installation: its database is another one on the same server.
    let other = connected(&sandbox, "").await;
    let crew = house.crew().await;
    let (mut runs, mut held) = (Vec::new(), Vec::new());
    for number in 0..COPIES {
        runs.push(submitted(&sandbox, &house, &format!("C-{number}")).await);
        house.attend().await;
        let copy = house.path(&format!("copy-{number}"));
        let copy = copy.to_str().unwrap();
        house.command("ada", &["backup", copy]).await;
        let refused = house.run_command("ada", &["backup", copy]).await;
        assert_eq!(refused.status.code(), Some(5), "a copy never overwrites a file");
        let refused = house.run_command("ada", &["restore", copy, "--yes"]).await;
        assert_eq!(refused.status.code(), Some(5), "while processes run it");
        let refused = other.run_command("ada", &["restore", copy]).await;
        assert_eq!(refused.status.code(), Some(2), "without a terminal it takes --yes");
        other.command("ada", &["restore", copy, "--yes"]).await;
        other.command("ada", &["verify"]).await;
        other.command("ada", &["audit", "verify"]).await;
        assert!(recovery(&other).await["reason"].as_str().unwrap().contains("restored"), "it is read back first");
        held.push(other.runs().await.iter().map(|row| row.snapshot.seq).sum::<u64>());
    }
    assert!(held.windows(2).all(|two| two[0] <= two[1]) && held.first() < held.last(), "copies only grow: {held:?}");
    for run in &runs {
        house.approve(*run).await;
        house.state(*run, "published").await;
    }
    assert!(recovery(&house).await.is_null(), "whoever was copied noticed nothing");
    stop_all(crew).await;
    house.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_67_what_is_no_whole_copy_changes_nothing_on_a_server() {
    ground::require_server();
    let sandbox = Sandbox::start().await;
    let house = connected(&sandbox, "").await;
    let run = submitted(&sandbox, &house, "W-1").await;
    let crew = house.crew().await;
    house.until(run, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    stop_all(crew).await;
    let copy = house.path("whole");
    house.command("ada", &["backup", copy.to_str().unwrap()]).await;
    let whole = std::fs::read(&copy).unwrap();
    let before = house.runs().await;
    for (name, bytes) in [("text", &b"this is no copy"[..]), ("half", &whole[..whole.len() / 2])] {
        let path = house.path(name);
        std::fs::write(&path, bytes).unwrap();
        let refused = house.run_command("ada", &["restore", path.to_str().unwrap(), "--yes"]).await;
        assert_eq!(refused.status.code(), Some(7), "{name}: {}", String::from_utf8_lossy(&refused.stderr));
    }
    let missing = house.run_command("ada", &["restore", "no-such-copy", "--yes"]).await;
    assert_eq!(missing.status.code(), Some(3), "{}", String::from_utf8_lossy(&missing.stderr));
    assert_eq!(house.runs().await, before);
    house.verify().await;
    house.command("ada", &["audit", "verify"]).await;
}
