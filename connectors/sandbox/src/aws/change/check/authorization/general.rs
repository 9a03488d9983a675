//! Who, to whom, how long: everything of an authorization but its prices.

use super::super::NO_SUCH_ACCOUNT;
use super::super::offer::legal;
use super::{Scene, add};
use crate::aws::accounts::Role;
use crate::aws::change::ErrorDetail;
use crate::aws::product::ProductKind;
use crate::aws::resale_term::{ResaleTerm, ResaleTermKind};
use crate::period::{self, Period};

/// The furthest that an agreement may start in the future.
const START_YEARS_MAX: &str = "P3Y";

/// The reseller is an account that exists, is not the manufacturer, and is not known to be a buyer only.
pub(in crate::aws::change) fn check_creation(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let reseller = &scene.subject.reseller;
    let buys_only = scene.aws.accounts.iter().any(|known| known.account_id == *reseller && known.role == Role::Buyer);
    if reseller == NO_SUCH_ACCOUNT || *reseller == scene.subject.owner || buys_only {
        add(errors, "INVALID_RESELLER_ACCOUNT", format!("The account `{reseller}` is not a reseller."));
    }
}

pub(in crate::aws::change) fn check_information(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    if scene.subject.pre_existing_agreement.is_some() {
        check_named_buyer(scene, errors);
    }
}

/// A note on an earlier agreement is about somebody.
pub(super) fn check_named_buyer(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    if scene.subject.buyers().is_none() {
        let message = "PreExistingBuyerAgreement needs at least one buyer account.";
        add(errors, "INCOMPATIBLE_BUYER_TARGETING", message);
    }
}

/// Buyers are accounts that exist, and not the manufacturer.
pub(in crate::aws::change) fn check_buyers(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let subject = scene.subject;
    let unfit = |account: &&String| **account == subject.owner || *account == NO_SUCH_ACCOUNT;
    if let Some(account) = subject.buyers().into_iter().flatten().find(unfit) {
        add(errors, "INCOMPATIBLE_BUYER_TARGETING", format!("The account `{account}` cannot be a buyer."));
    }
    check_information(scene, errors);
}

pub(in crate::aws::change) fn check_availability(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    if scene.subject.is_expired(scene.now) {
        add(errors, "INVALID_AVAILABILITY_END_DATE", "The availability end date must be in the future.");
    }
}

pub(in crate::aws::change) fn check_buyer_validity(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let Some(latest) = scene.subject.latest_start() else { return };
    if scene.product().is_some_and(|product| product.kind != ProductKind::SaaSProduct) {
        add(errors, "INCOMPATIBLE_PRODUCT", "Only SaaS products have agreements that start in the future.");
    }
    let furthest = Period::try_from(START_YEARS_MAX.to_owned()).map(|years| years.after(scene.now));
    if latest <= scene.today() || furthest.is_ok_and(|furthest| period::start_of(latest) > furthest) {
        let message = "The maximum agreement start date must be in the future, within three years.";
        add(errors, "INVALID_MAXIMUM_AGREEMENT_START_DATE", message);
    }
}

pub(in crate::aws::change) fn check_legal(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    for term in &scene.subject.terms {
        let (code, term) = match term {
            ResaleTerm::BuyerLegalTerm(term) => ("INVALID_BUYER_LEGAL_DOCUMENTS", term),
            ResaleTerm::ResaleLegalTerm(term) => ("INVALID_RESALE_LEGAL_DOCUMENTS", term),
            _ => continue,
        };
        for message in term.documents.iter().filter_map(|document| legal::refusal(&document.clone().dated())) {
            add(errors, code, message);
        }
    }
    if !scene.subject.has_term(ResaleTermKind::BuyerLegal) {
        add(errors, "MISSING_MANDATORY_TERMS", "A BuyerLegalTerm is required.");
    }
}
