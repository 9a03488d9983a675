//! Offers that an earlier version of the program began: what their chart does not know is refused, with the way on.

use entente_core::offer::Offer;

use crate::house::{
    offer::document,
    sandbox::{NO_POLLING, PRODUCT, Sandbox},
    selling::{connected, offer_id},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_of_the_first_chart_is_amended_once_it_is_moved_to_the_second() {
    let sandbox = Sandbox::at_rate("60").await;
    let house = connected(&sandbox, NO_POLLING).await;
    let first = document("aws", PRODUCT, &sandbox.buyer(), "A-1", sandbox.now().await);
    let run = house.submit_on(&first, Some(1)).await;
    let server = house.serve().await;
    house.approve(run).await;
    let row = house.state(run, "published").await;
    assert_eq!(row.snapshot.chart.version, 1);

    let renamed = Offer { name: "Acme for Globex from April".into(), ..first };
    let file = house.path("renamed.yaml");
    std::fs::write(&file, serde_json::to_string(&renamed).unwrap()).unwrap();
    let amend = ["offer", "amend", &row.snapshot.label, "--file", file.to_str().unwrap()];
    let refused = house.run_command("ada", &amend).await;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(5), "{said}");
    assert!(said.contains("runs on version 1 of its chart, which knows no amendments"), "{said}");
    let way = format!("entente chart migrate private_offer --from v1 --to v2 --label {}", row.snapshot.label);
    assert!(said.contains(&way), "{said}");
    assert_eq!(house.row(run).await.snapshot.seq, row.snapshot.seq, "nothing was written");

    let way: Vec<&str> = way.split(' ').skip(1).collect();
    house.command("ada", &way).await;
    house.command("ada", &amend).await;
    let amended = |row: &entente_store::RunRow| {
        row.snapshot.state == "published" && row.snapshot.context["offer"]["name"] == renamed.name
    };
    let moved = house.until(run, "it is amended", amended).await;
    assert_eq!(moved.snapshot.chart.version, 2);
    let there = sandbox.get(&format!("aws/offers/{}", offer_id(&house, run).await)).await;
    assert_eq!(there["name"], renamed.name.as_str());
    server.stop().await;
    house.verify().await;
}
