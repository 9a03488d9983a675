//! What the proposer asks for once an agreement stands: payments, billing adjustments, an early end. Invoices.

use serde_json::{Value, json};

use crate::agreements::{cbor, member};
use crate::desk::{Desk, instalments};

/// An agreement that bills 960.00 at once, its id and its invoice's.
async fn sold(desk: &Desk) -> (String, String) {
    let offer = desk.released().await;
    let id = desk.accepted(&offer).await;
    let invoice = invoices(desk, &id, json!({})).await[0]["invoiceId"].as_str().unwrap().to_owned();
    (id, invoice)
}

async fn invoices(desk: &Desk, id: &str, filters: Value) -> Vec<Value> {
    let mut ask = json!({ "agreementId": id, "groupBy": "INVOICE_ID" });
    ask.as_object_mut().unwrap().extend(filters.as_object().unwrap().clone());
    let answer = desk.agreement("seller", "ListAgreementInvoiceLineItems", ask).await.ok();
    answer["agreementInvoiceLineItemGroupSummaries"].as_array().unwrap().clone()
}

fn entry(id: &str, invoice: &str, amount: &str, token: &str) -> Value {
    json!({
        "agreementId": id,
        "originalInvoiceId": invoice,
        "adjustmentAmount": amount,
        "currencyCode": "USD",
        "adjustmentReasonCode": "BUYER_DISSATISFACTION",
        "description": "Two days without service",
        "clientToken": token,
    })
}

async fn adjust(desk: &Desk, entries: Vec<Value>) -> Value {
    let ask = json!({ "billingAdjustmentRequestEntries": entries });
    desk.agreement("seller", "BatchCreateBillingAdjustmentRequest", ask).await.ok()
}

async fn adjustment(desk: &Desk, id: &str, request: &Value) -> Value {
    let ask = json!({ "agreementId": id, "billingAdjustmentRequestId": request });
    desk.agreement("seller", "GetBillingAdjustmentRequest", ask).await.ok()
}

async fn events(desk: &Desk, title: &str) -> Vec<Value> {
    let log = desk.get("/aws/events").await;
    log["events"].as_array().unwrap().iter().filter(|event| event["detail-type"] == title).cloned().collect()
}

#[tokio::test]
async fn an_adjustment_is_worked_off_later_and_becomes_a_credit_memo() {
    let desk = Desk::new().await;
    let (id, invoice) = sold(&desk).await;
    let made = adjust(&desk, vec![entry(&id, &invoice, "10.50", "t-1")]).await;
    assert_eq!((&made["errors"], &made["items"][0]["clientToken"]), (&json!([]), &json!("t-1")));
    let request = &made["items"][0]["billingAdjustmentRequestId"];
    assert_eq!(adjustment(&desk, &id, request).await["status"], "PENDING");
    desk.advance("PT1S").await;
    let seen = adjustment(&desk, &id, request).await;
    assert_eq!((&seen["status"], &seen["adjustmentAmount"]), (&json!("COMPLETED"), &json!("10.50")));
    let rows = invoices(&desk, &id, json!({})).await;
    let told: Vec<(&Value, &Value, &Value)> = rows
        .iter()
        .map(|row| {
            let amounts = &row["pricingCurrencyAmount"];
            (&row["invoiceType"], &amounts["amount"], &amounts["maxAdjustmentAmount"])
        })
        .collect();
    assert_eq!(
        told,
        [
            (&json!("INVOICE"), &json!("960.00"), &json!("949.50")),
            (&json!("CREDIT_MEMO"), &json!("-10.50"), &json!("0.00")),
        ]
    );
    let told = events(&desk, "Purchase Agreement Billing Adjustment Completed - Proposer").await;
    assert_eq!(told[0]["detail"]["billingAdjustmentRequest"]["adjustmentAmount"], "-10.50");
    assert_eq!(told[0]["detail"]["invoice"]["originalInvoiceId"], invoice.as_str());
    assert_eq!(events(&desk, "Purchase Agreement Billing Adjustment Completed - Acceptor").await.len(), 1);
}

