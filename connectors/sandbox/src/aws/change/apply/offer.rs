//! The documents of `Offer@1.0`.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::optional;
use crate::aws::change::types::Site;
use crate::aws::offer::{Offer, OfferState, PricingModel, Resale, SourceAgreement, SourceIntent, Targeting};
use crate::aws::price::Price;
use crate::aws::resale::ResaleAuthorization;
use crate::aws::term::{self, Legal, Term, TermKind};
use crate::aws::text;

type Applied = Result<(), String>;

pub(in crate::aws::change) fn create(offer: &mut Offer, details: &Value, _: &Site<'_>) -> Applied {
    text(details, "ProductId").clone_into(&mut offer.product_id);
    offer.name = optional(details, "Name");
    offer.offer_set_id = optional(details, "OfferSetId");
    Ok(())
}

pub(in crate::aws::change) fn create_replacement(offer: &mut Offer, details: &Value, site: &Site<'_>) -> Applied {
    let id = text(details, "AgreementId");
    if let Some(agreement) = site.aws.agreements.get(id) {
        offer.product_id.clone_from(&agreement.product_id);
        offer.targeting = Some(Targeting::of_buyer(&agreement.acceptor));
    }
    offer.source_agreement = Some(SourceAgreement { id: id.to_owned(), intent: SourceIntent::Replace });
    offer.name = optional(details, "Name");
    Ok(())
}

/// The draft begins with the terms and the buyers of the authorization.
pub(in crate::aws::change) fn create_from_authorization(
    offer: &mut Offer,
    details: &Value,
    site: &Site<'_>,
) -> Applied {
    let id = text(details, "ResaleAuthorizationId");
    offer.resale = Some(Resale { authorization_id: id.to_owned(), markup: None, own_schedule: false });
    offer.name = optional(details, "Name");
    offer.description = optional(details, "Description");
    offer.offer_set_id = optional(details, "OfferSetId");
    if let Some(authorization) = site.aws.authorizations.get(id) {
        offer.product_id.clone_from(&authorization.product_id);
        offer.pricing_model = authorization.pricing_model;
        offer.pre_existing_agreement.clone_from(&authorization.pre_existing_agreement);
        offer.targeting = authorization.buyers().map(|buyers| Targeting::of_buyers(buyers.to_vec()));
        offer.terms = authorization.offered_terms(Decimal::ZERO);
    }
    Ok(())
}

pub(in crate::aws::change) fn create_replacement_from_authorization(
    offer: &mut Offer,
    details: &Value,
    site: &Site<'_>,
) -> Applied {
    create_from_authorization(offer, details, site)?;
    let product = std::mem::take(&mut offer.product_id);
    create_replacement(offer, details, site)?;
    if offer.product_id.is_empty() {
        offer.product_id = product;
    }
    Ok(())
}

pub(in crate::aws::change) fn information(offer: &mut Offer, details: &Value, _: &Site<'_>) -> Applied {
    if let Some(name) = optional(details, "Name") {
        offer.name = Some(name);
    }
    if let Some(description) = optional(details, "Description") {
        offer.description = Some(description);
    }
    match details.get("PreExistingAgreement") {
        None => {}
        Some(Value::Null) => offer.pre_existing_agreement = None,
        Some(agreement) => offer.pre_existing_agreement = Some(agreement.clone()),
    }
    Ok(())
}

pub(in crate::aws::change) fn targeting(offer: &mut Offer, details: &Value, _: &Site<'_>) -> Applied {
    offer.targeting = Some(Targeting::deserialize(details).map_err(|error| error.to_string())?);
    Ok(())
}

pub(in crate::aws::change) fn pricing(offer: &mut Offer, details: &Value, _: &Site<'_>) -> Applied {
    let model = details.get("PricingModel").cloned().unwrap_or_default();
    offer.pricing_model = Some(PricingModel::deserialize(model).map_err(|error| error.to_string())?);
    replace(offer, details, &term::PRICING)
}

