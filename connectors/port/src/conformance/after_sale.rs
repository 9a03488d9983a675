//! What is asked about an agreement once it stands: one effect, found again, and told by what the marketplace shows.

use entente_core::money::{Currency, Money};
use jiff::{Timestamp, ToSpan};

use super::Trial;
use crate::{
    AdjustmentReason, AgreementStatus, CallContext, CancellationReason, Capability, ChangeId, ChangeState, Error,
    Invoice, InvoiceKind, RecoveryClass, Write,
};

const CAREFUL: &str = "a write that ends an agreement or moves money says that it cannot be undone";
const PLANS: &str = "plan and entity of a write about an agreement are deterministic and never empty";
const ONCE: &str = "the same token and request about an agreement, sent twice, has one effect";
const FOUND: &str = "a request about an agreement is found by its key, with where it stands";
const COMPARED: &str = "a found request tells whether it is the same";
const REFUNDED: &str = "money given back shows as a credit memo, and less can be given back afterwards";
const TOO_MUCH: &str = "more than an invoice holds is never given back";
const ASKED: &str = "a request that the buyer has to answer says so";
const DECLINED: &str = "what the buyer declines is declined, and the agreement stands";
const ENDED: &str = "what the buyer agrees to ends the agreement";
const TAKEN_BACK: &str =
    "a payment request that is taken back charges nothing, and taking it back again changes nothing";
const TOO_LATE: &str = "a payment request that the buyer has answered is not taken back";
const PAID: &str = "a payment that the buyer agrees to is applied";
const LISTED: &str = "an invoice is among those issued since before it, and the pages end";

/// A request to end an agreement.
pub(super) fn cancellation(agreement_id: &str) -> Write {
    Write::CancelAgreement {
        agreement_id: agreement_id.to_owned(),
        reason: CancellationReason::Other,
        description: Some("The buyer asked for it".to_owned()),
    }
}

/// A refund of so many cents.
pub(super) fn refund(agreement_id: &str, invoice_id: &str, cents: i64) -> Write {
    Write::AdjustBilling {
        agreement_id: agreement_id.to_owned(),
        invoice_id: invoice_id.to_owned(),
        amount: dollars(cents),
        reason: AdjustmentReason::BuyerDissatisfied,
        description: Some("Two days without service".to_owned()),
    }
}

/// A payment of so many cents.
pub(super) fn payment(agreement_id: &str, term_id: &str, cents: i64) -> Write {
    Write::RequestPayment {
        agreement_id: agreement_id.to_owned(),
        term_id: term_id.to_owned(),
        name: "Onboarding week".to_owned(),
        amount: dollars(cents),
        description: None,
    }
}

/// Taking a request for a payment back.
pub(super) fn taken_back(agreement_id: &str, request: &str) -> Write {
    Write::WithdrawPayment { agreement_id: agreement_id.to_owned(), request: ChangeId(request.to_owned()) }
}

/// Conformance offers are in dollars.
fn dollars(cents: i64) -> Money {
    Money { minor: cents, currency: usd() }
}

fn usd() -> Currency {
    match "USD".parse() {
        Ok(currency) => currency,
        Err(unknown) => unreachable!("{unknown}"),
    }
}

pub(super) async fn try_laws(trial: &mut Trial<'_>) {
    for write in [cancellation("agmt-1"), refund("agmt-1", "inv-1", 100), payment("agmt-1", "term-1", 100)] {
        pure(trial, &write);
    }
    if !trial.can(Capability::CreateOffer) || !trial.can(Capability::ListAgreements) {
        return;
    }
    if trial.can(Capability::AdjustBilling) && trial.can(Capability::ListInvoices) {
        refunds(trial).await;
    }
    if trial.can(Capability::RequestPayment) {
        payments(trial).await;
    }
    if trial.can(Capability::WithdrawPayment) {
        withdrawals(trial).await;
    }
    if trial.can(Capability::CancelAgreement) {
        endings(trial).await;
    }
    if trial.can(Capability::ListInvoices) {
        invoices(trial).await;
    }
}

fn pure(trial: &mut Trial<'_>, write: &Write) {
    let capability = write.capability();
    if !trial.can(capability) {
        return;
    }
    let careful = trial.marketplace.profile(capability).irreversible;
    trial.check(CAREFUL, careful, || format!("{capability} is not declared irreversible"));
    planned(trial, write);
}