#[tokio::test]
async fn each_entry_of_a_batch_stands_or_falls_alone_and_its_token_counts_once() {
    let desk = Desk::new().await;
    let (id, invoice) = sold(&desk).await;
    let entries = vec![
        entry(&id, &invoice, "10.00", "t-1"),
        entry(&id, "2000000000", "10.00", "t-2"),
        entry(&id, &invoice, "20.00", "t-3"),
    ];
    let first = adjust(&desk, entries.clone()).await;
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    assert_eq!(first["errors"][0]["code"], "RESOURCE_NOT_FOUND_EXCEPTION");
    assert_eq!(first["errors"][0]["clientToken"], "t-2");
    let again = adjust(&desk, entries).await;
    assert_eq!(again["items"], first["items"], "the same tokens and entries are the same requests");
    let reused = adjust(&desk, vec![entry(&id, &invoice, "10.01", "t-1")]).await;
    assert_eq!(reused["errors"][0]["code"], "CONFLICT_EXCEPTION");
    let doubled = adjust(&desk, vec![entry(&id, &invoice, "1", "t-5"), entry(&id, &invoice, "1", "t-5")]).await;
    assert_eq!(
        (&doubled["items"].as_array().unwrap().len(), &doubled["errors"][0]["code"]),
        (&1, &json!("VALIDATION_EXCEPTION"))
    );
    desk.advance("PT1S").await;
    let memo = invoices(&desk, &id, json!({ "invoiceType": "CREDIT_MEMO" })).await;
    assert_eq!(memo.len(), 3);
    let on_memo = adjust(&desk, vec![entry(&id, memo[0]["invoiceId"].as_str().unwrap(), "1", "t-4")]).await;
    assert_eq!(on_memo["errors"][0]["code"], "VALIDATION_EXCEPTION");
    let effects = desk.get("/aws/effects").await;
    let made = effects["effects"].as_array().unwrap().iter();
    let tokens: Vec<&str> = made
        .filter(|effect| effect["operation"] == "BatchCreateBillingAdjustmentRequest")
        .map(|effect| effect["client_request_token"].as_str().unwrap())
        .collect();
    assert_eq!(tokens, ["t-1", "t-3", "t-5"]);
}

#[tokio::test]
async fn what_exceeds_an_invoice_is_refused_at_once_or_when_it_is_worked_off() {
    let desk = Desk::new().await;
    let (id, invoice) = sold(&desk).await;
    let ask = json!({ "billingAdjustmentRequestEntries": [entry(&id, &invoice, "960.01", "t-0")] });
    let body =
        desk.agreement("seller", "BatchCreateBillingAdjustmentRequest", ask).await.refused(400, "ValidationException");
    assert_eq!(body["reason"], "EXCEEDED_MAXIMUM_ADJUSTMENT_AMOUNT");
    adjust(&desk, vec![entry(&id, &invoice, "600.00", "t-1")]).await;
    adjust(&desk, vec![entry(&id, &invoice, "360.01", "t-2")]).await;
    desk.advance("PT1S").await;
    let list = async |status: &str| {
        let ask = json!({ "agreementId": id, "status": status });
        let listed = desk.agreement("seller", "ListBillingAdjustmentRequests", ask).await.ok();
        listed["items"].as_array().unwrap().clone()
    };
    assert_eq!((list("COMPLETED").await.len(), list("VALIDATION_FAILED").await.len()), (1, 1));
    let failed = adjustment(&desk, &id, &list("VALIDATION_FAILED").await[0]["billingAdjustmentRequestId"]).await;
    assert!(failed["statusMessage"].as_str().unwrap().contains("exceeds"), "{failed}");
    assert_eq!(events(&desk, "Purchase Agreement Billing Adjustment Failed - Proposer").await.len(), 1);
    assert_eq!(events(&desk, "Purchase Agreement Billing Adjustment Failed - Acceptor").await.len(), 0);
}