/// A reseller's licence comes beside the manufacturer's; any other replaces what was there.
pub(in crate::aws::change) fn legal(offer: &mut Offer, details: &Value, site: &Site<'_>) -> Applied {
    replace(offer, details, &[TermKind::Legal])?;
    let inherited = authorization(offer, site).map(|held| held.offered_terms(Decimal::ZERO)).unwrap_or_default();
    let inherited = inherited.into_iter().find_map(|term| match term {
        Term::LegalTerm(Legal { documents }) => Some(documents),
        _ => None,
    });
    for term in &mut offer.terms {
        if let (Term::LegalTerm(term), Some(inherited)) = (term, &inherited) {
            term.documents.splice(..0, inherited.iter().cloned());
        }
    }
    Ok(())
}

pub(in crate::aws::change) fn support(offer: &mut Offer, details: &Value, _: &Site<'_>) -> Applied {
    replace(offer, details, &[TermKind::Support])
}

pub(in crate::aws::change) fn availability(offer: &mut Offer, details: &Value, _: &Site<'_>) -> Applied {
    offer.availability_end = match details.get("AvailabilityEndDate") {
        None | Some(Value::Null) => None,
        Some(_) => Some(text(details, "AvailabilityEndDate").parse().map_err(|error: jiff::Error| error.to_string())?),
    };
    Ok(())
}

pub(in crate::aws::change) fn validity(offer: &mut Offer, details: &Value, _: &Site<'_>) -> Applied {
    replace(offer, details, &[TermKind::Validity])
}

pub(in crate::aws::change) fn payment_schedule(offer: &mut Offer, details: &Value, _: &Site<'_>) -> Applied {
    if let Some(resale) = &mut offer.resale {
        resale.own_schedule = true;
    }
    replace(offer, details, &[TermKind::PaymentSchedule])
}

pub(in crate::aws::change) fn net_payment(offer: &mut Offer, details: &Value, _: &Site<'_>) -> Applied {
    replace(offer, details, &[TermKind::NetPayment])
}

pub(in crate::aws::change) fn renewal(offer: &mut Offer, details: &Value, _: &Site<'_>) -> Applied {
    replace(offer, details, &[TermKind::Renewal])
}

/// Every price and instalment of the authorization, raised anew: an earlier markup leaves no trace.
pub(in crate::aws::change) fn markup(offer: &mut Offer, details: &Value, site: &Site<'_>) -> Applied {
    const RAISED: [TermKind; 4] =
        [TermKind::Usage, TermKind::ConfigurableUpfront, TermKind::FixedUpfront, TermKind::PaymentSchedule];
    let percent = Price::try_from(text(details, "Percentage").to_owned())?;
    let raised = authorization(offer, site).map(|held| held.offered_terms(percent.value()));
    if let Some(terms) = raised {
        offer.replace_terms(&RAISED, terms.into_iter().filter(|term| RAISED.contains(&term.kind())).collect());
    }
    if let Some(resale) = &mut offer.resale {
        resale.markup = Some(percent);
    }
    Ok(())
}

pub(in crate::aws::change) fn verification(offer: &mut Offer, details: &Value, _: &Site<'_>) -> Applied {
    let term = details.get("Terms").and_then(|terms| terms.get(0)).cloned().unwrap_or_default();
    let waits = text(&term, "ApprovalStrategy") == "WaitForApproval";
    if term.is_object() && waits == term.get("ExpirationDuration").is_some() {
        return Err(
            "`ExpirationDuration` goes with every strategy but `WaitForApproval`, and with each of them".to_owned()
        );
    }
    offer.verification = details.get("Terms").and_then(|terms| terms.get(0)).cloned();
    Ok(())
}

pub(in crate::aws::change) fn release(offer: &mut Offer, _: &Value, site: &Site<'_>) -> Applied {
    offer.state = OfferState::Released;
    offer.released_at = Some(site.now);
    Ok(())
}

fn authorization<'a>(offer: &Offer, site: &Site<'a>) -> Option<&'a ResaleAuthorization> {
    site.aws.authorizations.get(&offer.resale.as_ref()?.authorization_id)
}

fn replace(offer: &mut Offer, details: &Value, kinds: &[TermKind]) -> Applied {
    let terms = term::parse(details)?;
    offer.replace_terms(kinds, terms);
    Ok(())
}
