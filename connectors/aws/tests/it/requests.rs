//! Requests about agreements: one effect for one step whatever happens to the answer, and every end told apart.

use entente_core::money::Money;
use entente_port::{
    AdjustmentReason, AgreementStatus, CancellationReason, ChangeId, ChangeState, Error, Marketplace, Unanswered, Write,
};
use serde_json::{Value, json};

use crate::desk::{Desk, call};

pub fn dollars(cents: i64) -> Money {
    Money { minor: cents, currency: "USD".parse().unwrap() }
}

pub fn refund(agreement: &str, invoice: &str, cents: i64) -> Write {
    Write::AdjustBilling {
        agreement_id: agreement.to_owned(),
        invoice_id: invoice.to_owned(),
        amount: dollars(cents),
        reason: AdjustmentReason::BuyerDissatisfied,
        description: Some("Two days without service".to_owned()),
    }
}

pub fn ending(agreement: &str, reason: CancellationReason) -> Write {
    Write::CancelAgreement { agreement_id: agreement.to_owned(), reason, description: Some("As agreed".to_owned()) }
}

pub fn payment(agreement: &str, term: &str, amount: Money) -> Write {
    Write::RequestPayment {
        agreement_id: agreement.to_owned(),
        term_id: term.to_owned(),
        name: "Onboarding week".to_owned(),
        amount,
        description: None,
    }
}

