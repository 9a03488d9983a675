//! Reading agreements as they change: nothing is lost, whatever happens between the pages.

use std::collections::BTreeSet;

use entente_aws::OVERLAP;
use entente_port::{AgreementStatus, Marketplace, Observation, ObservationPage};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    desk::{Desk, START, call},
    offers::{create, upfront},
};

fn ids(page: &ObservationPage) -> Vec<String> {
    let id = |observation: &Observation| match observation {
        Observation::Agreement(agreement) => agreement.id.clone(),
        other => panic!("{other:?}"),
    };
    page.observations.iter().map(id).collect()
}

/// Follows the pages to their end.
async fn read_all(desk: &Desk, from: Timestamp) -> (BTreeSet<String>, Timestamp) {
    let mut seen = BTreeSet::new();
    let mut from = from;
    for _ in 0..100 {
        let page = desk.aws.agreements_since(from).await.unwrap();
        seen.extend(ids(&page));
        assert!(!page.more || page.read_to > from, "reading advances: {page:?}");
        from = page.read_to;
        if !page.more {
            return (seen, from);
        }
    }
    panic!("the pages do not end");
}

async fn accepted(desk: &Desk, count: u64) -> BTreeSet<String> {
    let mut agreements = BTreeSet::new();
    for n in 1..=count {
        let mut offer = upfront(&desk.buyer());
        offer["name"] = json!(format!("Offer {n}"));
        let id = desk.applied_offer(&call(n), &create(offer)).await;
        agreements.insert(desk.accept(&id, &desk.buyer()).await);
    }
    agreements
}

#[tokio::test]
async fn row_32_no_agreement_is_lost_over_pages_and_expired_page_tokens() {
    let desk = Desk::new().await;
    let agreements = accepted(&desk, 60).await;
    let start = START.parse().unwrap();
    assert_eq!(read_all(&desk, start).await.0, agreements);
    desk.fault(json!({ "op": "SearchAgreements", "effect": "expire_page_tokens", "times": 1 })).await;
    assert_eq!(read_all(&desk, start).await.0, agreements);
}

#[tokio::test]
async fn row_32_each_read_overlaps_the_one_before() {
    let desk = Desk::new().await;
    let first = accepted(&desk, 1).await;
    let (_, read_to) = read_all(&desk, START.parse().unwrap()).await;
    let (again, _) = read_all(&desk, read_to.checked_add(OVERLAP / 2).unwrap()).await;
    assert_eq!(again, first, "what changed a little before the start is read again");
    let (none, _) = read_all(&desk, read_to.checked_add(OVERLAP * 2).unwrap()).await;
    assert_eq!(none, BTreeSet::new());
}

#[tokio::test]
async fn an_agreement_of_an_offer_carries_its_value() {
    let desk = Desk::new().await;
    let offer = crate::offers::instalments(&desk.buyer());
    let id = desk.applied_offer(&call(1), &create(offer)).await;
    desk.accept(&id, &desk.buyer()).await;
    let page = desk.aws.agreements_of(&id).await.unwrap();
    let [Observation::Agreement(agreement)] = page.observations.as_slice() else { panic!("{page:?}") };
    assert_eq!(agreement.value.map(|value| value.to_string()).as_deref(), Some("USD 12,005.00"));
    assert_eq!(agreement.offer_id.as_deref(), Some(id.as_str()));
}

#[tokio::test]
async fn an_offer_that_nobody_accepted_has_no_agreements() {
    let desk = Desk::new().await;
    let id = desk.applied_offer(&call(1), &create(upfront(&desk.buyer()))).await;
    assert_eq!(ids(&desk.aws.agreements_of(&id).await.unwrap()), [] as [String; 0]);
}

#[tokio::test]
async fn row_28_an_agreement_with_an_unknown_status_is_no_success() {
    let desk = Desk::new().await;
    accepted(&desk, 1).await;
    desk.fault(json!({ "op": "SearchAgreements", "effect": "unknown_fields" })).await;
    let page = desk.aws.agreements_since(START.parse().unwrap()).await.unwrap();
    let [Observation::Agreement(agreement)] = page.observations.as_slice() else { panic!("{page:?}") };
    assert_eq!(agreement.status, AgreementStatus::Unrecognised);
}
