//! Codes of offers that a reseller makes from a resale authorization.

use serde_json::{Value, json};

use super::Witness;
use super::documents::edited;
use crate::desk::{change, fixed, on, pricing, schedule, upfront, with, without};
use crate::resale_desk::{AUTHORIZATION, authorization, instalment_authorization, resale, resold};

const BUYER: &str = "530000000001";
const CODE: &str = "INCOMPATIBLE_RESALE_AUTHORIZATION";

pub async fn run(witness: &mut Witness) {
    creation(witness).await;
    markup(witness).await;
    terms(witness).await;
    replacements(witness).await;
}

fn draft(authorization: &str) -> Vec<Value> {
    vec![change("CreateOfferUsingResaleAuthorization", json!({ "ResaleAuthorizationId": authorization }))]
}

async fn creation(witness: &mut Witness) {
    let once = with(authorization(), "UpdateAvailability", json!({ "OffersMaxQuantity": 1 }));
    let once = witness.desk.made(once).await;
    witness.as_role("reseller").desk.made_as("reseller", draft(&once)).await;
    witness.gives("CreateOfferUsingResaleAuthorization", CODE, draft(&once)).await;
    let open = witness.desk.made(authorization()).await;
    let shown =
        json!({ "id": "prod-resold", "kind": "SaaSProduct", "dimensions": [{ "key": "Seats" }, { "key": "Premium" }] });
    witness.desk.post("/aws/products", shown.clone()).await.ok();
    let of_other = |visibility: &str| {
        let mut product = shown.clone();
        product["visibility"] = visibility.into();
        product
    };
    let mut changes = authorization();
    changes[0]["DetailsDocument"]["ProductId"] = "prod-resold".into();
    let other = witness.desk.made(changes).await;
    witness.desk.post("/aws/products", of_other("Restricted")).await.ok();
    witness.gives("CreateOfferUsingResaleAuthorization", "INCOMPATIBLE_PRODUCT", draft(&other)).await;
    let restrict = json!({ "ChangeType": "RestrictResaleAuthorization", "DetailsDocument": {},
        "Entity": { "Type": AUTHORIZATION, "Identifier": open } });
    witness.desk.made(vec![restrict]).await;
    witness.gives("CreateOfferUsingResaleAuthorization", CODE, draft(&open)).await;
}

async fn markup(witness: &mut Witness) {
    let open = witness.desk.made(authorization()).await;
    let percent = |text: &str| json!({ "Percentage": text });
    let dear = with(resold(&open, BUYER), "UpdateMarkup", percent("99999999999"));
    witness.gives("UpdateMarkup", "INVALID_MARKUP_PERCENTAGE", dear).await;
    let paid = witness.desk.made(instalment_authorization()).await;
    let raised = || schedule(&[("2031-05-15", "700.00"), ("2031-11-15", "400.01")]);
    let both = |first: &str| {
        let changes = with(without(resold(&paid, BUYER), "ReleaseOffer"), "UpdatePaymentScheduleTerms", raised());
        with(changes, "UpdateMarkup", percent(first))
    };
    witness.gives("UpdateMarkup", "INCOMPATIBLE_MARKUP", both("5.0")).await;
    witness.gives("UpdatePaymentScheduleTerms", "INCOMPATIBLE_MARKUP_PERCENTAGE", both("5.0")).await;
    let offer = witness.desk.made_as("reseller", without(resold(&paid, BUYER), "ReleaseOffer")).await;
    for charges in
        [[("2031-05-15", "599.99"), ("2031-11-15", "400.01")], [("2031-05-16", "600"), ("2031-11-15", "500")]]
    {
        let lower = vec![on(&offer, "UpdatePaymentScheduleTerms", schedule(&charges))];
        witness.gives("UpdatePaymentScheduleTerms", CODE, lower).await;
    }
    let ours = vec![on(&offer, "UpdatePaymentScheduleTerms", raised())];
    witness.desk.made_as("reseller", ours).await;
    witness.gives("UpdateMarkup", "INCOMPATIBLE_MARKUP", vec![on(&offer, "UpdateMarkup", percent("0"))]).await;
    let direct = witness.desk.made(vec![change("CreateOffer", json!({ "ProductId": crate::desk::PRODUCT }))]).await;
    let unsold = vec![on(&direct, "UpdateMarkup", percent("5"))];
    witness.as_role("seller").gives("UpdateMarkup", CODE, unsold).await;
    witness.as_role("reseller");
}

