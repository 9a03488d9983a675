//! What is stored for a run first is decided first, within one transaction too.

use std::sync::Arc;

use entente_core::scope::Scope;
use entente_store::{
    Batch, Consumed, MemberOutcome,
    conformance::fixture::{World, accepted, message, run, shards},
};

use crate::database::Database;

#[tokio::test]
async fn a_message_is_not_answered_before_another_of_its_own_batch() {
    let database = Database::migrated().await;
    let world = World::new(Arc::new(database.open().await)).await;
    let mut step = world.first("OFR-1");
    step.consumed = Some((Consumed::Appended(1), accepted(1)));
    let appends = vec![message("OFR-1", "k1"), message("OFR-1", "k2")];
    let outcome = world.batch(Batch { appends, members: vec![step] }).await;
    assert_eq!(outcome.members, [MemberOutcome::OutOfTurn]);
    assert_eq!(world.store.pending(&shards(), 0, 10).await.expect("a read").len(), 2);
    assert!(world.store.run(&Scope::vendor(), run("OFR-1")).await.expect("a read").is_none());
}
