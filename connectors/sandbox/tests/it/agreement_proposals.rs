//! What a buyer may ask of an offer over the wire, what he is told of its charges, and what he finds afterwards.

use serde_json::{Value, json};

use crate::desk::{Desk, PRODUCT, change, contract, instalments, on, pricing, upfront, usage, with, without};

fn proposal(offer: &str) -> String {
    format!("ap-{}", offer.trim_start_matches("offer-"))
}

fn term(offer: &str, index: usize) -> String {
    format!("term-{}-{index}", offer.trim_start_matches("offer-"))
}

fn choice() -> Value {
    let dimensions = json!([{ "dimensionKey": "Seats", "dimensionValue": 2 }]);
    json!({ "configurableUpfrontPricingTermConfiguration": { "selectorValue": "P12M", "dimensions": dimensions } })
}

/// A complete request for the contract of the desk.
fn ask(offer: &str) -> Value {
    json!({
        "intent": "NEW",
        "agreementProposalIdentifier": proposal(offer),
        "requestedTerms": [{ "id": term(offer, 0), "configuration": choice() }, { "id": term(offer, 1) }],
    })
}

fn changed(mut ask: Value, key: &str, value: Value) -> Value {
    ask[key] = value;
    ask
}

async fn refused(desk: &Desk, role: &str, ask: Value) -> Value {
    let answer = desk.agreement(role, "CreateAgreementRequest", ask).await;
    assert_ne!(answer.status, 200, "{answer:?}");
    answer.body
}

#[tokio::test]
async fn a_request_is_refused_with_a_reason_of_the_model() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let whole = ask(&offer);
    let contact = json!({ "firstName": "Ada", "lastName": "Alder", "emailAddress": "ada", "companyName": "Alder Bank", "countryCode": "GB" });
    let terms = |first: Value| json!([first, { "id": term(&offer, 1) }]);
    let renewal = json!({ "renewalTermConfiguration": { "enableAutoRenew": true } });
    let rows = [
        (changed(whole.clone(), "intent", json!("")), "MISSING_INTENT"),
        (changed(whole.clone(), "intent", json!("STEAL")), "INVALID_INTENT"),
        (changed(whole.clone(), "intent", json!("REPLACE")), "MISSING_SOURCE_AGREEMENT_IDENTIFIER"),
        (changed(whole.clone(), "intent", json!("AMEND")), "MISSING_SOURCE_AGREEMENT_IDENTIFIER"),
        (
            changed(changed(whole.clone(), "intent", json!("AMEND")), "sourceAgreementIdentifier", json!("a b")),
            "INVALID_SOURCE_AGREEMENT_IDENTIFIER",
        ),
        (changed(whole.clone(), "sourceAgreementIdentifier", json!("agmt-1")), "INVALID_SOURCE_AGREEMENT_IDENTIFIER"),
        (changed(whole.clone(), "agreementProposalIdentifier", json!("")), "MISSING_AGREEMENT_PROPOSAL_IDENTIFIER"),
        (changed(whole.clone(), "agreementProposalIdentifier", json!(offer)), "INVALID_AGREEMENT_PROPOSAL_IDENTIFIER"),
        (changed(whole.clone(), "acceptorContact", contact), "INVALID_ACCEPTOR_CONTACT"),
        (changed(whole.clone(), "requestedTerms", terms(json!({}))), "MISSING_REQUESTED_TERM_ID"),
        (
            changed(whole.clone(), "requestedTerms", terms(json!({ "id": term(&offer, 0) }))),
            "MISSING_REQUESTED_TERM_CONFIGURATION",
        ),
        (
            changed(whole.clone(), "requestedTerms", terms(json!({ "id": term(&offer, 0), "configuration": renewal }))),
            "INVALID_REQUESTED_TERM_CONFIGURATION",
        ),
        (
            changed(whole.clone(), "requestedTerms", json!([{ "id": term(&offer, 1) }, { "id": term(&offer, 1) }])),
            "INVALID_REQUESTED_TERMS",
        ),
    ];
    for (ask, reason) in rows {
        let body = refused(&desk, "buyer", ask).await;
        assert_eq!(body["reason"], reason, "{body}");
    }
}

