//! Agreements as time passes: invoices, notices of the end, the end, the renewal.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::{Agreement, AgreementStatus, Intent, Invoice, acceptance, cancellation, money, notice};
use crate::aws::Aws;
use crate::aws::offer::{CreatedBy, Offer, SourceAgreement, SourceIntent};
use crate::aws::price::Price;
use crate::aws::term::{PaymentSchedule, ScheduledCharge, Term};
use crate::ids::IdSource;
use crate::period::{self, Period};

/// Days before the end at which the proposer is told (user guide, EventBridge notifications).
const NOTICE_DAYS: [i64; 5] = [180, 120, 90, 60, 30];

fn before(end: Timestamp, days: i64) -> Timestamp {
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
    [charge, notice, agreement.end].into_iter().flatten().min()
}

/// When the next agreement has something to do.
pub(crate) fn next_due(aws: &Aws) -> Option<Timestamp> {
    let agreements = aws.agreements.values().filter_map(due_of).min();
    [agreements, cancellation::next_due(aws)].into_iter().flatten().min()
}

/// Does what is due at `at`.
pub(crate) fn settle(aws: &mut Aws, at: Timestamp, ids: &mut IdSource) {
    cancellation::approve_due(aws, at, ids);
    let due: Vec<String> = aws
        .agreements
        .values()
        .filter(|agreement| due_of(agreement) == Some(at))
        .map(|agreement| agreement.id.clone())
        .collect();
    for id in due {
        issue_due_invoices(aws, ids, &id, at);
        give_due_notices(aws, ids, &id, at);
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
    agreement.status = status;
    agreement.updated_at = at;
    agreement.charges.retain(|charge| charge.invoice_id.is_some());
    if matches!(status, AgreementStatus::Cancelled | AgreementStatus::Replaced) {
        agreement.end = Some(at);
    }
    notice::ended(aws, ids, id, at);
}

/// The same deal once more: AWS makes an offer with the raised prices and the agreement on it.
fn renew(aws: &mut Aws, ids: &mut IdSource, id: &str, at: Timestamp) {
    let Some(previous) = aws.agreements.get(id).cloned() else { return };
    let Some(source) = aws.offers.get(&previous.offer_id).cloned() else {
        return end(aws, ids, id, at, AgreementStatus::Expired);
    };
    let offer = renewal_offer(&source, &previous, at, ids);
    let choice = previous.configuration.clone();
    let mut agreement = acceptance::conclude(&offer, &previous.acceptor, at, at, choice, Intent::Renew, ids);
    agreement.initial_id.clone_from(&previous.initial_id);
    agreement.previous_id = Some(previous.id.clone());
    agreement.auto_renew = previous.auto_renew;
    agreement.renewals = previous.renewals + 1;
    let renewed = agreement.id.clone();
    aws.offers.insert(offer.id.clone(), offer);
    end(aws, ids, id, at, AgreementStatus::Renewed);
    aws.agreements.insert(renewed.clone(), agreement);
    notice::created(aws, ids, &renewed, at);
    issue_due_invoices(aws, ids, &renewed, at);
}

fn renewal_offer(source: &Offer, previous: &Agreement, at: Timestamp, ids: &mut IdSource) -> Offer {
    let mut offer = source.clone();
    offer.id = ids.next("offer-", 13);
    offer.created_by = CreatedBy::AwsMarketplace;
    offer.source_agreement = Some(SourceAgreement { id: previous.id.clone(), intent: SourceIntent::Renew });
    offer.availability_end = None;
    offer.released_at = Some(at);
    offer.revision = 0;
    offer.revisions.clear();
    let factor = (Decimal::ONE_HUNDRED + increase_percent(previous)) / Decimal::ONE_HUNDRED;
    let length = validity_length(previous);
    offer.terms = source.terms.iter().map(|term| raised(term, factor, previous, at)).collect();
    offer.terms.retain(|term| !matches!(term, Term::ValidityTerm(_)));
    if let Some(length) = length {
        offer.terms.push(length);
    }
    offer.record_revision(at, "renewal");
    offer
}

fn increase_percent(previous: &Agreement) -> Decimal {
    let increase = previous.renewal().and_then(|term| term.price_increase.as_ref());
    let fixed = increase.and_then(|increase| increase.value.as_ref());
    let default = increase.and_then(|increase| increase.range.as_ref()).map(|range| &range.default_value);
    fixed.or(default).map(Price::value).unwrap_or_default()
}

/// A renewal lasts as long as what it renews, in days, when dates had said so before.
fn validity_length(previous: &Agreement) -> Option<Term> {
    let term = previous.terms.iter().find_map(|term| match term {
        Term::ValidityTerm(term) => Some(term.clone()),
        _ => None,
    })?;
    let mut term = term;
    if term.agreement_duration.is_none() {
        let days = previous.end?.duration_since(previous.start).as_hours().div_euclid(24) + 1;
        term.agreement_duration = Period::try_from(format!("P{days}D")).ok();
    }
    term.agreement_start_date = None;
    term.agreement_end_date = None;
    Some(Term::ValidityTerm(term))
}

fn raised(term: &Term, factor: Decimal, previous: &Agreement, at: Timestamp) -> Term {
    let price = |price: &Price| Price::of(money::rounded(price.value() * factor));
    let mut term = term.clone();
    match &mut term {
        Term::ConfigurableUpfrontPricingTerm(term) => {
            for item in term.rate_cards.iter_mut().flat_map(|card| &mut card.rate_card) {
                item.price = price(&item.price);
            }
        }
        Term::FixedUpfrontPricingTerm(term) => term.price = price(&term.price),
        Term::PaymentScheduleTerm(term) => *term = next_schedule(term, factor, previous, at),
        _ => {}
    }
    term
}

/// The template's instalments of the raised total. The last one takes what rounding leaves.
fn next_schedule(term: &PaymentSchedule, factor: Decimal, previous: &Agreement, at: Timestamp) -> PaymentSchedule {
    let before: Decimal = term.schedule.iter().map(|charge| charge.charge_amount.value()).sum();
    let total = money::rounded(before * factor);
    let template = previous.renewal().and_then(|term| term.term_templates.as_deref()).and_then(<[_]>::first);
    let entries = template.map(|template| template.schedule.as_slice()).unwrap_or_default();
    let mut left = total;
    let mut schedule = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let share = money::rounded(total * entry.charge_percentage.value() / Decimal::ONE_HUNDRED);
        let amount = if index + 1 == entries.len() { left } else { share };
        left -= amount;
        let charge_date = period::day_of(entry.charge_date_offset.after(at));
        schedule.push(ScheduledCharge { charge_date, charge_amount: Price::of(amount) });
    }
    PaymentSchedule { currency_code: term.currency_code.clone(), schedule }
}
