//! The change types of `OfferSet@1.0`.

use serde_json::Value;

use super::AfterRelease::{Checked, Refused};
use super::Step::{Create, Release, Update};
use super::{AfterRelease, AnyWork, ChangeType, Site, Step, Work};
use crate::aws::change::apply::offer_set;
use crate::aws::change::check::View;
use crate::aws::change::check::offer_set as check;
use crate::aws::change::{ErrorDetail, shapes::offer_set as shapes};
use crate::aws::entity::EntityKind;
use crate::aws::offer_set::OfferSet;
use crate::aws::shape::Shape;

type Apply = fn(&mut OfferSet, &Value, &Site<'_>) -> Result<(), String>;
type Check = fn(&View<'_, OfferSet>, &mut Vec<ErrorDetail>);

const fn row(
    name: &'static str,
    step: Step,
    after_release: AfterRelease,
    details: &'static Shape,
    apply: Apply,
    check: Check,
) -> ChangeType {
    let work = AnyWork::OfferSet(Work { after_release, apply, check });
    ChangeType { kinds: &[EntityKind::OfferSet], name, step, details, work }
}

/// All rows.
pub(super) static ROWS: &[ChangeType] = &[
    row("CreateOfferSet", Create, Checked, &shapes::CREATE, offer_set::create, |_, _| ()),
    row("UpdateInformation", Update, Checked, &shapes::INFORMATION, offer_set::information, |_, _| ()),
    row(
        "AssociateOffers",
        Update,
        Refused("INVALID_UPDATE_REQUEST"),
        &shapes::OFFERS,
        offer_set::associate,
        check::check_association,
    ),
    row(
        "DisassociateOffers",
        Update,
        Refused("INVALID_UPDATE_REQUEST"),
        &shapes::OFFERS,
        offer_set::disassociate,
        check::check_dissociation,
    ),
    row(
        "AssociateSolution",
        Update,
        Refused("INVALID_UPDATE_REQUEST"),
        &shapes::SOLUTION,
        offer_set::associate_solution,
        check::check_solution,
    ),
    row(
        "DisassociateSolution",
        Update,
        Refused("INVALID_UPDATE_REQUEST"),
        &shapes::SOLUTION,
        offer_set::disassociate_solution,
        check::check_no_solution,
    ),
    row(
        "ReleaseOfferSet",
        Release,
        Refused("INVALID_UPDATE_REQUEST"),
        &shapes::EMPTY,
        offer_set::release,
        check::check_release,
    ),
];
