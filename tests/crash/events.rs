//! Events that come twice, out of order, late or never, and changes made past the program.

use entente_core::{ids::RunId, scope::Scope};
use entente_store::{TaskFilter, Verdict};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::{
    aws::{connected, label, offer_id, submitted},
    house::{
        House,
        sandbox::{NO_POLLING, Sandbox},
        server::Server,
    },
};

/// A published offer of a running installation.
async fn published(sandbox: &Sandbox, more: &str) -> (House, Server, RunId) {
    let house = connected(sandbox, more).await;
    let run = submitted(sandbox, &house, "A-1").await;
    let server = house.serve().await;
    house.approve(run).await;
    house.state(run, "published").await;
    (house, server, run)
}

#[tokio::test(flavor = "multi_thread")]
async fn row_34_a_change_made_in_the_console_is_shown_and_never_overwritten() {
    let sandbox = Sandbox::start().await;
    let (house, server, run) = published(&sandbox, "").await;
    let id = offer_id(&house, run).await;
    sandbox.post(&format!("/aws/console/offers/{id}"), json!({ "name": "Renamed in the console" })).await;
    sandbox.advance("PT31M").await;
    let row = house.until(run, "it knows of the difference", |row| !row.snapshot.context["drift"].is_null()).await;
    assert_eq!(row.snapshot.state, "published");
    let drift = &row.snapshot.context["drift"][0];
    assert_eq!((&drift["field"], &drift["theirs"]), (&json!("/name"), &json!("Renamed in the console")), "{drift:#}");
    let filter = TaskFilter { run: Some(run), open_only: true, ..TaskFilter::default() };
    let tasks = house.store().tasks(&Scope::vendor(), &filter).await.unwrap();
    assert!(tasks.iter().any(|task| task.spec.kind == "review_drift"), "{tasks:#?}");
    server.stop().await;
    assert_eq!(sandbox.get(&format!("/aws/offers/{id}")).await["name"], "Renamed in the console");
    assert_eq!(sandbox.applied(&label(&house, run).await).await.len(), 1, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_35_ten_copies_of_an_event_in_parallel_are_one_message() {
    let sandbox = Sandbox::start().await;
    let (house, server, run) = published(&sandbox, NO_POLLING).await;
    let agreement = sandbox.accept(&offer_id(&house, run).await).await;
    let events = sandbox.events_naming(&agreement).await;
    let address = server.address().await;
    let answers = join_all((0..10).map(|_| sandbox.deliver(&address, &events[0]))).await;
    assert!(answers.iter().all(|status| (200..300).contains(status)), "{answers:?}");
    house.until(run, "the acceptance is known", |row| row.snapshot.tags.iter().any(|tag| tag == "accepted")).await;
    let again = join_all((0..10).map(|_| sandbox.deliver(&address, &events[0]))).await;
    assert!(again.iter().all(|status| (200..300).contains(status)), "{again:?}");
    server.stop().await;
    let told = house.messages(run, "offer.accepted").await;
    assert_eq!(told.len(), 1, "{told:#?}");
    house.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_40_a_flood_of_events_is_turned_away_and_uses_up_no_reads() {
    let sandbox = Sandbox::start().await;
    let (house, server, run) = published(&sandbox, NO_POLLING).await;
    let agreement = sandbox.accept(&offer_id(&house, run).await).await;
    let event = sandbox.events_naming(&agreement).await.remove(0);
    let address = server.address().await;
    let reads = async || sandbox.get("aws/requests").await["counters"]["SearchAgreements"].as_u64().unwrap_or(0);

    let huge = format!("{{\"more\":\"{}\",\"event\":{event}}}", "x".repeat(10_000_000));
    let before = reads().await;
    let refused = join_all((0..10).map(|_| sandbox.is_too_large(&address, huge.clone()))).await;
    assert_eq!(refused, [true; 10]);
    assert_eq!(reads().await, before, "what is too large is not looked at");

    let answers = join_all((0..300).map(|_| sandbox.deliver(&address, &event))).await;
    let looked_at = answers.iter().filter(|status| **status == 202).count();
    let turned_away = answers.iter().filter(|status| **status == 429).count();
    assert_eq!(looked_at + turned_away, 300, "{answers:?}");
    assert!(looked_at >= 1 && turned_away >= 100, "{looked_at} of 300 were looked at");
    assert!(reads().await - before <= looked_at as u64, "each that was turned away cost nothing");
    house.until(run, "the acceptance is known", |row| row.snapshot.tags.iter().any(|tag| tag == "accepted")).await;
    assert_eq!(sandbox.deliver(&address, &event).await, 202, "there is room again");
    server.stop().await;
    assert_eq!(house.messages(run, "offer.accepted").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_36_37_in_either_order_events_lead_to_the_truth_and_late_ones_change_nothing() {
    for backwards in [false, true] {
        let sandbox = Sandbox::start().await;
        let (house, server, run) = published(&sandbox, NO_POLLING).await;
        let agreement = sandbox.accept(&offer_id(&house, run).await).await;
        sandbox.advance("PT1M").await;
        sandbox.post(&format!("/aws/agreements/{agreement}/cancel"), json!({})).await;
        let mut events: Vec<Value> = sandbox.events_naming(&agreement).await;
        assert!(events.len() >= 2, "{events:#?}");
        if backwards {
            events.reverse();
        }
        let address = server.address().await;
        for event in &events {
            assert!((200..300).contains(&sandbox.deliver(&address, event).await));
            let known = house.messages(run, "offer.accepted").await;
            assert_eq!(known.len(), 1);
            house
                .until(run, "the event is decided", |row| {
                    !row.snapshot.context["agreements"].as_object().is_none_or(serde_json::Map::is_empty)
                })
                .await;
        }
        let ended = house.state(run, "ended").await;
        assert_eq!(
            ended.snapshot.context["agreements"][&agreement]["status"], "cancelled",
            "{:#}",
            ended.snapshot.context
        );
        sandbox.advance("P30D").await;
        for event in &events {
            assert!((200..300).contains(&sandbox.deliver(&address, event).await), "a late event is taken");
        }
        server.stop().await;
        assert_eq!(house.row(run).await.snapshot.seq, ended.snapshot.seq, "and moves nothing");
        house.verify().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_38_without_any_event_the_acceptance_is_found_by_polling() {
    let sandbox = Sandbox::start().await;
    let (house, server, run) = published(&sandbox, "").await;
    sandbox.accept(&offer_id(&house, run).await).await;
    sandbox.advance("PT2M").await;
    house.until(run, "the acceptance is known", |row| row.snapshot.tags.iter().any(|tag| tag == "accepted")).await;
    server.stop().await;
    let told = house.messages(run, "offer.accepted").await;
    assert!(matches!(told.as_slice(), [one] if matches!(one.verdict, Some(Verdict::Accepted { .. }))), "{told:#?}");
}
