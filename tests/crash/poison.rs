//! Work that ends the process each time it is tried.

use entente_core::run::IncidentCode;
use entente_port::Capability;
use jiff::Timestamp;

use crate::{
    classes::{applied, approved, connectors},
    house::{House, offer::document},
};

/// Starts the server again and again while it dies at `point`; the last one lives, and is given back with the deaths.
async fn restarted_until_it_lives(
    house: &House,
    run: entente_core::ids::RunId,
    point: &str,
) -> (crate::house::server::Server, u32) {
    for deaths in 0..20 {
        let mut server = house.serve_until(Some(point)).await;
        loop {
            if !server.runs() {
                server.died().await;
                break;
            }
            if house.find(run).await.is_some_and(|row| row.snapshot.incident.is_some()) {
                return (server, deaths);
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
    }
    panic!("it dies for ever\n{}", house.logs());
}

#[tokio::test(flavor = "multi_thread")]
async fn row_10_a_local_step_that_ends_the_process_each_time_parks_its_run() {
    let house = House::new(&connectors("token_dedup")).await;
    let run = house.submit(&document("fake", "prod-fake", "111122223333", "F-1", Timestamp::now())).await;
    let (server, deaths) = restarted_until_it_lives(&house, run, "K4:offer.preflight").await;
    assert!((2..=8).contains(&deaths), "{deaths}");
    let incident = house.row(run).await.snapshot.incident.unwrap();
    assert_eq!(incident.code, IncidentCode::AttemptsExhausted, "{incident:#?}");
    assert!(incident.message.contains("may crash the process"), "{incident:#?}");
    server.stop().await;
    house.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_10_a_send_that_ends_the_process_each_time_parks_its_run() {
    let (house, run) = approved("token_dedup").await;
    let (server, deaths) = restarted_until_it_lives(&house, run, "K4:marketplace.create_offer").await;
    assert!((2..=8).contains(&deaths), "{deaths}");
    let incident = house.row(run).await.snapshot.incident.unwrap();
    assert_eq!(incident.code, IncidentCode::OutcomeUnknown, "{incident:#?}");
    assert_eq!(applied(&house, Capability::CreateOffer), 0);
    server.stop().await;
}
