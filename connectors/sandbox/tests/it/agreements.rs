//! Agreements: acceptance, charges, both wire protocols, cancellation requests.

use serde_json::{Value, json};

use crate::desk::{Desk, authorization, contract, instalments, pricing, usage, with};

async fn describe(desk: &Desk, id: &str) -> Value {
    desk.agreement("seller", "DescribeAgreement", json!({ "agreementId": id })).await.ok()
}

async fn search(desk: &Desk, filters: &[(&str, &str)]) -> Vec<String> {
    let all = [("PartyType", "Proposer"), ("AgreementType", "PurchaseAgreement")];
    let filters: Vec<Value> =
        all.iter().chain(filters).map(|(name, value)| json!({ "name": name, "values": [value] })).collect();
    let answer = desk.agreement("seller", "SearchAgreements", json!({ "filters": filters })).await.ok();
    answer["agreementViewSummaries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["agreementId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn who_may_accept_what() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let draft = desk.made(crate::desk::without(contract(desk.buyer()), "ReleaseOffer")).await;
    let refused = async |account: &str, body: Value, reason: &str| {
        let answer = desk.post(&format!("/aws/buyers/{account}/accept"), body).await;
        assert_eq!(answer.status, 409, "{answer:?}");
        assert!(answer.body["message"].as_str().unwrap().contains(reason), "{answer:?}");
    };
    let by = desk.buyer();
    refused("530000000002", json!({ "offer_id": offer }), "does not target").await;
    refused("510000000001", json!({ "offer_id": offer }), "cannot accept").await;
    refused(by, json!({ "offer_id": draft }), "draft").await;
    refused(by, json!({ "offer_id": "offer-nowhere" }), "does not exist").await;
    refused(by, json!({ "offer_id": offer, "auto_renew": true }), "no renewal term").await;
    refused(by, json!({ "offer_id": offer, "quantities": { "Nothing": 1 } }), "not offered").await;
    refused(by, json!({ "offer_id": offer, "quantities": { "Seats": 0 } }), "at least one").await;
    refused(by, json!({ "offer_id": offer, "duration": "P36M" }), "not offered").await;
    desk.accepted(&offer).await;
    refused(by, json!({ "offer_id": offer }), "already accepted").await;
    desk.advance("P90D").await;
    let late =
        desk.made(with(contract(by), "UpdateAvailability", json!({ "AvailabilityEndDate": "2031-08-01" }))).await;
    desk.advance("P9D").await;
    refused(by, json!({ "offer_id": late }), "expired").await;
}

#[tokio::test]
async fn a_chosen_contract_costs_price_times_quantity_at_once() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let path = format!("/aws/buyers/{}/accept", desk.buyer());
    let accepted =
        desk.post(&path, json!({ "offer_id": offer, "quantities": { "Seats": 3, "Premium": 2 } })).await.ok();
    let id = accepted["agreement_id"].as_str().unwrap();
    let agreement = describe(&desk, id).await;
    assert_eq!(agreement["estimatedCharges"], json!({ "currencyCode": "USD", "agreementValue": "2870.00" }));
    assert_eq!(agreement["status"], "ACTIVE");
    let start = agreement["startTime"].as_i64().unwrap();
    // From 1 May 2031 to 1 May 2032 there are 366 days.
    assert_eq!(agreement["endTime"].as_i64().unwrap() - start, 366 * 86_400);
    assert_eq!(agreement["endTimeBehavior"], json!({ "type": "EXPIRE", "reasonCode": "NO_RENEWAL_TERM" }));
    assert_eq!(search(&desk, &[("OfferId", &offer)]).await, [id]);
}