#[tokio::test]
async fn a_malformed_batch_is_refused_as_a_whole_with_a_reason_of_the_model() {
    let desk = Desk::new().await;
    let (id, invoice) = sold(&desk).await;
    let good = || entry(&id, &invoice, "1.00", "t-1");
    let with = |key: &str, value: Value| {
        let mut wrong = entry(&id, &invoice, "1.00", "t-2");
        wrong[key] = value;
        vec![good(), wrong]
    };
    let without_description = |reason: &str| {
        let mut wrong = good();
        wrong["adjustmentReasonCode"] = reason.into();
        wrong.as_object_mut().unwrap().remove("description");
        vec![wrong]
    };
    let rows = [
        (Vec::new(), "MISSING_BILLING_ADJUSTMENT_REQUEST_ENTRY"),
        (
            (0..101).map(|n| entry(&id, &invoice, "1", &format!("t-{n}"))).collect(),
            "BILLING_ADJUSTMENTS_LIMIT_EXCEEDED",
        ),
        (with("agreementId", json!("agmt-other")), "MULTIPLE_AGREEMENT_IDS"),
        (with("originalInvoiceId", json!("")), "MISSING_INVOICE_ID"),
        (with("adjustmentAmount", json!("")), "MISSING_ADJUSTMENT_AMOUNT"),
        (with("adjustmentAmount", json!("0")), "INVALID_ADJUSTMENT_AMOUNT"),
        (with("adjustmentAmount", json!("-1")), "INVALID_ADJUSTMENT_AMOUNT"),
        (with("adjustmentAmount", json!("1.123456789")), "INVALID_ADJUSTMENT_AMOUNT"),
        (with("currencyCode", json!("")), "MISSING_CURRENCY_CODE"),
        (with("currencyCode", json!("EUR")), "INVALID_CURRENCY_CODE"),
        (with("adjustmentReasonCode", json!("")), "MISSING_REASON_CODE"),
        (with("adjustmentReasonCode", json!("TEST_AGREEMENT")), "INVALID_REASON_CODE"),
        (without_description("OTHER"), "MISSING_DESCRIPTION"),
        (with("description", json!("x".repeat(501))), "INVALID_DESCRIPTION"),
        (with("clientToken", json!("t_1")), "INVALID_CLIENT_TOKEN"),
        (vec![entry("agmt-nowhere", &invoice, "1", "t-1")], "INVALID_AGREEMENT_ID"),
    ];
    for (entries, reason) in rows {
        let ask = json!({ "billingAdjustmentRequestEntries": entries });
        let answer = desk.agreement("seller", "BatchCreateBillingAdjustmentRequest", ask).await;
        assert_eq!(answer.refused(400, "ValidationException")["reason"], reason);
    }
    let bare = desk.agreement("seller", "BatchCreateBillingAdjustmentRequest", json!({})).await;
    assert_eq!(bare.refused(400, "ValidationException")["reason"], "MISSING_BILLING_ADJUSTMENTS");
    let ask = json!({ "billingAdjustmentRequestEntries": [good()] });
    desk.agreement("buyer", "BatchCreateBillingAdjustmentRequest", ask).await.refused(403, "AccessDeniedException");
    assert_eq!(desk.get("/aws/agreement-requests").await["adjustments"], json!([]), "nothing was made of all this");
}

/// An agreement with a variable payment term of so much.
async fn variable(desk: &Desk, most: &str, expiration: Option<&str>) -> (String, String) {
    let (id, _) = sold(desk).await;
    let body = json!({ "max_total_charge_amount": most, "expiration_duration": expiration });
    let term = desk.post(&format!("/aws/agreements/{id}/variable-payment"), body).await.ok();
    (id, term["term_id"].as_str().unwrap().to_owned())
}

fn payment(id: &str, term: &str, amount: &str) -> Value {
    json!({ "agreementId": id, "termId": term, "name": "Onboarding week", "chargeAmount": amount })
}