fn planned(trial: &mut Trial<'_>, write: &Write) {
    let capability = write.capability();
    if !trial.can(capability) {
        return;
    }
    let call = trial.fresh_call();
    let plans = [trial.marketplace.plan(&call, write), trial.marketplace.plan(&call, write)];
    let sound = plans[0] == plans[1] && plans[0].as_ref().is_ok_and(|plan| !plan.is_empty());
    trial.check(PLANS, sound, || format!("{capability}: {plans:?}"));
    let entities = [trial.marketplace.entity(write), trial.marketplace.entity(write)];
    trial.check(PLANS, entities[0] == entities[1] && !entities[0].is_empty(), || format!("{capability}: {entities:?}"));
}

async fn refunds(trial: &mut Trial<'_>) {
    let Some(agreement) = trial.agreed(REFUNDED).await else { return };
    let Some(before) = billed(trial, REFUNDED, &agreement).await else { return };
    let [invoice] = before.as_slice() else {
        return trial.breach(REFUNDED, format!("the bench's offers bill once at acceptance, got {before:?}"));
    };
    let write = refund(&agreement, &invoice.id, 1_050);
    let call = trial.fresh_call();
    let Some(change) = begin(trial, REFUNDED, &call, &write).await else { return };
    found(trial, &call, &write, &refund(&agreement, &invoice.id, 1_051)).await;
    once(trial, &call, &write).await;
    let state = trial.end_of(REFUNDED, &change).await;
    trial.check(REFUNDED, matches!(state, Some(ChangeState::Applied { .. })), || format!("ended as {state:?}"));
    trial.bench.settle().await;
    let Some(after) = billed(trial, REFUNDED, &agreement).await else { return };
    let memo = |row: &&Invoice| row.kind == InvoiceKind::CreditMemo && row.amount == dollars(1_050);
    trial.check(REFUNDED, after.iter().filter(memo).count() == 1, || format!("{after:?}"));
    let left = |rows: &[Invoice]| rows.iter().find(|row| row.id == invoice.id).and_then(|row| row.adjustable);
    let less = match (left(&before), left(&after)) {
        (Some(before), Some(after)) => before.minor - after.minor == 1_050,
        (None, None) => true,
        _ => false,
    };
    trial.check(REFUNDED, less, || format!("{before:?}, then {after:?}"));
    too_much(trial, &agreement, invoice).await;
}

/// Refused at once or later; what must not happen is that it is applied.
async fn too_much(trial: &mut Trial<'_>, agreement: &str, invoice: &Invoice) {
    let write = refund(agreement, &invoice.id, invoice.amount.minor + 1);
    let call = trial.fresh_call();
    match trial.marketplace.submit(&call, &write).await {
        Err(Error::Rejected { .. }) => {}
        Err(other) => trial.breach(TOO_MUCH, format!("expected a refusal, got {other:?}")),
        Ok(begun) => {
            let state = trial.end_of(TOO_MUCH, &begun.change).await;
            trial.check(TOO_MUCH, matches!(state, Some(ChangeState::Failed(_))), || format!("ended as {state:?}"));
        }
    }
}

async fn payments(trial: &mut Trial<'_>) {
    let Some(agreement) = trial.agreed(PAID).await else { return };
    trial.bench.allow_payments(&agreement, dollars(100_000)).await;
    let term = match trial.marketplace.payment_terms(&agreement).await {
        Ok(terms) => terms.into_iter().find(|term| term.most == dollars(100_000)),
        Err(error) => return trial.breach(PAID, format!("its payment terms cannot be read: {error}")),
    };
    let Some(term) = term else { return trial.breach(PAID, "the payment term is not among the agreement's") };
    let write = payment(&agreement, &term.id, 25_000);
    let call = trial.fresh_call();
    let Some(change) = begin(trial, PAID, &call, &write).await else { return };
    asked(trial, &change).await;
    found(trial, &call, &write, &payment(&agreement, &term.id, 25_001)).await;
    once(trial, &call, &write).await;
    trial.bench.answer(&change, true).await;
    let state = trial.end_of(PAID, &change).await;
    trial.check(PAID, matches!(state, Some(ChangeState::Applied { .. })), || format!("ended as {state:?}"));
}

