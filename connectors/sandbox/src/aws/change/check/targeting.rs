//! `UpdateTargeting`.

use std::collections::BTreeSet;

use super::{Scene, add};
use crate::aws::change::{ErrorDetail, country};

/// An account that AWS cannot have issued: it stands for one that does not exist.
const NO_SUCH_ACCOUNT: &str = "000000000000";

pub(in crate::aws::change) fn check(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let Some(targeting) = &scene.offer.targeting else { return };
    let accounts = scene.offer.buyer_accounts();
    let distinct: BTreeSet<&String> = accounts.iter().collect();
    if accounts.iter().any(|account| account == NO_SUCH_ACCOUNT) || distinct.len() != accounts.len() {
        add(errors, "INVALID_BUYER_ACCOUNTS", "Buyer accounts must exist and be listed once.");
    }
    let positive = targeting.positive_targeting.as_ref();
    let negative = targeting.negative_targeting.as_ref();
    let named = positive.and_then(|positive| positive.country_codes.as_ref());
    let excluded = negative.map(|negative| &negative.country_codes);
    if let Some(code) = named.into_iter().chain(excluded).flatten().find(|code| !country::exists(code)) {
        add(errors, "INVALID_COUNTRY_CODES", format!("`{code}` is not an ISO 3166-1 country code."));
    }
    if positive.is_some() && negative.is_some() {
        add(errors, "INVALID_TARGETING", "PositiveTargeting and NegativeTargeting exclude each other.");
    }
    if let Some(agreement) = scene.replaced()
        && accounts != [agreement.acceptor.clone()]
    {
        add(errors, "INCOMPATIBLE_TARGETING", "A replacement offer targets the acceptor of its agreement.");
    }
}
