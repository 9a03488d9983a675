//! Two versions of the program at once, as in an upgrade of one process after the other.

use std::collections::BTreeSet;

use entente_core::ids::RunId;

use crate::{
    ground,
    house::{
        House,
        sandbox::Sandbox,
        selling::{connected, label, submitted},
        server::stop_all,
    },
    parts::shown,
};

const NEXT: &str = "0.99.0";
const OFFERS: u32 = 4;

/// The newest chart of private offers that this version ships; the next version ships one more.
const SHIPPED: u32 = 2;

async fn offers(sandbox: &Sandbox, house: &House, name: &str) -> Vec<RunId> {
    let mut runs = Vec::new();
    for number in 0..OFFERS {
        runs.push(submitted(sandbox, house, &format!("{name}-{number}")).await);
    }
    runs
}

/// The versions that `entente fleet` shows.
async fn versions(house: &House) -> BTreeSet<String> {
    shown(house).await.iter().map(|process| process["version"].as_str().unwrap().to_owned()).collect()
}

async fn published_on(sandbox: &Sandbox, house: &House, runs: &[RunId], chart: u32) {
    for run in runs {
        house.approve(*run).await;
    }
    for run in runs {
        let row = house.state(*run, "published").await;
        assert_eq!(row.snapshot.chart.version, chart, "a run finishes on the chart that it began with");
        assert_eq!(sandbox.applied(&label(house, *run).await).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_47_an_upgrade_of_one_process_after_the_other_under_load_loses_nothing() {
    ground::require_server();
    let sandbox = Sandbox::at_rate("20").await;
    let house = connected(&sandbox, "").await;
    let old = house.crew().await;
    let first = offers(&sandbox, &house, "OLD").await;
    house.until(first[0], "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;

    // The next version comes, and expands the schema for what it will need: the old one works on.
    let expand = "ALTER TABLE runs ADD COLUMN next_note text; CREATE TABLE next_things (no bigint PRIMARY KEY)";
    let next = house.run_next(NEXT).await;
    next.says("stop with Ctrl-C").await;
    ground::sql(&house.path("entente.db"), expand).await;
    assert_eq!(versions(&house).await, [env!("CARGO_PKG_VERSION"), NEXT].map(str::to_owned).into());
    let second = offers(&sandbox, &house, "BOTH").await;
    published_on(&sandbox, &house, &first, SHIPPED).await;
    published_on(&sandbox, &house, &second, SHIPPED + 1).await;

    // Without it, what only it knows waits: nobody claims it, nothing is refused.
    next.stop().await;
    let third = offers(&sandbox, &house, "WAITS").await;
    let said = |words: &str| old.iter().any(|process| process.said().contains(words));
    while !said("this run is left to another binary") {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    for run in &third {
        assert!(house.find(*run).await.is_none(), "the old version began a run that it cannot drive");
        let waits = house.messages(*run, "started").await;
        assert!(waits.iter().all(|message| message.verdict.is_none()), "{waits:#?}");
    }

    // The upgrade goes on, one process after the other, until only the next version is left.
    let mut new = Vec::new();
    for process in old {
        new.push(house.run_next(NEXT).await);
        process.stop().await;
    }
    published_on(&sandbox, &house, &third, SHIPPED + 1).await;
    assert_eq!(versions(&house).await, [NEXT.to_owned()].into());
    stop_all(new).await;
    assert_eq!(sandbox.effects().await.len(), 3 * OFFERS as usize, "every offer was made once");
}
