//! What can be asked about an agreement once it stands: an early end, money back, a payment.

use entente_core::money::Money;
use entente_port::{
    Agreement, AgreementStatus, BillingPeriod, ChangeId, Error, Invoice, InvoiceKind, PaymentTerm, Result, Unanswered,
    Write,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::{
    world::{End, World},
    write::refused,
};

/// After how many days a buyer who says nothing counts as having agreed.
pub const CONSENT_DAYS: i64 = 7;

/// The agreement, or that there is none.
pub(crate) fn agreement<'a>(world: &'a World, id: &str) -> Result<&'a Agreement> {
    world.agreements.get(id).ok_or_else(|| Error::NotFound { object: format!("agreement `{id}`") })
}

/// What is wrong with a write about an agreement.
pub(crate) fn check(world: &World, write: &Write) -> Result<()> {
    let Some(id) = write.agreement_id() else { return Ok(()) };
    let agreement = agreement(world, id)?;
    if write.moves().is_some_and(|amount| amount.minor <= 0) {
        return Err(refused("/amount", "AMOUNT", "write an amount of more than zero"));
    }
    match write {
        Write::AdjustBilling { invoice_id, amount, .. } => {
            let invoice = world.invoices.get(invoice_id).filter(|invoice| invoice.agreement_id == id);
            let invoice = invoice.ok_or_else(|| Error::NotFound { object: format!("invoice `{invoice_id}`") })?;
            fits(invoice.adjustable.unwrap_or(Money::zero(invoice.amount.currency)), *amount)
        }
        Write::WithdrawPayment { request, .. } => open(world, id, request),
        _ if agreement.status != AgreementStatus::Active => {
            Err(refused("/agreement_id", "INACTIVE", "the agreement is no longer in force"))
        }
        Write::RequestPayment { term_id, amount, .. } => {
            let term = term(world, id, term_id).ok_or_else(|| {
                refused("/term_id", "NO_SUCH_TERM", "the agreement has no such payment term; read its payment terms")
            })?;
            let spent = requested(world, term_id);
            fits(Money { minor: term.most.minor.saturating_sub(spent), ..term.most }, *amount)
        }
        _ if asked(world, id) => Err(Error::Conflict {
            object: format!("agreement `{id}`"),
            reason: "the buyer has not answered an earlier request to end it".to_owned(),
        }),
        _ => Ok(()),
    }
}

fn fits(most: Money, amount: Money) -> Result<()> {
    if most.currency != amount.currency {
        return Err(refused("/amount/currency", "CURRENCY", &format!("write an amount in {}", most.currency)));
    }
    if amount.minor > most.minor {
        return Err(refused("/amount", "TOO_MUCH", &format!("no more than {most} is left")));
    }
    Ok(())
}

fn term<'a>(world: &'a World, agreement_id: &str, term_id: &str) -> Option<&'a PaymentTerm> {
    world.payment_terms.get(agreement_id)?.iter().find(|term| term.id == term_id)
}

/// What was asked for under a term and not declined, in minor units.
fn requested(world: &World, wanted: &str) -> i64 {
    let alive = world.changes.values().filter(|row| matches!(row.end, End::Asked { .. } | End::Applied { .. }));
    let amounts = alive.filter_map(|row| match &row.write {
        Write::RequestPayment { term_id, amount, .. } if term_id == wanted => Some(amount.minor),
        _ => None,
    });
    amounts.fold(0, i64::saturating_add)
}

/// Whether a request for a payment can still be taken back, or was already.
fn open(world: &World, wanted: &str, request: &ChangeId) -> Result<()> {
    let row = world
        .changes
        .get(&request.0)
        .filter(|row| matches!(&row.write, Write::RequestPayment { agreement_id, .. } if agreement_id == wanted));
    let row = row.ok_or_else(|| Error::NotFound { object: format!("payment request `{}`", request.0) })?;
    match row.end {
        End::Asked { .. } | End::Failed { .. } => Ok(()),
        End::Applied { .. } | End::Declined { .. } | End::Never => {
            Err(refused("/request", "ANSWERED", "the buyer has answered the request; it cannot be taken back"))
        }
    }
}

