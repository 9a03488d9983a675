//! The checks of `Offer@1.0`.

pub(in crate::aws::change) mod availability;
pub(in crate::aws::change) mod creation;
pub(in crate::aws::change) mod information;
pub(in crate::aws::change) mod legal;
pub(in crate::aws::change) mod payment;
pub(in crate::aws::change) mod pricing;
pub(in crate::aws::change) mod rates;
pub(in crate::aws::change) mod release;
pub(in crate::aws::change) mod renewal;
pub(in crate::aws::change) mod resold;
pub(in crate::aws::change) mod targeting;
pub(in crate::aws::change) mod validity;

use jiff::Timestamp;

use super::{AGREEMENT_YEARS_MAX, View, add};
use crate::aws::agreement::Agreement;
use crate::aws::offer::Offer;
use crate::aws::product::Product;
use crate::aws::resale::ResaleAuthorization;
use crate::aws::term::{FixedUpfrontPricing, PaymentSchedule, Renewal, Term, TermKind, Validity};
use crate::period::{self, Period};

/// What a check of an offer sees.
pub(in crate::aws::change) type Scene<'a> = View<'a, Offer>;

impl<'a> View<'a, Offer> {
    pub(super) fn product(&self) -> Option<&'a Product> {
        self.aws.product_of(self.subject)
    }

    /// The agreement that the offer replaces.
    pub(super) fn replaced(&self) -> Option<&'a Agreement> {
        self.aws.agreements.get(self.subject.replaces()?)
    }

    pub(super) fn validity(&self) -> Option<&'a Validity> {
        self.subject.terms.iter().find_map(|term| if let Term::ValidityTerm(term) = term { Some(term) } else { None })
    }

    pub(super) fn schedule(&self) -> Option<&'a PaymentSchedule> {
        self.subject
            .terms
            .iter()
            .find_map(|term| if let Term::PaymentScheduleTerm(term) = term { Some(term) } else { None })
    }

    pub(super) fn fixed_upfront(&self) -> Option<&'a FixedUpfrontPricing> {
        self.subject
            .terms
            .iter()
            .find_map(|term| if let Term::FixedUpfrontPricingTerm(term) = term { Some(term) } else { None })
    }

    pub(super) fn renewal(&self) -> Option<&'a Renewal> {
        self.subject.terms.iter().find_map(|term| if let Term::RenewalTerm(term) = term { Some(term) } else { None })
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
        self.subject
            .terms
            .iter()
            .flat_map(|term| match term {
                Term::ConfigurableUpfrontPricingTerm(term) => term.rate_cards.as_slice(),
                _ => &[],
            })
            .map(|card| &card.selector.value)
    }

    /// The authorization that the offer resells under.
    pub(super) fn authorization(&self) -> Option<&'a ResaleAuthorization> {
        self.aws.authorizations.get(&self.subject.resale.as_ref()?.authorization_id)
    }

    /// Whether the offer has an upfront pricing term.
    pub(super) fn has_contract_term(&self) -> bool {
        self.subject.has_term(TermKind::ConfigurableUpfront) || self.subject.has_term(TermKind::FixedUpfront)
    }
}
