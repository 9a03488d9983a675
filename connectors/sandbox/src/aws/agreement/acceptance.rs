//! A buyer accepts an offer; the agreement that results.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::proposal::{self, Unacceptable};
use super::{Agreement, AgreementStatus, Charge, Configuration, Intent, lifecycle, money, notice};
use crate::aws::Aws;
use crate::aws::offer::{Offer, PricingModel};
use crate::aws::term::{ConfigurableUpfrontPricing, Term};
use crate::ids::IdSource;
use crate::period;

/// What a buyer says when accepting.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acceptance {
    pub(crate) offer_id: String,
    /// By default automatic renewal is on when the offer has a renewal term.
    #[serde(default)]
    pub(crate) auto_renew: Option<bool>,
    /// Units per dimension; by default one of each that may be chosen.
    #[serde(default)]
    pub(crate) quantities: Option<BTreeMap<String, u64>>,
    /// One of the offered agreement lengths; by default the first.
    #[serde(default)]
    pub(crate) duration: Option<String>,
}

/// Accepts an offer, or says why not.
pub(crate) fn accept(
    aws: &mut Aws,
    ids: &mut IdSource,
    now: Timestamp,
    buyer: &str,
    wish: &Acceptance,
) -> Result<String, Unacceptable> {
    let offer = aws
        .offers
        .get(&wish.offer_id)
        .cloned()
        .ok_or_else(|| Unacceptable::Invisible(format!("the offer `{}` does not exist", wish.offer_id)))?;
    proposal::check(aws, &offer, buyer, now)?;
    let renewable = offer.terms.iter().any(|term| matches!(term, Term::RenewalTerm(_)));
    if wish.auto_renew == Some(true) && !renewable {
        let message = format!("the offer `{}` has no renewal term, so it cannot renew automatically", offer.id);
        return Err(Unacceptable::Choice(message));
    }
    let auto_renew = renewable.then(|| wish.auto_renew.unwrap_or(true));
    let configuration = choose(&offer, wish).map_err(Unacceptable::Choice)?;
    let replaced = offer.replaces().map(str::to_owned);
    let intent = if replaced.is_some() { Intent::Replace } else { Intent::New };
    let start = start_of(&offer, now);
    let end = end_of(&offer, start, configuration.as_ref(), aws.runs_at_the_buyer(&offer));
    let mut agreement = conclude(&offer, buyer, now, (start, end), configuration, intent, ids);
    proposal::check_quotas(aws, &offer, buyer, agreement.value)?;
    agreement.auto_renew = auto_renew;
    if let Some(previous) = replaced.as_ref().and_then(|id| aws.agreements.get(id)) {
        agreement.initial_id.clone_from(&previous.initial_id);
        agreement.previous_id = Some(previous.id.clone());
    }
    let id = agreement.id.clone();
    aws.agreements.insert(id.clone(), agreement);
    if let Some(previous) = replaced {
        lifecycle::end(aws, ids, &previous, now, AgreementStatus::Replaced);
    }
    notice::created(aws, ids, &id, now);
    lifecycle::issue_due_invoices(aws, ids, &id, now);
    Ok(id)
}

/// The buyer's choice of dimensions and length, for offers that leave one.
pub(super) fn choose(offer: &Offer, wish: &Acceptance) -> Result<Option<Configuration>, String> {
    let term = offer.terms.iter().find_map(|term| match term {
        Term::ConfigurableUpfrontPricingTerm(term) => Some(term),
        _ => None,
    });
    let Some(term) = term else {
        return match wish.quantities.as_ref().map(|_| "quantities").or(wish.duration.as_ref().map(|_| "duration")) {
            Some(field) => Err(format!("the offer `{}` leaves no choice of `{field}`", offer.id)),
            None => Ok(None),
        };
    };
    // By the hour, the year beside it is a choice that need not be made.
    if offer.pricing_model == Some(PricingModel::Usage) && wish.quantities.is_none() && wish.duration.is_none() {
        return Ok(None);
    }
    configure(term, wish.duration.as_deref(), wish.quantities.as_ref()).map(Some)
}

