//! What a buyer asks for over the wire, and what becomes of it; purchase orders.

use serde_json::{Value, json};

use crate::desk::Desk;

async fn drafted(desk: &Desk, offer: &str) -> Value {
    let suffix = offer.trim_start_matches("offer-");
    let choice = json!({ "selectorValue": "P12M", "dimensions": [{ "dimensionKey": "Seats", "dimensionValue": 2 }] });
    let ask = json!({
        "intent": "NEW",
        "agreementProposalIdentifier": format!("ap-{suffix}"),
        "requestedTerms": [
            { "id": format!("term-{suffix}-0"), "configuration": { "configurableUpfrontPricingTermConfiguration": choice } },
            { "id": format!("term-{suffix}-1") },
        ],
    });
    desk.agreement("buyer", "CreateAgreementRequest", ask).await.ok()["agreementRequestId"].clone()
}

#[tokio::test]
async fn a_request_is_read_listed_cancelled_and_accepted_once() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let (first, second) = (drafted(&desk, &offer).await, drafted(&desk, &offer).await);
    let named = |id: &Value| json!({ "agreementRequestId": id });
    let seen = desk.agreement("buyer", "GetAgreementRequest", named(&first)).await.ok();
    assert_eq!((&seen["status"], &seen["intent"]), (&json!("DRAFT"), &json!("NEW")));
    assert_eq!(seen["chargeSummary"]["newAgreementValue"], "1900.00");
    assert_eq!(seen["proposalSummary"]["offerId"], offer.as_str());
    desk.agreement("buyer", "CancelAgreementRequest", named(&first)).await.ok();
    desk.agreement("buyer", "AcceptAgreementRequest", named(&first)).await.refused(409, "ConflictException");
    let accepted = desk.agreement("buyer", "AcceptAgreementRequest", named(&second)).await.ok();
    desk.agreement("buyer", "CancelAgreementRequest", named(&second)).await.refused(409, "ConflictException");
    let list = async |filters: Value| {
        let listed = desk.agreement("buyer", "ListAgreementRequests", filters).await.ok();
        listed["items"].as_array().unwrap().clone()
    };
    assert_eq!(list(json!({})).await.len(), 2);
    assert_eq!(list(json!({ "status": "ACCEPTED" })).await[0]["agreementId"], accepted["agreementId"]);
    assert_eq!(list(json!({ "status": "CANCELLED", "resourceId": crate::desk::PRODUCT })).await.len(), 1);
    assert_eq!(list(json!({ "resourceId": "prod-other" })).await.len(), 0);
    desk.agreement("seller", "GetAgreementRequest", named(&first)).await.refused(404, "ResourceNotFoundException");
    for (ask, reason) in [
        (json!({}), "MISSING_AGREEMENT_REQUEST_ID"),
        (json!({ "agreementRequestId": "acr-1" }), "INVALID_AGREEMENT_REQUEST_ID"),
    ] {
        let refused = desk.agreement("buyer", "GetAgreementRequest", ask).await.refused(400, "ValidationException");
        assert_eq!(refused["reason"], reason);
    }
    let wrong = desk.agreement("buyer", "ListAgreementRequests", json!({ "status": "PAID" })).await;
    assert_eq!(wrong.refused(400, "ValidationException")["reason"], "INVALID_STATUS");
}

#[tokio::test]
async fn purchase_orders_are_set_all_or_none() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let id = desk.accepted(&offer).await;
    let charges = async || {
        let listed = desk.agreement("buyer", "ListAgreementCharges", json!({ "agreementId": id })).await.ok();
        listed["items"].as_array().unwrap().clone()
    };
    let charge = charges().await[0]["id"].clone();
    let order = |changes: Value| {
        let mut order = json!({ "chargeId": charge, "chargeRevision": 1, "purchaseOrderReference": "PO-7" });
        order.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        order
    };
    let rows = [
        (json!([]), "MISSING_PURCHASE_ORDERS"),
        (json!(vec![order(json!({})); 87]), "INVALID_PURCHASE_ORDERS"),
        (json!([order(json!({})), order(json!({}))]), "DUPLICATE_CHARGES"),
        (json!([order(json!({ "chargeId": "" }))]), "MISSING_CHARGE_ID"),
        (json!([order(json!({ "chargeRevision": 0 }))]), "INVALID_CHARGE_REVISION"),
        (json!([order(json!({ "purchaseOrderReference": "" }))]), "INVALID_PURCHASE_ORDER_REFERENCE"),
    ];
    for (orders, reason) in rows {
        let answer = desk.agreement("buyer", "UpdatePurchaseOrders", json!({ "purchaseOrders": orders })).await;
        assert_eq!(answer.refused(400, "ValidationException")["reason"], reason);
    }
    let unknown = json!({ "purchaseOrders": [order(json!({})), { "chargeId": "ch-nowhere" }] });
    desk.agreement("buyer", "UpdatePurchaseOrders", unknown).await.refused(404, "ResourceNotFoundException");
    assert_eq!(charges().await[0].get("purchaseOrderReference"), None, "all or none");
    desk.agreement("buyer", "UpdatePurchaseOrders", json!({ "purchaseOrders": [order(json!({}))] })).await.ok();
    let stale = desk.agreement("buyer", "UpdatePurchaseOrders", json!({ "purchaseOrders": [order(json!({}))] })).await;
    stale.refused(409, "ConflictException");
    assert_eq!(charges().await[0]["purchaseOrderReference"], "PO-7");
}
