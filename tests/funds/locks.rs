//! What is locked is what was looked at, and nobody locks what they prepared or closes by what others say of themselves.

use entente::close::{
    CloseError,
    months::{self, Prepared},
    prepare::{self, Asked},
    rules,
};
use entente_core::close::{Batch, PostingRules, sha256};
use entente_store::StoredDocument;

use crate::{
    month_end::{RULES, entity, person},
    vendor::Vendor,
};

const MONTH: &str = "2027-01";

/// A vendor with rules, and the batch of a month in which nothing moved.
async fn empty() -> (Vendor, Batch) {
    let vendor = Vendor::new().await;
    import(&vendor, RULES).await;
    let (entity, now) = (entity(), vendor.now().await);
    let batch =
        prepare::batch(vendor.store(), Asked { entity: &entity, month: MONTH, rules: None, now }).await.unwrap();
    (vendor, batch)
}

async fn import(vendor: &Vendor, text: &str) {
    let posting = PostingRules::from_yaml("rules.yaml", text).unwrap();
    rules::import(vendor.store(), &posting, text, "paula", vendor.now().await).await.unwrap();
}

/// What another preparation of the same month comes to.
fn other(batch: &Batch) -> Batch {
    Batch { cut: batch.cut + 1, ..batch.clone() }
}

async fn prepared(vendor: &Vendor) -> Vec<Prepared> {
    months::prepared(vendor.store(), &entity(), MONTH).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_prepared_while_a_month_is_locked_has_to_be_looked_at_first() {
    let (vendor, batch) = empty().await;
    let (store, entity, now) = (vendor.store(), entity(), vendor.now().await);
    let first = months::keep(store, &batch, &person("paula"), now).await.unwrap();
    let found = months::lockable(store, (&entity, MONTH), &first, &person("finn"), now).await.unwrap();
    // Between the look and the lock, flo prepares it anew.
    let second = months::keep(store, &other(&batch), &person("flo"), now).await.unwrap();
    let locked = found.lock(store).await;
    assert!(matches!(&locked, Err(CloseError::Done(why)) if why.contains("look at it")), "{locked:?}");
    assert!(months::locked(store, &entity).await.unwrap().is_empty());

    // The newest is locked, and from then on nothing is prepared.
    months::lock(store, (&entity, MONTH), &second, &person("finn"), now).await.unwrap();
    let late = months::keep(store, &batch, &person("paula"), now).await;
    assert!(matches!(&late, Err(CloseError::Done(_))), "{late:?}");
    assert_eq!(prepared(&vendor).await.len(), 2);
    assert_eq!(months::newest(store).await.unwrap()[0].sha256, second);
    assert_eq!(months::by_id(store, &batch.id).await.unwrap().lock.batch, second);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_was_interrupted_is_completed_and_nothing_is_prepared_meanwhile() {
    let (vendor, batch) = empty().await;
    let (store, entity, now) = (vendor.store(), entity(), vendor.now().await);
    let hash = months::keep(store, &batch, &person("paula"), now).await.unwrap();
    // What a process leaves that ends after its first write.
    let text = format!(r#"{{"settled":"{hash}","by":"finn"}}"#);
    let (kind, name, sha256) = ("close_batch".into(), batch.id.clone(), sha256(text.as_bytes()));
    let end = StoredDocument { kind, name, version: 2, sha256, text, by: "finn".into(), at: now, active: false };
    store.put_document(&end).await.unwrap();

    let late = months::keep(store, &other(&batch), &person("flo"), now).await;
    assert!(matches!(&late, Err(CloseError::Done(why)) if why.contains("locks")), "{late:?}");
    months::lock(store, (&entity, MONTH), &hash, &person("flo"), now).await.unwrap();
    assert_eq!(months::by_id(store, &batch.id).await.unwrap().lock.locked_by, person("flo"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_prepare_the_same_bytes_at_once_have_both_prepared_them() {
    let (vendor, batch) = empty().await;
    let (store, entity, now) = (vendor.store(), entity(), vendor.now().await);
    let (paula, flo) = (person("paula"), person("flo"));
    let (first, second) =
        tokio::join!(months::keep(store, &batch, &paula, now), months::keep(store, &batch, &flo, now));
    let hash = first.unwrap();
    assert_eq!(hash, second.unwrap());
    let mut by: Vec<String> = prepared(&vendor).await.into_iter().map(|made| made.by).collect();
    by.sort();
    assert_eq!(by, ["flo", "paula"]);
    for person in [&paula, &flo] {
        let locked = months::lockable(store, (&entity, MONTH), &hash, person, now).await;
        assert!(matches!(locked, Err(CloseError::SamePerson { .. })), "{locked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_of_rules_for_another_legal_entity_stops_nobody() {
    let vendor = Vendor::new().await;
    import(&vendor, RULES).await;
    let of = async |entity: &str| rules::of_entity(vendor.store(), &entity.parse().unwrap(), None).await;
    let theirs = RULES.replace("acme-us", "acme-de").replace("America/New_York", "Europe/Berlin");
    import(&vendor, &theirs.replace("version: 1\n", "version: 2\n")).await;
    assert_eq!(of("acme-us").await.unwrap().version, 1);
    assert_eq!(of("acme-de").await.unwrap().version, 2);

    import(&vendor, &RULES.replace("version: 1\n", "version: 3\n")).await;
    assert_eq!((of("acme-us").await.unwrap().version, of("acme-de").await.unwrap().version), (3, 2));
}
