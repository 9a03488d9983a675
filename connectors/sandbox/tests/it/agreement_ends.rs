//! Every way in which an agreement ends: by time, by its parties, by another agreement, and by the marketplace itself.

use serde_json::{Value, json};

use crate::desk::{Desk, change, contract, instalments, with, without};

async fn status(desk: &Desk, id: &str) -> Value {
    desk.agreement("seller", "DescribeAgreement", json!({ "agreementId": id })).await.ok()["status"].clone()
}

async fn titles(desk: &Desk) -> Vec<String> {
    let log = desk.get("/aws/events").await;
    let events = log["events"].as_array().unwrap();
    events.iter().map(|event| event["detail-type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_marketplace_ends_an_agreement_in_each_of_its_words() {
    for word in ["TERMINATED", "ROLLED_BACK", "SUPERSEDED", "ARCHIVED"] {
        let desk = Desk::new().await;
        let offer = desk.released().await;
        let id = desk.accepted(&offer).await;
        desk.advance("P1D").await;
        let path = format!("/aws/agreements/{id}/end");
        desk.post(&path, json!({ "status": word })).await.ok();
        assert_eq!(status(&desk, &id).await, word);
        let ended = desk.agreement("seller", "DescribeAgreement", json!({ "agreementId": id })).await.ok();
        assert_eq!(ended["endTime"].as_i64().unwrap() - ended["startTime"].as_i64().unwrap(), 86_400, "it ends now");
        let filters = json!([
            { "name": "PartyType", "values": ["Proposer"] },
            { "name": "AgreementType", "values": ["PurchaseAgreement"] },
            { "name": "Status", "values": [word] },
        ]);
        let found = desk.agreement("seller", "SearchAgreements", json!({ "filters": filters })).await.ok();
        assert_eq!(found["agreementViewSummaries"][0]["agreementId"], id.as_str());
        assert!(titles(&desk).await.contains(&"Purchase Agreement Ended - Proposer".to_owned()));
        let entitled = desk.agreement("buyer", "GetAgreementEntitlements", json!({ "agreementId": id })).await.ok();
        assert_eq!(entitled["agreementEntitlements"][0]["status"], "DEPROVISIONED");
        let again = desk.post(&path, json!({ "status": "TERMINATED" })).await;
        assert_eq!(again.status, 409, "what is over is over: {again:?}");
    }
}

#[tokio::test]
async fn an_expired_agreement_is_put_away_and_keeps_its_end() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let id = desk.accepted(&offer).await;
    desk.advance("P366D").await;
    let expired = desk.agreement("seller", "DescribeAgreement", json!({ "agreementId": id })).await.ok();
    assert_eq!(expired["status"], "EXPIRED");
    desk.advance("P30D").await;
    desk.post(&format!("/aws/agreements/{id}/end"), json!({ "status": "ARCHIVED" })).await.ok();
    let archived = desk.agreement("seller", "DescribeAgreement", json!({ "agreementId": id })).await.ok();
    assert_eq!((&archived["status"], &archived["endTime"]), (&json!("ARCHIVED"), &expired["endTime"]));
    let unknown = desk.post(&format!("/aws/agreements/{id}/end"), json!({ "status": "EXPIRED" })).await;
    assert_eq!(unknown.status, 400, "what time does, time does: {unknown:?}");
}

#[tokio::test]
async fn a_chain_of_replacements_keeps_its_first_agreement_and_tells_of_each_step() {
    let desk = Desk::new().await;
    let first = desk.released().await;
    let mut ids = vec![desk.accepted(&first).await];
    for end in ["2033-01-31", "2034-01-31"] {
        let dates = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementEndDate": end }] });
        let offer = with(instalments(desk.buyer()), "UpdateValidityTerms", dates);
        let mut changes = without(offer, "UpdateTargeting");
        changes[0] = change("CreateReplacementOffer", json!({ "AgreementId": ids.last().unwrap() }));
        let offer = desk.made(changes).await;
        ids.push(desk.accepted(&offer).await);
    }
    for (id, expected) in ids.iter().zip(["REPLACED", "REPLACED", "ACTIVE"]) {
        let shown = desk.agreement("seller", "DescribeAgreement", json!({ "agreementId": id })).await.ok();
        assert_eq!((&shown["status"], &shown["initialAgreementId"]), (&json!(expected), &json!(ids[0])));
    }
    let log = desk.get("/aws/events").await;
    let created = log["events"].as_array().unwrap().iter().filter(|event| {
        event["detail-type"] == "Purchase Agreement Created - Proposer"
            && event["detail"]["agreement"]["intent"] == "REPLACE"
    });
    let steps: Vec<&str> =
        created.map(|event| event["detail"]["agreement"]["previousAgreementId"].as_str().unwrap()).collect();
    assert_eq!(steps, [ids[0].as_str(), ids[1].as_str()]);
}

#[tokio::test]
async fn what_is_pending_when_an_agreement_ends_is_over_with_it() {
    let desk = Desk::new().await;
    let offer = desk.made(contract(desk.buyer())).await;
    let id = desk.accepted(&offer).await;
    let term = json!({ "max_total_charge_amount": "500.00", "expiration_duration": "P10D" });
    let term = desk.post(&format!("/aws/agreements/{id}/variable-payment"), term).await.ok()["term_id"].clone();
    let ask = json!({ "agreementId": id, "termId": term, "name": "Onboarding", "chargeAmount": "100" });
    let sent = desk.agreement("seller", "SendAgreementPaymentRequest", ask).await.ok();
    desk.post(&format!("/aws/agreements/{id}/cancel"), json!({})).await.ok();
    desk.advance("P11D").await;
    let named = json!({ "agreementId": id, "paymentRequestId": sent["paymentRequestId"] });
    let seen = desk.agreement("seller", "GetAgreementPaymentRequest", named).await.ok();
    assert_eq!(seen["status"], "CANCELLED");
    let charges = desk.agreement("buyer", "ListAgreementCharges", json!({ "agreementId": id })).await.ok();
    assert_eq!(charges["items"].as_array().unwrap().len(), 1, "the contract's own charge alone");
}
