//! The change types that this sandbox carries, one row each.

use serde::Deserialize;
use serde_json::Value;

use super::ErrorDetail;
use super::check::{
    Scene, availability, creation, information, legal, payment, pricing, release, renewal, targeting, validity,
};
use super::shapes;
use crate::aws::Aws;
use crate::aws::offer::{Offer, PricingModel, SourceAgreement, SourceIntent, Targeting};
use crate::aws::shape::Shape;
use crate::aws::term::{self, TermKind};
use crate::aws::text;

/// The order in which the service applies a set: whatever the order of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Create,
    Update,
    Release,
}

/// What happens to a change of an offer that is already released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterRelease {
    /// Judged like any other.
    Checked,
    /// Refused with this code.
    Refused(&'static str),
}

type Apply = fn(&mut Offer, &Value, &Aws) -> Result<(), String>;
type Check = fn(&Scene<'_>, &mut Vec<ErrorDetail>);

/// One change type of `Offer@1.0`.
pub(crate) struct ChangeType {
    pub(crate) name: &'static str,
    pub(crate) step: Step,
    pub(crate) after_release: AfterRelease,
    /// The schema of its details document.
    pub(crate) details: &'static Shape,
    /// Writes the document into the offer.
    pub(crate) apply: Apply,
    /// Judges the offer as it would be after the whole set.
    pub(crate) check: Check,
}

/// The entity type that all rows are about.
pub(crate) const OFFER: &str = "Offer";

/// All rows.
pub(crate) static CHANGE_TYPES: &[ChangeType] = &[
    ChangeType {
        name: "CreateOffer",
        step: Step::Create,
        after_release: AfterRelease::Checked,
        details: &shapes::CREATE_OFFER,
        apply: apply_create,
        check: creation::check_offer,
    },
    ChangeType {
        name: "CreateReplacementOffer",
        step: Step::Create,
        after_release: AfterRelease::Checked,
        details: &shapes::CREATE_REPLACEMENT,
        apply: apply_create_replacement,
        check: creation::check_replacement,
    },
    ChangeType {
        name: "UpdateInformation",
        step: Step::Update,
        after_release: AfterRelease::Checked,
        details: &shapes::INFORMATION,
        apply: apply_information,
        check: information::check,
    },
    ChangeType {
        name: "UpdateTargeting",
        step: Step::Update,
        after_release: AfterRelease::Refused("INCOMPATIBLE_TARGETING"),
        details: &shapes::TARGETING,
        apply: apply_targeting,
        check: targeting::check,
    },
    ChangeType {
        name: "UpdatePricingTerms",
        step: Step::Update,
        after_release: AfterRelease::Refused("INVALID_UPDATE_REQUEST"),
        details: &shapes::PRICING,
        apply: apply_pricing,
        check: pricing::check,
    },
    ChangeType {
        name: "UpdateLegalTerms",
        step: Step::Update,
        after_release: AfterRelease::Refused("INCOMPATIBLE_TERMS"),
        details: &shapes::LEGAL,
        apply: |offer, details, _| apply_terms(offer, details, &[TermKind::Legal]),
        check: legal::check,
    },
    ChangeType {
        name: "UpdateSupportTerms",
        step: Step::Update,
        after_release: AfterRelease::Refused("INCOMPATIBLE_TERMS"),
        details: &shapes::SUPPORT,
        apply: |offer, details, _| apply_terms(offer, details, &[TermKind::Support]),
        check: legal::check_support,
    },
    ChangeType {
        name: "UpdateAvailability",
        step: Step::Update,
        after_release: AfterRelease::Checked,
        details: &shapes::AVAILABILITY,
        apply: apply_availability,
        check: availability::check,
    },
    ChangeType {
        name: "UpdateValidityTerms",
        step: Step::Update,
        after_release: AfterRelease::Checked,
        details: &shapes::VALIDITY,
        apply: |offer, details, _| apply_terms(offer, details, &[TermKind::Validity]),
        check: validity::check,
    },
    ChangeType {
        name: "UpdatePaymentScheduleTerms",
        step: Step::Update,
        after_release: AfterRelease::Refused("INCOMPATIBLE_TERMS"),
        details: &shapes::PAYMENT_SCHEDULE,
        apply: |offer, details, _| apply_terms(offer, details, &[TermKind::PaymentSchedule]),
        check: payment::check_schedule,
    },
    ChangeType {
        name: "UpdateNetPaymentTerms",
        step: Step::Update,
        after_release: AfterRelease::Refused("INCOMPATIBLE_TERMS"),
        details: &shapes::NET_PAYMENT,
        apply: |offer, details, _| apply_terms(offer, details, &[TermKind::NetPayment]),
        check: payment::check_net,
    },
    ChangeType {
        name: "UpdateRenewalTerms",
        step: Step::Update,
        after_release: AfterRelease::Refused("INVALID_UPDATE_REQUEST"),
        details: &shapes::RENEWAL,
        apply: |offer, details, _| apply_terms(offer, details, &[TermKind::Renewal]),
        check: renewal::check,
    },
    ChangeType {
        name: "ReleaseOffer",
        step: Step::Release,
        after_release: AfterRelease::Refused("INVALID_UPDATE_REQUEST"),
        details: &shapes::RELEASE,
        apply: |_, _, _| Ok(()),
        check: release::check,
    },
];

/// The row of a change type, by entity type without version.
pub(crate) fn find(entity_type: &str, name: &str) -> Option<&'static ChangeType> {
    if entity_type != OFFER {
        return None;
    }
    CHANGE_TYPES.iter().find(|row| row.name == name)
}

