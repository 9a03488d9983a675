//! A private offer's whole life, for each kind of product and way of paying.

use entente_core::offer::document::ProductKind;
use entente_port::{AgreementStatus, ChangeState, Marketplace, Observation, RemoteOfferState, Write};
use jiff::{civil::date, tz::TimeZone};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, call},
    offers::{
        CONTAINER, IMAGE, PRODUCT, create, document, every_kind, every_model, hourly_or_yearly, replacement, upfront,
    },
};

async fn only_agreement(desk: &Desk, offer_id: &str) -> entente_port::Agreement {
    let page = desk.aws.agreements_of(offer_id).await.unwrap();
    match page.observations.as_slice() {
        [Observation::Agreement(agreement)] => agreement.clone(),
        other => panic!("expected one agreement, got {other:?}"),
    }
}

#[tokio::test]
async fn offers_of_every_kind_and_pricing_model_are_created_released_read_back_and_accepted() {
    let desk = Desk::new().await;
    let all = every_model(&desk.buyer()).into_iter().chain(every_kind(&desk.buyer()));
    for (n, (model, offer)) in (1..).zip(all) {
        let id = desk.applied_offer(&call(n), &create(offer.clone())).await;
        let remote = desk.aws.offer(&id).await.unwrap();
        assert_eq!(remote.state, RemoteOfferState::Released, "{model}");
        assert_eq!(remote.buyers, [desk.buyer()], "{model}");
        assert_eq!(remote.expires_on, Some(date(2031, 6, 30)), "{model}");
        assert_eq!(desk.aws.differences(&document(offer.clone()), &remote), [], "{model}");
        let agreement = desk.accept(&id, &desk.buyer()).await;
        let read = only_agreement(&desk, &id).await;
        assert_eq!((read.id, read.status), (agreement, AgreementStatus::Active), "{model}");
        assert_eq!(read.product_id.as_deref(), offer["product"]["id"].as_str(), "{model}");
    }
}

#[tokio::test]
async fn an_agreement_ends_and_its_end_is_seen() {
    let desk = Desk::new().await;
    let id = desk.applied_offer(&call(1), &create(upfront(&desk.buyer()))).await;
    let agreement = desk.accept(&id, &desk.buyer()).await;
    let accepted = only_agreement(&desk, &id).await;
    assert_eq!(accepted.accepted_at, desk.now().await);
    assert!(accepted.ends_at > Some(accepted.accepted_at));
    desk.advance("PT9000H").await;
    assert_eq!(only_agreement(&desk, &id).await.status, AgreementStatus::Expired);
    let page = desk.aws.agreements_since(accepted.updated_at).await.unwrap();
    let ended = page.observations.iter().any(|observation| {
        matches!(observation, Observation::Agreement(seen) if seen.id == agreement && seen.status == AgreementStatus::Expired)
    });
    assert!(ended, "{page:?}");
}

#[tokio::test]
async fn a_cancelled_agreement_is_seen_as_cancelled() {
    let desk = Desk::new().await;
    let id = desk.applied_offer(&call(1), &create(upfront(&desk.buyer()))).await;
    let agreement = desk.accept(&id, &desk.buyer()).await;
    desk.post(&format!("/aws/agreements/{agreement}/cancel"), json!({})).await;
    assert_eq!(only_agreement(&desk, &id).await.status, AgreementStatus::Cancelled);
}

#[tokio::test]
async fn an_agreement_is_replaced_by_a_replacement_offer() {
    let desk = Desk::new().await;
    let first = desk.applied_offer(&call(1), &create(upfront(&desk.buyer()))).await;
    let old = desk.accept(&first, &desk.buyer()).await;
    let offer = replacement(&desk.buyer(), &old);
    let second = desk.applied_offer(&call(2), &create(offer.clone())).await;
    let remote = desk.aws.offer(&second).await.unwrap();
    assert_eq!(desk.aws.differences(&document(offer), &remote), []);
    let new = desk.accept(&second, &desk.buyer()).await;
    assert_eq!(only_agreement(&desk, &first).await.status, AgreementStatus::Replaced);
    let read = only_agreement(&desk, &second).await;
    assert_eq!((read.id, read.initial_id), (new, Some(old)));
}