#[tokio::test]
async fn a_payment_that_the_buyer_accepts_is_charged_and_invoiced_at_once() {
    let desk = Desk::new().await;
    let (id, term) = variable(&desk, "500.00", None).await;
    let terms = desk.agreement("seller", "GetAgreementTerms", json!({ "agreementId": id })).await.ok();
    let shown = terms["acceptedTerms"].as_array().unwrap().last().unwrap()["variablePaymentTerm"].clone();
    assert_eq!(
        shown,
        json!({ "type": "VariablePaymentTerm", "id": term, "currencyCode": "USD", "maxTotalChargeAmount": "500.00",
            "configuration": { "paymentRequestApprovalStrategy": "WAIT_FOR_APPROVAL" } })
    );
    let mut ask = payment(&id, &term, "250.00");
    ask["clientToken"] = "t-1".into();
    let sent = desk.agreement("seller", "SendAgreementPaymentRequest", ask.clone()).await.ok();
    assert_eq!((&sent["status"], &sent["currencyCode"]), (&json!("PENDING_APPROVAL"), &json!("USD")));
    assert_eq!(desk.agreement("seller", "SendAgreementPaymentRequest", ask).await.ok(), sent);
    desk.advance("P60D").await;
    let named =
        json!({ "agreementId": id, "paymentRequestId": sent["paymentRequestId"], "purchaseOrderReference": "PO-7" });
    desk.agreement("seller", "AcceptAgreementPaymentRequest", named.clone())
        .await
        .refused(403, "AccessDeniedException");
    let accepted = desk.agreement("buyer", "AcceptAgreementPaymentRequest", named.clone()).await.ok();
    assert_eq!(accepted["status"], "APPROVED");
    let again = desk.agreement("buyer", "AcceptAgreementPaymentRequest", named.clone()).await;
    assert_eq!(again.refused(409, "ConflictException")["resourceType"], "PaymentRequest");
    let seen = desk.agreement("seller", "GetAgreementPaymentRequest", named).await.ok();
    let charges = desk.agreement("buyer", "ListAgreementCharges", json!({ "agreementId": id })).await.ok();
    let charge = charges["items"].as_array().unwrap().iter().find(|row| row["id"] == seen["chargeId"]).unwrap();
    assert_eq!((&charge["amount"], &charge["purchaseOrderReference"]), (&json!("250.00"), &json!("PO-7")));
    let billed = invoices(&desk, &id, json!({})).await;
    assert_eq!(billed[1]["pricingCurrencyAmount"]["amount"], "250.00");
}

