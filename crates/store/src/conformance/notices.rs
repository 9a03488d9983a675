//! Notices.

use std::sync::Arc;

use entente_core::scope::Scope;
use serde_json::json;

use super::fixture::*;
use crate::{Error, NoticeRow, NoticeStatus, Store};

/// Each with an id that stays the same, at the step's business time.
pub async fn a_steps_notice_is_due_once(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut first = world.first("OFR-1");
    first.notices = vec![(0, "one".into(), json!({ "n": 1 })), (1, "two".into(), json!(null))];
    world.hold(&first).await;
    assert!(world.store.due_notices(at(0), 10).await.expect("a read").is_empty());
    let due = world.store.due_notices(first.at, 10).await.expect("a read");
    assert_eq!(
        due.iter().map(|row| (row.name.as_str(), &row.data)).collect::<Vec<_>>(),
        [("one", &json!({ "n": 1 })), ("two", &json!(null))]
    );
    assert!(due.iter().all(|row| row.run == Some(first.snapshot.run) && row.attempts == 0));
    assert_ne!(due[0].id, due[1].id);
    assert_eq!(world.store.due_notices(first.at, 1).await.expect("a read").len(), 1);
    assert_eq!(world.store.notices(&Scope::vendor(), Some(first.snapshot.run)).await.expect("a read"), due);
}

/// Waiting, sent, given up.
pub async fn an_attempt_moves_a_notice_on(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut first = world.first("OFR-1");
    first.notices = vec![(0, "one".into(), json!({})), (1, "two".into(), json!({}))];
    world.hold(&first).await;
    let ids: Vec<String> =
        world.store.due_notices(at(9), 10).await.expect("a read").into_iter().map(|row| row.id).collect();
    let store = &world.store;
    store.record_notice(&ids[0], NoticeStatus::Pending, at(30), Some("no route")).await.expect("a write");
    store.record_notice(&ids[1], NoticeStatus::Sent, at(9), None).await.expect("a write");
    assert!(store.due_notices(at(29), 10).await.expect("a read").is_empty());
    let due = store.due_notices(at(30), 10).await.expect("a read");
    assert_eq!((due.len(), due[0].attempts, due[0].error.as_deref()), (1, 1, Some("no route")));
    store.record_notice(&ids[0], NoticeStatus::Failed, at(30), Some("gave up")).await.expect("a write");
    let failed = store.notices(&Scope::vendor(), None).await.expect("a read");
    assert_eq!(failed.iter().map(|row| (&row.id, row.attempts)).collect::<Vec<_>>(), [(&ids[0], 2)]);
    let unknown = store.record_notice("none", NoticeStatus::Sent, at(9), None).await;
    assert!(matches!(unknown, Err(Error::NotFound { .. })), "{unknown:?}");
}

/// A job that runs twice tells once.
pub async fn a_notice_from_outside_a_step_is_added_once(store: Arc<dyn Store>) {
    let notice = NoticeRow {
        id: "reminder/2027-01-01".into(),
        run: None,
        name: "reminder".into(),
        data: json!({ "n": 1 }),
        status: NoticeStatus::Pending,
        attempts: 0,
        not_before: at(5),
        error: None,
    };
    assert!(store.add_notice(notice.clone()).await.expect("a write"));
    assert!(!store.add_notice(NoticeRow { data: json!({ "n": 2 }), ..notice.clone() }).await.expect("a write"));
    assert_eq!(store.due_notices(at(5), 10).await.expect("a read"), [notice]);
}
