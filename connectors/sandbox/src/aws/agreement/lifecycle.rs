//! Agreements as time passes: invoices, notices of the end, the end, the renewal.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::{
    Agreement, AgreementStatus, Intent, Invoice, InvoiceType, acceptance, adjustment, cancellation, milestone, notice,
    payment, renewal,
};
use crate::aws::Aws;
use crate::aws::term::Term;
use crate::ids::IdSource;
use crate::period;

/// Days before the end at which the proposer is told (user guide, EventBridge notifications).
const NOTICE_DAYS: [i64; 5] = [180, 120, 90, 60, 30];

pub(super) fn before(end: Timestamp, days: i64) -> Timestamp {
    end.saturating_sub(SignedDuration::from_hours(days * 24)).unwrap_or(Timestamp::MIN)
}

/// Notices that lie ahead of the acceptance and were not given yet.
fn open_notices(agreement: &Agreement) -> impl Iterator<Item = (Timestamp, i64)> {
    let since = agreement.accepted_at;
    let given = &agreement.notices;
    let end = agreement.end;
    NOTICE_DAYS.into_iter().filter_map(move |days| {
        let at = before(end?, days);
        (at > since && !given.contains(&days)).then_some((at, days))
    })
}

fn due_of(agreement: &Agreement) -> Option<Timestamp> {
    if agreement.status != AgreementStatus::Active {
        return None;
    }
    let charge = agreement.charges.iter().filter(|charge| charge.invoice_id.is_none()).map(|charge| charge.at).min();
    let notice = open_notices(agreement).map(|(at, _)| at).min();
    let milestone = milestone::open(agreement).map(|(at, _)| at).min();
    [charge, notice, milestone, agreement.end].into_iter().flatten().min()
}

/// When the next agreement has something to do.
pub(crate) fn next_due(aws: &Aws) -> Option<Timestamp> {
    let agreements = aws.agreements.values().filter_map(due_of).min();
    let requests = [cancellation::next_due(aws), payment::next_due(aws), adjustment::next_due(aws)];
    requests.into_iter().chain([agreements]).flatten().min()
}

/// Does what is due at `at`.
pub(crate) fn settle(aws: &mut Aws, at: Timestamp, ids: &mut IdSource) {
    cancellation::settle(aws, at, ids);
    payment::settle(aws, at, ids);
    adjustment::settle(aws, at, ids);
    let due: Vec<String> = aws
        .agreements
        .values()
        .filter(|agreement| due_of(agreement) == Some(at))
        .map(|agreement| agreement.id.clone())
        .collect();
    for id in due {
        issue_due_invoices(aws, ids, &id, at);
        give_due_notices(aws, ids, &id, at);
        milestone::pass(aws, ids, &id, at);
        let Some(agreement) = aws.agreements.get(&id) else { continue };
        if agreement.end.is_some_and(|end| end <= at) {
            if agreement.will_renew() {
                renew(aws, ids, &id, at);
            } else {
                end(aws, ids, &id, at, AgreementStatus::Expired);
            }
        }
    }
}

/// Turns charges whose time has come into invoices.
pub(crate) fn issue_due_invoices(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp) {
    let Some(agreement) = aws.agreements.get_mut(id) else { return };
    let due_in = agreement.terms.iter().find_map(|term| match term {
        Term::NetPaymentTerm(term) => Some(term.payment_due_period.clone()),
        _ => None,
    });
    let mut issued = false;
    for charge in &mut agreement.charges {
        if charge.invoice_id.is_none() && charge.at <= at {
            let invoice = Invoice {
                id: ids.next_invoice(),
                kind: InvoiceType::Invoice,
                adjusted: Decimal::ZERO,
                amount: charge.amount,
                issued_at: charge.at,
                period: period::day_of(charge.at),
                due_at: due_in.as_ref().map_or(charge.at, |period| period.after(charge.at)),
                paid_at: None,
            };
            charge.invoice_id = Some(invoice.id.clone());
            agreement.invoices.push(invoice);
            issued = true;
        }
    }
    if issued {
        agreement.updated_at = at;
    }
}

fn give_due_notices(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp) {
    let Some(agreement) = aws.agreements.get_mut(id) else { return };
    let due: Vec<i64> = open_notices(agreement).filter(|(due, _)| *due <= at).map(|(_, days)| days).collect();
    agreement.notices.extend(&due);
    for days in due {
        notice::ending(aws, ids, id, at, days);
    }
}

/// Ends an agreement. Charges that were not invoiced yet never will be.
pub(crate) fn end(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp, status: AgreementStatus) {
    let Some(agreement) = aws.agreements.get_mut(id) else { return };
    // What ends on its day, or was over already, keeps its end; everything else ends now.
    let early = !matches!(status, AgreementStatus::Expired | AgreementStatus::Renewed);
    if early && agreement.status == AgreementStatus::Active {
        agreement.end = Some(at);
    }
    agreement.status = status;
    agreement.updated_at = at;
    agreement.charges.retain(|charge| charge.invoice_id.is_some());
    payment::close(aws, ids, id, at);
    cancellation::close(aws, ids, id, at);
    notice::ended(aws, ids, id, at);
}

/// The same deal once more: AWS makes an offer with the raised prices and the agreement on it.
fn renew(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp) {
    let Some(previous) = aws.agreements.get(id).cloned() else { return };
    let Some(offer) = renewal::prepare(aws, ids, &previous, at) else {
        return end(aws, ids, id, at, AgreementStatus::Expired);
    };
    let choice = previous.configuration.clone();
    let runs_at_the_buyer = aws.runs_at_the_buyer(&offer);
    let until = acceptance::end_of(&offer, at, choice.as_ref(), runs_at_the_buyer);
    let mut agreement = acceptance::conclude(&offer, &previous.acceptor, at, (at, until), choice, Intent::Renew, ids);
    agreement.initial_id.clone_from(&previous.initial_id);
    agreement.previous_id = Some(previous.id.clone());
    agreement.auto_renew = previous.auto_renew;
    agreement.renewals = previous.renewals + 1;
    let renewed = agreement.id.clone();
    end(aws, ids, id, at, AgreementStatus::Renewed);
    aws.agreements.insert(renewed.clone(), agreement);
    notice::created(aws, ids, &renewed, at);
    issue_due_invoices(aws, ids, &renewed, at);
}
