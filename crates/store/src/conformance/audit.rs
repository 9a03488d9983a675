//! History in order, seals in a chain.

use std::sync::Arc;

use super::fixture::*;
use crate::{Error, SealRow, Store};

fn seal(no: i64, first: i64, last: i64) -> SealRow {
    SealRow { no, first, last, body: format!("seal {no}"), signature: "ab".repeat(64) }
}

async fn three_runs(world: &World) {
    let mut steps: Vec<_> = ["A", "B", "C"].into_iter().map(|name| world.first(name)).collect();
    for _ in 0..3 {
        assert!(all_committed(&world.commit(steps.clone()).await));
        steps = steps.iter().map(|step| world.next(step)).collect();
    }
}

/// Ascending numbers without gaps, whatever was refused in between.
pub async fn history_is_read_in_the_order_of_its_commits(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    three_runs(&world).await;
    let stale = world.first("A");
    let mut broken = world.first("D");
    broken.retries = vec![local(9, 9).invoke];
    world.commit(vec![broken, stale, world.first("E")]).await;
    let rows = world.store.history_rows(0, 100).await.expect("a read");
    assert_eq!(rows.iter().map(|row| row.no).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
    let order: Vec<u64> = rows.iter().map(|row| row.seq).collect();
    assert_eq!(order, [1, 1, 1, 2, 2, 2, 3, 3, 3, 1]);
    assert_eq!(rows[9].run, run("E"));
    assert_eq!(world.store.history_rows(4, 2).await.expect("a read"), rows[4..6]);
}

/// Each seal continues where the last one ended; the loser of a race is told.
pub async fn seals_form_one_chain_over_all_of_history(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    three_runs(&world).await;
    let store = &world.store;
    assert_eq!(store.unsealed(100).await.expect("a read").len(), 9);
    store.add_seal(&seal(1, 1, 4)).await.expect("the first seal");
    let unsealed: Vec<i64> = store.unsealed(3).await.expect("a read").into_iter().map(|row| row.no).collect();
    assert_eq!(unsealed, [5, 6, 7]);
    for bad in [seal(1, 5, 9), seal(3, 5, 9), seal(2, 4, 9), seal(2, 6, 9), seal(2, 5, 10)] {
        let added = store.add_seal(&bad).await;
        assert!(matches!(added, Err(Error::Conflict { .. })), "{bad:?}: {added:?}");
    }
    store.add_seal(&seal(2, 5, 9)).await.expect("the second seal");
    assert!(store.unsealed(100).await.expect("a read").is_empty());
    assert_eq!(store.seals(0, 10).await.expect("a read"), [seal(1, 1, 4), seal(2, 5, 9)]);
    assert_eq!(store.seals(1, 10).await.expect("a read"), [seal(2, 5, 9)]);
}

/// Drawn at creation; a restore draws another.
pub async fn a_new_epoch_replaces_the_old_one(store: Arc<dyn Store>) {
    let drawn = store.epoch().await.expect("a read");
    assert!(!drawn.is_empty());
    assert_eq!(store.epoch().await.expect("a read"), drawn);
    store.new_epoch("restored").await.expect("a write");
    assert_eq!(store.epoch().await.expect("a read"), "restored");
}

/// After ordinary work.
pub async fn a_sound_database_has_no_findings(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    three_runs(&world).await;
    assert_eq!(world.store.integrity().await.expect("a check"), Vec::<String>::new());
}