#[tokio::test]
async fn nobody_asks_for_an_offer_that_is_not_for_him() {
    let desk = Desk::new().await;
    let own = ask(&desk.released().await);
    let body = refused(&desk, "seller", own).await;
    assert_eq!(body["reason"], "INVALID_ACCESS");
    let others = json!({ "PositiveTargeting": { "BuyerAccounts": ["530000000002"] } });
    let foreign = desk.made(with(contract(desk.buyer()), "UpdateTargeting", others)).await;
    let draft = desk.made(without(contract(desk.buyer()), "ReleaseOffer")).await;
    for unseen in [foreign.as_str(), &draft, "offer-nowhere"] {
        let answer = desk.agreement("buyer", "CreateAgreementRequest", ask(unseen)).await;
        let body = answer.refused(404, "ResourceNotFoundException");
        assert_eq!(
            (&body["resourceType"], &body["resourceId"]),
            (&json!("AgreementProposal"), &json!(proposal(unseen)))
        );
    }
    let expired = desk.released().await;
    desk.made(vec![on(&expired, "UpdateAvailability", json!({ "AvailabilityEndDate": "2031-04-01" }))]).await;
    assert_eq!(refused(&desk, "buyer", ask(&expired)).await["reason"], "EXPIRED_AGREEMENT_PROPOSAL");
    let taken = desk.released().await;
    desk.accepted(&taken).await;
    desk.agreement("buyer", "CreateAgreementRequest", ask(&taken)).await.refused(409, "ConflictException");
}

#[tokio::test]
async fn an_offer_that_ends_between_request_and_acceptance_is_not_accepted() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let request = desk.agreement("buyer", "CreateAgreementRequest", ask(&offer)).await.ok();
    desk.advance("P61D").await;
    let accept = json!({ "agreementRequestId": request["agreementRequestId"] });
    let answer = desk.agreement("buyer", "AcceptAgreementRequest", accept).await;
    assert_eq!(answer.refused(400, "ValidationException")["reason"], "EXPIRED_AGREEMENT_PROPOSAL");
}

#[tokio::test]
async fn a_replacement_names_what_it_replaces() {
    let desk = Desk::new().await;
    let old = desk.released().await;
    let agreement = desk.accepted(&old).await;
    let end = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementEndDate": "2033-01-31" }] });
    let mut changes = without(with(contract(desk.buyer()), "UpdateValidityTerms", end), "UpdateTargeting");
    changes[0] = change("CreateReplacementOffer", json!({ "AgreementId": agreement }));
    let offer = desk.made(changes).await;
    let mut whole = ask(&offer);
    whole["requestedTerms"].as_array_mut().unwrap().push(json!({ "id": term(&offer, 2) }));
    assert_eq!(refused(&desk, "buyer", whole.clone()).await["reason"], "INVALID_INTENT");
    let replacing = changed(whole, "intent", json!("REPLACE"));
    let wrong = changed(replacing.clone(), "sourceAgreementIdentifier", json!("agmt-other"));
    assert_eq!(refused(&desk, "buyer", wrong).await["reason"], "INVALID_SOURCE_AGREEMENT_IDENTIFIER");
    let right = changed(replacing, "sourceAgreementIdentifier", json!(agreement));
    let request = desk.agreement("buyer", "CreateAgreementRequest", right).await.ok();
    let accept = json!({ "agreementRequestId": request["agreementRequestId"] });
    desk.agreement("buyer", "AcceptAgreementRequest", accept).await.ok();
    let before = desk.agreement("buyer", "DescribeAgreement", json!({ "agreementId": agreement })).await.ok();
    assert_eq!(before["status"], "REPLACED");
}

