//! Finding runs, and numbering them.

use std::{collections::BTreeSet, sync::Arc};

use entente_core::scope::Scope;

use super::fixture::*;
use crate::{RunFilter, Store};

/// By id and by label; what is not there is `None`.
pub async fn a_run_is_found_by_id_and_label(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let first = world.first("OFR-1");
    world.hold(&first).await;
    let (store, scope) = (&world.store, Scope::vendor());
    let by_id = store.run(&scope, first.snapshot.run).await.expect("a read").expect("the run");
    let by_label = store.run_by_label(&scope, "OFR-1").await.expect("a read").expect("the run");
    assert_eq!(by_id, by_label);
    assert!(store.run(&scope, run("OFR-9")).await.expect("a read").is_none());
    assert!(store.run_by_label(&scope, "OFR-9").await.expect("a read").is_none());
}

/// Every run once, whatever the size of a page.
pub async fn a_list_ascends_by_label_and_pages_without_loss(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let members = (0..25).rev().map(|n| world.first(&format!("OFR-{n:02}"))).collect();
    assert!(all_committed(&world.commit(members).await));
    let expected: Vec<String> = (0..25).map(|n| format!("OFR-{n:02}")).collect();
    for limit in [1, 7, 24, 25, 26] {
        let (mut labels, mut after) = (Vec::new(), None);
        loop {
            let filter = RunFilter { after: after.clone(), limit, ..RunFilter::default() };
            let page = world.store.runs(&Scope::vendor(), &filter).await.expect("a read");
            assert!(page.rows.len() <= limit as usize);
            labels.extend(page.rows.into_iter().map(|row| row.snapshot.label));
            match page.next {
                Some(next) => after = Some(next.0),
                None => break,
            }
        }
        assert_eq!(labels, expected, "pages of {limit}");
    }
}

/// Each filter alone, and all together.
pub async fn a_list_is_narrowed_by_every_filter(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut target = world.first("target");
    target.snapshot.chart.name = "private_offer".into();
    target.snapshot.tags = vec!["open".into(), "awaiting_buyer".into()];
    target.snapshot.ended = true;
    target.snapshot.incident = Some(incident(local(1, 0).invoke));
    target.keys = Some(vec![key("ref.crm", "Q-1", false)]);
    target.at = at(100);
    let others = vec![world.first("aaa"), world.first("zzz"), target];
    assert!(all_committed(&world.commit(others).await));
    let filters = [
        RunFilter { chart: Some("private_offer".into()), ..RunFilter::default() },
        RunFilter { tag: Some("awaiting_buyer".into()), ..RunFilter::default() },
        RunFilter { ended: Some(true), ..RunFilter::default() },
        RunFilter { parked: Some(true), ..RunFilter::default() },
        RunFilter { key: Some(key("ref.crm", "Q-1", false)), ..RunFilter::default() },
        RunFilter { created_from: Some(at(100)), ..RunFilter::default() },
        RunFilter { ended: Some(true), parked: Some(true), tag: Some("open".into()), ..RunFilter::default() },
    ];
    for filter in filters {
        let page = world.store.runs(&Scope::vendor(), &filter).await.expect("a read");
        let labels: Vec<&str> = page.rows.iter().map(|row| row.snapshot.label.as_str()).collect();
        assert_eq!(labels, ["target"], "{filter:?}");
    }
    let rest = RunFilter { ended: Some(false), parked: Some(false), ..RunFilter::default() };
    let page = world.store.runs(&Scope::vendor(), &rest).await.expect("a read");
    assert_eq!(page.rows.len(), 2);
}

/// 32 callers at once get 32 numbers; series do not mix.
pub async fn a_series_never_gives_a_number_twice(store: Arc<dyn Store>) {
    let calls: Vec<_> = (0..32)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.next_number("OFR-2027").await.expect("a number") })
        })
        .collect();
    let mut numbers = BTreeSet::new();
    for call in calls {
        numbers.insert(call.await.expect("a task"));
    }
    assert_eq!(numbers, (1..=32).collect());
    assert_eq!(store.next_number("OFR-2028").await.expect("a number"), 1);
}
