//! Who is told what about an agreement: proposer, acceptor and manufacturer.

use serde_json::{Value, json};

use crate::desk::{Desk, contract, instalments, with};
use crate::resale_desk::{authorization, resold};

const MAKER: &str = "510000000001";

async fn told(desk: &Desk, account: &str) -> Vec<Value> {
    let log = desk.get("/aws/events").await["events"].as_array().unwrap().clone();
    let of_agreements = |event: &Value| event["source"] == "aws.agreement-marketplace" && event["account"] == account;
    log.into_iter().filter(of_agreements).collect()
}

fn titles(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["detail-type"].as_str().unwrap()).collect()
}

fn find<'a>(events: &'a [Value], title: &str) -> &'a Value {
    &events.iter().find(|event| event["detail-type"] == title).unwrap()["detail"]
}

fn renewable() -> Value {
    let range = json!({ "MinValue": "1.00", "MaxValue": "9.00", "DefaultValue": "5.00" });
    json!({ "Terms": [{ "Type": "RenewalTerm", "LockoutPeriod": "P30D", "AdjustmentDeadline": "P60D",
        "PriceIncrease": { "Type": "PercentageRange", "Range": range } }] })
}

#[tokio::test]
async fn a_manufacturer_hears_of_the_agreements_of_his_resellers() {
    let desk = Desk::new().await;
    let held = desk.made(authorization()).await;
    let offer = desk.made_as("reseller", resold(&held, desk.buyer())).await;
    let agreement = desk.accepted(&offer).await;
    let path = format!("/aws/agreements/{agreement}/end");
    desk.post(&path, json!({ "status": "TERMINATED" })).await.ok();
    let events = told(&desk, MAKER).await;
    let expected = [
        "Purchase Agreement Created - Manufacturer",
        "License Updated - Manufacturer",
        "Purchase Agreement Ended - Manufacturer",
        "License Deprovisioned - Manufacturer",
    ];
    assert_eq!(titles(&events), expected);
    for event in [&events[0], &events[2]] {
        assert_eq!(event["detail"]["resaleAuthorization"], json!({ "id": held }));
        assert_eq!(event["detail"]["proposer"]["accountId"], "520000000001");
    }
    let license = &events[1]["detail"];
    assert_eq!(license["product"], json!({ "code": "saas000000001", "id": "prod-saas000000001" }));
    let ask = json!({ "agreementId": agreement });
    let granted = desk.agreement("buyer", "GetAgreementEntitlements", ask).await.ok();
    assert_eq!(license["license"]["arn"], granted["agreementEntitlements"][0]["licenseArn"]);
    assert_eq!(
        titles(&told(&desk, "520000000001").await),
        ["Purchase Agreement Created - Proposer", "Purchase Agreement Ended - Proposer"]
    );
}

#[tokio::test]
async fn a_direct_sale_has_no_authorization_and_no_second_letter_to_its_maker() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    desk.accepted(&offer).await;
    let events = told(&desk, MAKER).await;
    assert_eq!(titles(&events), ["Purchase Agreement Created - Proposer", "License Updated - Manufacturer"]);
    assert_eq!(events[0]["detail"]["resaleAuthorization"], json!({ "id": null }));
}

#[tokio::test]
async fn a_licence_is_given_when_the_agreement_starts() {
    let desk = Desk::new().await;
    let later = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementStartDate": "2031-07-10", "AgreementEndDate": "2032-07-10" }] });
    let offer = desk.made(with(contract(desk.buyer()), "UpdateValidityTerms", later)).await;
    desk.accepted(&offer).await;
    let licences =
        async || titles(&told(&desk, MAKER).await).iter().filter(|title| title.starts_with("License")).count();
    assert_eq!(licences().await, 0);
    desk.advance("P80D").await;
    assert_eq!(licences().await, 1);
}

