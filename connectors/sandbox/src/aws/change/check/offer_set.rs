//! The checks of `OfferSet@1.0`.

use std::collections::BTreeSet;

use super::{View, add};
use crate::aws::change::ErrorDetail;
use crate::aws::change::apply::offer_set::offers_in;
use crate::aws::offer::{Offer, OfferState};
use crate::aws::offer_set::{OFFERS_MAX, OFFERS_MIN, OfferSet};
use crate::aws::solution::Solution;
use crate::aws::term::Term;

type Errors = Vec<ErrorDetail>;

impl<'a> View<'a, OfferSet> {
    fn offers(&self) -> impl Iterator<Item = &'a Offer> {
        let (drafts, aws) = (self.drafts, self.aws);
        self.subject.offers.iter().filter_map(move |id| drafts.offer(aws, id))
    }

    fn solution(&self) -> Option<&'a Solution> {
        self.aws.solutions.get(self.subject.solution_id.as_ref()?)
    }
}

/// An offer that names another set stays out of this one.
pub(in crate::aws::change) fn check_association(view: &View<'_, OfferSet>, errors: &mut Errors) {
    if view.subject.offers.len() > OFFERS_MAX {
        add(errors, "TOO_MANY_OFFERS", format!("An offer set has at most {OFFERS_MAX} offers."));
    }
    let foreign = |offer: &Offer| offer.offer_set_id.as_ref().is_some_and(|set| *set != view.subject.id);
    for id in offers_in(view.details) {
        if view.drafts.offer(view.aws, id).is_some_and(foreign) {
            let message = format!("The offer `{id}` was created for another offer set.");
            add(errors, "INCOMPATIBLE_OFFER_SET_REFERENCE", message);
        }
    }
}

pub(in crate::aws::change) fn check_dissociation(view: &View<'_, OfferSet>, errors: &mut Errors) {
    let held = |id: &str| view.before.is_some_and(|set| set.offers.iter().any(|known| known == id));
    if let Some(id) = offers_in(view.details).find(|id| !held(id)) {
        add(errors, "INVALID_UPDATE_REQUEST", format!("The offer `{id}` is not associated with the offer set."));
    }
}

/// A solution is for a set that offers nothing but its products. The documentation names the code without
/// the condition.
pub(in crate::aws::change) fn check_solution(view: &View<'_, OfferSet>, errors: &mut Errors) {
    let Some(solution) = view.solution() else { return };
    if let Some(offer) = view.offers().find(|offer| !solution.products.contains(&offer.product_id)) {
        let message = format!("The product of the offer `{}` is not part of the solution.", offer.id);
        add(errors, "INCOMPATIBLE_SOLUTION_ASSOCIATION", message);
    }
}

pub(in crate::aws::change) fn check_no_solution(view: &View<'_, OfferSet>, errors: &mut Errors) {
    let named = view.details.get("SolutionId").and_then(serde_json::Value::as_str);
    if view.before.and_then(|set| set.solution_id.as_deref()) != named {
        add(errors, "INVALID_UPDATE_REQUEST", "The solution is not associated with the offer set.");
    }
}

pub(in crate::aws::change) fn check_release(view: &View<'_, OfferSet>, errors: &mut Errors) {
    if view.subject.buyer_notes.is_none() {
        add(errors, "MISSING_BUYER_NOTES", "The offer set has no buyer notes.");
    }
    let offers: Vec<&Offer> = view.offers().collect();
    if offers.len() < OFFERS_MIN {
        add(errors, "MISSING_OFFERS", format!("An offer set is released with {OFFERS_MIN} offers or more."));
    }
    if offers.iter().any(|offer| offer.state != OfferState::Released) {
        add(errors, "DRAFT_OFFERS", "All offers must be released before the offer set.");
    }
    if offers.iter().any(|offer| offer.is_expired(view.now)) {
        add(errors, "EXPIRED_OFFERS", "An offer of the set has expired.");
    }
    if distinct(offers.iter().map(|offer| &offer.product_id)) < offers.len() {
        add(errors, "TOO_MANY_OFFERS_PER_PRODUCT", "An offer set has one offer per product.");
    }
    if view.solution().is_some_and(|solution| !solution.is_on_sale()) {
        add(errors, "INCOMPATIBLE_SOLUTION_STATE", "The solution must be public or limited.");
    }
    check_agreement_of(&offers, errors);
}

/// All offers of a set are for the same buyers, in the same currency, until the same day.
fn check_agreement_of(offers: &[&Offer], errors: &mut Errors) {
    if distinct(offers.iter().flat_map(|offer| offer.terms.iter().find_map(Term::currency))) > 1 {
        add(errors, "INCONSISTENT_OFFER_CURRENCY_CODE", "All offers of the set must have the same currency.");
    }
    if distinct(offers.iter().map(|offer| offer.availability_end)) > 1 {
        let message = "All offers of the set must have the same availability end date.";
        add(errors, "INCONSISTENT_OFFER_AVAILABILITY_END_DATE", message);
    }
    if distinct(offers.iter().map(|offer| offer.buyer_accounts().iter().collect::<BTreeSet<_>>())) > 1 {
        add(errors, "INCONSISTENT_OFFER_TARGETING_RULE", "All offers of the set must target the same buyers.");
    }
    let by_country = |offer: &&Offer| {
        let targeting = offer.targeting.as_ref();
        targeting.is_some_and(|rule| rule.countries().is_some() || rule.negative_targeting.is_some())
    };
    if offers.iter().any(by_country) || offers.iter().any(|offer| offer.buyer_accounts().is_empty()) {
        let message = "The offers of a set target buyer accounts and nothing else.";
        add(errors, "INCOMPATIBLE_OFFER_TARGETING_RULE", message);
    }
}

fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> usize {
    items.collect::<BTreeSet<T>>().len()
}
