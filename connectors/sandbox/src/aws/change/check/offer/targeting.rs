//! `UpdateTargeting`.

use std::collections::BTreeSet;

use super::super::NO_SUCH_ACCOUNT;
use super::{Scene, add};
use crate::aws::change::{ErrorDetail, country};
use crate::aws::product::ProductKind;
use crate::aws::targeting::Targeting;

/// The most buyers of an offer that resells; others may have one more (Catalog API: the two pages differ).
const RESOLD_BUYERS_MAX: usize = 25;

pub(in crate::aws::change) fn check(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let Some(targeting) = &scene.subject.targeting else { return };
    let accounts = scene.subject.buyer_accounts();
    if scene.is_released() && !accounts.is_empty() {
        add(errors, "INCOMPATIBLE_TARGETING", "A released public offer cannot be limited to buyer accounts.");
    }
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
    let own = |account: &String| {
        *account == scene.subject.owner || scene.product().is_some_and(|product| product.owner == *account)
    };
    if accounts.iter().any(own) {
        add(errors, "INCOMPATIBLE_BUYER_ACCOUNTS", "Sellers cannot buy their own products.");
    }
    check_countries(scene, targeting, errors);
    check_resale(scene, accounts, errors);
    if let Some(agreement) = scene.replaced()
        && accounts != [agreement.acceptor.clone()]
    {
        add(errors, "INCOMPATIBLE_TARGETING", "A replacement offer targets the acceptor of its agreement.");
    }
}

/// The documentation refuses country codes for some product types, asks for them for others, and limits
/// them for others again, without naming any. Here data products take none; a product that is sold in
/// some countries only wants offers that name countries or buyers, and no other countries.
fn check_countries(scene: &Scene<'_>, targeting: &Targeting, errors: &mut Vec<ErrorDetail>) {
    let Some(product) = scene.product() else { return };
    let named = targeting.countries();
    let excluded = targeting.negative_targeting.is_some();
    if product.kind == ProductKind::DataProduct && (named.is_some() || excluded) {
        add(errors, "INCOMPATIBLE_PRODUCT", "Offers of this product type are not limited to countries.");
    }
    let Some(sold_in) = &product.countries else { return };
    if let Some(code) = named.into_iter().flatten().find(|code| !sold_in.contains(code)) {
        add(errors, "INCOMPATIBLE_COUNTRY_CODES", format!("The product is not sold in `{code}`."));
    }
    if named.is_none() && scene.subject.buyer_accounts().is_empty() {
        add(errors, "MISSING_COUNTRY_CODES", "The product is sold in some countries only; name those of the offer.");
    }
}

fn check_resale(scene: &Scene<'_>, accounts: &[String], errors: &mut Vec<ErrorDetail>) {
    let Some(held) = scene.authorization() else { return };
    if accounts.len() > RESOLD_BUYERS_MAX {
        add(errors, "TOO_MANY_BUYER_ACCOUNTS", format!("An offer has at most {RESOLD_BUYERS_MAX} buyers."));
    }
    if held.buyers().is_some_and(|allowed| accounts.iter().any(|account| !allowed.contains(account))) {
        let message = "The resale authorization does not allow offers to all of these buyers.";
        add(errors, "INCOMPATIBLE_RESALE_AUTHORIZATION", message);
    }
}