#[tokio::test]
async fn payments_are_rejected_withdrawn_or_approved_by_silence() {
    let desk = Desk::new().await;
    let (id, term) = variable(&desk, "500.00", Some("P10D")).await;
    let mut ids = Vec::new();
    for amount in ["100", "150", "200"] {
        let sent = desk.agreement("seller", "SendAgreementPaymentRequest", payment(&id, &term, amount)).await.ok();
        ids.push(sent["paymentRequestId"].clone());
    }
    let named =
        |request: &Value| json!({ "agreementId": id, "paymentRequestId": request, "rejectionReason": "Not yet" });
    let rejected = desk.agreement("buyer", "RejectAgreementPaymentRequest", named(&ids[0])).await.ok();
    assert_eq!((&rejected["status"], &rejected["statusMessage"]), (&json!("REJECTED"), &json!("Not yet")));
    desk.agreement("buyer", "CancelAgreementPaymentRequest", named(&ids[1]))
        .await
        .refused(403, "AccessDeniedException");
    let gone = desk.agreement("seller", "CancelAgreementPaymentRequest", named(&ids[1])).await.ok();
    assert_eq!(gone["status"], "CANCELLED");
    desk.advance("P10D").await;
    let list = async |role: &str, party: &str| {
        let ask = json!({ "partyType": party, "agreementId": id, "status": "APPROVED" });
        let listed = desk.agreement(role, "ListAgreementPaymentRequests", ask).await.ok();
        listed["items"].as_array().unwrap().iter().map(|row| row["paymentRequestId"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(list("seller", "Proposer").await, [ids[2].clone()]);
    assert_eq!(list("buyer", "Acceptor").await, [ids[2].clone()]);
    assert_eq!(list("buyer", "Proposer").await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_payment_that_is_still_validated_reaches_the_buyer_or_fails() {
    let desk = Desk::new().await;
    let (id, term) = variable(&desk, "500.00", None).await;
    let slow =
        json!({ "op": "SendAgreementPaymentRequest", "effect": "slow_processing", "preparing": "PT1H", "times": 2 });
    desk.fault(slow).await;
    let first = desk.agreement("seller", "SendAgreementPaymentRequest", payment(&id, &term, "100")).await.ok();
    assert_eq!(first["status"], "VALIDATING");
    let fails = json!({ "op": "SendAgreementPaymentRequest", "effect": "fail_change_set", "code": "X", "message": "No", "times": 1 });
    desk.fault(fails).await;
    let second = desk.agreement("seller", "SendAgreementPaymentRequest", payment(&id, &term, "100")).await.ok();
    let named = |sent: &Value| json!({ "agreementId": id, "paymentRequestId": sent["paymentRequestId"] });
    let early = desk.agreement("buyer", "AcceptAgreementPaymentRequest", named(&first)).await;
    early.refused(409, "ConflictException");
    desk.advance("PT1H").await;
    let state = async |sent: &Value| {
        desk.agreement("seller", "GetAgreementPaymentRequest", named(sent)).await.ok()["status"].clone()
    };
    assert_eq!((state(&first).await, state(&second).await), (json!("PENDING_APPROVAL"), json!("VALIDATION_FAILED")));
}

#[tokio::test]
async fn a_payment_request_is_refused_with_a_reason_of_the_model() {
    let desk = Desk::new().await;
    let (id, term) = variable(&desk, "500.00", None).await;
    let with = |key: &str, value: Value| {
        let mut wrong = payment(&id, &term, "100");
        wrong[key] = value;
        wrong
    };
    let rows = [
        (with("agreementId", json!("")), "MISSING_AGREEMENT_ID"),
        (with("agreementId", json!("a b")), "INVALID_AGREEMENT_ID"),
        (with("termId", json!("")), "MISSING_TERM_ID"),
        (with("termId", json!("term-other")), "INVALID_TERM_ID"),
        (with("name", json!("")), "MISSING_NAME"),
        (with("name", json!("four")), "INVALID_NAME"),
        (with("chargeAmount", json!("")), "MISSING_CHARGE_AMOUNT"),
        (with("chargeAmount", json!("0.00")), "INVALID_CHARGE_AMOUNT"),
        (with("chargeAmount", json!("a lot")), "INVALID_CHARGE_AMOUNT"),
        (with("chargeAmount", json!("500.01")), "INVALID_CHARGE_AMOUNT"),
        (with("description", json!("")), "INVALID_DESCRIPTION"),
        (with("clientToken", json!("with space")), "INVALID_CLIENT_TOKEN"),
    ];
    for (ask, reason) in rows {
        let answer = desk.agreement("seller", "SendAgreementPaymentRequest", ask).await;
        assert_eq!(answer.refused(400, "ValidationException")["reason"], reason);
    }
    desk.agreement("buyer", "SendAgreementPaymentRequest", payment(&id, &term, "1"))
        .await
        .refused(403, "AccessDeniedException");
    for (request, reason) in [("", "MISSING_PAYMENT_REQUEST_ID"), ("acr-1", "INVALID_PAYMENT_REQUEST_ID")] {
        let ask = json!({ "agreementId": id, "paymentRequestId": request });
        let answer = desk.agreement("seller", "GetAgreementPaymentRequest", ask).await;
        assert_eq!(answer.refused(400, "ValidationException")["reason"], reason);
    }
    let missing = json!({ "agreementId": id, "paymentRequestId": "pr-nowhere" });
    let missing = desk.agreement("seller", "GetAgreementPaymentRequest", missing).await;
    assert_eq!(missing.refused(404, "ResourceNotFoundException")["resourceType"], "PaymentRequest");
    for (ask, reason) in [
        (json!({}), "MISSING_PARTY_TYPE"),
        (json!({ "partyType": "Friend" }), "INVALID_PARTY_TYPE"),
        (json!({ "partyType": "Proposer", "status": "PAID" }), "INVALID_STATUS"),
        (json!({ "partyType": "Proposer", "catalog": "Elsewhere" }), "INVALID_CATALOG"),
        (json!({ "partyType": "Proposer", "agreementType": "Handshake" }), "INVALID_AGREEMENT_TYPE"),
        (json!({ "partyType": "Proposer", "maxResults": 51 }), "INVALID_MAX_RESULTS"),
    ] {
        for list in ["ListAgreementPaymentRequests", "ListAgreementCancellationRequests"] {
            let answer = desk.agreement("seller", list, ask.clone()).await;
            assert_eq!(answer.refused(400, "ValidationException")["reason"], reason, "{list}");
        }
    }
    desk.post(&format!("/aws/agreements/{id}/end"), json!({ "status": "TERMINATED" })).await.ok();
    let late = desk.agreement("seller", "SendAgreementPaymentRequest", payment(&id, &term, "1")).await;
    assert_eq!(late.refused(400, "ValidationException")["reason"], "INACTIVE_AGREEMENT");
}

#[tokio::test]
async fn a_cancellation_request_can_fail_its_validation_and_both_parties_hear_of_the_others() {
    let desk = Desk::new().await;
    let (id, _) = sold(&desk).await;
    let fails = json!({ "op": "SendAgreementCancellationRequest", "effect": "fail_change_set", "code": "X",
        "message": "A renewal must be canceled first", "times": 1 });
    desk.fault(fails).await;
    let ask = json!({ "agreementId": id, "reasonCode": "OTHER" });
    let sent = desk.agreement("seller", "SendAgreementCancellationRequest", ask.clone()).await.ok();
    desk.advance("PT1S").await;
    let named = json!({ "agreementId": id, "agreementCancellationRequestId": sent["agreementCancellationRequestId"] });
    let seen = desk.agreement("seller", "GetAgreementCancellationRequest", named).await.ok();
    assert_eq!(
        (&seen["status"], &seen["statusMessage"]),
        (&json!("VALIDATION_FAILED"), &json!("A renewal must be canceled first"))
    );
    assert_eq!(events(&desk, "Agreement Cancellation Request Validation Failed - Proposer").await.len(), 1);
    assert_eq!(events(&desk, "Agreement Cancellation Request Validation Failed - Acceptor").await.len(), 0);
    desk.agreement("seller", "SendAgreementCancellationRequest", ask).await.ok();
    assert_eq!(events(&desk, "Agreement Cancellation Request Pending Approval - Acceptor").await.len(), 2);
}

#[tokio::test]
async fn invoices_are_filtered_and_paged() {
    let desk = Desk::new().await;
    let offer = desk.made(instalments(desk.buyer())).await;
    let id = desk.accepted(&offer).await;
    desk.advance("P300D").await;
    let all = invoices(&desk, &id, json!({})).await;
    assert_eq!(all.len(), 2);
    let issued = all[1]["issuedTime"].clone();
    let rows = [
        (json!({ "invoiceId": all[1]["invoiceId"] }), 1),
        (json!({ "invoiceType": "INVOICE" }), 2),
        (json!({ "invoiceType": "CREDIT_MEMO" }), 0),
        (json!({ "invoiceBillingPeriod": { "month": 5, "year": 2031 } }), 1),
        (json!({ "afterIssuedTime": issued }), 0),
        (json!({ "beforeIssuedTime": issued }), 1),
    ];
    for (filters, expected) in rows {
        assert_eq!(invoices(&desk, &id, filters.clone()).await.len(), expected, "{filters}");
    }
    let ask = json!({ "agreementId": id, "groupBy": "INVOICE_ID", "maxResults": 1 });
    let first = desk.agreement("seller", "ListAgreementInvoiceLineItems", ask.clone()).await.ok();
    let mut next = ask;
    next["nextToken"] = first["nextToken"].clone();
    let second = desk.agreement("seller", "ListAgreementInvoiceLineItems", next).await.ok();
    assert_eq!(second["agreementInvoiceLineItemGroupSummaries"][0], all[1]);
    assert_eq!(second.get("nextToken"), None);
    for wrong in [
        json!({ "groupBy": "DAY" }),
        json!({ "groupBy": "INVOICE_ID", "invoiceType": "RECEIPT" }),
        json!({ "groupBy": "INVOICE_ID", "invoiceBillingPeriod": { "month": 13, "year": 2031 } }),
    ] {
        let mut ask = wrong;
        ask["agreementId"] = id.as_str().into();
        let answer = desk.agreement("seller", "ListAgreementInvoiceLineItems", ask).await;
        assert_eq!(answer.refused(400, "ValidationException")["reason"], "OTHER");
    }
    let theirs = json!({ "agreementId": id, "groupBy": "INVOICE_ID" });
    desk.agreement("buyer", "ListAgreementInvoiceLineItems", theirs).await.refused(403, "AccessDeniedException");
}

#[tokio::test]
async fn the_buyer_answers_through_the_control_api_too() {
    let desk = Desk::new().await;
    let (id, term) = variable(&desk, "500.00", None).await;
    let sent = desk.agreement("seller", "SendAgreementPaymentRequest", payment(&id, &term, "100")).await.ok();
    let path = |request: &str| format!("/aws/agreement-requests/{request}/answer");
    let request = sent["paymentRequestId"].as_str().unwrap();
    let answered = desk.post(&path(request), json!({ "approve": true })).await.ok();
    assert_eq!(answered["status"], "APPROVED");
    assert_eq!(desk.post(&path(request), json!({ "approve": true })).await.status, 409);
    assert_eq!(desk.post(&path("pr-nowhere"), json!({ "approve": true })).await.status, 409);
    assert_eq!(desk.post(&path(request), json!({})).await.status, 400);
    let ask = json!({ "agreementId": id, "reasonCode": "OTHER" });
    let sent = desk.agreement("seller", "SendAgreementCancellationRequest", ask).await.ok();
    let request = sent["agreementCancellationRequestId"].as_str().unwrap();
    let answered = desk.post(&path(request), json!({ "approve": false, "reason": "We need it" })).await.ok();
    assert_eq!(answered["status"], "REJECTED");
}

#[tokio::test]
async fn requests_speak_cbor_as_well() {
    let desk = Desk::new().await;
    let (id, invoice) = sold(&desk).await;
    let ask = json!({ "billingAdjustmentRequestEntries": [entry(&id, &invoice, "10.50", "t-1")] });
    let mut body = Vec::new();
    ciborium::into_writer(&ask, &mut body).unwrap();
    let (status, _, made) = cbor(&desk, "BatchCreateBillingAdjustmentRequest", &body).await;
    assert_eq!(status, 200, "{made:?}");
    let item = &member(&made, "items").as_array().unwrap()[0];
    let request = member(item, "billingAdjustmentRequestId").as_text().unwrap();
    let mut body = Vec::new();
    ciborium::into_writer(&json!({ "agreementId": id, "billingAdjustmentRequestId": request }), &mut body).unwrap();
    let (_, _, seen) = cbor(&desk, "GetBillingAdjustmentRequest", &body).await;
    assert_eq!(member(&seen, "createdAt").as_tag().unwrap().0, 1);
    assert_eq!(member(&seen, "status").as_text(), Some("PENDING"));
}
