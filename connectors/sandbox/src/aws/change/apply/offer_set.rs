//! The documents of `OfferSet@1.0`.

use serde_json::Value;

use super::optional;
use crate::aws::change::types::Site;
use crate::aws::offer::OfferState;
use crate::aws::offer_set::OfferSet;
use crate::aws::text;

type Applied = Result<(), String>;

/// The offers that a document names.
pub(in crate::aws::change) fn offers_in(details: &Value) -> impl Iterator<Item = &str> {
    let named = details.get("Offers").and_then(Value::as_array).into_iter().flatten();
    named.map(|offer| text(offer, "OfferId"))
}

pub(in crate::aws::change) fn create(set: &mut OfferSet, details: &Value, _: &Site<'_>) -> Applied {
    text(details, "Name").clone_into(&mut set.name);
    Ok(())
}

pub(in crate::aws::change) fn information(set: &mut OfferSet, details: &Value, _: &Site<'_>) -> Applied {
    if let Some(name) = optional(details, "Name") {
        set.name = name;
    }
    if let Some(notes) = optional(details, "BuyerNotes") {
        set.buyer_notes = Some(notes);
    }
    Ok(())
}

/// Associating an offer again changes nothing.
pub(in crate::aws::change) fn associate(set: &mut OfferSet, details: &Value, _: &Site<'_>) -> Applied {
    for id in offers_in(details) {
        if !set.offers.iter().any(|known| known == id) {
            set.offers.push(id.to_owned());
        }
    }
    Ok(())
}

pub(in crate::aws::change) fn disassociate(set: &mut OfferSet, details: &Value, _: &Site<'_>) -> Applied {
    let gone: Vec<&str> = offers_in(details).collect();
    set.offers.retain(|id| !gone.contains(&id.as_str()));
    Ok(())
}

pub(in crate::aws::change) fn associate_solution(set: &mut OfferSet, details: &Value, _: &Site<'_>) -> Applied {
    set.solution_id = optional(details, "SolutionId");
    Ok(())
}

pub(in crate::aws::change) fn disassociate_solution(set: &mut OfferSet, _: &Value, _: &Site<'_>) -> Applied {
    set.solution_id = None;
    Ok(())
}

pub(in crate::aws::change) fn release(set: &mut OfferSet, _: &Value, site: &Site<'_>) -> Applied {
    set.state = OfferState::Released;
    set.released_at = Some(site.now);
    Ok(())
}
