//! Automatic renewal, notices of the end, and buyers who accept and amend over the wire.

use serde_json::{Value, json};

use crate::desk::{Desk, contract, instalments, with};

fn renewable(extra: Value) -> Value {
    let mut term = json!({ "Type": "RenewalTerm", "PriceIncrease": { "Type": "FixedPercentage", "Value": "10.00" } });
    term.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    json!({ "Terms": [term] })
}

async fn all(desk: &Desk) -> Vec<Value> {
    desk.get("/aws/agreements").await["agreements"].as_array().unwrap().clone()
}

async fn describe(desk: &Desk, id: &str) -> Value {
    desk.agreement("seller", "DescribeAgreement", json!({ "agreementId": id })).await.ok()
}

#[tokio::test]
async fn an_agreement_renews_at_the_raised_price_until_its_renewals_are_used_up() {
    let desk = Desk::new().await;
    let offer =
        desk.made(with(contract(desk.buyer()), "UpdateRenewalTerms", renewable(json!({ "MaxRenewals": 1 })))).await;
    let first = desk.accepted(&offer).await;
    assert_eq!(describe(&desk, &first).await["endTimeBehavior"]["type"], "RENEW");
    desk.advance("P366D").await;
    assert_eq!(describe(&desk, &first).await["status"], "RENEWED");
    let second = all(&desk).await.into_iter().find(|agreement| agreement["previous_id"] == first.as_str()).unwrap();
    let id = second["id"].as_str().unwrap();
    let shown = describe(&desk, id).await;
    // One seat at 950 and one premium package at 10, ten percent dearer.
    assert_eq!(shown["estimatedCharges"]["agreementValue"], "1056.00");
    assert_eq!(shown["initialAgreementId"], first.as_str());
    assert_eq!(shown["endTimeBehavior"], json!({ "type": "EXPIRE", "reasonCode": "RENEWAL_LIMIT_EXHAUSTED" }));
    let renewal = shown["proposalSummary"]["offerId"].as_str().unwrap();
    let filters = json!({ "OfferFilters": { "CreatedBySource": { "ValueList": ["AwsMarketplace"] }, "TargetAgreementId": { "ValueList": [first] } } });
    let ask = json!({ "Catalog": "AWSMarketplace", "EntityType": "Offer", "EntityTypeFilters": filters });
    let listed = desk.catalog("ListEntities", ask).await.ok();
    assert_eq!(listed["EntitySummaryList"][0]["EntityId"], renewal);
    assert_eq!(listed["EntitySummaryList"][0]["OfferSummary"]["TargetAgreementIntent"], "Renew");
    desk.advance("P366D").await;
    assert_eq!(describe(&desk, id).await["status"], "EXPIRED");
}

#[tokio::test]
async fn a_renewed_schedule_follows_its_template_to_the_cent() {
    let desk = Desk::new().await;
    let part = |offset: &str, percent: &str| json!({ "ChargeDateOffset": offset, "ChargePercentage": percent });
    let parts = json!([part("P0M", "33.33"), part("P4M", "33.33"), part("P8M", "33.34")]);
    let template = json!({ "TermTemplates": [{ "Type": "PaymentScheduleTermTemplate", "Schedule": parts }] });
    let offer = desk.made(with(instalments(desk.buyer()), "UpdateRenewalTerms", renewable(template))).await;
    let first = desk.accepted(&offer).await;
    desk.advance("P366D").await;
    let second = all(&desk).await.into_iter().find(|agreement| agreement["previous_id"] == first.as_str()).unwrap();
    let amounts: Vec<&str> =
        second["charges"].as_array().unwrap().iter().map(|charge| charge["amount"].as_str().unwrap()).collect();
    assert_eq!(amounts, ["366.63", "366.63", "366.74"]);
    assert_eq!(second["value"], "1100.00");
}

