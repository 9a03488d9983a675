//! Writes that a connection holds back, at a marketplace whose clock a test moves.

use entente_core::run::IncidentCode;
use entente_port::{Caps, Grants, Mode};

use crate::house::{
    House,
    offer::document,
    sandbox::{NO_POLLING, Sandbox},
    selling::{connected, label, submitted},
};

fn most(offers: u32) -> Grants {
    Grants { mode: Mode::Live, caps: Caps { offers_per_day: Some(offers), ..Caps::default() }, stopped: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_day_has_no_room_for_leaves_by_itself_on_the_next() {
    let sandbox = Sandbox::start().await;
    let house = connected(&sandbox, NO_POLLING).await;
    house.grant(&"aws/acme-us".parse().unwrap(), most(1)).await;
    let first = submitted(&sandbox, &house, "H-1").await;
    let server = house.serve().await;
    house.approve(first).await;
    house.state(first, "published").await;
    let second = submitted(&sandbox, &house, "H-2").await;
    house.approve(second).await;
    let row = house.parked(second).await;
    assert_eq!(
        (row.snapshot.state.as_str(), row.snapshot.incident.unwrap().code),
        ("creating", IncidentCode::Withheld)
    );
    let named = label(&house, second).await;
    assert_eq!(sandbox.applied(&named).await.len(), 0);

    sandbox.advance("PT24H").await;
    house.resumed(second, "published").await;
    assert_eq!(sandbox.applied(&named).await.len(), 1);
    assert_eq!(sandbox.effects().await.len(), 2, "one a day");
    let parked = house.history(second).await.into_iter().filter(|record| record.via == ["parked"]).count();
    assert_eq!(parked, 1);
    house.verify().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_48_a_start_names_the_runs_of_a_chart_that_only_another_version_knows() {
    let house = House::new("connectors:\n  fake/acme-us: { kind: fake, legal_entity: acme-us }").await;
    let next = house.run_next("0.99.0").await;
    next.says("stop with Ctrl-C").await;
    let offer = document("fake", "prod-fake", "111122223333", "F-1", jiff::Timestamp::now());
    let run = house.submit(&offer).await;
    house.until(run, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    next.stop().await;

    let server = house.serve().await;
    let chart = house.row(run).await.snapshot.chart;
    let told = format!("1 run of chart `private_offer` v{} ({:.12}", chart.version, chart.sha256);
    server.says(&told).await;
    for command in ["fleet", "incident list"] {
        let output = house.run_command("ada", &command.split(' ').collect::<Vec<_>>()).await;
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(words.contains(&told) && words.contains(&label(&house, run).await), "{command}: {words}");
    }
    let before = house.row(run).await.snapshot.seq;
    house.approve(run).await;
    server.stop().await;
    assert_eq!(house.row(run).await.snapshot.seq, before, "nobody claims it");
}
