//! A whole offer in one change set: created, filled in, released. It becomes visible in one step or not at all.

use entente_core::offer::Offer;
use entente_port::Result;
use serde_json::{Value, json};

use super::{
    changes::{Change, Target},
    pricing, targeting, terms,
};

/// The changes that create and release an offer.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/developerguide/work-with-private-offers.html>
pub(super) fn changes(offer: &Offer) -> Result<Vec<Change>> {
    let first = match &offer.renewal {
        None => Change::new("CreateOffer", Target::New, json!({ "ProductId": offer.product.id })),
        Some(renewal) => Change::new("CreateReplacementOffer", Target::New, json!({ "AgreementId": renewal.of })),
    };
    let mut changes = vec![first];
    let mut then = |kind: &'static str, details: Option<Value>| {
        changes.extend(details.map(|details| Change::new(kind, Target::Created, details)));
    };
    then("UpdateInformation", Some(json!({ "Name": offer.name, "Description": offer.description })));
    then("UpdateTargeting", targeting::details(offer)?);
    then("UpdatePricingTerms", Some(pricing::details(offer)?));
    then("UpdateValidityTerms", terms::validity(offer));
    then("UpdatePaymentScheduleTerms", terms::payment_schedule(offer));
    then("UpdateNetPaymentTerms", terms::net_payment(offer));
    then("UpdateRenewalTerms", terms::auto_renewal(offer));
    then("UpdateLegalTerms", Some(terms::legal(offer)));
    then("UpdateSupportTerms", terms::support(offer));
    then("UpdateAvailability", Some(terms::availability(offer.expires_on)));
    then("ReleaseOffer", Some(json!({})));
    Ok(changes)
}
