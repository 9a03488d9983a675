//! Events are reasons to look, in whatever order, number and kind they come.

use entente_aws::{AwsMarketplace, Config, connect};
use entente_port::{AgreementStatus, Error, Hint, Marketplace, Observation};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, call},
    offers::{create, upfront},
};

fn aws() -> AwsMarketplace {
    connect(Config::new()).unwrap()
}

fn envelope(source: &str, kind: &str, detail: Value) -> Value {
    json!({
        "version": "0",
        "id": "5f3c2a10-0000-4000-8000-000000000001",
        "detail-type": kind,
        "source": source,
        "account": "111122223333",
        "time": "2031-05-02T10:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    })
}

fn hint(envelope: &Value) -> Hint {
    aws().hint(envelope.to_string().as_bytes()).unwrap()
}

#[test]
fn each_kind_of_event_names_what_to_look_at() {
    let agreement = json!({
        "agreement": { "id": "agmt-new", "previousAgreementId": "agmt-old", "intent": "RENEW" },
        "offer": { "id": "offer-1" },
        "resaleAuthorization": null,
    });
    let request = json!({
        "agreement": { "id": "agmt-new", "offerId": "offer-1" },
        "agreementCancellationRequest": { "id": "acr-1", "statusCode": "APPROVED" },
    });
    let adjustment = json!({ "agreement": { "id": "agmt-new" }, "billingAdjustmentRequest": { "id": "ba-1" } });
    let set = json!({ "associatedOffers": [{ "offer": { "id": "offer-1" } }, { "offer": { "id": "offer-2" } }] });
    let ids = |list: &[&str]| list.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let table = [
        (
            "aws.marketplacecatalog",
            "Offer Released",
            json!({ "offer": { "id": "offer-1" } }),
            (ids(&["offer-1"]), vec![], vec![]),
        ),
        ("aws.marketplacecatalog", "OfferSet Released", set, (ids(&["offer-1", "offer-2"]), vec![], vec![])),
        (
            "aws.marketplacecatalog",
            "Change Set Failed",
            json!({ "ChangeSetId": "cs1" }),
            (vec![], vec![], ids(&["cs1"])),
        ),
        (
            "aws.agreement-marketplace",
            "Purchase Agreement Created - Proposer",
            agreement,
            (ids(&["offer-1"]), ids(&["agmt-new", "agmt-old"]), vec![]),
        ),
        (
            "aws.agreement-marketplace",
            "Agreement Cancellation Request Approved - Proposer",
            request,
            (ids(&["offer-1"]), ids(&["agmt-new"]), ids(&["agmt-new/acr-1"])),
        ),
        (
            "aws.agreement-marketplace",
            "Purchase Agreement Billing Adjustment Completed - Proposer",
            adjustment,
            (vec![], ids(&["agmt-new"]), ids(&["agmt-new/ba-1"])),
        ),
        ("aws.marketplace", "Disbursement Paused", json!({}), (vec![], vec![], vec![])),
        ("aws.somethingnew", "Never Heard Of", json!({ "new": [1, 2] }), (vec![], vec![], vec![])),
    ];
    for (source, kind, detail, expected) in table {
        let hint = hint(&envelope(source, kind, detail));
        assert_eq!((hint.offers, hint.agreements, hint.changes), expected, "{kind}");
        assert_eq!(hint.account.as_deref(), Some("111122223333"), "{kind}");
    }
}

#[test]
fn what_is_no_envelope_of_aws_is_refused() {
    let foreign = envelope("com.example", "Offer Released", json!({}));
    for body in ["", "{}", "[]", "<html>", "{\"id\": 1, \"source\": \"aws.x\"}", &foreign.to_string()] {
        let refused = aws().hint(body.as_bytes());
        assert!(matches!(refused, Err(Error::Rejected { .. })), "{body}: {refused:?}");
    }
    assert!(aws().hint(&vec![b' '; 300 * 1024]).is_err(), "larger than EventBridge sends");
}

#[tokio::test]
async fn a_hint_at_a_request_can_be_asked_about() {
    let desk = Desk::new().await;
    let (agreement, invoice) = desk.sold(1).await;
    let write = crate::requests::refund(&agreement, &invoice, 100);
    let begun = desk.aws.submit(&call(10), &write).await.unwrap();
    desk.advance("PT1S").await;
    let log = desk.get("/aws/events").await;
    let last = log["events"].as_array().unwrap().last().unwrap();
    let hint = desk.aws.hint(last.to_string().as_bytes()).unwrap();
    // The last one told is the buyer's, in the same words.
    assert_eq!(hint.changes, std::slice::from_ref(&begun.change.0));
    let state = desk.aws.change(&begun.change).await.unwrap();
    assert!(matches!(state, entente_port::ChangeState::Applied { .. }), "{state:?}");
}

#[tokio::test]
async fn row_36_in_every_order_events_lead_to_the_same_truth() {
    let desk = Desk::new().await;
    let offer = desk.applied_offer(&call(1), &create(upfront(&desk.buyer()))).await;
    let agreement = desk.accept(&offer, &desk.buyer()).await;
    desk.advance("PT1S").await;
    desk.post(&format!("/aws/agreements/{agreement}/cancel"), json!({})).await;
    let log = desk.get("/aws/events").await;
    let mut hints: Vec<Hint> = Vec::new();
    for event in log["events"].as_array().unwrap() {
        let envelope = event.get("envelope").unwrap_or(event);
        hints.extend(desk.aws.hint(envelope.to_string().as_bytes()));
    }
    assert!(hints.iter().any(|hint| hint.agreements.contains(&agreement)), "{log:#}");
    for turn in 0..hints.len() {
        hints.rotate_left(turn);
        for hint in &hints {
            for offer in &hint.offers {
                let page = desk.aws.agreements_of(offer).await.unwrap();
                let cancelled = page.observations.iter().all(|observation| {
                    matches!(observation, Observation::Agreement(seen) if seen.status == AgreementStatus::Cancelled)
                });
                assert!(cancelled, "whatever event came last: {page:?}");
            }
        }
    }
}