#[tokio::test]
async fn an_agreement_is_amended_even_where_nothing_is_left_to_pay() {
    let desk = Desk::new().await;
    let first = desk.applied_offer(&call(1), &create(upfront(&desk.buyer()))).await;
    let old = desk.accept(&first, &desk.buyer()).await;
    let mut offer = replacement(&desk.buyer(), &old);
    offer["renewal"]["as"] = json!("amendment");
    offer["pricing"]["contract"]["dimensions"] = json!([{ "key": "seats", "quantity": 25, "unit_price": "0" }]);
    offer["pricing"]["contract"]["instalments"] = json!([{ "date": "2031-06-15", "amount": "0" }]);
    let second = desk.applied_offer(&call(2), &create(offer.clone())).await;
    let remote = desk.aws.offer(&second).await.unwrap();
    assert_eq!(desk.aws.differences(&document(offer), &remote), []);
    let new = desk.accept(&second, &desk.buyer()).await;
    let read = only_agreement(&desk, &second).await;
    assert_eq!((read.id, read.initial_id, read.status), (new, Some(old), AgreementStatus::Active));
    assert_eq!(read.ends_at.map(|end| end.to_zoned(TimeZone::UTC).date()), Some(date(2032, 12, 31)));
    assert_eq!(only_agreement(&desk, &first).await.status, AgreementStatus::Replaced);
}

#[tokio::test]
async fn a_released_offer_gets_a_longer_agreement_and_then_more_time_to_be_accepted() {
    let desk = Desk::new().await;
    let offer = hourly_or_yearly(&desk.buyer());
    let id = desk.applied_offer(&call(1), &create(offer.clone())).await;
    let duration = Some("P700D".parse().unwrap());
    let longer = Write::AmendOffer { offer_id: id.clone(), name: None, description: None, duration, expires_on: None };
    let mut later = document(offer);
    later.expires_on = date(2031, 8, 31);
    let extend = Write::ExtendOffer { offer_id: id.clone(), expires_on: later.expires_on, offer: Box::new(later) };
    for (n, write) in (2..).zip([longer, extend]) {
        let before = desk.aws.offer(&id).await.unwrap();
        assert_eq!(desk.aws.holds(&write, &before, desk.now().await), Some(false), "{write:?}");
        desk.applied_offer(&call(n), &write).await;
        let after = desk.aws.offer(&id).await.unwrap();
        assert_eq!(desk.aws.holds(&write, &after, desk.now().await), Some(true), "{write:?}");
    }
}

#[tokio::test]
async fn an_offer_is_extended_amended_and_withdrawn() {
    let desk = Desk::new().await;
    let id = desk.applied_offer(&call(1), &create(upfront(&desk.buyer()))).await;
    let mut later = document(upfront(&desk.buyer()));
    later.expires_on = date(2031, 7, 31);
    let extend = Write::ExtendOffer { offer_id: id.clone(), expires_on: later.expires_on, offer: Box::new(later) };
    let name = Some("Acme for Globex, amended".to_owned());
    let amend = Write::AmendOffer { offer_id: id.clone(), name, description: None, duration: None, expires_on: None };
    let withdraw = Write::WithdrawOffer { offer_id: id.clone() };
    for (n, write) in (2..).zip([extend, amend, withdraw]) {
        let before = desk.aws.offer(&id).await.unwrap();
        assert_eq!(desk.aws.holds(&write, &before, desk.now().await), Some(false), "{write:?}");
        assert_eq!(desk.applied_offer(&call(n), &write).await, id);
        let after = desk.aws.offer(&id).await.unwrap();
        assert_eq!(desk.aws.holds(&write, &after, desk.now().await), Some(true), "{write:?}");
        assert_ne!(before.revision, after.revision, "{write:?}");
    }
    let shown = desk.get(&format!("/aws/offers/{id}")).await;
    assert_eq!(shown["expired"], json!(true), "a withdrawn offer cannot be accepted any more");
}

