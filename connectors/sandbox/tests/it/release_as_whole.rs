//! A release judges the whole offer or authorization: a rule that an earlier set kept can be broken by a later one.

use serde_json::{Value, json};

use crate::desk::{
    Desk, change, contract, fixed, instalments, on, on_entity, pricing, schedule, upfront, with, without,
};
use crate::resale_desk::{AUTHORIZATION, RESELLER, authorization, instalment_authorization, resold};

const AMI_CONTRACT: &str = "prod-ami0000000002";

fn validity(term: Value) -> Value {
    let mut whole = json!({ "Type": "ValidityTerm" });
    whole.as_object_mut().unwrap().extend(term.as_object().unwrap().clone());
    json!({ "Terms": [whole] })
}

fn renewal(term: Value) -> Value {
    let mut whole = json!({ "Type": "RenewalTerm" });
    whole.as_object_mut().unwrap().extend(term.as_object().unwrap().clone());
    json!({ "Terms": [whole] })
}

fn ends(day: &str) -> Value {
    json!({ "AvailabilityEndDate": day })
}

/// Makes the draft, changes and releases it in a second set: the errors of that set by change.
async fn second(desk: &Desk, draft: Vec<Value>, changes: &[(&str, Value)]) -> Vec<(String, String)> {
    let id = desk.made(without(draft, "ReleaseOffer")).await;
    let mut changes: Vec<Value> = changes.iter().map(|(kind, details)| on(&id, kind, details.clone())).collect();
    changes.push(on(&id, "ReleaseOffer", json!({})));
    errors(&desk.run(changes).await)
}

fn errors(set: &Value) -> Vec<(String, String)> {
    let part = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = set["ChangeSet"].as_array().unwrap().iter();
    rows.flat_map(|row| {
        let errors = row["ErrorDetailList"].as_array().cloned().unwrap_or_default();
        errors.into_iter().map(|error| (part(&row["ChangeType"]), part(&error["ErrorCode"]))).collect::<Vec<_>>()
    })
    .collect()
}

fn one(kind: &str, code: &str) -> Vec<(String, String)> {
    vec![(kind.to_owned(), code.to_owned())]
}

/// What is tried, the draft, the changes of the second set, and the code that the release gives.
type Row = (&'static str, Vec<Value>, Vec<(&'static str, Value)>, &'static str);

#[tokio::test]
async fn a_second_set_cannot_break_what_the_first_one_kept() {
    let desk = Desk::new().await;
    let buyer = desk.buyer();
    let two = |first: &str, second: &str| {
        with(instalments(buyer), "UpdatePaymentScheduleTerms", schedule(&[(first, "1"), (second, "2")]))
    };
    let early = with(two("2031-05-10", "2031-05-20"), "UpdateAvailability", ends("2031-05-15"));
    let untargeted = without(with(contract(buyer), "UpdateRenewalTerms", renewal(json!({}))), "UpdateTargeting");
    let untargeted = without(untargeted, "UpdateAvailability");
    let targeted = json!({ "PositiveTargeting": { "BuyerAccounts": [buyer] } });
    let increase = json!({ "PriceIncrease": { "Type": "FixedPercentage", "Value": "3.00" } });
    let renewing = with(contract(buyer), "UpdateRenewalTerms", renewal(increase));
    let contract_terms = pricing("Contract", json!([fixed("0", Some("P12M"))]));
    let trial = json!({ "Type": "FreeTrialPricingTerm", "Duration": "P14D", "Grants": [{ "DimensionKey": "Events" }] });
    let trial = with(contract(buyer), "UpdatePricingTerms", pricing("Free", json!([trial])));
    let trial = without(without(trial, "UpdateTargeting"), "UpdateAvailability");
    let dated = validity(json!({ "AgreementStartDate": "2031-07-10", "AgreementEndDate": "2032-07-10" }));
    let lasting = with(instalments(buyer), "UpdatePricingTerms", pricing("Contract", json!([fixed("0", None)])));
    let lasting = with(lasting, "UpdateValidityTerms", validity(json!({ "AgreementDuration": "P1Y" })));
    let ami = with(contract(buyer), "CreateOffer", json!({ "ProductId": AMI_CONTRACT }));
    let ami = with(ami, "UpdateAvailability", ends("2031-05-20"));
    let ami = with(ami, "UpdateValidityTerms", validity(json!({ "AgreementDuration": "P400D" })));
    let rows: Vec<Row> = vec![
        ("charges before the end", early, vec![("UpdateAvailability", ends("2031-06-30"))], "INVALID_UPDATE_REQUEST"),
        (
            "a schedule without its term",
            instalments(buyer),
            vec![("UpdatePricingTerms", pricing("Contract", json!([upfront("1")])))],
            "INVALID_UPDATE_REQUEST",
        ),
        (
            "a renewal without template",
            renewing,
            vec![
                ("UpdatePricingTerms", contract_terms),
                ("UpdatePaymentScheduleTerms", schedule(&[("2031-11-15", "1")])),
            ],
            "MISSING_MANDATORY_TERMS",
        ),
        (
            "a private renewal without price increase",
            untargeted,
            vec![("UpdateTargeting", targeted.clone()), ("UpdateAvailability", ends("2031-06-30"))],
            "INVALID_UPDATE_REQUEST",
        ),
        (
            "a private trial",
            trial,
            vec![("UpdateTargeting", targeted), ("UpdateAvailability", ends("2031-06-30"))],
            "INVALID_UPDATE_REQUEST",
        ),
        (
            "a start before the end of the offer",
            with(contract(buyer), "UpdateValidityTerms", dated),
            vec![("UpdateAvailability", ends("2031-07-20"))],
            "INVALID_UPDATE_REQUEST",
        ),
        (
            "no duration any more",
            lasting,
            vec![("UpdateValidityTerms", json!({ "Terms": [] }))],
            "MISSING_MANDATORY_TERMS",
        ),
        ("an AMI that ends too early", ami, vec![("UpdateAvailability", ends("2031-12-31"))], "INVALID_UPDATE_REQUEST"),
    ];
    for (what, draft, changes, code) in rows {
        assert_eq!(second(&desk, draft, &changes).await, one("ReleaseOffer", code), "{what}");
    }
}

