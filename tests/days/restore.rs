//! P11: a restored or rolled-back database sends nothing before it knows what the marketplaces hold.

use std::{fs, path::PathBuf};

use entente_core::{ids::RunId, run::Snapshot, scope::Scope};
use entente_store::{RunFilter, Runs as _};
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};
use serde_json::Value;

use crate::{
    ground,
    house::{
        House,
        offer::document,
        sandbox::{NO_POLLING, PRODUCT, Sandbox},
        server::{HANG, stop_all},
    },
};

pub async fn house(sandbox: &Sandbox) -> House {
    House::new(&format!("{}\n{NO_POLLING}", sandbox.connectors())).await
}

pub async fn submit(sandbox: &Sandbox, house: &House, reference: &str) -> RunId {
    house.submit(&document("aws", PRODUCT, &sandbox.buyer(), reference, sandbox.now().await)).await
}

/// How many writes were applied in all.
async fn applied(sandbox: &Sandbox) -> usize {
    sandbox.effects().await.len()
}

/// The next number of a series, as the database in place gives it.
async fn next_number(house: &House, series: &str) -> u64 {
    if ground::on_server() {
        return house.store().next_number(series).await.unwrap();
    }
    let store = SqliteStore::open(house.path("entente.db"), OpenOptions::new(Mode::Beside)).await.unwrap();
    let number = store.next_number(series).await.unwrap();
    store.close().await;
    number
}

/// The runs as the database in place has them.
pub async fn runs(house: &House) -> Vec<Snapshot> {
    if ground::on_server() {
        let page = house.page(&RunFilter::default()).await;
        return page.into_iter().map(|row| row.snapshot).collect();
    }
    // Opened anew: another file may have taken its place.
    let store = SqliteStore::open(house.path("entente.db"), OpenOptions::new(Mode::Beside)).await.unwrap();
    let page = store.runs(&Scope::vendor(), &RunFilter::default()).await.unwrap();
    store.close().await;
    page.rows.into_iter().map(|row| row.snapshot).collect()
}

