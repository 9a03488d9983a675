//! People who change the same thing at the same time: nobody's change is lost, and nobody confirms what he did not see.

use std::{collections::BTreeMap, sync::Arc};

use entente::{
    connectors::StoredAllowance,
    offers::licences::{self, Licence},
    runner::clock::SystemClock,
};
use entente_core::{ids::PersonId, money::Money, offer::Offer};
use entente_fake::Fake;
use entente_port::{Allowance as _, CallContext, Caps, Grants, Guarded, Marketplace as _, Mode, StepKey, Use, Write};
use entente_store::Store;
use entente_store_sqlite::{Mode as Opened, OpenOptions, SqliteStore};
use jiff::Timestamp;
use serde_json::json;
use tokio::task::JoinSet;

/// How many people act at once.
const PEOPLE: usize = 24;

async fn store() -> (Arc<dyn Store>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("e.db"), OpenOptions::new(Opened::Runner)).await.unwrap();
    (Arc::new(store), folder)
}

fn allowance(store: &Arc<dyn Store>) -> Arc<StoredAllowance> {
    Arc::new(StoredAllowance::new("aws/acme-us".parse().unwrap(), store.clone(), Arc::new(SystemClock)))
}

fn person(n: usize) -> PersonId {
    format!("person-{n}").parse().unwrap()
}

fn grants(mode: Mode, stopped: bool) -> Grants {
    Grants { mode, caps: Caps::default(), stopped }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_raise_a_connection_at_once_the_first_proposes_and_the_second_confirms() {
    let (store, _folder) = store().await;
    let mut asking = JoinSet::new();
    for n in 0..PEOPLE {
        let allowance = allowance(&store);
        asking.spawn(async move { allowance.propose(grants(Mode::Live, false), &person(n)).await.unwrap() });
    }
    let in_force = asking.join_all().await;
    assert_eq!(in_force.iter().filter(|in_force| !**in_force).count(), 1, "one proposal, and then it was in force");
    assert_eq!(allowance(&store).current().await.unwrap(), grants(Mode::Live, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_never_confirms_himself_however_often_he_asks_at_once() {
    let (store, _folder) = store().await;
    let mut asking = JoinSet::new();
    for _ in 0..PEOPLE {
        let allowance = allowance(&store);
        asking.spawn(async move { allowance.propose(grants(Mode::Live, false), &person(1)).await });
    }
    let answers = asking.join_all().await;
    assert_eq!(answers.iter().filter(|answer| **answer == Ok(false)).count(), 1);
    assert!(answers.iter().flatten().all(|in_force| !in_force), "{answers:?}");
    assert_eq!(allowance(&store).current().await.unwrap().mode, Mode::Observe);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_holds_whoever_changes_the_mode_at_that_moment() {
    let (store, _folder) = store().await;
    for n in [1, 2] {
        allowance(&store).propose(grants(Mode::Live, false), &person(n)).await.unwrap();
    }
    let mut acting = JoinSet::new();
    for n in 0..PEOPLE {
        let (allowance, mode) = (allowance(&store), if n % 2 == 0 { Mode::Shadow } else { Mode::Observe });
        acting.spawn(async move { allowance.change(&person(n), |now| Grants { mode, ..now.clone() }).await });
    }
    let (asked, in_force) =
        allowance(&store).change(&person(0), |now| Grants { stopped: true, ..now.clone() }).await.unwrap();
    assert!(asked.stopped && in_force, "a stop never waits for a second person");
    for answer in acting.join_all().await {
        answer.unwrap();
    }
    assert!(allowance(&store).current().await.unwrap().stopped, "nobody's change of mode has undone it");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_send_that_is_admitted_at_once_counts_against_the_caps() {
    let (store, _folder) = store().await;
    let key =
        |n: usize| StepKey { run: crate::kit::run_id(), invoke: "3.0".parse().unwrap(), label: format!("OFR-{n}") };
    let mut sending = JoinSet::new();
    for n in 0..PEOPLE {
        let (allowance, key) = (allowance(&store), key(n));
        let value = Money { minor: 100, currency: "USD".parse().unwrap() };
        sending.spawn(async move {
            while !allowance.admit(&key, Use::Offer(value), &allowance.used_today(&key).await.unwrap()).await.unwrap() {
            }
        });
    }
    sending.join_all().await;
    let used = allowance(&store).used_today(&key(0)).await.unwrap();
    let people = u32::try_from(PEOPLE).unwrap();
    let value = BTreeMap::from([("USD".parse().unwrap(), i64::from(people) * 100)]);
    assert_eq!((used.offers, used.value), (people, value));
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_judge_at_once_do_not_exceed_a_cap_together() {
    let (store, _folder) = store().await;
    let caps = Caps { offers_per_day: Some(5), ..Caps::default() };
    for n in [1, 2] {
        let grants = Grants { caps: caps.clone(), ..grants(Mode::Live, false) };
        allowance(&store).propose(grants, &person(n)).await.unwrap();
    }
    let fake = Fake::in_memory();
    let offer = json!({
        "reference": "R-1", "marketplace": "fake", "legal_entity": "acme-us",
        "product": { "id": "prod-fake", "kind": "saas" },
        "buyer": { "name": "Globex", "accounts": ["111122223333"] },
        "name": "Acme for Globex", "description": "A year of Acme", "currency": "USD",
        "pricing": { "contract": {
            "duration": "P12M", "dimensions": [{ "key": "seats", "quantity": 10, "unit_price": "1200.50" }],
        } },
        "eula": { "standard": { "version": "2022-07-14" } },
        "expires_on": "2099-03-18",
    });
    let offer = Offer::from_json(&offer).unwrap();
    let mut judging = JoinSet::new();
    for n in 0..PEOPLE {
        // Each with a guard of its own, as in a process of its own: all that they share is the database.
        let guard = Guarded::new(Arc::new(fake.clone()), allowance(&store));
        let key = StepKey { run: crate::kit::run_id(), invoke: "3.0".parse().unwrap(), label: format!("OFR-{n}") };
        let call = CallContext { token: uuid::Uuid::now_v7(), key };
        let write = Write::CreateOffer { offer: Box::new(offer.clone()) };
        judging.spawn(async move { guard.submit(&call, &write).await.is_ok() });
    }
    let sent = judging.join_all().await.into_iter().filter(|sent| *sent).count();
    assert_eq!((sent, fake.applied().len()), (5, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn licences_approved_and_revoked_at_once_are_all_kept() {
    let (store, _folder) = store().await;
    let licence = |n: usize| Licence { name: format!("text {n}"), by: "lena".into(), at: Timestamp::UNIX_EPOCH };
    let sha256 = |n: usize| format!("{n:064x}");
    licences::approve(store.as_ref(), &sha256(PEOPLE), licence(PEOPLE)).await.unwrap();
    let mut acting = JoinSet::new();
    for n in 0..PEOPLE {
        let (store, sha256, licence) = (store.clone(), sha256(n), licence(n));
        acting.spawn(async move { licences::approve(store.as_ref(), &sha256, licence).await.map(|()| true) });
    }
    let (revoking, gone) = (store.clone(), sha256(PEOPLE));
    acting.spawn(async move { licences::revoke(revoking.as_ref(), &gone).await });
    for answer in acting.join_all().await {
        assert!(answer.unwrap());
    }
    let approved = licences::approved(store.as_ref()).await.unwrap();
    assert_eq!(approved.into_keys().collect::<Vec<_>>(), (0..PEOPLE).map(sha256).collect::<Vec<_>>());
    assert!(!licences::revoke(store.as_ref(), &sha256(PEOPLE)).await.unwrap(), "it was off the list already");
}