#[tokio::test]
async fn purchase_orders_go_with_the_charges_that_were_announced() {
    let desk = Desk::new().await;
    let offer = desk.made(instalments(desk.buyer())).await;
    let shown = desk.get(&format!("/aws/offers/{offer}")).await;
    assert_eq!(shown["agreement_proposal_id"], proposal(&offer), "this is how a buyer learns it");
    let terms: Vec<Value> = (0..3).map(|index| json!({ "id": term(&offer, index) })).collect();
    let contact = json!({ "firstName": "Ada", "lastName": "Alder", "emailAddress": "ada@alder.example", "companyName": "Alder Bank", "countryCode": "GB" });
    let whole = json!({ "intent": "NEW", "agreementProposalIdentifier": proposal(&offer), "requestedTerms": terms, "acceptorContact": contact });
    let request = desk.agreement("buyer", "CreateAgreementRequest", whole).await.ok();
    let expected = request["chargeSummary"]["expectedCharges"].as_array().unwrap().clone();
    let named = json!({ "agreementRequestId": request["agreementRequestId"] });
    let terms = desk.agreement("buyer", "GetAgreementRequestTerms", named.clone()).await.ok();
    assert_eq!(terms["terms"].as_array().unwrap().len(), 3);
    let order = |id: &Value| json!({ "chargeId": id, "purchaseOrderReference": "PO-7" });
    for (orders, reason) in [
        (json!([]), "INVALID_PURCHASE_ORDERS"),
        (json!([order(&json!("ch-nowhere"))]), "INVALID_CHARGE_ID"),
        (json!([order(&json!(""))]), "MISSING_CHARGE_ID"),
        (json!([order(&expected[1]["id"]), order(&expected[1]["id"])]), "DUPLICATE_CHARGES"),
    ] {
        let accept = changed(named.clone(), "purchaseOrders", orders);
        let answer = desk.agreement("buyer", "AcceptAgreementRequest", accept).await;
        assert_eq!(answer.refused(400, "ValidationException")["reason"], reason);
    }
    let accept = changed(named, "purchaseOrders", json!([order(&expected[1]["id"])]));
    let accepted = desk.agreement("buyer", "AcceptAgreementRequest", accept).await.ok();
    let listed = desk.agreement("buyer", "ListAgreementCharges", accepted.clone()).await.ok();
    let charges = listed["items"].as_array().unwrap();
    let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(charges), ids(&expected));
    assert_eq!(
        (charges[0].get("purchaseOrderReference"), &charges[1]["purchaseOrderReference"]),
        (None, &json!("PO-7"))
    );
    let contacts = desk.agreement("seller", "GetAgreementContacts", accepted).await.ok();
    assert_eq!(contacts["acceptorContact"]["firstName"], "Ada");
    let filters = ["PartyType", "AgreementType", "IncludesContactOfType"].into_iter();
    let filters: Vec<Value> = filters
        .zip(["Proposer", "PurchaseAgreement", "ACCEPTOR"])
        .map(|(name, value)| json!({ "name": name, "values": [value] }))
        .collect();
    let found = desk.agreement("seller", "SearchAgreements", json!({ "filters": filters })).await.ok();
    assert_eq!(found["agreementViewSummaries"][0]["includesContactOfType"], json!(["ACCEPTOR"]));
}

#[tokio::test]
async fn without_a_contact_there_is_none_and_there_are_no_approvals() {
    let desk = Desk::new().await;
    let id = desk.accepted(&desk.released().await).await;
    let contacts = desk.agreement("seller", "GetAgreementContacts", json!({ "agreementId": id })).await.ok();
    assert_eq!(contacts, json!({}));
    let approvals = desk.agreement("buyer", "ListAgreementApprovals", json!({ "partyType": "REQUESTER" })).await.ok();
    assert_eq!(approvals, json!({ "items": [] }));
    for (ask, reason) in [
        (json!({}), "MISSING_PARTY_TYPE"),
        (json!({ "partyType": "Proposer" }), "INVALID_PARTY_TYPE"),
        (json!({ "partyType": "REQUESTER", "approvalType": "OTHER" }), "INVALID_APPROVAL_TYPE"),
        (json!({ "partyType": "REQUESTER", "status": "ACTIVE" }), "INVALID_STATUS"),
    ] {
        let answer = desk.agreement("buyer", "ListAgreementApprovals", ask).await;
        assert_eq!(answer.refused(400, "ValidationException")["reason"], reason);
    }
}

#[tokio::test]
async fn requests_come_twenty_to_a_page() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    for _ in 0..21 {
        desk.agreement("buyer", "CreateAgreementRequest", ask(&offer)).await.ok();
    }
    let page = desk.agreement("buyer", "ListAgreementRequests", json!({})).await.ok();
    assert_eq!(page["items"].as_array().unwrap().len(), 20);
    let page = desk.agreement("buyer", "ListAgreementRequests", json!({ "maxResults": 50 })).await.ok();
    assert_eq!(page["items"].as_array().unwrap().len(), 21);
}

