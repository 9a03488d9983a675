//! P11: a restored or rolled-back database sends nothing before it knows what the marketplaces hold.

use std::{fs, path::PathBuf};

use entente_core::{ids::RunId, run::Snapshot, scope::Scope};
use entente_store::{RunFilter, Runs as _};
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};
use serde_json::Value;

use crate::{
    house::House,
    offer::document,
    sandbox::{NO_POLLING, PRODUCT, Sandbox},
    server::HANG,
};

async fn house(sandbox: &Sandbox) -> House {
    House::new(&format!("{}\n{NO_POLLING}", sandbox.connectors())).await
}

async fn submit(sandbox: &Sandbox, house: &House, reference: &str) -> RunId {
    house.submit(&document("aws", PRODUCT, &sandbox.buyer(), reference, sandbox.now().await)).await
}

/// How many writes were applied in all.
async fn applied(sandbox: &Sandbox) -> usize {
    sandbox.get("/aws/effects").await["effects"].as_array().unwrap().len()
}

/// The runs as the database in place has them.
async fn runs(house: &House) -> Vec<Snapshot> {
    let store = SqliteStore::open(house.path("entente.db"), OpenOptions::new(Mode::Beside)).await.unwrap();
    let page = store.runs(&Scope::vendor(), &RunFilter::default()).await.unwrap();
    store.close().await;
    page.rows.into_iter().map(|row| row.snapshot).collect()
}