#[tokio::test]
async fn instalments_are_invoiced_on_their_days() {
    let desk = Desk::new().await;
    let offer = desk.made(instalments(desk.buyer())).await;
    let id = desk.accepted(&offer).await;
    let invoices = async || {
        let ask = json!({ "agreementId": id, "groupBy": "INVOICE_ID" });
        let answer = desk.agreement("seller", "ListAgreementInvoiceLineItems", ask).await.ok();
        let groups = answer["agreementInvoiceLineItemGroupSummaries"].as_array().unwrap().clone();
        groups
            .iter()
            .map(|group| group["pricingCurrencyAmount"]["amount"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(invoices().await, Vec::<String>::new());
    desk.advance("P14D").await;
    assert_eq!(invoices().await, ["600.00"]);
    desk.advance("P200D").await;
    assert_eq!(invoices().await, ["600.00", "400.00"]);
    let charges = desk.agreement("buyer", "ListAgreementCharges", json!({ "agreementId": id })).await.ok();
    assert_eq!(charges["items"].as_array().unwrap().len(), 2);
    let paid = desk.post(&format!("/aws/agreements/{id}/pay"), json!({})).await.ok();
    assert_eq!(paid["paid"].as_array().unwrap().len(), 2);
    let again = desk.post(&format!("/aws/agreements/{id}/pay"), json!({})).await.ok();
    assert_eq!(again["paid"], json!([]));
}

#[tokio::test]
async fn a_charge_that_is_due_before_the_acceptance_is_due_with_it() {
    let desk = Desk::new().await;
    let offer = desk.made(instalments(desk.buyer())).await;
    desk.advance("P30D").await;
    let id = desk.accepted(&offer).await;
    let agreements = desk.get("/aws/agreements").await;
    let invoice = &agreements["agreements"][0]["invoices"][0];
    assert_eq!(agreements["agreements"][0]["id"], id.as_str());
    assert_eq!(invoice["issued_at"], agreements["agreements"][0]["accepted_at"]);
}

#[tokio::test]
async fn an_agreement_that_starts_later_is_scheduled() {
    let desk = Desk::new().await;
    let dates = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementStartDate": "2031-07-01", "AgreementEndDate": "2032-06-30" }] });
    let offer = desk.made(with(contract(desk.buyer()), "UpdateValidityTerms", dates)).await;
    let id = desk.accepted(&offer).await;
    let entitlement = async || {
        let answer = desk.agreement("buyer", "GetAgreementEntitlements", json!({ "agreementId": id })).await.ok();
        answer["agreementEntitlements"][0]["status"].clone()
    };
    assert_eq!(entitlement().await, "SCHEDULED");
    desk.advance("P61D").await;
    assert_eq!(entitlement().await, "PROVISIONED");
    desk.advance("P366D").await;
    assert_eq!(entitlement().await, "DEPROVISIONED");
    assert_eq!(describe(&desk, &id).await["status"], "EXPIRED");
}

#[tokio::test]
async fn usage_without_a_duration_is_open_ended() {
    let desk = Desk::new().await;
    let offer =
        desk.made(with(contract(desk.buyer()), "UpdatePricingTerms", pricing("Usage", json!([usage("0.25")])))).await;
    let id = desk.accepted(&offer).await;
    let agreement = describe(&desk, &id).await;
    assert_eq!(agreement.get("endTime"), None);
    assert_eq!(agreement["estimatedCharges"]["agreementValue"], "0.00");
}

#[tokio::test]
async fn a_replacement_ends_what_it_replaces() {
    let desk = Desk::new().await;
    let first = desk.released().await;
    let old = desk.accepted(&first).await;
    let end = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementEndDate": "2033-01-31" }] });
    let mut changes =
        crate::desk::without(with(instalments(desk.buyer()), "UpdateValidityTerms", end), "UpdateTargeting");
    changes[0] = crate::desk::change("CreateReplacementOffer", json!({ "AgreementId": old }));
    let offer = desk.made(changes).await;
    let new = desk.accepted(&offer).await;
    assert_eq!(describe(&desk, &old).await["status"], "REPLACED");
    let agreement = describe(&desk, &new).await;
    assert_eq!((&agreement["status"], &agreement["initialAgreementId"]), (&json!("ACTIVE"), &json!(old)));
    assert_eq!(search(&desk, &[("InitialAgreementId", &old), ("Status", "ACTIVE")]).await, [new]);
}

#[tokio::test]
async fn search_checks_its_filters() {
    let desk = Desk::new().await;
    let filter = |name: &str, value: &str| json!({ "name": name, "values": [value] });
    let purchase = filter("AgreementType", "PurchaseAgreement");
    let party = filter("PartyType", "Proposer");
    let rows = [
        (json!({ "filters": [purchase] }), "MISSING_PARTY_TYPE"),
        (json!({ "filters": [purchase, filter("PartyType", "Friend")] }), "INVALID_PARTY_TYPE"),
        (json!({ "filters": [party] }), "INVALID_FILTERS"),
        (json!({ "filters": [party, purchase, filter("Colour", "red")] }), "INVALID_FILTER_NAME"),
        (
            json!({ "filters": [party, purchase, { "name": "Status", "values": ["ACTIVE", "EXPIRED"] }] }),
            "INVALID_FILTER_VALUES",
        ),
        (json!({ "filters": [party, purchase, filter("AfterEndTime", "soon")] }), "INVALID_FILTER_VALUES"),
        (
            json!({ "filters": [purchase, filter("PartyType", "Acceptor"), filter("AcceptorAccountId", "530000000001")] }),
            "UNSUPPORTED_FILTERS",
        ),
        (json!({ "filters": [party, purchase], "sort": { "sortBy": "Colour" } }), "INVALID_SORT_BY"),
        (json!({ "filters": [party, purchase], "maxResults": 51 }), "INVALID_MAX_RESULTS"),
        (json!({ "filters": [party, purchase], "nextToken": "abc" }), "INVALID_NEXT_TOKEN"),
        (json!({ "catalog": "Elsewhere", "filters": [party, purchase] }), "INVALID_CATALOG"),
    ];
    for (ask, reason) in rows {
        let body = desk.agreement("seller", "SearchAgreements", ask).await.refused(400, "ValidationException");
        assert_eq!(body["reason"], reason);
        assert_eq!(body["__type"], "com.amazonaws.marketplaceagreement#ValidationException");
    }
}

#[tokio::test]
async fn incremental_search_follows_the_last_update() {
    let desk = Desk::new().await;
    let (one, two) = (desk.released().await, desk.released().await);
    let first = desk.accepted(&one).await;
    desk.advance("PT1H").await;
    let second = desk.accepted(&two).await;
    assert_eq!(search(&desk, &[("AfterLastUpdateTime", "2031-05-01T08:30:00Z")]).await, std::slice::from_ref(&second));
    desk.advance("PT1H").await;
    desk.post(&format!("/aws/agreements/{first}/cancel"), json!({})).await.ok();
    let mut found = search(&desk, &[("AfterLastUpdateTime", "2031-05-01T08:30:00Z")]).await;
    found.sort();
    let mut both = vec![first, second];
    both.sort();
    assert_eq!(found, both);
}

#[tokio::test]
async fn strangers_see_nothing() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let id = desk.accepted(&offer).await;
    let ask = json!({ "agreementId": id });
    let body = desk.agreement("reseller", "DescribeAgreement", ask.clone()).await.refused(403, "AccessDeniedException");
    assert_eq!(body["reason"], "INVALID_ACCESS");
    desk.agreement("seller", "ListAgreementCharges", ask.clone()).await.refused(403, "AccessDeniedException");
    desk.agreement("seller", "CancelAgreement", ask).await.refused(403, "AccessDeniedException");
    let missing = desk.agreement("seller", "DescribeAgreement", json!({ "agreementId": "agmt-nowhere" })).await;
    assert_eq!(missing.refused(404, "ResourceNotFoundException")["resourceType"], "Agreement");
    desk.agreement("seller", "Unheard", json!({})).await.refused(404, "UnknownOperationException");
}

#[tokio::test]
async fn a_cancellation_request_is_answered_by_the_acceptor() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let id = desk.accepted(&offer).await;
    let ask = json!({ "agreementId": id, "reasonCode": "TEST_AGREEMENT", "clientToken": "t-1" });
    let sent = desk.agreement("seller", "SendAgreementCancellationRequest", ask.clone()).await.ok();
    assert_eq!(sent["status"], "PENDING_APPROVAL");
    let again = desk.agreement("seller", "SendAgreementCancellationRequest", ask).await.ok();
    assert_eq!(sent, again);
    let second = json!({ "agreementId": id, "reasonCode": "OTHER", "clientToken": "t-2" });
    desk.agreement("seller", "SendAgreementCancellationRequest", second.clone())
        .await
        .refused(409, "ConflictException");
    let request = sent["agreementCancellationRequestId"].clone();
    let named =
        json!({ "agreementId": id, "agreementCancellationRequestId": request, "rejectionReason": "We need it" });
    desk.agreement("seller", "AcceptAgreementCancellationRequest", named.clone())
        .await
        .refused(403, "AccessDeniedException");
    let rejected = desk.agreement("buyer", "RejectAgreementCancellationRequest", named).await.ok();
    assert_eq!((&rejected["status"], &rejected["statusMessage"]), (&json!("REJECTED"), &json!("We need it")));
    let sent = desk.agreement("seller", "SendAgreementCancellationRequest", second).await.ok();
    let named = json!({ "agreementId": id, "agreementCancellationRequestId": sent["agreementCancellationRequestId"] });
    desk.agreement("buyer", "AcceptAgreementCancellationRequest", named.clone()).await.ok();
    assert_eq!(describe(&desk, &id).await["status"], "CANCELLED");
    desk.agreement("buyer", "AcceptAgreementCancellationRequest", named.clone())
        .await
        .refused(409, "ConflictException");
    let seen = desk.agreement("seller", "GetAgreementCancellationRequest", named).await.ok();
    assert_eq!(seen["status"], "APPROVED");
    let listed =
        desk.agreement("seller", "ListAgreementCancellationRequests", json!({ "partyType": "Proposer" })).await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_unanswered_cancellation_request_is_approved_after_seven_days() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let id = desk.accepted(&offer).await;
    let ask = json!({ "agreementId": id, "reasonCode": "PRODUCT_DISCONTINUED" });
    desk.agreement("seller", "SendAgreementCancellationRequest", ask).await.ok();
    desk.advance("PT167H").await;
    assert_eq!(describe(&desk, &id).await["status"], "ACTIVE");
    desk.advance("PT1H").await;
    assert_eq!(describe(&desk, &id).await["status"], "CANCELLED");
    let log = desk.get("/aws/events").await;
    let titles: Vec<&str> =
        log["events"].as_array().unwrap().iter().map(|event| event["detail-type"].as_str().unwrap()).collect();
    assert!(titles.contains(&"Agreement Cancellation Request Pending Approval - Proposer"));
    assert!(titles.contains(&"Agreement Cancellation Request Approved - Proposer"));
}

#[tokio::test]
async fn the_proposer_can_withdraw_a_cancellation_request() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let id = desk.accepted(&offer).await;
    let sent = desk
        .agreement("seller", "SendAgreementCancellationRequest", json!({ "agreementId": id, "reasonCode": "OTHER" }))
        .await
        .ok();
    let request = sent["agreementCancellationRequestId"].clone();
    let bare = json!({ "agreementId": id, "agreementCancellationRequestId": request });
    desk.agreement("seller", "CancelAgreementCancellationRequest", bare).await.refused(400, "ValidationException");
    let named =
        json!({ "agreementId": id, "agreementCancellationRequestId": request, "cancellationReason": "A mistake" });
    let gone = desk.agreement("seller", "CancelAgreementCancellationRequest", named).await.ok();
    assert_eq!(gone["status"], "CANCELLED");
    desk.advance("P8D").await;
    assert_eq!(describe(&desk, &id).await["status"], "ACTIVE");
}