#[tokio::test]
async fn renewal_is_not_changed_within_the_lockout() {
    let desk = Desk::new().await;
    let term = json!({ "Terms": [{ "Type": "RenewalTerm", "LockoutPeriod": "P30D",
        "PriceIncrease": { "Type": "FixedPercentage", "Value": "3.00" } }] });
    let offer = desk.made(with(contract(desk.buyer()), "UpdateRenewalTerms", term)).await;
    let id = desk.accepted(&offer).await;
    let terms = desk.agreement("buyer", "GetAgreementTerms", json!({ "agreementId": id })).await.ok();
    let terms = terms["acceptedTerms"].as_array().unwrap().clone();
    let renewal = terms.iter().find_map(|term| term.get("renewalTerm")).unwrap()["id"].clone();
    let amend = |id_of_term: &Value| {
        let off = json!({ "renewalTermConfiguration": { "enableAutoRenew": false } });
        json!({ "intent": "AMEND", "sourceAgreementIdentifier": id, "requestedTerms": [{ "id": id_of_term, "configuration": off }] })
    };
    assert_eq!(refused(&desk, "buyer", amend(&json!("term-other"))).await["reason"], "INVALID_REQUESTED_TERM_ID");
    let request = desk.agreement("buyer", "CreateAgreementRequest", amend(&renewal)).await.ok();
    desk.advance("P340D").await;
    assert_eq!(refused(&desk, "buyer", amend(&renewal)).await["reason"], "UNSUPPORTED_ACTION");
    let accept = json!({ "agreementRequestId": request["agreementRequestId"] });
    let answer = desk.agreement("buyer", "AcceptAgreementRequest", accept).await;
    assert_eq!(answer.refused(400, "ValidationException")["reason"], "UNSUPPORTED_ACTION");
}

#[tokio::test]
async fn what_runs_at_the_buyer_lasts_as_long_as_its_agreement() {
    const AMI_CONTRACT: &str = "prod-ami0000000002";
    let desk = Desk::new().await;
    let lasting = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementDuration": "P500D" }] });
    let of = |product: &str| with(contract(desk.buyer()), "CreateOffer", json!({ "ProductId": product }));
    let ends = async |changes: Vec<Value>| {
        let id = desk.accepted(&desk.made(changes).await).await;
        desk.get("/aws/agreements").await["agreements"]
            .as_array()
            .unwrap()
            .iter()
            .find(|held| held["id"] == id.as_str())
            .unwrap()["end"]
            .as_str()
            .map(|end| end[..10].to_owned())
    };
    assert_eq!(ends(with(of(AMI_CONTRACT), "UpdateValidityTerms", lasting.clone())).await.unwrap(), "2032-09-12");
    assert_eq!(ends(with(of(PRODUCT), "UpdateValidityTerms", lasting.clone())).await.unwrap(), "2032-05-01");
    // Hours with a year beside them: the year is not forced upon the buyer.
    let mut hours = usage("0.10");
    hours["RateCards"][0]["RateCard"] = json!([{ "DimensionKey": "m5.large", "Price": "0.10" }]);
    let mut year = upfront("500");
    year["RateCards"][0]["Selector"]["Value"] = "P365D".into();
    year["RateCards"][0]["RateCard"] = json!([{ "DimensionKey": "m5.large", "Price": "500" }]);
    let hourly = with(of("prod-ami0000000001"), "UpdatePricingTerms", pricing("Usage", json!([hours, year])));
    let offer = desk.made(with(hourly, "UpdateValidityTerms", lasting)).await;
    let id = desk.accepted(&offer).await;
    let shown = desk.agreement("buyer", "DescribeAgreement", json!({ "agreementId": id })).await.ok();
    assert_eq!(shown["estimatedCharges"]["agreementValue"], "0.00");
}

#[tokio::test]
async fn an_account_has_quotas() {
    let desk = Desk::new().await;
    let dear = with(contract(desk.buyer()), "UpdatePricingTerms", pricing("Contract", json!([upfront("99999999")])));
    let offer = desk.made(dear).await;
    let mut many = ask(&offer);
    let dimensions = json!([{ "dimensionKey": "Seats", "dimensionValue": 11 }]);
    many["requestedTerms"][0]["configuration"]["configurableUpfrontPricingTermConfiguration"]["dimensions"] =
        dimensions;
    let answer = desk.agreement("buyer", "CreateAgreementRequest", many).await;
    answer.refused(402, "ServiceQuotaExceededException");
    let path = format!("/aws/buyers/{}/accept", desk.buyer());
    let trial = json!({ "Type": "FreeTrialPricingTerm", "Duration": "P14D", "Grants": [{ "DimensionKey": "Events" }] });
    let public = without(without(contract(desk.buyer()), "UpdateTargeting"), "UpdateAvailability");
    let trial = desk.made(with(public, "UpdatePricingTerms", pricing("Free", json!([trial])))).await;
    let accepted = desk.post(&path, json!({ "offer_id": trial })).await.ok();
    let id = accepted["agreement_id"].as_str().unwrap();
    let shown = desk.agreement("buyer", "DescribeAgreement", json!({ "agreementId": id })).await.ok();
    assert!(shown["freeTrialSummary"]["trialEndTime"].is_number(), "{shown}");
    desk.post(&format!("/aws/agreements/{id}/cancel"), json!({})).await.ok();
    let again = json!({ "intent": "NEW", "agreementProposalIdentifier": proposal(&trial),
        "requestedTerms": [{ "id": term(&trial, 0) }, { "id": term(&trial, 1) }] });
    let answer = desk.agreement("buyer", "CreateAgreementRequest", again).await;
    answer.refused(402, "ServiceQuotaExceededException");
}

