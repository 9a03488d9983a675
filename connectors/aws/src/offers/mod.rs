//! An offer in AWS's words: the change sets that create and change it, and the entity that reads it back.

mod changes;
mod create;
mod differences;
mod later;
mod pricing;
mod read;
mod targeting;
mod terms;

use entente_port::{Error, Result, Write};
use jiff::civil::Date;

pub(crate) use changes::{Change, Target, body};
pub(crate) use differences::plain;
pub(crate) use differences::{differences, holds};
pub(crate) use pricing::{by_the_hour, upfront_price};
pub(crate) use read::{product_facts, remote_offer};

/// The day that a withdrawn offer is said to have ended on. AWS has no operation that takes an offer back; a past last day
/// expires it. The day is fixed, because the same write must always make the same request.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/developerguide/work-with-private-offers.html>
pub const WITHDRAWN_ON: Date = Date::constant(2020, 1, 1);

/// The changes that a write makes, in the order in which they are sent.
pub(crate) fn changes(write: &Write) -> Result<Vec<Change>> {
    match write {
        Write::CreateOffer { offer } => create::changes(offer),
        Write::WithdrawOffer { offer_id } => Ok(vec![later::withdraw(offer_id)]),
        Write::ExtendOffer { offer_id, expires_on, offer } => {
            later::extend(offer_id, *expires_on, offer).map(|change| vec![change])
        }
        Write::AmendOffer { offer_id, name, description, duration, expires_on } => {
            later::amend(offer_id, name.as_deref(), description.as_deref(), *duration, *expires_on)
        }
        Write::CancelAgreement { .. }
        | Write::AdjustBilling { .. }
        | Write::RequestPayment { .. }
        | Write::WithdrawPayment { .. }
        | Write::ApplyForFunding { .. }
        | Write::ChangeFunding { .. } => Err(Error::Unsupported(write.capability())),
    }
}

/// What a write locks at AWS, as far as we know beforehand. Offers that are created on one product follow each other; AWS
/// locks the entities that a running change set names, and the product is the only one that a new offer shares.
pub(crate) fn entity(write: &Write) -> String {
    match write {
        Write::CreateOffer { offer } => format!("product/{}", offer.product.id),
        Write::WithdrawOffer { offer_id }
        | Write::ExtendOffer { offer_id, .. }
        | Write::AmendOffer { offer_id, .. } => format!("offer/{offer_id}"),
        Write::CancelAgreement { agreement_id, .. }
        | Write::AdjustBilling { agreement_id, .. }
        | Write::RequestPayment { agreement_id, .. }
        | Write::WithdrawPayment { agreement_id, .. } => format!("agreement/{agreement_id}"),
        Write::ApplyForFunding { application } => format!("benefit/{}", application.benefit),
        Write::ChangeFunding { application_id, .. } => format!("application/{application_id}"),
    }
}
