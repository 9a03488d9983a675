//! Five processes see the same times come.

use std::collections::BTreeSet;

use entente_store::OccurrenceStatus;
use jiff::Timestamp;

use crate::{
    ground,
    house::{
        sandbox::Sandbox,
        selling::connected,
        server::{HANG, stop_all},
    },
};

const TICKS: usize = 60;
const JOBS: [&str; 2] = ["drift", "observe"];

#[tokio::test(flavor = "multi_thread")]
async fn row_21_five_processes_run_each_occurrence_once() {
    ground::require_server();
    // A minute passes in half a second.
    let sandbox = Sandbox::at_rate("120").await;
    let jobs = "jobs:\n  observe: { cron: '* * * * *' }\n  drift: { cron: '* * * * *' }";
    let house = connected(&sandbox, jobs).await;
    let mut processes = house.crew().await;
    while processes.len() < 5 {
        processes.push(house.run_beside().await);
    }
    let seen = async {
        for job in JOBS {
            while house.occurrences(job).await.len() < TICKS {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
        }
    };
    tokio::time::timeout(HANG, seen).await.expect("time passes");
    stop_all(processes).await;
    let mut owners = BTreeSet::new();
    for job in JOBS {
        let rows = house.occurrences(job).await;
        let times: BTreeSet<Timestamp> = rows.iter().map(|row| row.scheduled_for).collect();
        assert_eq!(times.len(), rows.len(), "each time has one row");
        for row in &rows {
            assert!(
                matches!(row.status, OccurrenceStatus::Succeeded | OccurrenceStatus::Skipped),
                "nobody took a living process for a dead one: {row:?}"
            );
        }
        if job == "observe" {
            // Each run of it asks the marketplace once for what has changed: there are no agreements to look at.
            let ran = rows.iter().filter(|row| row.status == OccurrenceStatus::Succeeded).count() as u64;
            assert_eq!(sandbox.asked("SearchAgreements").await, ran, "each was run once");
        }
        owners.extend(rows.into_iter().map(|row| row.owner));
    }
    assert!(owners.len() > 1, "they take turns: {owners:?}");
}
