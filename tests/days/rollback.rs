//! P11: a database that is put back by seconds, to a time that no seal tells from now.

use std::fs;

use crate::{
    ground,
    house::{House, offer::document, sandbox::*, server::stop_all},
    restore::goes_on,
};

/// Row 42: a database that was put back between two seals is known by what has left since.
pub async fn put_back_between_two_seals() {
    let sandbox = Sandbox::start().await;
    let house = House::new(&format!("{}\n{NO_POLLING}", sandbox.connectors())).await;
    let offer = document("aws", PRODUCT, &sandbox.buyer(), "A-1", sandbox.now().await);
    let run = house.submit(&offer).await;
    let servers = house.crew().await;
    house.until(run, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    stop_all(servers).await;
    house.approve(run).await;
    house.serve_until(Some("K2:marketplace.create_offer")).await.died().await;
    let copy = house.path("copy.db");
    house.command("ada", &["backup", copy.to_str().unwrap()]).await;
    let witness = fs::read(house.beside("witness")).unwrap();
    // It leaves, and is applied; nobody has sealed anything since, as far as the witness can tell.
    house.serve_until(Some("K6:marketplace.create_offer")).await.died().await;
    assert_eq!(sandbox.effects().await.len(), 1);
    ground::put_back(&house.path("entente.db"), &copy).await;
    fs::write(house.beside("witness"), witness).unwrap();

    let refused = house.run_command("ada", &["audit", "verify"]).await;
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stdout).into_owned() + &String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("left for a marketplace, and the database does not know of it"), "{said}");
    sandbox.fault(serde_json::json!({ "op": "StartChangeSet", "effect": "ignore_client_token" })).await;
    let servers = house.crew().await;
    goes_on(&house).await;
    stop_all(servers).await;
    assert_eq!(sandbox.effects().await.len(), 1, "nothing was sent again");
    let servers = house.crew().await;
    servers[0].address().await;
    stop_all(servers).await;
    house.command("ada", &["audit", "verify"]).await;
}