async fn withdrawals(trial: &mut Trial<'_>) {
    let Some(agreement) = trial.agreed(TAKEN_BACK).await else { return };
    trial.bench.allow_payments(&agreement, dollars(100_000)).await;
    let terms = trial.marketplace.payment_terms(&agreement).await;
    let Some(term) = terms.iter().flatten().next() else {
        return trial.breach(TAKEN_BACK, format!("the payment term is not told: {terms:?}"));
    };
    let ask = payment(&agreement, &term.id, 60_000);
    let Some(before) = billed(trial, TAKEN_BACK, &agreement).await else { return };
    let call = trial.fresh_call();
    let Some(change) = begin(trial, TAKEN_BACK, &call, &ask).await else { return };
    asked(trial, &change).await;
    let back = taken_back(&agreement, &change.0);
    planned(trial, &back);
    // A connection that broke makes the runner ask a second time, with the same token or another.
    for call in [trial.fresh_call(), trial.fresh_call()] {
        match trial.marketplace.submit(&call, &back).await {
            Ok(_) => trial.bench.settle().await,
            Err(error) => trial.breach(TAKEN_BACK, format!("it was not taken back: {error}")),
        }
    }
    let state = trial.end_of(TAKEN_BACK, &change).await;
    trial.check(TAKEN_BACK, matches!(state, Some(ChangeState::Failed(_))), || format!("stands as {state:?}"));
    let Some(after) = billed(trial, TAKEN_BACK, &agreement).await else { return };
    trial.check(TAKEN_BACK, before == after, || format!("{before:?}, then {after:?}"));

    // What was taken back leaves its room to the next one, which is answered this time.
    let call = trial.fresh_call();
    let Some(change) = begin(trial, TAKEN_BACK, &call, &ask).await else { return };
    asked(trial, &change).await;
    trial.bench.answer(&change, true).await;
    trial.end_of(TOO_LATE, &change).await;
    let late = trial.marketplace.submit(&trial.fresh_call(), &taken_back(&agreement, &change.0)).await;
    trial.check(TOO_LATE, matches!(late, Err(Error::Rejected { .. })), || format!("{late:?}"));
    let state = trial.end_of(TOO_LATE, &change).await;
    trial.check(TOO_LATE, matches!(state, Some(ChangeState::Applied { .. })), || format!("stands as {state:?}"));
}

async fn endings(trial: &mut Trial<'_>) {
    let Some(agreement) = trial.agreed(ENDED).await else { return };
    let write = cancellation(&agreement);
    let call = trial.fresh_call();
    let Some(change) = begin(trial, ENDED, &call, &write).await else { return };
    asked(trial, &change).await;
    let other = Write::CancelAgreement {
        agreement_id: agreement.clone(),
        reason: CancellationReason::ProductDiscontinued,
        description: None,
    };
    found(trial, &call, &write, &other).await;
    once(trial, &call, &write).await;
    trial.bench.answer(&change, false).await;
    let state = trial.end_of(DECLINED, &change).await;
    trial.check(DECLINED, matches!(state, Some(ChangeState::Declined { .. })), || format!("ended as {state:?}"));
    stands_as(trial, DECLINED, &agreement, AgreementStatus::Active).await;

    let call = trial.fresh_call();
    let Some(change) = begin(trial, ENDED, &call, &write).await else { return };
    trial.bench.answer(&change, true).await;
    let state = trial.end_of(ENDED, &change).await;
    trial.check(ENDED, matches!(state, Some(ChangeState::Applied { .. })), || format!("ended as {state:?}"));
    trial.bench.settle().await;
    stands_as(trial, ENDED, &agreement, AgreementStatus::Cancelled).await;
}

