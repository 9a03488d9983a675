//! P11 on the worst of days: the server that reads back what the marketplaces hold is itself killed, again and again.

use std::fs;

use entente_core::{ids::RunId, run::Snapshot};
use serde_json::{Value, json};

use crate::{
    house::{
        House,
        sandbox::{NO_POLLING, Sandbox},
        server::{HANG, Server},
    },
    restore::{labels, report, runs, submit},
};

/// Offers of which a backup knows, and offers of which it does not; their labels. The backup is in place, and nothing serves.
async fn restored(sandbox: &Sandbox, house: &House) -> (Vec<String>, Vec<String>) {
    let server = house.serve().await;
    let known = [submit(sandbox, house, "A-1").await, submit(sandbox, house, "A-2").await];
    for run in known {
        house.until(run, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    }
    let copy = house.path("copy.db");
    house.command("ada", &["backup", copy.to_str().unwrap()]).await;
    let orphans = [submit(sandbox, house, "B-1").await, submit(sandbox, house, "B-2").await];
    let published = async |runs: [RunId; 2]| {
        let mut labels = Vec::new();
        for run in runs {
            house.approve(run).await;
            labels.push(house.state(run, "published").await.snapshot.label);
        }
        labels
    };
    let labels = (published(known).await, published(orphans).await);
    server.stop().await;
    house.command("ada", &["restore", copy.to_str().unwrap(), "--yes"]).await;
    labels
}

/// Kills a server as soon as something is so; whether the read-back is still under way then.
async fn killed_once(house: &House, what: &str, so: impl AsyncFn() -> bool) -> bool {
    let server: Server = house.serve().await;
    let waiting = async {
        while !so().await {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(HANG, waiting).await.unwrap_or_else(|_| panic!("never, that {what}: {}", server.said()));
    server.kill().await;
    let shown = house.command("ada", &["recovery", "show", "--json"]).await;
    !serde_json::from_str::<Value>(&shown).unwrap()["pending"].is_null()
}

/// Every report of a read-back that came to its end, or as good as.
fn reports(house: &House) -> Vec<Value> {
    let entries = fs::read_dir(house.beside("recovery").parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let written = entries.filter(|path| path.to_string_lossy().contains(".recovery-"));
    written.map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap()).collect()
}

fn parked(all: &[Snapshot]) -> usize {
    all.iter().filter(|run| run.incident.is_some()).count()
}

/// Row 66: a read-back that is killed again and again ends as one that is not, and nothing is sent meanwhile.
pub async fn killed_again_and_again() {
    let sandbox = Sandbox::start().await;
    let house = House::new(&format!("{}\n{NO_POLLING}", sandbox.connectors())).await;
    let (known, orphans) = restored(&sandbox, &house).await;
    let sent = sandbox.asked("StartChangeSet").await;
    // Slow enough to be killed in the middle.
    for operation in ["ListChangeSets", "DescribeChangeSet"] {
        sandbox.fault(json!({ "op": operation, "effect": "delay", "ms": 150 })).await;
    }
    for answers in [1, 2, 4] {
        let before = (sandbox.asked("ListChangeSets").await, sandbox.asked("DescribeChangeSet").await);
        let asked = format!("{answers} questions are asked");
        let goes_on = killed_once(&house, &asked, async || {
            let now = (sandbox.asked("ListChangeSets").await, sandbox.asked("DescribeChangeSet").await);
            now.0 - before.0 + now.1 - before.1 >= answers
        });
        assert!(goes_on.await, "killed once {asked}, and the read-back is forgotten");
    }
    // From here it may be over within a moment.
    killed_once(&house, "the first run is parked", async || parked(&runs(&house).await) > 0).await;
    sandbox.heal().await;

    let server = house.serve().await;
    report(&house).await;
    for report in reports(&house) {
        assert_eq!(labels(&report["forgotten"]), known, "{report:#}");
        assert_eq!(labels(&report["orphaned"]), orphans, "{report:#}");
    }
    assert_eq!(parked(&runs(&house).await), known.len());
    server.stop().await;
    for run in runs(&house).await {
        assert_eq!(run.seq, 4, "parked once, whoever looked: {run:#?}");
    }
    assert_eq!(sandbox.asked("StartChangeSet").await, sent, "nothing was sent");
    assert_eq!(sandbox.effects().await.len(), known.len() + orphans.len());
    house.command("ada", &["audit", "verify"]).await;
}