#[tokio::test]
async fn an_offer_to_an_unknown_product_is_refused_and_names_the_product() {
    let desk = Desk::new().await;
    let mut offer = upfront(&desk.buyer());
    offer["product"]["id"] = json!("prod-nowhere0000");
    let refused = desk.aws.submit(&call(1), &create(offer)).await.unwrap_err();
    assert!(
        matches!(&refused, entente_port::Error::NotFound { object } if object.contains("prod-nowhere0000")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn row_34_a_change_made_in_the_console_is_a_difference() {
    let desk = Desk::new().await;
    let offer = upfront(&desk.buyer());
    let id = desk.applied_offer(&call(1), &create(offer.clone())).await;
    let patch = json!({ "name": "Renamed by hand", "availability_end_date": "2031-06-01" });
    desk.post(&format!("/aws/console/offers/{id}"), patch).await;
    let remote = desk.aws.offer(&id).await.unwrap();
    let fields: Vec<String> = desk.aws.differences(&document(offer), &remote).into_iter().map(|d| d.field).collect();
    assert_eq!(fields, ["/name", "/expires_on"]);
}

#[tokio::test]
async fn another_price_term_or_quantity_is_a_difference_and_another_form_of_it_is_none() {
    let desk = Desk::new().await;
    let offer = crate::offers::instalments(&desk.buyer());
    let id = desk.applied_offer(&call(1), &create(offer.clone())).await;
    let remote = desk.aws.offer(&id).await.unwrap();
    let table = [
        ("/pricing/contract/dimensions/0/quantity", json!(11), "/pricing/contract"),
        ("/pricing/contract/instalments/0/amount", json!("6002.51"), "/pricing/contract/instalments"),
        ("/pricing/contract/instalments/0/date", json!("2031-06-16"), "/pricing/contract/instalments"),
        ("/payment_due_days", json!(30), "/payment_due_days"),
        ("/buyer/accounts/0", json!("999999999999"), "/buyer/accounts"),
    ];
    for (pointer, value, field) in table {
        let mut other: Value = offer.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        let found: Vec<String> = desk.aws.differences(&document(other), &remote).into_iter().map(|d| d.field).collect();
        assert_eq!(found, [field], "{pointer}");
    }
    let mut same: Value = offer.clone();
    same["pricing"]["contract"]["instalments"].as_array_mut().unwrap().reverse();
    *same.pointer_mut("/pricing/contract/instalments/0/amount").unwrap() = json!("6002.500");
    assert_eq!(desk.aws.differences(&document(same), &remote), []);
}

#[tokio::test]
async fn a_stuck_change_stays_pending() {
    let desk = Desk::new().await;
    desk.fault(json!({ "op": "StartChangeSet", "effect": "stuck_change_set", "for": "PT72H", "times": 1 })).await;
    let begun = desk.aws.submit(&call(1), &create(upfront(&desk.buyer()))).await.unwrap();
    desk.advance("PT71H").await;
    assert_eq!(desk.aws.change(&begun.change).await.unwrap(), ChangeState::Pending);
}

#[tokio::test]
async fn a_product_tells_its_dimensions_and_how_they_are_sold() {
    let desk = Desk::new().await;
    let facts = desk.aws.product(PRODUCT).await.unwrap();
    assert!(facts.public);
    assert_eq!(facts.dimensions["Seats"], ["contract"]);
    assert_eq!(facts.dimensions["Events"], ["usage"]);
    assert_eq!(facts.kind, Some(ProductKind::Saas));
    let image = desk.aws.product(IMAGE).await.unwrap();
    assert_eq!(image.kind, Some(ProductKind::MachineImage));
    assert_eq!(image.dimensions["m5.large"], ["contract", "usage"], "by the hour, or a year in advance");
    let container = desk.aws.product(CONTAINER).await.unwrap();
    assert_eq!((container.kind, container.public), (Some(ProductKind::Container), true));
}
