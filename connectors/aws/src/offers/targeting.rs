//! To whom an offer is shown: accounts, and the countries they are in.

use entente_core::offer::{Offer, document::Countries};
use entente_port::{Error, Result};
use serde_json::{Value, json};

use crate::failure::MARKETPLACE;

/// The details of `UpdateTargeting`; nothing for a replacement, which is for the account that accepted the agreement and can be
/// for no other.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/developerguide/work-with-private-offers.html>
pub(super) fn details(offer: &Offer) -> Result<Option<Value>> {
    let accounts = &offer.buyer.accounts;
    let positive = match (&offer.countries, &offer.renewal) {
        (None, Some(_)) => return Ok(None),
        (Some(_), Some(_)) => return Err(refused("a replacement keeps the buyer and the countries of its agreement")),
        (Some(Countries::Except(_)), None) => {
            return Err(refused(
                "AWS takes named buyers or excepted countries, not both; list the countries under `only`",
            ));
        }
        (Some(Countries::Only(codes)), None) => json!({ "BuyerAccounts": accounts, "CountryCodes": codes }),
        (None, None) => json!({ "BuyerAccounts": accounts }),
    };
    Ok(Some(json!({ "PositiveTargeting": positive })))
}

fn refused(reason: &str) -> Error {
    Error::Rejected {
        marketplace: MARKETPLACE,
        field: Some("/countries".to_owned()),
        code: None,
        reason: reason.to_owned(),
    }
}