/// Whether the buyer still has to say whether the agreement ends early.
fn asked(world: &World, wanted: &str) -> bool {
    world.changes.values().any(|row| {
        matches!(&row.write, Write::CancelAgreement { agreement_id, .. } if agreement_id == wanted)
            && matches!(row.end, End::Asked { .. })
    })
}

/// When silence counts as consent; the outer `None` for writes about which the buyer is not asked.
pub(crate) fn answer_by(world: &World, write: &Write, now: Timestamp) -> Option<Option<Timestamp>> {
    let due = now.saturating_add(SignedDuration::from_hours(24 * CONSENT_DAYS)).unwrap_or(Timestamp::MAX);
    match write {
        Write::CancelAgreement { .. } => Some(Some(due)),
        Write::RequestPayment { agreement_id, term_id, .. } => {
            let consents = term(world, agreement_id, term_id)
                .is_some_and(|term| matches!(term.unanswered, Unanswered::Approved { .. }));
            Some(consents.then_some(due))
        }
        _ => None,
    }
}

/// The buyer agrees to what a change asked for.
pub(crate) fn approve(world: &mut World, change: &str, at: Timestamp) {
    let Some(row) = world.changes.get_mut(change) else { return };
    row.end = End::Applied { at };
    let write = row.write.clone();
    apply(world, &write, at);
}

/// What a write about an agreement does to the world.
pub(crate) fn apply(world: &mut World, write: &Write, at: Timestamp) {
    match write {
        Write::CancelAgreement { agreement_id, .. } => {
            if let Some(agreement) = world.agreements.get_mut(agreement_id) {
                agreement.status = AgreementStatus::Cancelled;
                (agreement.updated_at, agreement.ends_at) = (at, Some(at));
            }
        }
        Write::AdjustBilling { agreement_id, invoice_id, amount, .. } => {
            if let Some(left) = world.invoices.get_mut(invoice_id).and_then(|invoice| invoice.adjustable.as_mut()) {
                left.minor = left.minor.saturating_sub(amount.minor);
            }
            issue(world, agreement_id, InvoiceKind::CreditMemo, *amount, at);
        }
        Write::RequestPayment { agreement_id, amount, .. } => bill(world, agreement_id, *amount, at),
        Write::WithdrawPayment { request, .. } => {
            if let Some(row) = world.changes.get_mut(&request.0) {
                row.end = End::Failed { field: None, code: "WITHDRAWN".to_owned() };
            }
        }
        Write::CreateOffer { .. }
        | Write::ApplyForFunding { .. }
        | Write::ChangeFunding { .. }
        | Write::WithdrawOffer { .. }
        | Write::ExtendOffer { .. }
        | Write::AmendOffer { .. } => {}
    }
}

/// Bills an amount under an agreement.
pub(crate) fn bill(world: &mut World, agreement_id: &str, amount: Money, at: Timestamp) {
    issue(world, agreement_id, InvoiceKind::Invoice, amount, at);
}

fn issue(world: &mut World, agreement_id: &str, kind: InvoiceKind, amount: Money, at: Timestamp) {
    let adjustable = match kind {
        InvoiceKind::Invoice => amount,
        InvoiceKind::CreditMemo => Money::zero(amount.currency),
    };
    let day = at.to_zoned(TimeZone::UTC).date();
    let invoice = Invoice {
        id: world.next_id("inv"),
        agreement_id: agreement_id.to_owned(),
        kind,
        amount,
        adjustable: Some(adjustable),
        issued_at: at,
        period: Some(BillingPeriod { year: day.year(), month: day.month() }),
        issuer: Some("Fake Marketplace, Inc.".to_owned()),
    };
    world.invoices.insert(invoice.id.clone(), invoice);
}
