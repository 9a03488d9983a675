//! Row 28, for requests about agreements and for invoices: answers with every part of them taken away, replaced or cut.

use ciborium::Value;
use entente_port::{ChangeState, Error, Marketplace};

use crate::{
    desk::call,
    mangled::{Format, Mangled, find, mangled, passing, wired},
    requests::{dollars, ending, payment, refund},
};

#[tokio::test]
async fn row_28_a_mangled_answer_to_a_request_is_the_request_itself_or_an_unknown_outcome() {
    let (desk, wire) = wired().await;
    let (agreement, invoice) = desk.sold(1).await;
    let term = desk.allow_payments(&agreement, "5000.00", None).await;
    let rows = [
        ("BatchCreateBillingAdjustmentRequest", refund(&agreement, &invoice, 100), "billingAdjustmentRequestId"),
        ("SendAgreementPaymentRequest", payment(&agreement, &term, dollars(100)), "paymentRequestId"),
        (
            "SendAgreementCancellationRequest",
            ending(&agreement, entente_port::CancellationReason::Test),
            "agreementCancellationRequestId",
        ),
    ];
    for (n, (operation, write, id)) in (10..).zip(rows) {
        desk.aws.submit(&call(n), &write).await.unwrap();
        for mangled in mangled(Format::Cbor, &wire.answer(operation)) {
            wire.put(operation, &mangled.body);
            let what = format!("{operation}{}", mangled.what);
            match desk.aws.submit(&call(n), &write).await {
                Ok(begun) => {
                    let told = mangled.text(id).unwrap_or_else(|| panic!("{what}: begun, but nobody said so"));
                    assert_eq!(begun.change.0, format!("{agreement}/{told}"), "{what}");
                }
                Err(Error::OutcomeUnknown { evidence, .. }) => {
                    assert!(evidence.starts_with("HTTP 200"), "{what}: {evidence}");
                }
                Err(other) => panic!("{what}: {other:?}"),
            }
        }
        wire.clear();
        assert_eq!(desk.applied(call(n).token).await, 1, "{operation}");
    }
}

#[tokio::test]
async fn row_28_a_mangled_request_is_over_only_if_it_says_so() {
    let (desk, wire) = wired().await;
    let (agreement, invoice) = desk.sold(1).await;
    let term = desk.allow_payments(&agreement, "5000.00", None).await;
    let rows = [
        ("GetBillingAdjustmentRequest", refund(&agreement, &invoice, 100)),
        ("GetAgreementPaymentRequest", payment(&agreement, &term, dollars(100))),
        ("GetAgreementCancellationRequest", ending(&agreement, entente_port::CancellationReason::Test)),
    ];
    for (n, (operation, write)) in (10..).zip(rows) {
        let begun = desk.aws.submit(&call(n), &write).await.unwrap();
        match n {
            10 => desk.advance("PT1S").await,
            _ => desk.answer(&begun.change, true).await,
        }
        let end = desk.aws.change(&begun.change).await.unwrap();
        assert!(matches!(end, ChangeState::Applied { .. }), "{operation}: {end:?}");
        for mangled in mangled(Format::Cbor, &wire.answer(operation)) {
            wire.put(operation, &mangled.body);
            let what = format!("{operation}{}", mangled.what);
            let said = matches!(mangled.text("status"), Some("APPROVED" | "COMPLETED"));
            match passing(&what, desk.aws.change(&begun.change).await) {
                Some(ChangeState::Applied { .. }) => assert!(said, "{what}"),
                Some(ChangeState::Pending) => assert!(!said, "{what}"),
                Some(other) => panic!("{what}: it did not end like that: {other:?}"),
                None => {}
            }
        }
        wire.clear();
    }
}

#[tokio::test]
async fn row_28_a_mangled_list_of_requests_loses_none_that_it_names() {
    let (desk, wire) = wired().await;
    let (agreement, invoice) = desk.sold(1).await;
    let term = desk.allow_payments(&agreement, "5000.00", None).await;
    let rows = [
        ("ListBillingAdjustmentRequests", refund(&agreement, &invoice, 100)),
        ("ListAgreementPaymentRequests", payment(&agreement, &term, dollars(100))),
        ("ListAgreementCancellationRequests", ending(&agreement, entente_port::CancellationReason::Test)),
    ];
    for (n, (operation, write)) in (10..).zip(rows) {
        desk.aws.submit(&call(n), &write).await.unwrap();
        desk.aws.find(&call(n).key, &write).await.unwrap();
        for mangled in mangled(Format::Cbor, &wire.answer(operation)) {
            wire.put(operation, &mangled.body);
            let what = format!("{operation}{}", mangled.what);
            // What is listed under another id, or another agreement's, is not there when it is asked for.
            let found = match desk.aws.find(&call(n).key, &write).await {
                Err(Error::NotFound { .. } | Error::Rejected { .. }) => continue,
                answer => passing(&what, answer),
            };
            let Some(found) = found else { continue };
            assert!(found.iter().all(|effect| effect.same_request), "{what}: {found:?}");
            assert_eq!(found.is_empty(), mangled.items("items").is_empty(), "{what}: {found:?}");
        }
        wire.clear();
    }
}

#[tokio::test]
async fn row_28_mangled_invoices_are_all_seen_and_say_what_they_say() {
    const OPERATION: &str = "ListAgreementInvoiceLineItems";
    let (desk, wire) = wired().await;
    let (agreement, _) = desk.sold(1).await;
    desk.aws.invoices_of(&agreement).await.unwrap();
    for mangled in mangled(Format::Cbor, &wire.answer(OPERATION)) {
        wire.put(OPERATION, &mangled.body);
        let what = &mangled.what;
        let Some(page) = passing(what, desk.aws.invoices_of(&agreement).await) else { continue };
        let listed = mangled.items("agreementInvoiceLineItemGroupSummaries");
        assert_eq!(page.invoices.len() + page.unrecognised.len(), listed.len(), "{what}: {page:?}");
        for invoice in &page.invoices {
            let amount = invoice.amount.decimal().to_string();
            let told = |listed: &Value| find(listed, "amount").and_then(Value::as_text) == Some(amount.as_str());
            assert!(listed.iter().any(told), "{what}: {invoice:?}");
        }
    }
}

/// The mangled answers are as many as they should be: one that is never mangled would prove nothing.
#[tokio::test]
async fn every_part_of_an_answer_is_mangled() {
    let (desk, wire) = wired().await;
    let (agreement, invoice) = desk.sold(1).await;
    desk.aws.submit(&call(10), &refund(&agreement, &invoice, 100)).await.unwrap();
    let all: Vec<Mangled> = mangled(Format::Cbor, &wire.answer("BatchCreateBillingAdjustmentRequest"));
    assert!(all.iter().any(|one| one.what.contains("billingAdjustmentRequestId is gone")), "{}", all.len());
    assert!(all.iter().any(|one| one.what.contains("clientToken is gone")));
}
