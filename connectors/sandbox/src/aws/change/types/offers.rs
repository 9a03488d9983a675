//! The change types of `Offer@1.0`.

use super::AfterRelease::{Checked, Refused, RefusedIfPrivate};
use super::Step::{Create, Release, Update};
use super::{AfterRelease, AnyWork, ChangeType, Step, Work};
use crate::aws::change::apply::offer;
use crate::aws::change::check::View;
use crate::aws::change::check::offer::{
    availability, creation, information, legal, payment, pricing, release, renewal, resold, targeting, validity,
};
use crate::aws::change::{ErrorDetail, shapes::offer as shapes};
use crate::aws::entity::EntityKind;
use crate::aws::offer::Offer;
use crate::aws::shape::Shape;

use super::Site;

type Apply = fn(&mut Offer, &serde_json::Value, &Site<'_>) -> Result<(), String>;
type Check = fn(&View<'_, Offer>, &mut Vec<ErrorDetail>);

const fn row(
    name: &'static str,
    step: Step,
    after_release: AfterRelease,
    details: &'static Shape,
    apply: Apply,
    check: Check,
) -> ChangeType {
    let work = AnyWork::Offer(Work { after_release, apply, check });
    ChangeType { kinds: &[EntityKind::Offer], name, step, details, work }
}

/// All rows.
pub(super) static ROWS: &[ChangeType] = &[
    row("CreateOffer", Create, Checked, &shapes::CREATE_OFFER, offer::create, creation::check_offer),
    row(
        "CreateReplacementOffer",
        Create,
        Checked,
        &shapes::CREATE_REPLACEMENT,
        offer::create_replacement,
        creation::check_replacement,
    ),
    row(
        "CreateOfferUsingResaleAuthorization",
        Create,
        Checked,
        &shapes::CREATE_FROM_AUTHORIZATION,
        offer::create_from_authorization,
        resold::check_creation,
    ),
    row(
        "CreateReplacementOfferUsingResaleAuthorization",
        Create,
        Checked,
        &shapes::CREATE_REPLACEMENT_FROM_AUTHORIZATION,
        offer::create_replacement_from_authorization,
        resold::check_replacement,
    ),
    row("UpdateInformation", Update, Checked, &shapes::INFORMATION, offer::information, information::check),
    row(
        "UpdateTargeting",
        Update,
        RefusedIfPrivate("INCOMPATIBLE_TARGETING"),
        &shapes::TARGETING,
        offer::targeting,
        targeting::check,
    ),
    row(
        "UpdatePricingTerms",
        Update,
        RefusedIfPrivate("INVALID_UPDATE_REQUEST"),
        &shapes::PRICING,
        offer::pricing,
        pricing::check,
    ),
    row("UpdateLegalTerms", Update, RefusedIfPrivate("INCOMPATIBLE_TERMS"), &shapes::LEGAL, offer::legal, legal::check),
    row(
        "UpdateSupportTerms",
        Update,
        RefusedIfPrivate("INCOMPATIBLE_TERMS"),
        &shapes::SUPPORT,
        offer::support,
        legal::check_support,
    ),
    row("UpdateAvailability", Update, Checked, &shapes::AVAILABILITY, offer::availability, availability::check),
    row("UpdateValidityTerms", Update, Checked, &shapes::VALIDITY, offer::validity, validity::check),
    row(
        "UpdatePaymentScheduleTerms",
        Update,
        Refused("INCOMPATIBLE_TERMS"),
        &shapes::PAYMENT_SCHEDULE,
        offer::payment_schedule,
        payment::check_schedule,
    ),
    row(
        "UpdateNetPaymentTerms",
        Update,
        Refused("INCOMPATIBLE_TERMS"),
        &shapes::NET_PAYMENT,
        offer::net_payment,
        payment::check_net,
    ),
    row(
        "UpdateRenewalTerms",
        Update,
        RefusedIfPrivate("INVALID_UPDATE_REQUEST"),
        &shapes::RENEWAL,
        offer::renewal,
        renewal::check,
    ),
    row("UpdateMarkup", Update, Refused("INCOMPATIBLE_TERMS"), &shapes::MARKUP, offer::markup, resold::check_markup),
    row("UpdateCustomerVerificationTerms", Update, Checked, &shapes::VERIFICATION, offer::verification, |_, _| ()),
    row("ReleaseOffer", Release, Refused("INVALID_UPDATE_REQUEST"), &shapes::EMPTY, offer::release, release::check),
];