/// A desk with an agreement, and each kind of request about it with the operation that sends it.
async fn every_request() -> (Desk, Vec<(&'static str, Write)>) {
    let desk = Desk::new().await;
    let (agreement, invoice) = desk.sold(1).await;
    let term = desk.allow_payments(&agreement, "5000.00", None).await;
    let all = vec![
        ("BatchCreateBillingAdjustmentRequest", refund(&agreement, &invoice, 1_050)),
        ("SendAgreementPaymentRequest", payment(&agreement, &term, dollars(25_000))),
        ("SendAgreementCancellationRequest", ending(&agreement, CancellationReason::Test)),
    ];
    (desk, all)
}

async fn stored(desk: &Desk) -> Value {
    desk.get("aws/agreement-requests").await
}

fn count(stored: &Value) -> usize {
    ["adjustments", "cancellations", "payments"].iter().map(|kind| stored[kind].as_array().unwrap().len()).sum()
}

#[tokio::test]
async fn row_27_a_lost_answer_is_found_by_our_key_and_the_token_makes_a_resend_harmless() {
    let (desk, all) = every_request().await;
    for (n, (operation, write)) in (10..).zip(all) {
        desk.fault(json!({ "op": operation, "effect": "lose_answer", "times": 1 })).await;
        let lost = desk.aws.submit(&call(n), &write).await.unwrap_err();
        assert!(matches!(lost, Error::OutcomeUnknown { .. }), "{operation}: {lost:?}");
        let found = desk.aws.find(&call(n).key, &write).await.unwrap();
        let [effect] = found.as_slice() else { panic!("{operation}: {found:?}") };
        assert!(effect.same_request, "{operation}");
        let again = desk.aws.submit(&call(n), &write).await.unwrap();
        assert_eq!(again.change, effect.change, "{operation}: the same token gives the same request");
        assert_eq!(desk.applied(call(n).token).await, 1, "{operation}");
    }
    assert_eq!(count(&stored(&desk).await), 3);
}

#[tokio::test]
async fn a_request_that_never_arrived_is_not_found() {
    let (desk, all) = every_request().await;
    for (n, (operation, write)) in (10..).zip(all) {
        desk.fault(json!({ "op": operation, "effect": "drop_request", "times": 1 })).await;
        let lost = desk.aws.submit(&call(n), &write).await.unwrap_err();
        assert!(matches!(lost, Error::OutcomeUnknown { .. }), "{operation}: {lost:?}");
        assert_eq!(desk.aws.find(&call(n).key, &write).await.unwrap(), [], "{operation}");
    }
    assert_eq!(count(&stored(&desk).await), 0);
}

#[tokio::test]
async fn a_twin_that_an_ignored_token_made_is_never_silent() {
    let (desk, all) = every_request().await;
    // A second request to end an agreement is refused by itself while the first one is open.
    for (n, (operation, write)) in (10..).zip(all.into_iter().take(2)) {
        desk.fault(json!({ "op": operation, "effect": "ignore_client_token" })).await;
        let first = desk.aws.submit(&call(n), &write).await.unwrap();
        let second = desk.aws.submit(&call(n), &write).await.unwrap();
        assert_ne!(first, second, "{operation}");
        let found = desk.aws.find(&call(n).key, &write).await.unwrap();
        assert_eq!(found.len(), 2, "{operation}: {found:?}");
    }
}

#[tokio::test]
async fn row_33_a_hidden_request_is_absent_at_first_and_found_later() {
    let (desk, all) = every_request().await;
    for (n, (operation, write)) in (10..).zip(all) {
        desk.fault(json!({ "op": operation, "effect": "hide_change_sets", "for": "PT2M", "times": 1 })).await;
        desk.aws.submit(&call(n), &write).await.unwrap();
        assert_eq!(desk.aws.find(&call(n).key, &write).await.unwrap(), [], "{operation}");
        desk.advance("PT3M").await;
        assert_eq!(desk.aws.find(&call(n).key, &write).await.unwrap().len(), 1, "{operation}");
    }
}

#[tokio::test]
async fn row_32_all_pages_are_read_also_when_a_page_token_expires_between_them() {
    let desk = Desk::new().await;
    let (agreement, invoice) = desk.sold(1).await;
    for n in 10..65 {
        desk.aws.submit(&call(n), &refund(&agreement, &invoice, 1)).await.unwrap();
    }
    desk.fault(json!({ "op": "ListBillingAdjustmentRequests", "effect": "expire_page_tokens", "times": 2 })).await;
    for n in [10, 40, 64] {
        assert_eq!(desk.aws.find(&call(n).key, &refund(&agreement, &invoice, 1)).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn row_66_requests_of_ours_since_an_instant_are_listed_with_their_steps() {
    let (desk, all) = every_request().await;
    desk.aws.submit(&call(10), &all[0].1).await.unwrap();
    desk.advance("PT2H").await;
    let since = desk.now().await;
    for (n, (_, write)) in (11..).zip(&all) {
        desk.aws.submit(&call(n), write).await.unwrap();
    }
    // Requests that somebody made in the console carry no key of ours.
    let ours = desk.aws.ours_since(since).await.unwrap();
    let steps: Vec<u64> = ours.iter().map(|write| write.key.invoke.seq).collect();
    assert_eq!(steps.len(), 3, "{ours:?}");
    for n in [11, 12, 13] {
        assert!(steps.contains(&n), "{steps:?}");
    }
    assert!(ours.iter().all(|write| write.began_at >= since && write.key.run == call(1).key.run));
}

async fn state(desk: &Desk, change: &ChangeId) -> ChangeState {
    desk.aws.change(change).await.unwrap()
}

#[tokio::test]
async fn a_request_to_end_an_agreement_waits_a_week_for_the_buyer() {
    let desk = Desk::new().await;
    let (agreement, _) = desk.sold(1).await;
    let begun = desk.aws.submit(&call(10), &ending(&agreement, CancellationReason::Test)).await.unwrap();
    let week_later = desk.now().await.checked_add(jiff::SignedDuration::from_hours(7 * 24)).unwrap();
    assert_eq!(state(&desk, &begun.change).await, ChangeState::AwaitingBuyer { answer_by: Some(week_later) });
    let busy = desk.aws.submit(&call(11), &ending(&agreement, CancellationReason::Other)).await.unwrap_err();
    assert!(matches!(busy, Error::Conflict { .. }), "{busy:?}");
    desk.advance("P7D").await;
    assert_eq!(state(&desk, &begun.change).await, ChangeState::Applied { offer_id: None, at: week_later });
    assert_eq!(desk.aws.agreement(&agreement).await.unwrap().status, AgreementStatus::Cancelled);
}

#[tokio::test]
async fn what_the_buyer_declines_keeps_the_buyers_words() {
    let desk = Desk::new().await;
    let (agreement, _) = desk.sold(1).await;
    let term = desk.allow_payments(&agreement, "5000.00", None).await;
    let writes = [ending(&agreement, CancellationReason::Other), payment(&agreement, &term, dollars(100))];
    for (n, write) in (10..).zip(writes) {
        let begun = desk.aws.submit(&call(n), &write).await.unwrap();
        desk.answer(&begun.change, false).await;
        let state = state(&desk, &begun.change).await;
        assert!(matches!(&state, ChangeState::Declined { reason: Some(why), .. } if why == "We need it"), "{state:?}");
    }
    assert_eq!(desk.aws.agreement(&agreement).await.unwrap().status, AgreementStatus::Active);
}

#[tokio::test]
async fn row_29_a_request_that_fails_later_says_why() {
    let (desk, all) = every_request().await;
    for (n, (operation, write)) in (10..).zip(all) {
        let fault = json!({ "op": operation, "effect": "fail_change_set", "code": "X", "message": "Not possible now", "times": 1 });
        desk.fault(fault).await;
        let begun = desk.aws.submit(&call(n), &write).await.unwrap();
        desk.advance("PT1S").await;
        let state = state(&desk, &begun.change).await;
        let ChangeState::Failed(Error::Rejected { code, reason, .. }) = &state else {
            panic!("{operation}: {state:?}")
        };
        assert_eq!((code.as_deref(), reason.as_str()), (Some("VALIDATION_FAILED"), "Not possible now"), "{operation}");
    }
}

#[tokio::test]
async fn two_refunds_that_exceed_an_invoice_together_are_not_both_applied() {
    let desk = Desk::new().await;
    let (agreement, invoice) = desk.sold(1).await;
    let billed = desk.aws.invoices_of(&agreement).await.unwrap().invoices[0].amount;
    let half = billed.minor / 2 + 1;
    let first = desk.aws.submit(&call(10), &refund(&agreement, &invoice, half)).await.unwrap();
    let second = desk.aws.submit(&call(11), &refund(&agreement, &invoice, half)).await.unwrap();
    desk.advance("PT1S").await;
    // Begun in the same instant, either of them may be worked off first.
    let ends = [state(&desk, &first.change).await, state(&desk, &second.change).await];
    let applied = ends.iter().filter(|end| matches!(end, ChangeState::Applied { offer_id: None, .. })).count();
    let failed = ends.iter().filter(|end| matches!(end, ChangeState::Failed(Error::Rejected { .. }))).count();
    assert_eq!((applied, failed), (1, 1), "{ends:?}");
}

#[tokio::test]
async fn refusals_name_the_field_of_the_request() {
    let desk = Desk::new().await;
    let (agreement, invoice) = desk.sold(1).await;
    let term = desk.allow_payments(&agreement, "5000.00", None).await;
    let euros = Money { minor: 100, currency: "EUR".parse().unwrap() };
    let long = |write: Write| match write {
        Write::AdjustBilling { agreement_id, invoice_id, amount, reason, .. } => {
            let description = Some("x".repeat(500));
            Write::AdjustBilling { agreement_id, invoice_id, amount, reason, description }
        }
        other => other,
    };
    let named = |name: &str| match payment(&agreement, &term, dollars(100)) {
        Write::RequestPayment { agreement_id, term_id, amount, description, .. } => {
            Write::RequestPayment { agreement_id, term_id, name: name.to_owned(), amount, description }
        }
        other => other,
    };
    let in_euros = match refund(&agreement, &invoice, 100) {
        Write::AdjustBilling { agreement_id, invoice_id, reason, description, .. } => {
            Write::AdjustBilling { agreement_id, invoice_id, amount: euros, reason, description }
        }
        other => other,
    };
    let rows = [
        (refund(&agreement, &invoice, 0), "/amount"),
        (refund(&agreement, &invoice, -5), "/amount"),
        (refund(&agreement, &invoice, 100_000_000), "/amount"),
        (in_euros, "/amount/currency"),
        (long(refund(&agreement, &invoice, 100)), "/description"),
        (payment(&agreement, &term, dollars(0)), "/amount"),
        (payment(&agreement, &term, dollars(500_001)), "/amount"),
        (payment(&agreement, &term, euros), "/amount/currency"),
        (payment(&agreement, "term-nowhere", dollars(100)), "/term_id"),
        (named("four"), "/name"),
    ];
    for (n, (write, expected)) in (10..).zip(rows) {
        let refused = desk.aws.submit(&call(n), &write).await.unwrap_err();
        let Error::Rejected { field, .. } = &refused else { panic!("{write:?}: {refused:?}") };
        assert_eq!(field.as_deref(), Some(expected), "{write:?}: {refused}");
    }
    let unknown = desk.aws.submit(&call(30), &refund(&agreement, "2000000000", 100)).await.unwrap_err();
    assert!(matches!(&unknown, Error::NotFound { object } if object.contains("2000000000")), "{unknown:?}");
    desk.post(&format!("aws/agreements/{agreement}/end"), json!({ "status": "TERMINATED" })).await;
    for (n, write) in (40..).zip([ending(&agreement, CancellationReason::Test), payment(&agreement, &term, dollars(1))])
    {
        let refused = desk.aws.submit(&call(n), &write).await.unwrap_err();
        let Error::Rejected { field, code, .. } = &refused else { panic!("{write:?}: {refused:?}") };
        assert_eq!((field.as_deref(), code.as_deref()), (Some("/agreement_id"), Some("INACTIVE_AGREEMENT")));
    }
    assert_eq!(count(&stored(&desk).await), 0, "nothing of all this was applied");
}

#[tokio::test]
async fn a_payment_is_asked_for_under_its_term_and_silence_may_be_consent() {
    let desk = Desk::new().await;
    let (agreement, _) = desk.sold(1).await;
    assert_eq!(desk.aws.payment_terms(&agreement).await.unwrap(), []);
    let id = desk.allow_payments(&agreement, "5000.00", Some("P10D")).await;
    let terms = desk.aws.payment_terms(&agreement).await.unwrap();
    assert_eq!((terms.len(), &terms[0].id, terms[0].most), (1, &id, dollars(500_000)));
    assert_eq!(terms[0].unanswered, Unanswered::Approved { after: Some("P10D".to_owned()) });
    let begun = desk.aws.submit(&call(10), &payment(&agreement, &id, dollars(25_000))).await.unwrap();
    desk.advance("P9D").await;
    assert_eq!(state(&desk, &begun.change).await, ChangeState::AwaitingBuyer { answer_by: None });
    desk.advance("P1D").await;
    assert!(matches!(state(&desk, &begun.change).await, ChangeState::Applied { offer_id: None, .. }));
    let billed = desk.aws.invoices_of(&agreement).await.unwrap().invoices;
    assert_eq!(billed.last().map(|invoice| invoice.amount), Some(dollars(25_000)));
}

#[tokio::test]
async fn a_plan_is_the_request_that_is_sent() {
    let (desk, all) = every_request().await;
    for (n, (operation, write)) in (10..).zip(all) {
        let plan = desk.aws.plan(&call(n), &write).unwrap();
        let [planned] = plan.as_slice() else { panic!("{plan:?}") };
        assert_eq!(planned.operation, operation);
        desk.aws.submit(&call(n), &write).await.unwrap();
        let text = planned.body.to_string();
        assert!(text.contains(&call(n).token.to_string()), "{text}");
    }
    let sent = stored(&desk).await;
    for (kind, planned) in
        [("adjustments", "Two days without service [entente ACME-2031-0042"), ("cancellations", "As agreed [entente")]
    {
        let description = sent[kind][0]["description"].as_str().unwrap();
        assert!(description.starts_with(planned), "{description}");
    }
}

#[tokio::test]
async fn row_28_a_request_with_an_unknown_status_is_waited_for() {
    let (desk, all) = every_request().await;
    for (n, (operation, write)) in (10..).zip(all) {
        let begun = desk.aws.submit(&call(n), &write).await.unwrap();
        let get = operation.replace("BatchCreate", "Get").replace("Send", "Get");
        desk.fault(json!({ "op": get, "effect": "unknown_fields", "times": 1 })).await;
        assert_eq!(state(&desk, &begun.change).await, ChangeState::Pending, "{operation}");
    }
}

fn taken_back(agreement: &str, change: &ChangeId) -> Write {
    Write::WithdrawPayment { agreement_id: agreement.to_owned(), request: change.clone() }
}

#[tokio::test]
async fn row_27_a_payment_request_is_taken_back_once_however_often_the_answer_is_lost() {
    let desk = Desk::new().await;
    let (agreement, _) = desk.sold(1).await;
    let term = desk.allow_payments(&agreement, "5000.00", None).await;
    let begun = desk.aws.submit(&call(10), &payment(&agreement, &term, dollars(25_000))).await.unwrap();
    let back = taken_back(&agreement, &begun.change);
    desk.fault(json!({ "op": "CancelAgreementPaymentRequest", "effect": "lose_answer", "times": 1 })).await;
    let lost = desk.aws.submit(&call(11), &back).await.unwrap_err();
    assert!(matches!(lost, Error::OutcomeUnknown { .. }), "{lost:?}");
    // Where the request stands tells what became of it, and asking again changes nothing.
    assert!(matches!(state(&desk, &begun.change).await, ChangeState::Failed(_)));
    assert_eq!(desk.aws.submit(&call(11), &back).await.unwrap().change, begun.change);
    assert_eq!(desk.aws.find(&call(11).key, &back).await.unwrap(), []);
    let planned = desk.aws.plan(&call(11), &back).unwrap();
    assert_eq!(planned[0].operation, "CancelAgreementPaymentRequest");
    assert!(begun.change.0.ends_with(planned[0].body["paymentRequestId"].as_str().unwrap()), "{planned:?}");
}

#[tokio::test]
async fn what_the_buyer_has_answered_is_not_taken_back() {
    let desk = Desk::new().await;
    let (agreement, _) = desk.sold(1).await;
    let term = desk.allow_payments(&agreement, "5000.00", None).await;
    for (n, yes) in [(10, true), (20, false)] {
        let begun = desk.aws.submit(&call(n), &payment(&agreement, &term, dollars(100))).await.unwrap();
        desk.answer(&begun.change, yes).await;
        let before = state(&desk, &begun.change).await;
        let late = desk.aws.submit(&call(n + 1), &taken_back(&agreement, &begun.change)).await.unwrap_err();
        assert!(matches!(&late, Error::Rejected { field: Some(field), .. } if field == "/request"), "{late:?}");
        assert_eq!(state(&desk, &begun.change).await, before);
    }
    // Only a request for a payment can be taken back, and only under its own agreement.
    let begun = desk.aws.submit(&call(30), &ending(&agreement, CancellationReason::Test)).await.unwrap();
    for other in [begun.change, ChangeId("agmt-other/pr-1".to_owned()), ChangeId("cs-1".to_owned())] {
        let refused = desk.aws.submit(&call(31), &taken_back(&agreement, &other)).await.unwrap_err();
        assert!(matches!(&refused, Error::Rejected { field: Some(field), .. } if field == "/request"), "{refused:?}");
    }
}

#[tokio::test]
async fn a_payment_request_that_is_still_validated_is_busy_and_not_lost() {
    let desk = Desk::new().await;
    let (agreement, _) = desk.sold(1).await;
    let term = desk.allow_payments(&agreement, "5000.00", None).await;
    desk.fault(
        json!({ "op": "SendAgreementPaymentRequest", "effect": "slow_processing", "preparing": "PT1M", "times": 1 }),
    )
    .await;
    let begun = desk.aws.submit(&call(10), &payment(&agreement, &term, dollars(100))).await.unwrap();
    assert_eq!(state(&desk, &begun.change).await, ChangeState::Pending);
    let busy = desk.aws.submit(&call(11), &taken_back(&agreement, &begun.change)).await.unwrap_err();
    assert!(matches!(busy, Error::Conflict { .. }), "{busy:?}");
    desk.advance("PT2M").await;
    desk.aws.submit(&call(11), &taken_back(&agreement, &begun.change)).await.unwrap();
    assert!(matches!(state(&desk, &begun.change).await, ChangeState::Failed(_)));
}
