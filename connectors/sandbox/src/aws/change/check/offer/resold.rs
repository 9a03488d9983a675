//! Offers of a reseller: what the resale authorization leaves open, and what it does not.

use rust_decimal::Decimal;

use super::super::View;
use super::{Scene, add, creation};
use crate::aws::change::ErrorDetail;
use crate::aws::offer::{Offer, PricingModel};
use crate::aws::term::{FixedUpfrontPricing, NetPayment, PaymentSchedule, Term, TermKind};

const CODE: &str = "INCOMPATIBLE_RESALE_AUTHORIZATION";

/// The highest price that an offer can carry.
const PRICE_MAX: Decimal = Decimal::from_parts(100_000_000, 0, 0, false, 0);

pub(in crate::aws::change) fn check_creation(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    creation::check_offer(scene, errors);
    check_usable(scene, errors);
}

/// A replacement keeps the product, and its buyer must be one that the authorization allows.
pub(in crate::aws::change) fn check_replacement(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    check_usable(scene, errors);
    let (Some(held), Some(agreement)) = (scene.authorization(), scene.replaced()) else { return };
    if held.product_id != agreement.product_id {
        add(errors, CODE, "The resale authorization is for another product than the agreement.");
    }
    if held.buyers().is_some_and(|buyers| !buyers.contains(&agreement.acceptor)) {
        add(errors, CODE, "The resale authorization does not allow offers to the acceptor of the agreement.");
    }
}

fn check_usable(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let usable = scene.authorization().map_or(Err("The resale authorization does not exist."), |held| {
        held.check_usable(scene.now, made_before(scene))
    });
    if let Err(message) = usable {
        add(errors, CODE, message);
    }
}

/// The offers that the same change set makes from the same authorization before this one.
fn made_before(scene: &Scene<'_>) -> u32 {
    let id = |offer: &Offer| offer.resale.as_ref().map(|resale| resale.authorization_id.clone());
    let new = scene.drafts.offers.values().filter(|offer| !scene.aws.offers.contains_key(&offer.id));
    let same = new.filter(|offer| offer.id < scene.subject.id && id(offer) == id(scene.subject));
    same.fold(0, |made, _| made + 1)
}

/// A markup is for an offer that resells, has prices to raise and keeps the authorized instalments.
pub(in crate::aws::change) fn check_markup(scene: &View<'_, Offer>, errors: &mut Vec<ErrorDetail>) {
    let (Some(resale), Some(held)) = (&scene.subject.resale, scene.authorization()) else {
        return add(errors, CODE, "Only an offer made from a resale authorization has a markup.");
    };
    let percent = resale.markup.as_ref().map(|markup| markup.value()).unwrap_or_default();
    let was_own = scene.before.and_then(|offer| offer.resale.as_ref()).is_some_and(|before| before.own_schedule);
    if was_own || (resale.own_schedule && !percent.is_zero()) {
        add(errors, "INCOMPATIBLE_MARKUP", "An offer with a payment schedule of its own has no markup.");
    }
    let dear = held.offered_terms(percent).into_iter().any(|term| highest(&term) > PRICE_MAX);
    if dear {
        add(errors, "INVALID_MARKUP_PERCENTAGE", "The markup raises a price above 100000000.");
    }
}

fn highest(term: &Term) -> Decimal {
    let prices: Vec<Decimal> = match term {
        Term::UsageBasedPricingTerm(term) => {
            term.rate_cards.iter().flat_map(|card| &card.rate_card).map(|item| item.price.value()).collect()
        }
        Term::ConfigurableUpfrontPricingTerm(term) => {
            term.rate_cards.iter().flat_map(|card| &card.rate_card).map(|item| item.price.value()).collect()
        }
        Term::PaymentScheduleTerm(term) => term.schedule.iter().map(|charge| charge.charge_amount.value()).collect(),
        _ => Vec::new(),
    };
    prices.into_iter().max().unwrap_or_default()
}

/// The reseller may restate the fixed contract, with the authorized grants and duration.
pub(super) fn check_pricing(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let Some(held) = scene.authorization() else { return };
    let authorized = held.offered_terms(Decimal::ZERO);
    let fixed = authorized.iter().find_map(fixed_term);
    let same = |term: &FixedUpfrontPricing| {
        fixed.is_some_and(|fixed| fixed.grants == term.grants && fixed.duration == term.duration)
    };
    let others = scene.subject.terms.iter().any(|term| {
        matches!(term.kind(), TermKind::Usage | TermKind::ConfigurableUpfront | TermKind::Recurring | TermKind::Byol)
    });
    let kept = scene.subject.pricing_model == Some(PricingModel::Contract) && !others;
    if !kept || !scene.fixed_upfront().is_some_and(same) {
        let message = "A reseller can only restate the FixedUpfrontPricingTerm of the resale authorization.";
        add(errors, CODE, message);
    }
}

fn fixed_term(term: &Term) -> Option<&FixedUpfrontPricing> {
    if let Term::FixedUpfrontPricingTerm(term) = term { Some(term) } else { None }
}

/// The reseller's instalments fall on the authorized days, none below the authorized amount, and come
/// instead of a markup.
pub(super) fn check_schedule(scene: &Scene<'_>, schedule: &PaymentSchedule, errors: &mut Vec<ErrorDetail>) {
    let (Some(resale), Some(held)) = (&scene.subject.resale, scene.authorization()) else { return };
    if !resale.own_schedule {
        return;
    }
    if resale.markup.as_ref().is_some_and(|markup| !markup.is_zero()) {
        let message = "Set the markup to 0 before the offer gets a payment schedule of its own.";
        add(errors, "INCOMPATIBLE_MARKUP_PERCENTAGE", message);
    }
    let authorized = held.offered_terms(Decimal::ZERO).into_iter().find_map(|term| match term {
        Term::PaymentScheduleTerm(term) => Some(term.schedule),
        _ => None,
    });
    let mut authorized = authorized.unwrap_or_default();
    authorized.sort_by_key(|charge| charge.charge_date);
    let mut own = schedule.schedule.clone();
    own.sort_by_key(|charge| charge.charge_date);
    let matches = authorized.len() == own.len()
        && authorized.iter().zip(&own).all(|(theirs, ours)| {
            theirs.charge_date == ours.charge_date && ours.charge_amount.value() >= theirs.charge_amount.value()
        });
    if !matches {
        let message = "The charges must keep the dates of the resale authorization and not fall below its amounts.";
        add(errors, CODE, message);
    }
}

/// The reseller grants the buyer no more days than the manufacturer grants him.
pub(super) fn check_net(scene: &Scene<'_>, term: &NetPayment, errors: &mut Vec<ErrorDetail>) {
    let Some(held) = scene.authorization() else { return };
    let ceiling = held.offered_terms(Decimal::ZERO).into_iter().find_map(|term| match term {
        Term::NetPaymentTerm(term) => Some(term.payment_due_period.days()),
        _ => None,
    });
    if ceiling.is_none_or(|most| term.payment_due_period.days() > most) {
        add(errors, CODE, "The payment due period is longer than the resale authorization allows.");
    }
}

/// Agreements begin at acceptance, or as late as the authorization allows.
pub(super) fn check_start(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let Some(held) = scene.authorization() else { return };
    let start = scene.validity().and_then(|term| term.agreement_start_date);
    if start.is_some_and(|start| held.latest_start().is_none_or(|latest| start > latest)) {
        add(errors, CODE, "The agreement starts later than the resale authorization allows.");
    }
}
