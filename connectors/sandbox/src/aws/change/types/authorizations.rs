//! The change types of `ResaleAuthorization@1.0`.

use serde_json::Value;

use super::AfterRelease::{Checked, Refused};
use super::Step::{Create, Release, Update};
use super::{AfterRelease, AnyWork, ChangeType, Site, Step, Work};
use crate::aws::change::apply::authorization;
use crate::aws::change::check::View;
use crate::aws::change::check::authorization::{general, pricing, release};
use crate::aws::change::{ErrorDetail, shapes::authorization as shapes};
use crate::aws::entity::EntityKind;
use crate::aws::resale::ResaleAuthorization;
use crate::aws::shape::Shape;

type Apply = fn(&mut ResaleAuthorization, &Value, &Site<'_>) -> Result<(), String>;
type Check = fn(&View<'_, ResaleAuthorization>, &mut Vec<ErrorDetail>);

const fn row(
    name: &'static str,
    step: Step,
    after_release: AfterRelease,
    details: &'static Shape,
    apply: Apply,
    check: Check,
) -> ChangeType {
    let work = AnyWork::Authorization(Work { after_release, apply, check });
    ChangeType { kinds: &[EntityKind::ResaleAuthorization], name, step, details, work }
}

/// All rows.
pub(super) static ROWS: &[ChangeType] = &[
    row("CreateResaleAuthorization", Create, Checked, &shapes::CREATE, authorization::create, general::check_creation),
    row(
        "UpdateInformation",
        Update,
        Refused("INCOMPATIBLE_STATUS"),
        &shapes::INFORMATION,
        authorization::information,
        general::check_information,
    ),
    row(
        "UpdateBuyerTargetingTerms",
        Update,
        Refused("INCOMPATIBLE_STATUS"),
        &shapes::BUYER_TARGETING,
        authorization::buyer_targeting,
        general::check_buyers,
    ),
    row(
        "UpdateAvailability",
        Update,
        Refused("INCOMPATIBLE_STATUS"),
        &shapes::AVAILABILITY,
        authorization::availability,
        general::check_availability,
    ),
    row(
        "UpdateBuyerValidityTerms",
        Update,
        Refused("INCOMPATIBLE_STATUS"),
        &shapes::BUYER_VALIDITY,
        authorization::buyer_validity,
        general::check_buyer_validity,
    ),
    row(
        "UpdateLegalTerms",
        Update,
        Refused("INCOMPATIBLE_STATUS"),
        &shapes::LEGAL,
        authorization::legal,
        general::check_legal,
    ),
    row(
        "UpdatePricingTerms",
        Update,
        Refused("INCOMPATIBLE_STATUS"),
        &shapes::PRICING,
        authorization::pricing,
        pricing::check,
    ),
    row(
        "UpdatePaymentScheduleTerms",
        Update,
        Refused("INCOMPATIBLE_STATUS"),
        &shapes::PAYMENT_SCHEDULE,
        authorization::payment_schedule,
        pricing::check_schedule,
    ),
    row(
        "UpdateNetPaymentTerms",
        Update,
        Refused("INCOMPATIBLE_STATUS"),
        &shapes::NET_PAYMENT,
        authorization::net_payment,
        pricing::check_net,
    ),
    row(
        "ReleaseResaleAuthorization",
        Release,
        Refused("INCOMPATIBLE_STATUS"),
        &shapes::EMPTY,
        authorization::release,
        release::check,
    ),
    row(
        "RestrictResaleAuthorization",
        Release,
        Checked,
        &shapes::EMPTY,
        authorization::restrict,
        release::check_restriction,
    ),
];