#[tokio::test]
async fn an_acceptor_searches_in_documented_ways_only() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let id = desk.accepted(&offer).await;
    let filters = |party: &str, rows: &[(&str, &str)]| {
        let fixed = [("PartyType", party), ("AgreementType", "PurchaseAgreement")];
        let rows = fixed.iter().chain(rows);
        rows.map(|(name, value)| json!({ "name": name, "values": [value] })).collect::<Vec<_>>()
    };
    let ends = ("BeforeEndTime", "2040-01-01T00:00:00Z");
    let active = ("Status", "ACTIVE");
    let of = ("OfferId", offer.as_str());
    for rows in [
        vec![],
        vec![active],
        vec![of, active, ends],
        vec![("ResourceIdentifier", PRODUCT), ends],
        vec![("ResourceType", "SaaSProduct"), ends],
    ] {
        let found =
            desk.agreement("buyer", "SearchAgreements", json!({ "filters": filters("Acceptor", &rows) })).await.ok();
        assert_eq!(found["agreementViewSummaries"][0]["agreementId"], id.as_str(), "{rows:?}");
    }
    for rows in [
        vec![("ResourceType", "SaaSProduct"), active],
        vec![of, ("ResourceIdentifier", PRODUCT)],
        vec![("AfterStartTime", "2031-01-01T00:00:00Z")],
        vec![("InitialAgreementId", id.as_str())],
    ] {
        let answer =
            desk.agreement("buyer", "SearchAgreements", json!({ "filters": filters("Acceptor", &rows) })).await;
        assert_eq!(answer.refused(400, "ValidationException")["reason"], "UNSUPPORTED_FILTERS", "{rows:?}");
    }
    let ask = json!({ "agreementId": id });
    let granted = desk.agreement("buyer", "GetAgreementEntitlements", ask).await.ok();
    let arn = granted["agreementEntitlements"][0]["licenseArn"].as_str().unwrap().to_owned();
    let ask = json!({ "filters": filters("Proposer", &[("LicenseArn", &arn)]) });
    let found = desk.agreement("seller", "SearchAgreements", ask).await.ok();
    assert_eq!(found["agreementViewSummaries"][0]["agreementId"], id.as_str());
    let mut empty = filters("Proposer", &[]);
    empty.push(json!({ "name": "Status", "values": [] }));
    let rows = [
        (json!({ "filters": filters("Proposer", &[("Status", "SLEEPING")]) }), "INVALID_FILTER_VALUES"),
        (json!({ "filters": filters("Proposer", &[("ResourceType", "Car")]) }), "INVALID_FILTER_VALUES"),
        (json!({ "filters": filters("Proposer", &[("EndTimeBehaviorType", "STOP")]) }), "INVALID_FILTER_VALUES"),
        (json!({ "filters": filters("Proposer", &[("IncludesContactOfType", "FRIEND")]) }), "INVALID_FILTER_VALUES"),
        (json!({ "filters": filters("Proposer", &[("PartyType", "Acceptor")]) }), "INVALID_FILTERS"),
        (json!({ "filters": empty }), "MISSING_FILTER_VALUES"),
        (json!({ "filters": filters("Proposer", &[]), "sort": { "sortOrder": "ASCENDING" } }), "MISSING_SORT_BY"),
    ];
    for (ask, reason) in rows {
        let answer = desk.agreement("seller", "SearchAgreements", ask).await;
        assert_eq!(answer.refused(400, "ValidationException")["reason"], reason);
    }
}