#[tokio::test]
async fn a_buyer_who_declines_does_not_renew() {
    let desk = Desk::new().await;
    let offer = desk.made(with(contract(desk.buyer()), "UpdateRenewalTerms", renewable(json!({})))).await;
    let body = json!({ "offer_id": offer, "auto_renew": false });
    let accepted = desk.post(&format!("/aws/buyers/{}/accept", desk.buyer()), body).await.ok();
    let id = accepted["agreement_id"].as_str().unwrap();
    let end = &describe(&desk, id).await["endTimeBehavior"];
    assert_eq!(end, &json!({ "type": "EXPIRE", "reasonCode": "ACCEPTOR_RENEW_OPTED_OUT" }));
    desk.advance("P366D").await;
    assert_eq!(describe(&desk, id).await["status"], "EXPIRED");
}

#[tokio::test]
async fn the_proposer_is_told_before_the_end() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    desk.accepted(&offer).await;
    desk.advance("P365D").await;
    let log = desk.get("/aws/events").await;
    let days: Vec<i64> = log["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["detail-type"] == "Purchase Agreement Ending - Proposer")
        .map(|event| event["detail"]["agreement"]["daysBeforeEndTime"].as_i64().unwrap())
        .collect();
    assert_eq!(days, [180, 120, 90, 60, 30]);
}

#[tokio::test]
async fn a_buyer_turns_renewal_off_over_the_wire() {
    let desk = Desk::new().await;
    let offer = desk.made(with(contract(desk.buyer()), "UpdateRenewalTerms", renewable(json!({})))).await;
    let id = desk.accepted(&offer).await;
    let terms = desk.agreement("buyer", "GetAgreementTerms", json!({ "agreementId": id })).await.ok();
    let terms = terms["acceptedTerms"].as_array().unwrap().clone();
    let renewal = terms.iter().find_map(|term| term.get("renewalTerm")).unwrap()["id"].clone();
    let off = json!({ "renewalTermConfiguration": { "enableAutoRenew": false } });
    let ask = json!({ "intent": "AMEND", "sourceAgreementIdentifier": id, "requestedTerms": [{ "id": renewal, "configuration": off }] });
    let request = desk.agreement("buyer", "CreateAgreementRequest", ask).await.ok();
    assert_eq!(describe(&desk, &id).await["endTimeBehavior"]["type"], "RENEW", "nothing happens before it is accepted");
    let accept = json!({ "agreementRequestId": request["agreementRequestId"] });
    desk.agreement("buyer", "AcceptAgreementRequest", accept.clone()).await.ok();
    assert_eq!(describe(&desk, &id).await["endTimeBehavior"]["type"], "EXPIRE");
    desk.agreement("buyer", "AcceptAgreementRequest", accept).await.refused(409, "ConflictException");
}

#[tokio::test]
async fn a_request_must_name_the_terms_of_the_offer() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let suffix = offer.strip_prefix("offer-").unwrap();
    let ask = |proposal: &str, terms: Value| json!({ "intent": "NEW", "agreementProposalIdentifier": proposal, "requestedTerms": terms });
    let proposal = format!("ap-{suffix}");
    let dimensions = json!([{ "dimensionKey": "Seats", "dimensionValue": 1 }]);
    let choice =
        json!({ "configurableUpfrontPricingTermConfiguration": { "selectorValue": "P12M", "dimensions": dimensions } });
    let priced = json!({ "id": format!("term-{suffix}-0"), "configuration": choice });
    let all = json!([priced, { "id": format!("term-{suffix}-1") }]);
    let rows = [
        (ask(&proposal, json!([])), "MISSING_REQUESTED_TERMS"),
        (ask(&proposal, json!([{ "id": "term-nothing" }])), "INVALID_REQUESTED_TERM_ID"),
        (ask(&proposal, json!([priced])), "MISSING_MANDATORY_TERMS"),
        (ask("offer", all.clone()), "INVALID_AGREEMENT_PROPOSAL_IDENTIFIER"),
    ];
    for (ask, reason) in rows {
        let body = desk.agreement("buyer", "CreateAgreementRequest", ask).await.refused(400, "ValidationException");
        assert_eq!(body["reason"], reason);
    }
    let request = desk.agreement("buyer", "CreateAgreementRequest", ask(&proposal, all)).await.ok();
    let accepted = desk
        .agreement("buyer", "AcceptAgreementRequest", json!({ "agreementRequestId": request["agreementRequestId"] }))
        .await
        .ok();
    assert_eq!(describe(&desk, accepted["agreementId"].as_str().unwrap()).await["status"], "ACTIVE");
}
