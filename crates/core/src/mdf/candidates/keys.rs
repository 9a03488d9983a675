//! The keys of a claim: those it is kept under, and those it asks for.

use std::collections::BTreeSet;

use super::{
    bands::{amount_bands, neighbours, parts, weeks},
    key::{Key, KeyKind, digest},
    reach::Reach,
};
use crate::{
    mdf::{
        cell::BasisPoints,
        model::{EarlierClaim, InvoiceUse},
        rules::likeness::{address_form, folded, number_forms},
    },
    money::Rounding,
};

/// How many characters of a number are its end; those before are its beginning.
const END: usize = 3;

/// The most characters of a number's beginning in a key.
const MOST: usize = 24;

/// Keys under which a claim is kept for later ones.
pub fn kept(claim: &EarlierClaim) -> BTreeSet<Key> {
    keys(claim, Reach { amount: BasisPoints(0), days: 0, picture_bits: 0 }, &[0], |_| true)
}

/// Keys under which the earlier claims are kept that are worth comparing with this one.
pub fn asked(claim: &EarlierClaim, reach: Reach) -> BTreeSet<Key> {
    asked_where(claim, reach, |_| true)
}

/// The same, the finer keys of an amount and week only where its [`KeyKind::Near`] is crowded.
pub(super) fn asked_where(claim: &EarlierClaim, reach: Reach, crowded: impl Fn(&Key) -> bool) -> BTreeSet<Key> {
    keys(claim, reach, &[0, 1, 2, -1], crowded)
}

/// The keys within reach, of numbers from which so many characters were cut at the end, or to which some are missing.
fn keys(claim: &EarlierClaim, reach: Reach, cuts: &[isize], crowded: impl Fn(&Key) -> bool) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    keys.insert(Key::of(KeyKind::Activity, &claim.activity));
    keys.extend(claim.files.iter().map(|file| Key::of(KeyKind::File, file.to_lowercase())));
    for picture in &claim.pictures {
        for (at, part, width) in parts(*picture) {
            let values = neighbours(part, width, reach.picture_bits).into_iter();
            keys.extend(values.map(|value| Key::of(KeyKind::Picture, format!("{at}:{value:04x}"))));
        }
    }
    keys.extend(claim.parties().filter_map(|(_, address)| address_key(address)));
    for invoice in &claim.invoices {
        of_invoice(invoice, reach, cuts, &crowded, &mut keys);
    }
    keys
}

fn of_invoice(
    invoice: &InvoiceUse,
    reach: Reach,
    cuts: &[isize],
    crowded: &impl Fn(&Key) -> bool,
    keys: &mut BTreeSet<Key>,
) {
    let tax_id = folded(&invoice.supplier.tax_id);
    let forms = number_forms(&invoice.number);
    for form in forms.iter().filter(|form| !form.is_empty()) {
        keys.insert(Key::of(KeyKind::Invoice, digest(&[&tax_id, form])));
    }
    // A credit note is near to nothing.
    if invoice.total.minor <= 0 {
        return;
    }
    let supplier = digest(&[&tax_id]);
    let parts: BTreeSet<String> = cuts.iter().flat_map(|cut| number_parts(&forms[0], *cut)).collect();
    let apart = reach.amount.of(invoice.total, Rounding::Up).map(|apart| apart.minor.unsigned_abs()).unwrap_or(0);
    let code = invoice.total.currency.code();
    for band in amount_bands(invoice.total.minor, apart) {
        if !tax_id.is_empty() {
            keys.insert(Key::of(KeyKind::Price, format!("{supplier}:{code}:{band}")));
        }
        for week in weeks(invoice.date, reach.days) {
            let place = format!("{code}:{band}:{week}");
            let near = Key::of(KeyKind::Near, &place);
            if crowded(&near) {
                let numbers = parts.iter().map(|part| format!("{place}:{supplier}:{part}"));
                keys.extend(numbers.map(|number| Key::of(KeyKind::NearNumber, number)));
                keys.insert(Key::of(KeyKind::NearSupplier, format!("{place}:{supplier}")));
            }
            keys.insert(near);
        }
    }
}

/// The key of an address, where it is complete.
pub(super) fn address_key(address: &str) -> Option<Key> {
    let address = address_form(address);
    (!address.is_empty()).then(|| Key::of(KeyKind::Address, digest(&[&address])))
}

/// The beginning and the end of a number, its last characters cut off: one slip leaves at least one of them as it is.
fn number_parts(number: &str, cut: isize) -> [String; 2] {
    let letters: Vec<char> = number.chars().filter(char::is_ascii_alphanumeric).collect();
    let end = letters.len().saturating_add_signed(-cut);
    let middle = end.saturating_sub(END);
    let text = |from: usize, until: usize| -> String { letters.iter().take(until).skip(from).take(MOST).collect() };
    [format!("h{}", text(0, middle)), format!("t{}", text(middle, end))]
}