/// A choice within a configurable term.
fn configure(
    term: &ConfigurableUpfrontPricing,
    duration: Option<&str>,
    quantities: Option<&BTreeMap<String, u64>>,
) -> Result<Configuration, String> {
    let card = match duration {
        None => term.rate_cards.first(),
        Some(wanted) => term.rate_cards.iter().find(|card| card.selector.value.as_str() == wanted),
    };
    let card = card.ok_or_else(|| format!("the duration `{}` is not offered", duration.unwrap_or_default()))?;
    let many = card.constraints.multiple_dimension_selection == "Allowed";
    let offered = card.rate_card.iter().map(|item| item.dimension_key.clone());
    let chosen: Vec<(String, u64)> = match quantities {
        Some(wanted) => wanted.iter().map(|(key, quantity)| (key.clone(), *quantity)).collect(),
        None => offered.take(if many { usize::MAX } else { 1 }).map(|key| (key, 1)).collect(),
    };
    if let Some((key, _)) = chosen.iter().find(|(key, _)| !card.rate_card.iter().any(|item| item.dimension_key == *key))
    {
        return Err(format!("the dimension `{key}` is not offered"));
    }
    let units: u64 = chosen.iter().map(|(_, quantity)| *quantity).fold(0, u64::saturating_add);
    if units == 0 {
        return Err("at least one unit must be taken".to_owned());
    }
    if !many && (chosen.len() != 1 || units != 1) {
        return Err("the offer takes exactly one unit of one dimension".to_owned());
    }
    Ok(Configuration { selector: card.selector.value.as_str().to_owned(), quantities: chosen })
}

pub(super) fn start_of(offer: &Offer, now: Timestamp) -> Timestamp {
    let dated = offer.terms.iter().find_map(|term| match term {
        Term::ValidityTerm(term) => term.agreement_start_date,
        _ => None,
    });
    dated.map_or(now, |date| period::start_of(date).max(now))
}

/// When an agreement that starts at `start` ends; never, for usage without a duration. What runs at the buyer ends with
/// the agreement's duration, which outlasts any upfront term.
pub(super) fn end_of(
    offer: &Offer,
    start: Timestamp,
    choice: Option<&Configuration>,
    runs_at_the_buyer: bool,
) -> Option<Timestamp> {
    let validity = offer.terms.iter().find_map(|term| match term {
        Term::ValidityTerm(term) => Some(term),
        _ => None,
    });
    if let Some(date) = validity.and_then(|term| term.agreement_end_date) {
        return Some(period::end_of(date));
    }
    let fixed = offer.terms.iter().find_map(|term| match term {
        Term::FixedUpfrontPricingTerm(term) => term.duration.clone(),
        Term::ConfigurableUpfrontPricingTerm(term) => term
            .rate_cards
            .iter()
            .map(|card| &card.selector.value)
            .find(|value| choice.is_some_and(|choice| choice.selector == value.as_str()))
            .cloned(),
        Term::FreeTrialPricingTerm(term) => Some(term.duration.clone()),
        _ => None,
    });
    let lasting = validity.and_then(|term| term.agreement_duration.clone());
    let duration = if runs_at_the_buyer { lasting.or(fixed) } else { fixed.or(lasting) };
    duration.map(|duration| duration.after(start))
}

/// The agreement on an offer, not stored yet.
pub(super) fn conclude(
    offer: &Offer,
    buyer: &str,
    now: Timestamp,
    (start, end): (Timestamp, Option<Timestamp>),
    configuration: Option<Configuration>,
    intent: Intent,
    ids: &mut IdSource,
) -> Agreement {
    let id = ids.next("agmt-", 25);
    let due = money::charges(&offer.terms, configuration.as_ref(), now, start, end);
    let value: Decimal = due.iter().map(|(_, amount)| *amount).sum();
    let charges = due
        .into_iter()
        .map(|(at, amount)| Charge {
            id: ids.next("ch-", 20),
            at,
            amount,
            purchase_order: None,
            revision: 1,
            invoice_id: None,
        })
        .collect();
    let currency = offer.terms.iter().find_map(Term::currency).unwrap_or("USD").to_owned();
    Agreement {
        initial_id: id.clone(),
        id,
        offer_id: offer.id.clone(),
        offer_set_id: offer.offer_set_id.clone(),
        product_id: offer.product_id.clone(),
        proposer: offer.owner.clone(),
        acceptor: buyer.to_owned(),
        status: AgreementStatus::Active,
        intent,
        previous_id: None,
        accepted_at: now,
        start,
        end,
        updated_at: now,
        pricing_model: offer.pricing_model.unwrap_or(PricingModel::Contract),
        terms: offer.terms.clone(),
        configuration,
        currency,
        value: money::rounded(value),
        charges,
        invoices: Vec::new(),
        auto_renew: None,
        renewals: 0,
        notices: Vec::new(),
        milestones: Vec::new(),
        variable_payment: None,
        contact: None,
    }
}