fn name_of(details: &Value) -> Option<String> {
    details.get("Name").and_then(Value::as_str).map(str::to_owned)
}

fn apply_create(offer: &mut Offer, details: &Value, _: &Aws) -> Result<(), String> {
    text(details, "ProductId").clone_into(&mut offer.product_id);
    offer.name = name_of(details);
    offer.offer_set_id = details.get("OfferSetId").and_then(Value::as_str).map(str::to_owned);
    Ok(())
}

fn apply_create_replacement(offer: &mut Offer, details: &Value, aws: &Aws) -> Result<(), String> {
    let id = text(details, "AgreementId");
    if let Some(agreement) = aws.agreements.get(id) {
        offer.product_id.clone_from(&agreement.product_id);
        offer.targeting = Some(Targeting::of_buyer(&agreement.acceptor));
    }
    offer.source_agreement = Some(SourceAgreement { id: id.to_owned(), intent: SourceIntent::Replace });
    offer.name = name_of(details);
    Ok(())
}

fn apply_information(offer: &mut Offer, details: &Value, _: &Aws) -> Result<(), String> {
    if let Some(name) = name_of(details) {
        offer.name = Some(name);
    }
    if let Some(description) = details.get("Description").and_then(Value::as_str) {
        offer.description = Some(description.to_owned());
    }
    match details.get("PreExistingAgreement") {
        None => {}
        Some(Value::Null) => offer.pre_existing_agreement = None,
        Some(agreement) => offer.pre_existing_agreement = Some(agreement.clone()),
    }
    Ok(())
}

fn apply_targeting(offer: &mut Offer, details: &Value, _: &Aws) -> Result<(), String> {
    offer.targeting = Some(Targeting::deserialize(details).map_err(|error| error.to_string())?);
    Ok(())
}

fn apply_pricing(offer: &mut Offer, details: &Value, _: &Aws) -> Result<(), String> {
    let model = details.get("PricingModel").cloned().unwrap_or_default();
    offer.pricing_model = Some(PricingModel::deserialize(model).map_err(|error| error.to_string())?);
    apply_terms(offer, details, &term::PRICING)
}

fn apply_terms(offer: &mut Offer, details: &Value, kinds: &[TermKind]) -> Result<(), String> {
    let terms = term::parse(details)?;
    offer.replace_terms(kinds, terms);
    Ok(())
}

fn apply_availability(offer: &mut Offer, details: &Value, _: &Aws) -> Result<(), String> {
    let day = text(details, "AvailabilityEndDate").parse().map_err(|error: jiff::Error| error.to_string())?;
    offer.availability_end = Some(day);
    Ok(())
}
