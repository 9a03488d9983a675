//! The asynchronous half of validation: what only shows once the offer is seen as a whole.
//!
//! Codes and rules: AWS Marketplace Catalog API, "Work with private offers". Where the
//! documentation names a code but not its exact condition, the condition here is the narrowest
//! reading; it is stated beside the check.

pub(super) mod availability;
pub(super) mod creation;
pub(super) mod information;
pub(super) mod legal;
pub(super) mod payment;
pub(super) mod pricing;
pub(super) mod rates;
pub(super) mod release;
pub(super) mod renewal;
pub(super) mod targeting;
pub(super) mod validity;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::ErrorDetail;
use crate::aws::Aws;
use crate::aws::agreement::Agreement;
use crate::aws::offer::{Offer, OfferState};
use crate::aws::product::Product;
use crate::aws::term::{FixedUpfrontPricing, PaymentSchedule, Renewal, Term, Validity};
use crate::period::{self, Period};

/// What a check sees.
pub(super) struct Scene<'a> {
    pub(super) aws: &'a Aws,
    pub(super) now: Timestamp,
    /// The offer as it would be after the whole change set.
    pub(super) offer: &'a Offer,
    /// The offer as it is, when it exists.
    pub(super) before: Option<&'a Offer>,
    pub(super) details: &'a Value,
}

/// The longest agreement that the sandbox takes. The documentation gives no number for private
/// offers; five years is the longest that the seller console offers.
pub(super) const AGREEMENT_YEARS_MAX: &str = "P5Y";

impl<'a> Scene<'a> {
    pub(super) fn today(&self) -> Date {
        period::day_of(self.now)
    }

    pub(super) fn product(&self) -> Option<&'a Product> {
        self.aws.product_of(self.offer)
    }

    pub(super) fn is_released(&self) -> bool {
        self.before.is_some_and(|offer| offer.state == OfferState::Released)
    }

    /// The agreement that the offer replaces.
    pub(super) fn replaced(&self) -> Option<&'a Agreement> {
        self.aws.agreements.get(self.offer.replaces()?)
    }

    pub(super) fn validity(&self) -> Option<&'a Validity> {
        self.offer.terms.iter().find_map(|term| if let Term::ValidityTerm(term) = term { Some(term) } else { None })
    }

    pub(super) fn schedule(&self) -> Option<&'a PaymentSchedule> {
        self.offer
            .terms
            .iter()
            .find_map(|term| if let Term::PaymentScheduleTerm(term) = term { Some(term) } else { None })
    }

    pub(super) fn fixed_upfront(&self) -> Option<&'a FixedUpfrontPricing> {
        self.offer
            .terms
            .iter()
            .find_map(|term| if let Term::FixedUpfrontPricingTerm(term) = term { Some(term) } else { None })
    }

    pub(super) fn renewal(&self) -> Option<&'a Renewal> {
        self.offer.terms.iter().find_map(|term| if let Term::RenewalTerm(term) = term { Some(term) } else { None })
    }

    /// When the agreement would end if the offer were accepted now; unknown when no term says so.
    pub(super) fn agreement_end(&self) -> Option<Timestamp> {
        let validity = self.validity();
        if let Some(end) = validity.and_then(|term| term.agreement_end_date) {
            return Some(period::end_of(end));
        }
        let start = validity.and_then(|term| term.agreement_start_date).map_or(self.now, period::start_of);
        let fixed = self.fixed_upfront().and_then(|term| term.duration.as_ref());
        let duration = fixed.or_else(|| validity.and_then(|term| term.agreement_duration.as_ref()));
        let longest = || self.selector_durations().map(|period| period.after(start)).max();
        duration.map(|period| period.after(start)).or_else(longest)
    }

    /// The agreement lengths that a buyer may choose from.
    pub(super) fn selector_durations(&self) -> impl Iterator<Item = &'a Period> {
        self.offer
            .terms
            .iter()
            .flat_map(|term| match term {
                Term::ConfigurableUpfrontPricingTerm(term) => term.rate_cards.as_slice(),
                _ => &[],
            })
            .map(|card| &card.selector.value)
    }

    /// Whether a period is longer than an agreement may be.
    pub(super) fn is_too_long(&self, duration: &Period) -> bool {
        let longest = Period::try_from(AGREEMENT_YEARS_MAX.to_owned()).map(|period| period.after(self.now));
        longest.is_ok_and(|longest| duration.after(self.now) > longest)
    }
}

/// Notes an error.
pub(super) fn add(errors: &mut Vec<ErrorDetail>, code: &str, message: impl Into<String>) {
    errors.push(ErrorDetail::new(code, message));
}