/// The only run of the database in place, once its offer waits for the buyer.
pub async fn goes_on(house: &House) -> Snapshot {
    let adopted = async {
        loop {
            let stands = runs(house).await.remove(0);
            assert_eq!(stands.incident, None);
            if stands.tags.iter().any(|tag| tag == "awaiting_buyer") {
                return stands;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(HANG, adopted).await.expect("the run goes on")
}

/// The report of the read-back, once it has ended.
pub async fn report(house: &House) -> Value {
    let written = || -> Option<PathBuf> {
        let beside = house.beside("recovery");
        let mut entries = fs::read_dir(beside.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
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

pub fn labels(lines: &Value) -> Vec<&str> {
    let mut labels: Vec<&str> = lines.as_array().unwrap().iter().map(|line| line["label"].as_str().unwrap()).collect();
    labels.sort_unstable();
    labels
}

/// Row 66: offers that were made in the day after the backup are reported, and none is made twice.
pub async fn a_day_old_backup() {
    let sandbox = Sandbox::start().await;
    let house = house(&sandbox).await;
    let servers = house.crew().await;
    let mut made = vec![submit(&sandbox, &house, "A-1").await, submit(&sandbox, &house, "A-2").await];
    for run in &made {
        house.until(*run, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    }
    let copy = house.path("copy.db");
    house.command("ada", &["backup", copy.to_str().unwrap()]).await;
    sandbox.advance("PT24H").await;
    for reference in ["B-1", "B-2", "B-3"] {
        made.push(submit(&sandbox, &house, reference).await);
    }
    let mut published = Vec::new();
    for run in &made {
        house.approve(*run).await;
        published.push(house.state(*run, "published").await.snapshot.label);
    }
    stop_all(servers).await;
    assert_eq!(applied(&sandbox).await, 5);

    let refused = house.run_command("ada", &["restore", copy.to_str().unwrap()]).await;
    assert_eq!(refused.status.code(), Some(2), "without a terminal it takes --yes");
    house.command("ada", &["restore", copy.to_str().unwrap(), "--yes"]).await;
    let servers = house.crew().await;
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
        // The evidence is what the read-back found; of a lost step the database itself knows nothing.
        let effect = &incident.evidence["effects"][0];
        let found = report["forgotten"].as_array().unwrap().iter().find(|found| found["label"] == run.label.as_str());
        for field in ["account", "change", "invoke", "began_at", "state"] {
            assert_eq!(effect["found"][field], found.unwrap()[field], "{field} of {incident:#?}");
        }
        assert_eq!((&effect["sent"], &incident.evidence["head_at"]), (&Value::Null, &report["head_at"]));
        let shown = house.command("ada", &["incident", "show", &run.label]).await;
        assert!(shown.contains(effect["found"]["change"].as_str().unwrap()), "{shown}");
        // Nobody can walk past it by voting.
        let vote = house
            .run_command(
                "dora",
                &["approve", &run.label, "--revision", &run.approvals.as_ref().unwrap().subject.revision],
            )
            .await;
        assert!(!vote.status.success());
    }
    lost_writes_are_led_to(&house, &report).await;
    stop_all(servers).await;
    let servers = house.crew().await;
    servers[0].address().await;
    stop_all(servers).await;
    assert_eq!(applied(&sandbox).await, 5, "nothing was sent again");
    assert!(house.notices().contains(&"restored".to_owned()), "the operator is told");
    house.verify().await;
    house.command("ada", &["audit", "verify"]).await;
}

/// What stands at the marketplace and no run knows is shown wherever an operator looks and whoever offers the same again, until
/// somebody has settled it; none of its labels is given to another run.
async fn lost_writes_are_led_to(house: &House, report: &Value) {
    let orphaned = report["orphaned"].as_array().unwrap();
    let warned = async || {
        let output = house.run_command("ada", &["incident", "list"]).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        orphaned.iter().filter(|one| said.contains(one["change"].as_str().unwrap())).count()
    };
    assert_eq!(warned().await, 3);
    for (at, one) in orphaned.iter().enumerate() {
        let change = one["change"].as_str().unwrap();
        house.command("ada", &["recovery", "settle", change, "--reason", "withdrawn in the portal"]).await;
        assert_eq!(warned().await, 2 - at);
        let again = house.run_command("ada", &["recovery", "settle", change, "--reason", "again"]).await;
        assert_eq!(again.status.code(), Some(3), "{again:?}");
    }
    let shown = house.command("ada", &["recovery", "show", "--json"]).await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["lost"].as_array().unwrap().len(), 3, "{shown:#}");
    assert_eq!(shown["lost"][0]["settled"]["reason"], "withdrawn in the portal");

    for one in orphaned {
        let (series, number) = one["label"].as_str().unwrap().rsplit_once('-').unwrap();
        assert!(next_number(house, series).await > number.parse().unwrap(), "{one} is given again");
    }
}

/// Row 42: a database that was put back behind a send finds it, and goes on from it.
pub async fn put_back_behind_a_send() {
    let sandbox = Sandbox::start().await;
    let house = house(&sandbox).await;
    let run = submit(&sandbox, &house, "A-1").await;
    let servers = house.crew().await;
    house.until(run, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    stop_all(servers).await;
    house.approve(run).await;
    // The intent is committed, nothing has left.
    house.serve_until(Some("K2:marketplace.create_offer")).await.died().await;
    let copy = house.path("copy.db");
    house.command("ada", &["backup", copy.to_str().unwrap()]).await;
    let servers = house.crew().await;
    house.state(run, "published").await;
    stop_all(servers).await;
    assert_eq!(applied(&sandbox).await, 1);

    // Behind the program's back: only the witness can tell.
    ground::put_back(&house.path("entente.db"), &copy).await;
    // The marketplace forgets tokens meanwhile: only looking first can help.
    sandbox.fault(serde_json::json!({ "op": "StartChangeSet", "effect": "ignore_client_token" })).await;
    let servers = house.crew().await;
    let report = report(&house).await;
    assert_eq!(report["in_doubt"].as_array().unwrap().len(), 1, "{report:#}");
    assert!(report["reason"].as_str().unwrap().contains("the witness saw seal"), "{report:#}");
    let stands = goes_on(&house).await;
    stop_all(servers).await;
    assert_eq!(applied(&sandbox).await, 1, "the offer was found, and not sent again");
    let standing = sandbox.offers().await;
    assert_eq!(standing[0]["offer_id"], stands.context["remote"]["offer_id"]);
}

/// Row 66: what cannot be read back holds everything until a person has looked.
pub async fn what_cannot_be_read_back() {
    // This marketplace keeps no key of ours: nothing of ours can be listed there.
    let connectors =
        "connectors:\n  fake/acme-us: { kind: fake, legal_entity: acme-us, state: world.json, recovery: manual }";
    let house = House::new(connectors).await;
    let now = jiff::Timestamp::now();
    let run = house.submit(&document("fake", "prod-fake", "111122223333", "F-1", now)).await;
    let servers = house.crew().await;
    house.until(run, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    stop_all(servers).await;
    let copy = house.path("copy.db");
    house.command("ada", &["backup", copy.to_str().unwrap()]).await;
    house.command("ada", &["restore", copy.to_str().unwrap(), "--yes"]).await;
    let servers = house.crew().await;
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
    stop_all(servers).await;
}