/// A CBOR call as the Rust SDK makes it; the answer's status, headers and decoded body.
pub async fn cbor(desk: &Desk, operation: &str, body: &[u8]) -> (u16, Option<String>, ciborium::Value) {
    let url = format!("{}/service/AWSMPCommerceService_v20200301/operation/{operation}", desk.running.aws_url());
    let request = desk.http.post(url).header("authorization", authorization("AKIASBOX510000000001"));
    let request = request.header("smithy-protocol", "rpc-v2-cbor").header("content-type", "application/cbor");
    let response = request.body(body.to_vec()).send().await.unwrap();
    assert_eq!(response.headers()["smithy-protocol"], "rpc-v2-cbor");
    assert_eq!(response.headers()["content-type"], "application/cbor");
    let error = response.headers().get("x-amzn-errortype").map(|code| code.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    (status, error, ciborium::from_reader(response.bytes().await.unwrap().as_ref()).unwrap())
}

pub fn member<'a>(value: &'a ciborium::Value, key: &str) -> &'a ciborium::Value {
    &value.as_map().unwrap().iter().find(|(name, _)| name.as_text() == Some(key)).unwrap().1
}

#[tokio::test]
async fn cbor_answers_carry_tagged_timestamps() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let id = desk.accepted(&offer).await;
    let mut body = b"\xbf\x6bagreementId\x78".to_vec();
    body.push(u8::try_from(id.len()).unwrap());
    body.extend(id.as_bytes());
    body.push(0xff);
    let (status, _, agreement) = cbor(&desk, "DescribeAgreement", &body).await;
    assert_eq!(status, 200);
    assert_eq!(member(&agreement, "status").as_text(), Some("ACTIVE"));
    let (tag, seconds) = member(&agreement, "startTime").as_tag().unwrap();
    assert_eq!(tag, 1);
    let accepted: i64 = seconds.as_integer().unwrap().try_into().unwrap();
    let started: jiff::Timestamp = crate::desk::START.parse().unwrap();
    assert_eq!(accepted, started.as_second() + 1);
    let (_, _, terms) = cbor(&desk, "GetAgreementTerms", &body).await;
    assert!(member(&terms, "acceptedTerms").as_array().unwrap().len() >= 2);
}

#[tokio::test]
async fn cbor_errors_name_their_type() {
    let desk = Desk::new().await;
    let (status, error, body) = cbor(&desk, "DescribeAgreement", b"\xbf\x6bagreementId\x66agmt-1\xff").await;
    assert_eq!((status, error.as_deref()), (404, Some("ResourceNotFoundException")));
    assert_eq!(member(&body, "__type").as_text(), Some("com.amazonaws.marketplaceagreement#ResourceNotFoundException"));
    let (status, _, _) = cbor(&desk, "DescribeAgreement", b"\xbf\x6bagree").await;
    assert_eq!(status, 400);
}
