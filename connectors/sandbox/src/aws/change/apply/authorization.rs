//! The documents of `ResaleAuthorization@1.0`.

use serde::Deserialize;
use serde_json::Value;

use super::optional;
use crate::aws::change::types::Site;
use crate::aws::offer::PricingModel;
use crate::aws::resale::{AuthorizationStatus, ResaleAuthorization};
use crate::aws::resale_term::{self, ResaleTermKind};
use crate::aws::text;

type Applied = Result<(), String>;

pub(in crate::aws::change) fn create(held: &mut ResaleAuthorization, details: &Value, _: &Site<'_>) -> Applied {
    text(details, "ProductId").clone_into(&mut held.product_id);
    text(details, "Name").clone_into(&mut held.name);
    text(details, "ResellerAccountId").clone_into(&mut held.reseller);
    held.description = optional(details, "Description");
    Ok(())
}

pub(in crate::aws::change) fn information(held: &mut ResaleAuthorization, details: &Value, _: &Site<'_>) -> Applied {
    if let Some(name) = optional(details, "Name") {
        held.name = name;
    }
    if let Some(description) = optional(details, "Description") {
        held.description = Some(description);
    }
    match details.get("PreExistingBuyerAgreement") {
        None => {}
        Some(Value::Null) => held.pre_existing_agreement = None,
        Some(agreement) => held.pre_existing_agreement = Some(agreement.clone()),
    }
    Ok(())
}

pub(in crate::aws::change) fn buyer_targeting(
    held: &mut ResaleAuthorization,
    details: &Value,
    _: &Site<'_>,
) -> Applied {
    replace(held, details, &[ResaleTermKind::BuyerTargeting])
}

/// Neither a day nor a quantity means: for ever, and as often as wanted.
pub(in crate::aws::change) fn availability(held: &mut ResaleAuthorization, details: &Value, _: &Site<'_>) -> Applied {
    let day = optional(details, "AvailabilityEndDate").map(|day| day.parse());
    held.availability_end = day.transpose().map_err(|error: jiff::Error| error.to_string())?;
    let quantity = details.get("OffersMaxQuantity").and_then(Value::as_u64);
    held.offers_max = quantity.and_then(|most| u32::try_from(most).ok());
    Ok(())
}

pub(in crate::aws::change) fn buyer_validity(held: &mut ResaleAuthorization, details: &Value, _: &Site<'_>) -> Applied {
    replace(held, details, &[ResaleTermKind::BuyerValidity])
}

pub(in crate::aws::change) fn legal(held: &mut ResaleAuthorization, details: &Value, _: &Site<'_>) -> Applied {
    replace(held, details, &ResaleTermKind::LEGAL)
}

pub(in crate::aws::change) fn pricing(held: &mut ResaleAuthorization, details: &Value, _: &Site<'_>) -> Applied {
    let model = details.get("PricingModel").cloned().unwrap_or_default();
    held.pricing_model = Some(PricingModel::deserialize(model).map_err(|error| error.to_string())?);
    replace(held, details, &ResaleTermKind::PRICING)
}

pub(in crate::aws::change) fn payment_schedule(
    held: &mut ResaleAuthorization,
    details: &Value,
    _: &Site<'_>,
) -> Applied {
    replace(held, details, &[ResaleTermKind::PaymentSchedule])
}

pub(in crate::aws::change) fn net_payment(held: &mut ResaleAuthorization, details: &Value, _: &Site<'_>) -> Applied {
    replace(held, details, &[ResaleTermKind::NetPayment])
}

pub(in crate::aws::change) fn release(held: &mut ResaleAuthorization, _: &Value, _: &Site<'_>) -> Applied {
    held.status = AuthorizationStatus::Active;
    Ok(())
}

pub(in crate::aws::change) fn restrict(held: &mut ResaleAuthorization, _: &Value, _: &Site<'_>) -> Applied {
    held.status = AuthorizationStatus::Restricted;
    Ok(())
}

fn replace(held: &mut ResaleAuthorization, details: &Value, kinds: &[ResaleTermKind]) -> Applied {
    let terms = resale_term::parse(details)?;
    held.replace_terms(kinds, terms);
    Ok(())
}
