//! `UpdateValidityTerms`.

use super::{Scene, add, resold};
use crate::aws::change::ErrorDetail;
use crate::aws::product::ProductKind;
use crate::aws::term::{Term, TermKind, Validity};
use crate::period;

/// Either a duration, or an end date; an end date only together with a future start date, or on a
/// replacement offer, which starts when it is accepted.
pub(in crate::aws::change) fn check(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    if scene.is_released() {
        check_frozen(scene, errors);
    }
    let Some(term) = scene.validity() else { return };
    if let Some(duration) = &term.agreement_duration
        && (duration.is_zero() || scene.is_too_long(duration))
    {
        add(errors, "INVALID_AGREEMENT_DURATION", "The agreement duration must be between one day and five years.");
    }
    if term.agreement_duration.is_some() && term.agreement_end_date.is_some() {
        add(errors, "INVALID_AGREEMENT_TIME_INTERVAL", "AgreementDuration and AgreementEndDate exclude each other.");
    }
    if term.agreement_start_date.is_some() && term.agreement_end_date.is_none() && term.agreement_duration.is_none() {
        let message = "An AgreementStartDate needs an AgreementEndDate.";
        add(errors, "INVALID_AGREEMENT_TIME_INTERVAL", message);
    }
    if let (Some(start), Some(end)) = (term.agreement_start_date, term.agreement_end_date)
        && start >= end
    {
        add(errors, "INVALID_AGREEMENT_TIME_INTERVAL", "The agreement must start before it ends.");
    }
    if scene.subject.replaces().is_some() {
        check_replacement(term, errors);
    } else if term.agreement_end_date.is_some() && term.agreement_start_date.is_none() {
        add(errors, "MISSING_AGREEMENT_START_DATE", "AgreementEndDate needs an AgreementStartDate.");
    }
    check_start(scene, term, errors);
    check_end(scene, term, errors);
    check_outlasting(scene, errors);
    resold::check_start(scene, errors);
    if scene.subject.has_term(TermKind::FreeTrial) {
        add(errors, "INCOMPATIBLE_TERMS", "A free trial says itself how long it lasts.");
    }
}

/// Whoever accepts on the last day must still get the whole term: an AMI or container agreement lasts
/// longer than the days until the offer ends and the longest upfront term together.
pub(super) fn check_outlasting(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let runs_at_buyer = scene.product().is_some_and(|product| product.kind.runs_at_the_buyer());
    let lasting = scene.validity().and_then(|term| term.agreement_duration.as_ref());
    let (Some(lasting), Some(last_day), true) = (lasting, scene.subject.availability_end, runs_at_buyer) else {
        return;
    };
    let fixed = scene.fixed_upfront().and_then(|term| term.duration.as_ref());
    let latest = scene.selector_durations().chain(fixed).map(|term| term.after(period::start_of(last_day))).max();
    if latest.is_some_and(|latest| lasting.after(period::start_of(scene.today())) <= latest) {
        let message = "AgreementDuration must be longer than the days until the offer ends and its upfront term.";
        add(errors, "INVALID_AGREEMENT_DURATION", message);
    }
}

fn check_replacement(term: &Validity, errors: &mut Vec<ErrorDetail>) {
    if term.agreement_start_date.is_some() {
        let message = "A replacement agreement starts when it is accepted.";
        add(errors, "INCOMPATIBLE_AGREEMENT_START_DATE", message);
    }
    if term.agreement_duration.is_some() {
        add(errors, "INCOMPATIBLE_AGREEMENT", "A replacement agreement ends on an AgreementEndDate.");
    }
}

fn check_start(scene: &Scene<'_>, term: &Validity, errors: &mut Vec<ErrorDetail>) {
    let Some(start) = term.agreement_start_date else { return };
    if scene.product().is_some_and(|product| product.kind != ProductKind::SaaSProduct) {
        add(errors, "INCOMPATIBLE_PRODUCT", "Only SaaS products have agreements that start in the future.");
    }
    if scene.is_released() {
        return;
    }
    if start <= scene.today() {
        add(errors, "INVALID_AGREEMENT_START_DATE", "The agreement start date must be in the future.");
    } else if scene.subject.availability_end.is_some_and(|available| start <= available) {
        add(
            errors,
            "INVALID_AGREEMENT_START_DATE",
            "The agreement start date must be after the availability end date.",
        );
    }
}

fn check_end(scene: &Scene<'_>, term: &Validity, errors: &mut Vec<ErrorDetail>) {
    let Some(end) = term.agreement_end_date.filter(|_| !scene.is_released()) else { return };
    if end <= scene.today() {
        add(errors, "INVALID_AGREEMENT_END_DATE", "The agreement end date must be in the future.");
    } else if scene.subject.availability_end.is_some_and(|available| available >= end) {
        add(errors, "INVALID_AGREEMENT_END_DATE", "The agreement end date must be after the availability end date.");
    } else if period::Period::try_from(super::AGREEMENT_YEARS_MAX.to_owned())
        .is_ok_and(|longest| longest.after(scene.now) < period::start_of(end))
    {
        add(errors, "INVALID_AGREEMENT_END_DATE", "The agreement must end within five years.");
    }
}

/// After the release a duration may change; start and end dates may not.
fn check_frozen(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let before = scene.before.and_then(|offer| {
        offer.terms.iter().find_map(|term| if let Term::ValidityTerm(term) = term { Some(term) } else { None })
    });
    let dates = |term: Option<&Validity>| {
        (term.and_then(|term| term.agreement_start_date), term.and_then(|term| term.agreement_end_date))
    };
    let (was, is) = (dates(before), dates(scene.validity()));
    if was.0 != is.0 {
        let message = "The agreement start date cannot change after the offer is released.";
        add(errors, "INCOMPATIBLE_AGREEMENT_START_DATE", message);
    }
    if was.1 != is.1 {
        let message = "The agreement end date cannot change after the offer is released.";
        add(errors, "INCOMPATIBLE_AGREEMENT_END_DATE", message);
    }
}
