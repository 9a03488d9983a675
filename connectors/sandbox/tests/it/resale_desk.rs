//! Resale authorizations and offers made from them, ready to be varied.

use serde_json::{Value, json};

use crate::desk::{Desk, PRODUCT, change, change_of, schedule, upfront};

pub const RESELLER: &str = "520000000001";
pub const AUTHORIZATION: &str = "ResaleAuthorization@1.0";

/// A term of an offer as the term of an authorization.
pub fn resale(mut term: Value) -> Value {
    term["Type"] = format!("Resale{}", term["Type"].as_str().unwrap()).into();
    term
}

pub fn licence(kind: &str, document: Value) -> Value {
    json!({ "Type": kind, "Documents": [document] })
}

/// A complete authorization: twelve months for any buyer, used as often as wanted, for ever.
pub fn authorization() -> Vec<Value> {
    let change = |kind: &str, details: Value| change_of(AUTHORIZATION, kind, details);
    vec![
        change(
            "CreateResaleAuthorization",
            json!({ "ProductId": PRODUCT, "Name": "Harbour", "ResellerAccountId": RESELLER }),
        ),
        change("UpdatePricingTerms", json!({ "PricingModel": "Contract", "Terms": [resale(upfront("150"))] })),
        change("UpdateLegalTerms", json!({ "Terms": [licence("BuyerLegalTerm", json!({ "Type": "StandardEula" }))] })),
        change("ReleaseResaleAuthorization", json!({})),
    ]
}

/// One that is sold once, until a day, in two instalments.
pub fn instalment_authorization() -> Vec<Value> {
    let fixed = json!({ "PricingModel": "Contract", "Terms": [resale(crate::desk::fixed("0.0", Some("P12M")))] });
    let once = json!({ "OffersMaxQuantity": 1, "AvailabilityEndDate": "2031-12-31" });
    let mut plan = schedule(&[("2031-05-15", "600.00"), ("2031-11-15", "400.01")]);
    plan["Terms"][0] = resale(plan["Terms"][0].clone());
    let changes = crate::desk::with(authorization(), "UpdatePricingTerms", fixed);
    let changes = crate::desk::with(changes, "UpdateAvailability", once);
    crate::desk::with(changes, "UpdatePaymentScheduleTerms", plan)
}

/// A complete offer of the reseller.
pub fn resold(authorization: &str, buyer: &str) -> Vec<Value> {
    vec![
        change("CreateOfferUsingResaleAuthorization", json!({ "ResaleAuthorizationId": authorization })),
        change("UpdateInformation", json!({ "Name": "Observability by Harbour", "Description": "Twelve months" })),
        change("UpdateTargeting", json!({ "PositiveTargeting": { "BuyerAccounts": [buyer] } })),
        change("UpdateAvailability", json!({ "AvailabilityEndDate": "2031-06-30" })),
        change("ReleaseOffer", json!({})),
    ]
}

/// The terms of an entity, by type.
pub async fn term(desk: &Desk, role: &str, id: &str, kind: &str) -> Value {
    let entity = desk.query_as(role, reqwest::Method::GET, "DescribeEntity", "entityId", id).await.ok();
    let terms = entity["DetailsDocument"]["Terms"].as_array().unwrap().clone();
    terms.into_iter().find(|term| term["Type"] == kind).unwrap_or(Value::Null)
}
