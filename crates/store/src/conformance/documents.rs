//! Versioned texts and settings.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::fixture::*;
use crate::{Error, Store, StoredDocument};

fn document(name: &str, version: u32, text: &str) -> StoredDocument {
    StoredDocument {
        kind: "chart".into(),
        name: name.into(),
        version,
        sha256: hex::encode(Sha256::digest(text)),
        text: text.into(),
        by: "anna".into(),
        at: at(1),
        active: false,
    }
}

/// Storing it again is harmless; storing another text under it is refused.
pub async fn a_version_never_changes_its_text(store: Arc<dyn Store>) {
    store.put_document(&document("offer", 1, "one")).await.expect("a write");
    store.put_document(&document("offer", 1, "one")).await.expect("the same again");
    let changed = store.put_document(&document("offer", 1, "another")).await;
    assert!(matches!(changed, Err(Error::Conflict { .. })), "{changed:?}");
    store.put_document(&document("claim", 2, "three")).await.expect("a write");
    assert_eq!(
        store.documents("chart").await.expect("a read"),
        [document("claim", 2, "three"), document("offer", 1, "one")]
    );
    assert!(store.documents("policy").await.expect("a read").is_empty());
    let sha256 = document("claim", 2, "three").sha256;
    assert_eq!(store.document_by_hash("chart", &sha256).await.expect("a read"), Some(document("claim", 2, "three")));
    assert_eq!(store.document_by_hash("policy", &sha256).await.expect("a read"), None);
}

/// Of each kind and name.
pub async fn one_version_is_in_force(store: Arc<dyn Store>) {
    store.put_document(&StoredDocument { active: true, ..document("offer", 1, "one") }).await.expect("a write");
    store.put_document(&document("offer", 2, "two 2")).await.expect("a write");
    store.put_document(&StoredDocument { active: true, ..document("claim", 1, "three 3") }).await.expect("a write");
    let active = async || -> Vec<(String, u32)> {
        let all = store.documents("chart").await.expect("a read");
        all.into_iter().filter(|document| document.active).map(|document| (document.name, document.version)).collect()
    };
    assert_eq!(active().await, [("claim".to_owned(), 1), ("offer".to_owned(), 1)]);
    store.activate_document("chart", "offer", 2).await.expect("a write");
    assert_eq!(active().await, [("claim".to_owned(), 1), ("offer".to_owned(), 2)]);
    let in_force = async |name: &str| store.document("chart", name).await.expect("a read").map(|found| found.text);
    assert_eq!(in_force("offer").await.as_deref(), Some("two 2"));
    assert_eq!(in_force("claim").await.as_deref(), Some("three 3"));
    assert_eq!(in_force("off").await, None, "a name is not found by its beginning");
    assert_eq!(store.document("policy", "offer").await.expect("a read"), None, "nor under another kind");
    store.put_document(&document("refund", 1, "four")).await.expect("a write");
    assert_eq!(in_force("refund").await, None, "no version of it is in force");
    let missing = store.activate_document("chart", "offer", 9).await;
    assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
    assert_eq!(active().await, [("claim".to_owned(), 1), ("offer".to_owned(), 2)], "a refused change changes nothing");
}

/// Absent, written, written over.
pub async fn a_setting_is_read_as_last_written(store: Arc<dyn Store>) {
    assert_eq!(store.setting("cursor").await.expect("a read"), None);
    for value in ["a", "b"] {
        store.set_setting("cursor", value).await.expect("a write");
        assert_eq!(store.setting("cursor").await.expect("a read").as_deref(), Some(value));
    }
}

/// Somebody else's write in between is not written over.
pub async fn a_setting_is_replaced_only_as_it_was_read(store: Arc<dyn Store>) {
    let replace =
        async |read: Option<&str>, value: &str| store.replace_setting("list", read, value).await.expect("a write");
    assert!(!replace(Some("a"), "b").await, "there is nothing yet");
    assert!(replace(None, "a").await);
    assert!(!replace(None, "b").await, "there is something by now");
    assert!(!replace(Some("b"), "c").await, "it says something else");
    assert_eq!(store.setting("list").await.expect("a read").as_deref(), Some("a"), "what is refused changes nothing");
    assert!(replace(Some("a"), "b").await);
    assert!(replace(Some("b"), "b").await, "the same again");
    assert_eq!(store.setting("list").await.expect("a read").as_deref(), Some("b"));
    assert_eq!(store.setting("other").await.expect("a read"), None, "no other setting is touched");
}

/// Sixteen writers that read, add one and replace, until each has succeeded: nothing is lost.
pub async fn of_many_who_replace_what_they_read_each_builds_on_the_one_before(store: Arc<dyn Store>) {
    let writers: Vec<_> = (0..16)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                loop {
                    let read = store.setting("count").await.expect("a read");
                    let count: u32 = read.as_deref().unwrap_or("0").parse().expect("a number");
                    let value = (count + 1).to_string();
                    if store.replace_setting("count", read.as_deref(), &value).await.expect("a write") {
                        return;
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("a task");
    }
    assert_eq!(store.setting("count").await.expect("a read").as_deref(), Some("16"));
}
