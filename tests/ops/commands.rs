//! The operator's commands, by the real program beside a server.

use serde_json::Value;

use crate::{forger::of, house::House};

/// The backup is due half a day from now, so that no test meets it while it runs.
fn zoned() -> String {
    let hour = (jiff::Timestamp::now().in_tz("America/New_York").unwrap().hour() + 12) % 24;
    format!(
        "jobs:\n  backup: {{ cron: '30 {hour} * * *', zone: America/New_York }}\nconnectors:\n  fake/acme-us: {{ kind: fake, legal_entity: acme-us }}"
    )
}

async fn json(house: &House, arguments: &[&str]) -> Value {
    let said = house.command("ada", &[arguments, &["--json"]].concat()).await;
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {said}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_with_their_times_run_by_hand_paused_and_resumed() {
    let house = House::new(&zoned()).await;
    let server = house.serve().await;
    let jobs = json(&house, &["schedule", "list"]).await;
    let names: Vec<&str> = jobs.as_array().unwrap().iter().map(|job| job["job"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "observe",
            "drift",
            "withheld",
            "seal",
            "check",
            "backup",
            "archive",
            "evidence",
            "judging",
            "statements",
            "late"
        ]
    );
    let next = json(&house, &["schedule", "next", "backup"]).await;
    let next = next.as_array().unwrap();
    assert_eq!(next.len(), 5);
    assert!(next.iter().all(|run| run["local"].as_str().unwrap().contains("[America/New_York]")), "{next:?}");
    assert!(next.iter().all(|run| run["utc"].as_str().unwrap().ends_with('Z')), "{next:?}");

    assert_eq!(house.run_command("nobody", &["schedule", "run", "backup"]).await.status.code(), Some(4));
    assert_eq!(house.run_command("ada", &["schedule", "run", "no-such-job"]).await.status.code(), Some(3));
    house.command("ada", &["schedule", "pause", "backup"]).await;
    let ran = json(&house, &["schedule", "run", "backup", "--wait", "60s"]).await;
    assert_eq!(ran["status"], "succeeded", "{ran}");
    assert!(ran["detail"].as_str().unwrap().contains("asked for by ada"), "{ran}");
    let history = json(&house, &["schedule", "history", "backup"]).await;
    assert_eq!(history.as_array().unwrap().len(), 1, "{history}");
    let jobs = json(&house, &["schedule", "list"]).await;
    assert_eq!((&jobs[5]["paused"], &jobs[5]["last"]["status"]), (&true.into(), &"succeeded".into()), "{jobs}");
    house.command("ada", &["schedule", "resume", "backup"]).await;
    assert_eq!(json(&house, &["schedule", "list"]).await[5]["paused"], false);
    let checked = json(&house, &["schedule", "run", "check", "--wait", "60s"]).await;
    assert_eq!(checked["status"], "succeeded", "{checked}");
    server.stop().await;

    let unserved = house.run_command("ada", &["schedule", "run", "backup", "--wait", "100ms"]).await;
    assert_eq!(unserved.status.code(), Some(6), "nobody serves, and the wish is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_verified_against_the_key_of_the_installation() {
    let house = House::new(&zoned()).await;
    assert_eq!(house.run_command("ada", &["audit", "key"]).await.status.code(), Some(3), "there is no key yet");
    let now = jiff::Timestamp::now();
    let run = house.submit(&crate::house::offer::document("fake", "prod-fake", "111122223333", "F-1", now)).await;
    let server = house.serve().await;
    house.until(run, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    server.stop().await;
    let key = house.command("ada", &["audit", "key"]).await;
    let report = json(&house, &["audit", "verify", "--key", key.trim()]).await;
    assert_eq!((&report["findings"], &report["unsealed"]), (&Value::Array(Vec::new()), &0.into()), "{report}");
    let other = "00".repeat(32);
    assert_eq!(house.run_command("ada", &["audit", "verify", "--key", &other]).await.status.code(), Some(7));
    assert_eq!(house.run_command("ada", &["audit", "verify", "--key", "nonsense"]).await.status.code(), Some(2));

    crate::forger::forge(
        &house.path("entente.db"),
        &[format!("UPDATE history SET record = replace(record, 'Globex', 'Globey') WHERE {} AND seq = 1", of(run))],
    )
    .await;
    let verified = house.run_command("ada", &["audit", "verify", "--key", key.trim()]).await;
    assert_eq!(verified.status.code(), Some(7));
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(said.contains(&format!("step 1 of run `{run}` was edited")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_44_a_damaged_database_is_not_served() {
    let house = House::new(&zoned()).await;
    let now = jiff::Timestamp::now();
    let run = house.submit(&crate::house::offer::document("fake", "prod-fake", "111122223333", "F-1", now)).await;
    let server = house.serve().await;
    house.until(run, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    server.stop().await;
    crate::forger::forge(&house.path("entente.db"), &[format!("DELETE FROM history WHERE {} AND seq = 2", of(run))])
        .await;
    let mut server = house.serve().await;
    assert_eq!(server.ended().await.code(), Some(1), "{}", server.said());
    let said = server.said();
    assert!(said.contains("is damaged") && said.contains("`entente restore`"), "{said}");
}
