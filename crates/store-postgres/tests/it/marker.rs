//! Noticing what other processes write.

use std::time::Duration;

use entente_core::scope::Scope;
use entente_store::{Documents, Inbox, conformance::fixture::message};

use crate::database::Database;

#[tokio::test]
async fn the_marker_moves_with_every_write_of_another_process_and_with_none_of_ours() {
    let database = Database::migrated().await;
    let (one, two) = (database.open().await, database.open().await);
    let begun = one.change_marker().await.expect("a read");
    for n in 0..3 {
        one.append(&Scope::vendor(), vec![message("OFR-1", &format!("k{n}"))]).await.expect("a write");
        one.set_setting("cursor", &n.to_string()).await.expect("a write");
    }
    assert_eq!(one.change_marker().await.expect("a read"), begun);
    two.append(&Scope::vendor(), vec![message("OFR-1", "other")]).await.expect("a write");
    let moved = one.change_marker().await.expect("a read");
    assert!(moved > begun);
    two.set_setting("cursor", "theirs").await.expect("a write");
    one.set_setting("cursor", "ours again").await.expect("a write");
    assert!(one.change_marker().await.expect("a read") > moved, "a write of theirs that lies between two of ours");
}

/// Nothing depends on it; it is here because nobody would notice otherwise if it ceased.
#[tokio::test]
async fn a_hint_comes_with_another_processs_write() {
    let database = Database::migrated().await;
    let (one, two) = (database.open().await, database.open().await);
    let mut hints = one.hints();
    let writing = async {
        loop {
            two.set_setting("cursor", "1").await.expect("a write");
        }
    };
    let heard = async {
        // One says that the connection for hints stands; the others come from the other process.
        for _ in 0..3 {
            hints.changed().await.expect("the store lives");
        }
    };
    tokio::select! {
        () = writing => {}
        heard = tokio::time::timeout(Duration::from_secs(60), heard) => heard.expect("hints come"),
    }
}