/// The report of the read-back, once it has ended.
async fn report(house: &House) -> Value {
    let written = || -> Option<PathBuf> {
        let mut entries = fs::read_dir(house.path("")).unwrap().map(|entry| entry.unwrap().path());
        entries.find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains(".recovery-")))
    };
    let looking = async {
        loop {
            let said = house.command("ada", &["recovery", "show", "--json"]).await;
            if serde_json::from_str::<Value>(&said).unwrap()["pending"].is_null()
                && let Some(path) = written()
            {
                return serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(HANG, looking).await.expect("the read-back ends")
}

fn labels(lines: &Value) -> Vec<&str> {
    let mut labels: Vec<&str> = lines.as_array().unwrap().iter().map(|line| line["label"].as_str().unwrap()).collect();
    labels.sort_unstable();
    labels
}

#[tokio::test(flavor = "multi_thread")]
async fn row_66_offers_made_after_the_backup_are_reported_and_none_is_made_twice() {
    let sandbox = Sandbox::start().await;
    let house = house(&sandbox).await;
    let server = house.serve().await;
    let mut made = vec![submit(&sandbox, &house, "A-1").await, submit(&sandbox, &house, "A-2").await];
    for run in &made {
        house.until(*run, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    }
    let copy = house.path("copy.db");
    house.command("ada", &["backup", copy.to_str().unwrap()]).await;
    for reference in ["B-1", "B-2", "B-3"] {
        made.push(submit(&sandbox, &house, reference).await);
    }
    let mut published = Vec::new();
    for run in &made {
        house.approve(*run).await;
        published.push(house.state(*run, "published").await.snapshot.label);
    }
    server.stop().await;
    assert_eq!(applied(&sandbox).await, 5);

    let refused = house.run_command("ada", &["restore", copy.to_str().unwrap()]).await;
    assert_eq!(refused.status.code(), Some(2), "without a terminal it takes --yes");
    house.command("ada", &["restore", copy.to_str().unwrap(), "--yes"]).await;
    let server = house.serve().await;
    let report = report(&house).await;
    assert_eq!(labels(&report["forgotten"]), [published[0].as_str(), &published[1]], "{report:#}");
    assert_eq!(labels(&report["orphaned"]), [published[2].as_str(), &published[3], &published[4]], "{report:#}");
    let all = report.to_string();
    for offer in sandbox.offers().await {
        assert!(all.contains(offer["offer_id"].as_str().unwrap()), "every offer is named: {report:#}");
    }

    let restored = runs(&house).await;
    assert_eq!(restored.len(), 2);
    for run in &restored {
        let incident = run.incident.as_ref().expect("a person decides");
        assert!(incident.message.contains("the database was restored"), "{incident:?}");
        // Nobody can walk past it by voting.
        let vote = house
            .run_command(
                "dora",
                &["approve", &run.label, "--revision", &run.approvals.as_ref().unwrap().subject.revision],
            )
            .await;
        assert!(!vote.status.success());
    }
    server.stop().await;
    let server = house.serve().await;
    server.address().await;
    server.stop().await;
    assert_eq!(applied(&sandbox).await, 5, "nothing was sent again");
    assert!(house.notices().contains(&"restored".to_owned()), "the operator is told");
    house.verify().await;
    house.command("ada", &["audit", "verify"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_42_a_database_rolled_back_behind_a_send_finds_it_and_goes_on_from_it() {
    let sandbox = Sandbox::start().await;
    let house = house(&sandbox).await;
    let run = submit(&sandbox, &house, "A-1").await;
    let server = house.serve().await;
    house.until(run, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    server.stop().await;
    house.approve(run).await;
    // The intent is committed, nothing has left.
    house.serve_until(Some("K2:marketplace.create_offer")).await.died().await;
    let copy = house.path("copy.db");
    house.command("ada", &["backup", copy.to_str().unwrap()]).await;
    let server = house.serve().await;
    house.state(run, "published").await;
    server.stop().await;
    assert_eq!(applied(&sandbox).await, 1);

    // Behind the program's back: only the witness can tell.
    for name in ["entente.db", "entente.db-wal", "entente.db-shm"] {
        let _absent = fs::rename(house.path(name), house.path(&format!("old-{name}")));
    }
    fs::copy(&copy, house.path("entente.db")).unwrap();
    // The marketplace forgets tokens meanwhile: only looking first can help.
    sandbox.fault(serde_json::json!({ "op": "StartChangeSet", "effect": "ignore_client_token" })).await;
    let server = house.serve().await;
    let report = report(&house).await;
    assert_eq!(report["in_doubt"].as_array().unwrap().len(), 1, "{report:#}");
    assert!(report["reason"].as_str().unwrap().contains("the witness saw seal"), "{report:#}");
    let adopted = async {
        loop {
            let stands = runs(&house).await.remove(0);
            assert_eq!(stands.incident, None);
            if stands.tags.iter().any(|tag| tag == "awaiting_buyer") {
                return stands;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    let stands = tokio::time::timeout(HANG, adopted).await.expect("the run goes on");
    server.stop().await;
    assert_eq!(applied(&sandbox).await, 1, "the offer was found, and not sent again");
    let standing = sandbox.offers().await;
    assert_eq!(standing[0]["offer_id"], stands.context["remote"]["offer_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_66_what_cannot_be_read_back_holds_everything_until_a_person_has_looked() {
    // This marketplace keeps no key of ours: nothing of ours can be listed there.
    let connectors =
        "connectors:\n  fake/acme-us: { kind: fake, legal_entity: acme-us, state: world.json, recovery: manual }";
    let house = House::new(connectors).await;
    let now = jiff::Timestamp::now();
    let run = house.submit(&document("fake", "prod-fake", "111122223333", "F-1", now)).await;
    let server = house.serve().await;
    house.until(run, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    server.stop().await;
    let copy = house.path("copy.db");
    house.command("ada", &["backup", copy.to_str().unwrap()]).await;
    house.command("ada", &["restore", copy.to_str().unwrap(), "--yes"]).await;
    let server = house.serve().await;
    let waits = async {
        loop {
            let said = house.command("ada", &["recovery", "show", "--json"]).await;
            let said: Value = serde_json::from_str(&said).unwrap();
            if said["pending"]["waiting"]["fake/acme-us"].is_string() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(HANG, waits).await.expect("it says what it waits for");
    house
        .command("ada", &["recovery", "confirm", "fake/acme-us", "--reason", "the portal shows no offer of ours"])
        .await;
    let report = report(&house).await;
    assert_eq!(report["by_hand"][0]["confirmed"]["by"], "ada", "{report:#}");
    server.stop().await;
}
