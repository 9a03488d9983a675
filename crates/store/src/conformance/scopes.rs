//! P12 at the store: out of scope is as if absent.

use std::{collections::BTreeSet, sync::Arc};

use entente_core::{
    event::TimerKey,
    ledger::PostingAction,
    scope::{Entities, Home, Parties, Scope},
};
use serde_json::json;

use super::fixture::*;
use crate::{Appended, BalanceFilter, Error, Member, RunFilter, Store, TaskFilter};

/// Stands in every text of the other party's run.
const CANARY: &str = "canary-4711";

/// A run whose every text contains the canary, with something in every table.
async fn canary(world: &World, name: &str, home: Home) -> Member {
    let mut step = world.first_at_home(name, home);
    let aws = account("aws/acme-us");
    step.snapshot.context = json!({ "secret": CANARY });
    step.record = format!(r#"{{"note":"{CANARY}"}}"#);
    step.intents = vec![crate::Intent { request: json!(CANARY), ..remote(1, 0, &aws) }];
    step.arm = vec![(TimerKey(CANARY.into()), at(1))];
    step.tasks = vec![entente_core::run::TaskSpec { title: CANARY.into(), ..task("a") }];
    step.notices = vec![(0, CANARY.into(), json!(CANARY))];
    step.keys = Some(vec![key("ref.crm", CANARY, false)]);
    let fund = posting(PostingAction::Allocate, CANARY, "budget", 10);
    step.postings = vec![fund, posting(PostingAction::Reserve, CANARY, "claim/1", 5)];
    world.hold(&step).await;
    let mut note = message(name, &format!("{name}-note"));
    note.event.body = entente_core::event::Body::Named { name: "note".into(), data: json!(CANARY) };
    world.store.append(&Scope::vendor(), vec![note]).await.expect("a write");
    let ids = world.store.due_notices(at(99), 100).await.expect("a read");
    for notice in ids {
        world.store.record_notice(&notice.id, crate::NoticeStatus::Failed, at(1), Some(CANARY)).await.expect("a write");
    }
    step
}

/// Everything that a scope can read about a run, as text.
async fn everything(world: &World, scope: &Scope, name: &str) -> String {
    let (store, id) = (&world.store, run(name));
    let mut text = String::new();
    let mut add = |part: String| text.push_str(&part);
    add(format!("{:?}", store.run(scope, id).await.expect("a read")));
    add(format!("{:?}", store.run_by_label(scope, name).await.expect("a read")));
    add(format!("{:?}", store.runs(scope, &RunFilter::default()).await.expect("a read")));
    add(format!("{:?}", store.history(scope, id, 0, 100).await.expect("a read")));
    add(format!("{:?}", store.run_by_key(scope, &key("ref.crm", CANARY, false)).await.expect("a read")));
    add(format!("{:?}", store.message(scope, "cli", &format!("{name}-note")).await.expect("a read")));
    add(format!("{:?}", store.messages(scope, id).await.expect("a read")));
    add(format!("{:?}", store.intents(scope, id).await.expect("a read")));
    add(format!("{:?}", store.tasks(scope, &TaskFilter::default()).await.expect("a read")));
    add(format!("{:?}", store.notices(scope, Some(id)).await.expect("a read")));
    add(format!("{:?}", store.notices(scope, None).await.expect("a read")));
    add(format!("{:?}", store.entries(scope, None, 0, 100).await.expect("a read")));
    add(format!("{:?}", store.entries(scope, Some(CANARY), 0, 100).await.expect("a read")));
    add(format!("{:?}", store.balances(scope, &BalanceFilter::default()).await.expect("a read")));
    text
}

fn sees(text: &str, name: &str) -> bool {
    text.contains(CANARY) || text.contains(&run(name).to_string())
}

/// Not its data, and not that it exists.
pub async fn a_party_never_receives_another_partys_data(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    canary(&world, "theirs", home("acme-us", "partner-b")).await;
    let party = |name: &str| Scope::party(name.parse().expect("a party"));
    let outside = everything(&world, &party("partner-a"), "theirs").await;
    assert!(!sees(&outside, "theirs"), "{outside}");
    for scope in [party("partner-b"), Scope::vendor()] {
        let inside = everything(&world, &scope, "theirs").await;
        assert_eq!(inside.matches("theirs-note").count(), 2, "{inside}");
        assert!(inside.matches(CANARY).count() > 10, "the canary sings for its owner: {inside}");
    }
}

/// Neither by appending, nor by taking a task, nor by booking.
pub async fn a_party_cannot_write_to_another_partys_run(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let theirs = canary(&world, "theirs", home("acme-us", "partner-b")).await;
    let id = theirs.snapshot.run;
    let scope = Scope::party("partner-a".parse().expect("a party"));
    let intruder = start("new", "k2", home("acme-us", "partner-b"));
    for bad in [message("theirs", "k1"), message("never", "k3"), intruder] {
        let appended = world.store.append(&scope, vec![bad]).await;
        assert!(matches!(appended, Err(Error::NotFound { .. })), "{appended:?}");
    }
    assert!(!world.store.assign(&scope, id, "a", Some("anna"), None).await.expect("a write"));
    let fund = posting(PostingAction::Allocate, "emea", "budget", 10);
    let booked = world.store.post(&scope, id, &fund, at(0)).await;
    assert!(matches!(booked, Err(Error::NotFound { .. })), "{booked:?}");
    assert!(world.store.messages(&Scope::vendor(), run("new")).await.expect("a read").is_empty());

    let own = Scope::party("partner-b".parse().expect("a party"));
    let good = vec![message("theirs", "k1"), start("new", "k2", home("acme-us", "partner-b"))];
    let appended = world.store.append(&own, good).await.expect("its own run and party");
    assert!(appended.iter().all(|answer| matches!(answer, Appended::New(_))), "{appended:?}");
    assert!(world.store.assign(&own, id, "a", Some("anna"), None).await.expect("a write"));
    assert!(world.store.post(&own, id, &fund, at(0)).await.expect("a write").is_ok());
}

/// Within one party too.
pub async fn a_legal_entity_is_a_border_too(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    canary(&world, "us", home("acme-us", "vendor")).await;
    let only = |entities: &[&str]| {
        let entities: BTreeSet<_> = entities.iter().map(|name| name.parse().expect("a legal entity")).collect();
        Scope { entities: Entities::Only(entities), parties: Parties::All }
    };
    for scope in [only(&["acme-eu"]), only(&[])] {
        let outside = everything(&world, &scope, "us").await;
        assert!(!sees(&outside, "us"), "{outside}");
    }
    assert!(sees(&everything(&world, &only(&["acme-eu", "acme-us"]), "us").await, "us"));
}

/// A message that waits for its run belongs where its start says; without one it is the vendor's alone.
pub async fn what_belongs_to_nobody_is_the_vendors(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let early = start("early", "k1", home("acme-us", "partner-a"));
    let messages = vec![early, message("nowhere", "k2")];
    world.store.append(&Scope::vendor(), messages).await.expect("a write");
    let seen = async |party: &str, id: &str| {
        let scope = Scope::party(party.parse().expect("a party"));
        world.store.message(&scope, "cli", id).await.expect("a read").is_some()
    };
    assert!(seen("partner-a", "k1").await);
    assert!(!seen("partner-b", "k1").await);
    assert!(!seen("partner-a", "k2").await);
    assert!(world.store.message(&Scope::vendor(), "cli", "k2").await.expect("a read").is_some());
}
