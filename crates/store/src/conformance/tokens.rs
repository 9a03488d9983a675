//! Tokens of people.

use std::sync::Arc;

use super::fixture::*;
use crate::{Error, NewToken, Store};

fn token(id: &str, person: &str, n: u8) -> NewToken {
    NewToken {
        id: id.into(),
        sha256: [n; 32],
        person: person.parse().expect("a person"),
        name: "laptop".into(),
        epoch: "epoch-1".into(),
        made_by: "anna".parse().expect("a person"),
        made_at: at(i64::from(n)),
        expires_at: at(1000),
    }
}

/// It is there whole, whether or not it is void, and nothing else answers to its hash.
pub async fn a_token_is_found_by_its_hash_alone(store: Arc<dyn Store>) {
    let kept = token("aaaaaaaaaaaa", "mia", 1);
    store.add_token(&kept).await.expect("a write");
    let row = store.token([1; 32]).await.expect("a read").expect("it is there");
    let NewToken { id, person, name, epoch, made_by, made_at, expires_at, .. } = kept;
    assert_eq!((row.id, row.person, row.name, row.epoch), (id, person, name, epoch));
    assert_eq!((row.made_by, row.made_at, row.expires_at), (made_by, made_at, expires_at));
    assert_eq!((row.last_used, row.revoked), (None, None));
    assert_eq!(store.token([2; 32]).await.expect("a read"), None);
    for other in [token("aaaaaaaaaaaa", "bea", 3), token("bbbbbbbbbbbb", "bea", 1)] {
        let refused = store.add_token(&other).await;
        assert!(matches!(refused, Err(Error::Conflict { kind: "token", .. })), "{refused:?}");
    }
    assert_eq!(store.tokens(None).await.expect("a read").len(), 1, "what was refused left nothing");
}

/// In the order in which they were made.
pub async fn tokens_are_listed_by_person(store: Arc<dyn Store>) {
    for (id, person, n) in [("cccccccccccc", "mia", 3), ("aaaaaaaaaaaa", "bea", 2), ("bbbbbbbbbbbb", "mia", 1)] {
        store.add_token(&token(id, person, n)).await.expect("a write");
    }
    let listed = async |person: Option<&str>| {
        let person = person.map(|id| id.parse().expect("a person"));
        let rows = store.tokens(person.as_ref()).await.expect("a read");
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(None).await, ["bbbbbbbbbbbb", "aaaaaaaaaaaa", "cccccccccccc"]);
    assert_eq!(listed(Some("mia")).await, ["bbbbbbbbbbbb", "cccccccccccc"]);
    assert!(listed(Some("nobody")).await.is_empty());
}

/// Whoever was first has done it, and what was used before is still told.
pub async fn a_token_is_revoked_once_and_for_good(store: Arc<dyn Store>) {
    let (mia, anna) = ("mia".parse().expect("a person"), "anna".parse().expect("a person"));
    store.add_token(&token("aaaaaaaaaaaa", "mia", 1)).await.expect("a write");
    store.add_token(&token("bbbbbbbbbbbb", "mia", 2)).await.expect("a write");
    for (instant, told) in [(20, 20), (10, 20), (30, 30)] {
        store.note_token_use("aaaaaaaaaaaa", at(instant)).await.expect("a write");
        let row = store.token([1; 32]).await.expect("a read").expect("it is there");
        assert_eq!(row.last_used, Some(at(told)));
    }
    assert!(store.revoke_token("aaaaaaaaaaaa", &anna, at(40)).await.expect("a write"));
    assert!(!store.revoke_token("aaaaaaaaaaaa", &mia, at(50)).await.expect("a write"));
    assert!(!store.revoke_token("cccccccccccc", &mia, at(50)).await.expect("a write"));
    let row = store.token([1; 32]).await.expect("a read").expect("it is there");
    assert_eq!((row.revoked, row.last_used), (Some((anna, at(40))), Some(at(30))));
    assert_eq!(store.token([2; 32]).await.expect("a read").expect("it is there").revoked, None);
}