async fn terms(witness: &mut Witness) {
    let buyers =
        json!({ "Terms": [{ "Type": "BuyerTargetingTerm", "PositiveTargeting": { "BuyerAccounts": [BUYER] } }] });
    let net = json!({ "Terms": [{ "Type": "ResaleNetPaymentTerm", "PaymentDuePeriod": "P30D" }] });
    let start = json!({ "Terms": [{ "Type": "BuyerValidityTerm", "MaximumAgreementStartDate": "2031-08-31" }] });
    let changes = with(authorization(), "UpdateBuyerTargetingTerms", buyers);
    let limited = with(with(changes, "UpdateNetPaymentTerms", net), "UpdateBuyerValidityTerms", start);
    let limited = witness.desk.made(limited).await;
    let offer = |kind: &str, details: Value| with(resold(&limited, BUYER), kind, details);
    let others = json!({ "PositiveTargeting": { "BuyerAccounts": [BUYER, "530000000002"] } });
    let net = json!({ "Terms": [{ "Type": "NetPaymentTerm", "PaymentDuePeriod": "P45D" }] });
    let late = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementStartDate": "2031-09-01", "AgreementEndDate": "2032-09-01" }] });
    let rows = vec![
        ("UpdateTargeting", CODE, offer("UpdateTargeting", others)),
        ("UpdateNetPaymentTerms", CODE, offer("UpdateNetPaymentTerms", net)),
        ("UpdateValidityTerms", CODE, offer("UpdateValidityTerms", late)),
        ("UpdatePricingTerms", CODE, offer("UpdatePricingTerms", pricing("Contract", json!([upfront("200")])))),
    ];
    witness.give_all(rows).await;
    let paid = witness.desk.made(instalment_authorization()).await;
    let shorter = pricing("Contract", json!([edited(fixed("0.0", Some("P12M")), "/Duration", json!("P6M"))]));
    witness.gives("UpdatePricingTerms", CODE, with(resold(&paid, BUYER), "UpdatePricingTerms", shorter)).await;
    let open = witness.desk.made(authorization()).await;
    let many: Vec<String> = (0..26).map(|n| format!("5400000000{n:02}")).collect();
    let many = json!({ "PositiveTargeting": { "BuyerAccounts": many } });
    witness
        .gives("UpdateTargeting", "TOO_MANY_BUYER_ACCOUNTS", with(resold(&open, BUYER), "UpdateTargeting", many))
        .await;
}

async fn replacements(witness: &mut Witness) {
    let open = witness.desk.made(authorization()).await;
    let offer = witness.desk.made_as("reseller", resold(&open, BUYER)).await;
    let agreement = witness.desk.accepted(&offer).await;
    let replace = |held: &str| {
        let details = json!({ "ResaleAuthorizationId": held, "AgreementId": agreement });
        vec![change("CreateReplacementOfferUsingResaleAuthorization", details)]
    };
    let others = json!({ "Terms": [{ "Type": "BuyerTargetingTerm", "PositiveTargeting": { "BuyerAccounts": ["530000000002"] } }] });
    let elsewhere = witness.desk.made(with(authorization(), "UpdateBuyerTargetingTerms", others)).await;
    witness.gives("CreateReplacementOfferUsingResaleAuthorization", CODE, replace(&elsewhere)).await;
    let product =
        json!({ "id": "prod-second", "kind": "SaaSProduct", "dimensions": [{ "key": "Seats" }, { "key": "Premium" }] });
    witness.desk.post("/aws/products", product).await.ok();
    let mut changes = authorization();
    changes[0]["DetailsDocument"]["ProductId"] = "prod-second".into();
    changes[1]["DetailsDocument"]["Terms"][0] = resale(upfront("150"));
    let second = witness.desk.made(changes).await;
    witness.gives("CreateReplacementOfferUsingResaleAuthorization", CODE, replace(&second)).await;
}
