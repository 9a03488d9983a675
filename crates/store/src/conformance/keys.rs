//! Search keys.

use std::sync::Arc;

use entente_core::scope::Scope;

use super::fixture::*;
use crate::{MemberOutcome, Store};

/// A step that gives keys gives all of them; one that gives none changes none.
pub async fn a_key_finds_its_run_until_it_is_replaced(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (one, two) = (key("ref.crm", "Q-1", false), key("aws.offer", "offer-1", false));
    let mut first = world.first("OFR-1");
    first.keys = Some(vec![one.clone(), two.clone(), one.clone()]);
    world.hold(&first).await;
    let mut second = world.next(&first);
    world.hold(&second).await;
    let holder = vec![first.snapshot.run];
    let find = async |wanted| world.store.run_by_key(&Scope::vendor(), wanted).await.expect("a read");
    assert_eq!((find(&one).await, find(&two).await), (holder.clone(), holder.clone()));
    second = world.next(&second);
    second.keys = Some(vec![two.clone()]);
    world.hold(&second).await;
    assert_eq!((find(&one).await, find(&two).await), (Vec::new(), holder));
}

/// Shared keys are shared; a unique one is refused to others, to be had again once its run has ended.
pub async fn a_unique_key_has_one_owner_until_its_run_ends(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (unique, shared) = (key("ref.crm", "Q-1", true), key("buyer", "acme", false));
    let mut owner = world.first("OFR-1");
    owner.keys = Some(vec![unique.clone(), shared.clone()]);
    world.hold(&owner).await;
    let mut rival = world.first("OFR-2");
    rival.keys = Some(vec![shared.clone(), unique.clone()]);
    let taken = MemberOutcome::KeyTaken { key: unique.clone(), by: "OFR-1".into() };
    assert_eq!(world.commit(vec![rival.clone()]).await, [taken]);
    let mut again = world.next(&owner);
    again.keys = Some(vec![unique.clone()]);
    world.hold(&again).await;
    let mut end = world.next(&again);
    end.snapshot.ended = true;
    world.hold(&end).await;
    world.hold(&rival).await;
    let found = world.store.run_by_key(&Scope::vendor(), &unique).await.expect("a read");
    assert_eq!(found, [owner.snapshot.run, rival.snapshot.run], "history stays findable");
}

/// The claim is decided inside the batch as well.
pub async fn two_claims_of_one_key_in_one_batch_have_one_winner(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let unique = key("ref.crm", "Q-1", true);
    let claims = ["OFR-1", "OFR-2"].map(|name| {
        let mut claim = world.first(name);
        claim.keys = Some(vec![unique.clone()]);
        claim
    });
    let outcomes = world.commit(claims.to_vec()).await;
    assert!(matches!(outcomes[0], MemberOutcome::Committed { .. }), "{outcomes:?}");
    assert_eq!(outcomes[1], MemberOutcome::KeyTaken { key: unique, by: "OFR-1".into() });
}