async fn invoices(trial: &mut Trial<'_>) {
    let before = trial.bench.now();
    let start = before.saturating_sub(1.minute()).unwrap_or(before);
    let Some(agreement) = trial.agreed(LISTED).await else { return };
    let Some(billed) = billed(trial, LISTED, &agreement).await else { return };
    let mut cursor: Option<String> = None;
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..super::PATIENCE {
        let page = match trial.marketplace.invoices_since(start, cursor.as_deref()).await {
            Ok(page) => page,
            Err(error) => return trial.breach(LISTED, error.to_string()),
        };
        let early = page.invoices.iter().find(|invoice| invoice.issued_at < start).cloned();
        trial.check(LISTED, early.is_none(), || format!("issued before {start}: {early:?}"));
        seen.extend(page.invoices.into_iter().map(|invoice| invoice.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    trial.check(LISTED, cursor.is_none(), || "the pages do not end".to_owned());
    let missing = billed.iter().find(|invoice| !seen.contains(&invoice.id));
    trial.check(LISTED, missing.is_none(), || format!("{missing:?} is not listed"));
    let late = trial.marketplace.invoices_since(Timestamp::MAX, None).await;
    let empty = late.as_ref().is_ok_and(|page| page.invoices.is_empty());
    trial.check(LISTED, empty, || format!("issued after the end of time: {late:?}"));
}

async fn begin(trial: &mut Trial<'_>, law: &'static str, call: &CallContext, write: &Write) -> Option<ChangeId> {
    match trial.marketplace.submit(call, write).await {
        Ok(begun) => Some(begun.change),
        Err(error) => {
            trial.breach(law, format!("the write was not begun: {error}"));
            None
        }
    }
}

async fn once(trial: &mut Trial<'_>, call: &CallContext, write: &Write) {
    if trial.marketplace.profile(write.capability()).class != RecoveryClass::TokenDedup {
        return;
    }
    if let Err(error) = trial.marketplace.submit(call, write).await {
        trial.breach(ONCE, format!("{}: the second sending was refused: {error}", write.capability()));
    }
    let applied = trial.bench.applied(call.token).await;
    trial.check(ONCE, applied == 1, || format!("{}: applied {applied} times", write.capability()));
}

async fn found(trial: &mut Trial<'_>, call: &CallContext, write: &Write, other: &Write) {
    if !trial.can(Capability::FindByKey) {
        return;
    }
    trial.bench.settle().await;
    let capability = write.capability();
    let ours = trial.marketplace.find(&call.key, write).await;
    let one = matches!(ours.as_deref(), Ok([_]));
    trial.check(FOUND, one, || format!("{capability}: {ours:?}"));
    let same = ours.iter().flatten().all(|effect| effect.same_request);
    trial.check(COMPARED, same, || format!("{capability}, the same request: {ours:?}"));
    let theirs = trial.marketplace.find(&call.key, other).await;
    let told = theirs.as_ref().is_ok_and(|all| !all.is_empty() && all.iter().all(|effect| !effect.same_request));
    trial.check(COMPARED, told, || format!("{capability}, another request: {theirs:?}"));
    let never = trial.fresh_call();
    let nothing = trial.marketplace.find(&never.key, write).await;
    trial.check(FOUND, nothing.as_ref().is_ok_and(Vec::is_empty), || format!("{capability}, never sent: {nothing:?}"));
}

/// Waits until the request has reached the buyer.
async fn asked(trial: &mut Trial<'_>, change: &ChangeId) {
    for _ in 0..super::PATIENCE {
        match trial.marketplace.change(change).await {
            Ok(ChangeState::AwaitingBuyer { .. }) => return,
            Ok(ChangeState::Pending) => trial.bench.settle().await,
            other => return trial.breach(ASKED, format!("`{}` stands as {other:?}", change.0)),
        }
    }
    trial.breach(ASKED, format!("`{}` never reached the buyer", change.0));
}

async fn billed(trial: &mut Trial<'_>, law: &'static str, agreement: &str) -> Option<Vec<Invoice>> {
    match trial.marketplace.invoices_of(agreement).await {
        Ok(page) => {
            let whole = page.next.is_none() && page.unrecognised.is_empty();
            let ours = page.invoices.iter().all(|invoice| invoice.agreement_id == agreement);
            trial.check(law, whole && ours, || format!("invoices of `{agreement}`: {page:?}"));
            Some(page.invoices)
        }
        Err(error) => {
            trial.breach(law, format!("the invoices of `{agreement}` cannot be read: {error}"));
            None
        }
    }
}

async fn stands_as(trial: &mut Trial<'_>, law: &'static str, agreement: &str, wanted: AgreementStatus) {
    let stands = trial.marketplace.agreement(agreement).await;
    trial.check(law, stands.as_ref().is_ok_and(|seen| seen.status == wanted), || format!("{stands:?}"));
}