#[tokio::test]
async fn a_renewal_is_announced_with_its_value_and_its_lockout() {
    let desk = Desk::new().await;
    let offer = desk.made(with(contract(desk.buyer()), "UpdateRenewalTerms", renewable())).await;
    let id = desk.accepted(&offer).await;
    desk.advance("P340D").await;
    let events = told(&desk, MAKER).await;
    let ending = find(&events, "Purchase Agreement Ending - Proposer");
    assert_eq!(
        ending["renewalSummary"],
        json!({ "lockoutStartTime": "2032-04-01T08:00:01Z", "disabledBy": null }),
        "the offer took a second to be released"
    );
    let finalized = &find(&events, "Purchase Agreement Renewal Terms Finalized - Proposer")["renewalSummary"];
    // One seat at 950 and one premium package at 10, five percent dearer.
    assert_eq!((&finalized["tcv"], &finalized["currency"]), (&json!("1008.00"), &json!("USD")));
    assert_eq!(
        (&finalized["lockoutReached"], &finalized["termsFinalizedTime"]),
        (&json!(false), &json!("2032-03-02T08:00:01Z"))
    );
    let upcoming = &find(&events, "Purchase Agreement Renewal Upcoming - Proposer")["renewalSummary"];
    assert_eq!(upcoming, &json!({ "lockoutReached": true, "tcv": "1008.00", "currency": "USD" }));
    let shown = desk.agreement("seller", "DescribeAgreement", json!({ "agreementId": id })).await.ok();
    let renewal = shown["endTimeBehavior"]["renewalSummary"]["offerId"].clone();
    assert_eq!(shown["endTimeBehavior"]["type"], "RENEW");
    let path = format!("/aws/buyers/{}/accept", desk.buyer());
    assert_ne!(desk.post(&path, json!({ "offer_id": renewal })).await.status, 200, "it renews by itself");
    desk.advance("P30D").await;
    let shown = desk.agreement("seller", "DescribeAgreement", json!({ "agreementId": id })).await.ok();
    assert_eq!((&shown["status"], shown.get("endTimeBehavior")), (&json!("RENEWED"), None));
    let agreements = desk.get("/aws/agreements").await["agreements"].clone();
    let renewed =
        agreements.as_array().unwrap().iter().find(|held| held["previous_id"] == id.as_str()).unwrap().clone();
    assert_eq!((&renewed["offer_id"], &renewed["value"]), (&renewal, &json!("1008.00")));
}

#[tokio::test]
async fn instalments_of_a_renewal_fall_on_the_named_day_of_the_month() {
    let desk = Desk::new().await;
    let part =
        |offset: &str, day: u8| json!({ "ChargeDateOffset": offset, "ChargePercentage": "50", "DayOfMonth": day });
    let template = json!([{ "Type": "PaymentScheduleTermTemplate", "Schedule": [part("P0M", 20), part("P1M", 31)] }]);
    let term = json!({ "Terms": [{ "Type": "RenewalTerm", "TermTemplates": template,
        "PriceIncrease": { "Type": "FixedPercentage", "Value": "0.00" } }] });
    let offer = desk.made(with(instalments(desk.buyer()), "UpdateRenewalTerms", term)).await;
    let first = desk.accepted(&offer).await;
    desk.advance("P366D").await;
    let agreements = desk.get("/aws/agreements").await["agreements"].clone();
    let second =
        agreements.as_array().unwrap().iter().find(|held| held["previous_id"] == first.as_str()).unwrap().clone();
    let days: Vec<&str> =
        second["charges"].as_array().unwrap().iter().map(|charge| &charge["at"].as_str().unwrap()[..10]).collect();
    assert_eq!(days, ["2032-05-20", "2032-06-30"], "June has thirty days");
}

#[tokio::test]
async fn a_pending_cancellation_is_over_when_the_agreement_ends() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let id = desk.accepted(&offer).await;
    let ask = json!({ "agreementId": id, "reasonCode": "OTHER" });
    let sent = desk.agreement("seller", "SendAgreementCancellationRequest", ask).await.ok();
    desk.agreement("buyer", "CancelAgreement", json!({ "agreementId": id })).await.ok();
    let named = json!({ "agreementId": id, "agreementCancellationRequestId": sent["agreementCancellationRequestId"] });
    let seen = desk.agreement("seller", "GetAgreementCancellationRequest", named).await.ok();
    assert_eq!(seen["status"], "CANCELLED");
}