#[tokio::test]
async fn a_draft_that_waited_too_long_cannot_be_released() {
    let desk = Desk::new().await;
    let id = desk.made(without(instalments(desk.buyer()), "ReleaseOffer")).await;
    desk.advance("P20D").await;
    let set = desk.run(vec![on(&id, "ReleaseOffer", json!({}))]).await;
    assert_eq!(errors(&set), one("ReleaseOffer", "INVALID_UPDATE_REQUEST"), "the first charge is in the past");
}

#[tokio::test]
async fn what_a_change_of_the_same_set_reports_the_release_does_not_repeat() {
    let desk = Desk::new().await;
    let wrong = with(instalments(desk.buyer()), "UpdatePaymentScheduleTerms", schedule(&[("2031-04-15", "1")]));
    let set = desk.run(wrong).await;
    assert_eq!(errors(&set), one("UpdatePaymentScheduleTerms", "INVALID_CHARGE_DATES"));
}

#[tokio::test]
async fn an_extension_beyond_the_duration_needs_a_longer_one_in_the_same_set() {
    let desk = Desk::new().await;
    let ami = with(contract(desk.buyer()), "CreateOffer", json!({ "ProductId": AMI_CONTRACT }));
    let ami = with(ami, "UpdateAvailability", ends("2031-05-20"));
    let id = desk.made(with(ami, "UpdateValidityTerms", validity(json!({ "AgreementDuration": "P400D" })))).await;
    let extend = on(&id, "UpdateAvailability", ends("2031-12-31"));
    let set = desk.run(vec![extend.clone()]).await;
    assert_eq!(errors(&set), one("UpdateAvailability", "INVALID_AVAILABILITY_END_DATE"));
    let lengthen = on(&id, "UpdateValidityTerms", validity(json!({ "AgreementDuration": "P700D" })));
    desk.made(vec![extend, lengthen]).await;
}

#[tokio::test]
async fn an_authorization_whose_availability_was_emptied_cannot_be_released() {
    let desk = Desk::new().await;
    let id = desk.made(without(instalment_authorization(), "ReleaseResaleAuthorization")).await;
    let set = desk
        .run(vec![
            on_entity(AUTHORIZATION, &id, "UpdateAvailability", json!({})),
            on_entity(AUTHORIZATION, &id, "ReleaseResaleAuthorization", json!({})),
        ])
        .await;
    assert_eq!(errors(&set), one("ReleaseResaleAuthorization", "MISSING_MANDATORY_TERMS"));
    let late = desk.made(without(instalment_authorization(), "ReleaseResaleAuthorization")).await;
    desk.advance("P20D").await;
    let set = desk.run(vec![on_entity(AUTHORIZATION, &late, "ReleaseResaleAuthorization", json!({}))]).await;
    assert_eq!(errors(&set), one("ReleaseResaleAuthorization", "INCOMPATIBLE_PRICING_TERM"));
}

#[tokio::test]
async fn a_marked_up_schedule_is_released() {
    let desk = Desk::new().await;
    let held = desk.made(instalment_authorization()).await;
    let id = desk.made_as("reseller", without(resold(&held, desk.buyer()), "ReleaseOffer")).await;
    let markup = on(&id, "UpdateMarkup", json!({ "Percentage": "12.5" }));
    desk.made_as("reseller", vec![markup, on(&id, "ReleaseOffer", json!({}))]).await;
}

#[tokio::test]
async fn a_reseller_replaces_his_agreement_by_an_authorization_alone() {
    let desk = Desk::new().await;
    let held = desk.made(authorization()).await;
    let offer = desk.made_as("reseller", resold(&held, desk.buyer())).await;
    let agreement = desk.accepted(&offer).await;
    let set =
        desk.run_as("reseller", vec![change("CreateReplacementOffer", json!({ "AgreementId": agreement }))]).await;
    assert_eq!(errors(&set), one("CreateReplacementOffer", "INCOMPATIBLE_PRODUCT"), "{RESELLER} owns no product");
}

#[tokio::test]
async fn an_authorization_for_one_offer_makes_one_within_a_set_too() {
    let desk = Desk::new().await;
    let held = desk.made(with(authorization(), "UpdateAvailability", json!({ "OffersMaxQuantity": 1 }))).await;
    let create = |name: &str| {
        let mut create = change("CreateOfferUsingResaleAuthorization", json!({ "ResaleAuthorizationId": held }));
        create["ChangeName"] = name.into();
        create
    };
    let set = desk.run_as("reseller", vec![create("First"), create("Second")]).await;
    assert_eq!(errors(&set), one("CreateOfferUsingResaleAuthorization", "INCOMPATIBLE_RESALE_AUTHORIZATION"));
    desk.made_as("reseller", vec![create("Only")]).await;
}
