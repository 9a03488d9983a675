//! What choices, countries and renewals must be for a document to mean something. The loader refuses what is not.

use std::collections::BTreeSet;

use super::{
    Offer,
    document::{Choice, Contract, RenewalInstalment},
};
use crate::context::FieldError;

/// The most durations beside a contract's own: no real offer comes near.
const ALTERNATIVES_MAX: usize = 50;

/// Tiers are bought once, every duration prices every dimension, and nothing else moves what is bought or when it is paid.
pub(super) fn choice(contract: &Contract) -> Result<(), FieldError> {
    if !contract.leaves_a_choice() {
        return Ok(());
    }
    let ramped = contract.dimensions.iter().position(|dimension| !dimension.ramp.is_empty());
    let fixing = [
        ("/pricing/contract/instalments".to_owned(), !contract.instalments.is_empty()),
        ("/pricing/contract/free_months".to_owned(), contract.free_months > 0),
        (format!("/pricing/contract/dimensions/{}/ramp", ramped.unwrap_or_default()), ramped.is_some()),
    ];
    if let Some((field, _)) = fixing.iter().find(|(_, stated)| *stated) {
        return refuse(
            field,
            "fixes what is bought, while `choose` or `alternatives` leave a choice; keep one of the two",
        );
    }
    if contract.choose == Choice::One
        && let Some(at) = contract.dimensions.iter().position(|dimension| dimension.quantity != 1)
    {
        return refuse(
            &format!("/pricing/contract/dimensions/{at}/quantity"),
            "is not 1; one unit of one tier is bought",
        );
    }
    if contract.alternatives.len() > ALTERNATIVES_MAX {
        let message = format!("has {} entries; at most {ALTERNATIVES_MAX} are read", contract.alternatives.len());
        return refuse("/pricing/contract/alternatives", &message);
    }
    (0..contract.alternatives.len()).try_for_each(|nth| alternative(contract, nth))
}

fn alternative(contract: &Contract, nth: usize) -> Result<(), FieldError> {
    let Some(alternative) = contract.alternatives.get(nth) else { return Ok(()) };
    let field = format!("/pricing/contract/alternatives/{nth}/dimensions");
    let mut missing: BTreeSet<&str> = contract.dimensions.iter().map(|dimension| dimension.key.as_str()).collect();
    for (at, price) in alternative.dimensions.iter().enumerate() {
        if !missing.remove(price.key.as_str()) {
            let message =
                format!("`{}` is no dimension of the contract, or is priced twice for this duration", price.key);
            return refuse(&format!("{field}/{at}/key"), &message);
        }
    }
    match missing.first() {
        Some(key) => refuse(&field, &format!("has no price for `{key}`; price every dimension of the contract")),
        None => Ok(()),
    }
}

/// Lists of countries name at least one, in the codes of ISO 3166.
pub(super) fn countries(offer: &Offer) -> Result<(), FieldError> {
    let Some((word, codes)) = offer.countries.as_ref().map(super::document::Countries::listed) else { return Ok(()) };
    let field = format!("/countries/{word}");
    if codes.is_empty() || codes.len() > 1_000 {
        return refuse(
            &field,
            &format!("has {} entries; list 1 to 1000 countries, or leave `countries` out", codes.len()),
        );
    }
    match codes.iter().position(|code| !is_country(code)) {
        Some(at) => refuse(&format!("{field}/{at}"), "is not a country code of ISO 3166; write two capital letters"),
        None => Ok(()),
    }
}

/// Whether a text has the form of a country code.
pub(super) fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Each charge of a renewed agreement says once when it is due.
pub(super) fn renewal_instalments(offer: &Offer) -> Result<(), FieldError> {
    let instalments = offer.auto_renewal.as_ref().map_or(&[][..], |renewal| &renewal.instalments);
    if instalments.len() > 1_000 {
        let message = format!("has {} entries; at most 1000 are read", instalments.len());
        return refuse("/auto_renewal/instalments", &message);
    }
    for (at, due) in instalments.iter().enumerate() {
        let field = |part: &str| format!("/auto_renewal/instalments/{at}{part}");
        match due {
            RenewalInstalment { after_months: Some(_), after_days: Some(_), .. }
            | RenewalInstalment { after_months: None, after_days: None, .. } => {
                return refuse(&field(""), "says not once when it is due; write `after_months` or `after_days`");
            }
            RenewalInstalment { day_of_month: Some(day), .. } if !(1..=31).contains(day) => {
                return refuse(&field("/day_of_month"), &format!("`{day}` is no day of a month; write 1 to 31"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn refuse(field: &str, message: &str) -> Result<(), FieldError> {
    Err(FieldError { field: field.to_owned(), message: message.to_owned() })
}
