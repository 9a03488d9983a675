//! The renewal of an agreement: its offer, its terms and what it costs.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Agreement, money};
use crate::aws::Aws;
use crate::aws::offer::{CreatedBy, Offer, SourceAgreement, SourceIntent};
use crate::aws::price::Price;
use crate::aws::term::{PaymentSchedule, ScheduledCharge, TemplateCharge, Term};
use crate::ids::IdSource;
use crate::period::{self, Period};

/// The offer that AWS makes for a renewal, made once: when its terms are final, or else when it begins.
pub(super) fn prepare(aws: &mut Aws, ids: &mut IdSource, previous: &Agreement, at: Timestamp) -> Option<Offer> {
    if let Some(known) = offer_for(aws, &previous.id) {
        return Some(known.clone());
    }
    let source = aws.offers.get(&previous.offer_id)?.clone();
    let offer = offer(&source, previous, at, ids);
    aws.offers.insert(offer.id.clone(), offer.clone());
    Some(offer)
}

/// The renewal offer of an agreement, once there is one.
pub(super) fn offer_for<'a>(aws: &'a Aws, agreement_id: &str) -> Option<&'a Offer> {
    aws.offers.values().find(|offer| {
        let source = offer.source_agreement.as_ref();
        source.is_some_and(|source| source.intent == SourceIntent::Renew && source.id == agreement_id)
    })
}

/// What the renewal of an agreement will cost.
pub(super) fn value(aws: &Aws, agreement: &Agreement) -> Option<Decimal> {
    let (source, begin) = (aws.offers.get(&agreement.offer_id)?, agreement.end?);
    let terms = terms(source, agreement, begin);
    let end = begin.saturating_add(begin.duration_since(agreement.start)).ok();
    let charges = money::charges(&terms, agreement.configuration.as_ref(), begin, begin, end);
    Some(money::rounded(charges.iter().map(|(_, amount)| *amount).sum()))
}

fn offer(source: &Offer, previous: &Agreement, at: Timestamp, ids: &mut IdSource) -> Offer {
    let mut offer = source.clone();
    offer.id = ids.next("offer-", 13);
    offer.created_by = CreatedBy::AwsMarketplace;
    offer.source_agreement = Some(SourceAgreement { id: previous.id.clone(), intent: SourceIntent::Renew });
    offer.availability_end = None;
    offer.released_at = Some(at);
    offer.revision = 0;
    offer.revisions.clear();
    offer.terms = terms(source, previous, previous.end.unwrap_or(at));
    offer.record_revision(at, "renewal");
    offer
}

/// The terms of a renewal that begins at `at`.
fn terms(source: &Offer, previous: &Agreement, at: Timestamp) -> Vec<Term> {
    let factor = (Decimal::ONE_HUNDRED + increase_percent(previous)) / Decimal::ONE_HUNDRED;
    let mut terms: Vec<Term> = source.terms.iter().map(|term| raised(term, factor, previous, at)).collect();
    terms.retain(|term| !matches!(term, Term::ValidityTerm(_)));
    terms.extend(validity_length(previous));
    terms
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
        let charge_date = charge_date(entry, at);
        schedule.push(ScheduledCharge { charge_date, charge_amount: Price::of(amount) });
    }
    PaymentSchedule { currency_code: term.currency_code.clone(), schedule }
}

/// `DayOfMonth` names the day within the month that the offset leads to: its last one where it has fewer, and
/// never one before the renewal begins.
fn charge_date(entry: &TemplateCharge, begin: Timestamp) -> Date {
    let day = period::day_of(entry.charge_date_offset.after(begin));
    let wanted = entry.day_of_month.and_then(|wanted| i8::try_from(wanted).ok());
    let named = wanted.and_then(|wanted| day.with().day(wanted.min(day.days_in_month())).build().ok());
    named.unwrap_or(day).max(period::day_of(begin))
}
