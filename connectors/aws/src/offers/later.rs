//! What can still be changed once an offer is released: its last day, its name, its description, how long its agreement lasts.
//! Prices and buyers cannot.

use entente_core::offer::{Offer, Period};
use entente_port::{Error, Result};
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::{
    WITHDRAWN_ON,
    changes::{Change, Target},
    terms,
};
use crate::failure::MARKETPLACE;

/// Withdraws an offer; agreements that exist are untouched.
pub(super) fn withdraw(offer_id: &str) -> Change {
    Change::new("UpdateAvailability", Target::Existing(offer_id.to_owned()), terms::availability(WITHDRAWN_ON))
}

/// Extends an offer, where its frozen terms allow it.
pub(super) fn extend(offer_id: &str, last: Date, offer: &Offer) -> Result<Change> {
    if let Some(obstacle) = frozen_term_in_the_way(last, offer) {
        return Err(Error::Rejected {
            marketplace: MARKETPLACE,
            field: Some("/expires_on".to_owned()),
            code: None,
            reason: obstacle,
        });
    }
    Ok(Change::new("UpdateAvailability", Target::Existing(offer_id.to_owned()), terms::availability(last)))
}

/// Start, end and payment schedule are frozen by the release, and each of them ties the last day.
fn frozen_term_in_the_way(last: Date, offer: &Offer) -> Option<String> {
    let reissue = "which a released offer cannot change; withdraw it and make a new one";
    let starts = offer.term.and_then(|term| term.start).filter(|start| *start <= last);
    if let Some(start) = starts {
        return Some(format!("the agreement starts on {start}, not after the new last day {last}, {reissue}"));
    }
    let ends = offer.term.and_then(|term| term.end).filter(|end| *end <= last);
    if let Some(end) = ends {
        return Some(format!("the agreement ends on {end}, not after the new last day {last}, {reissue}"));
    }
    let due =
        offer.pricing.contract.iter().flat_map(|contract| &contract.instalments).filter(|due| due.date <= last).count();
    (due > 1).then(|| format!("{due} instalments would be due by the new last day {last}, AWS allows one, {reissue}"))
}

/// Changes an offer's name, its description, the duration of its agreement, its last day, or several of them in one set.
pub(super) fn amend(
    offer_id: &str,
    name: Option<&str>,
    description: Option<&str>,
    duration: Option<Period>,
    last: Option<Date>,
) -> Result<Vec<Change>> {
    let existing = || Target::Existing(offer_id.to_owned());
    let given = [("Name", name), ("Description", description)];
    let details: Map<String, Value> =
        given.into_iter().filter_map(|(key, value)| value.map(|value| (key.to_owned(), Value::from(value)))).collect();
    let information =
        (!details.is_empty()).then(|| Change::new("UpdateInformation", existing(), Value::Object(details)));
    let validity = duration.map(|duration| Change::new("UpdateValidityTerms", existing(), terms::lasting(duration)));
    let availability = last.map(|last| Change::new("UpdateAvailability", existing(), terms::availability(last)));
    let changes: Vec<Change> = information.into_iter().chain(validity).chain(availability).collect();
    if changes.is_empty() {
        let reason = "there is nothing to change; give a new name, description, duration or last day".to_owned();
        return Err(Error::Rejected { marketplace: MARKETPLACE, field: Some("/name".to_owned()), code: None, reason });
    }
    Ok(changes)
}
