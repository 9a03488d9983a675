//! Points for what is unusual in a claim. They choose what is looked at, and refuse nothing.

use std::collections::BTreeMap;

use jiff::civil::Weekday;

use super::{
    fraud::{BENFORD, CONSECUTIVE, ROUND, WEEKEND},
    likeness::normalised,
};
use crate::{
    mdf::{
        model::{Claim, Invoice, Partner},
        ruling::{Stuck, Told},
        view::View,
    },
    money::Money,
};

/// How often each first digit is expected, in tenths of a percent (Benford's law).
const EXPECTED: [i64; 9] = [301, 176, 125, 97, 79, 67, 58, 51, 46];

/// Fewer amounts than this say nothing about first digits.
const ENOUGH: usize = 50;

/// The sum of the deviations, in tenths of a percent, from which first digits look made up.
const FAR: i64 = 400;

/// The points of a claim, with what gave them.
pub(super) fn score(view: &View<'_>, told: &mut Told) -> Result<u32, Stuck> {
    let claim = view.claim()?;
    let signals = [
        ("round amounts", is_round(claim), ROUND.of(view.terms)),
        ("invoices of a weekend", claim.invoices.iter().any(of_a_weekend), WEEKEND.of(view.terms)),
        ("consecutive numbers", consecutive(claim), CONSECUTIVE.of(view.terms)),
        ("first digits", odd_digits(&view.case.partner), BENFORD.of(view.terms)),
    ];
    let mut sum = 0;
    for (name, found, points) in signals {
        let points = if found { points } else { 0 };
        told.input(name, format!("{points} points"));
        sum += points;
    }
    told.input("points", sum);
    Ok(sum)
}

/// Whether every invoice is of a hundred whole units or a multiple.
fn is_round(claim: &Claim) -> bool {
    let round = |amount: Money| {
        let unit = 10_i64.checked_pow(amount.currency.decimals() + 2);
        unit.is_some_and(|unit| amount.minor != 0 && amount.minor % unit == 0)
    };
    !claim.invoices.is_empty() && claim.invoices.iter().all(|invoice| round(invoice.total))
}

fn of_a_weekend(invoice: &Invoice) -> bool {
    matches!(invoice.date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Whether a supplier numbered two invoices one after the other, as if it had no other customer.
fn consecutive(claim: &Claim) -> bool {
    let mut numbers: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for invoice in &claim.invoices {
        let digits: String = invoice.number.chars().filter(char::is_ascii_digit).collect();
        if let Ok(number) = digits.parse() {
            numbers.entry(normalised(&invoice.supplier.tax_id)).or_default().push(number);
        }
    }
    numbers.values_mut().any(|numbers| {
        numbers.sort_unstable();
        numbers.windows(2).any(|pair| matches!(pair, [first, second] if second.checked_sub(*first) == Some(1)))
    })
}

/// Whether the first digits of past amounts are far from what chance gives.
fn odd_digits(partner: &Partner) -> bool {
    let mut counts = [0_i64; 9];
    let first = |amount: &Money| amount.minor.unsigned_abs().to_string().chars().next()?.to_digit(10);
    for digit in partner.past_amounts.iter().filter_map(first).filter(|digit| *digit > 0) {
        if let Some(count) = counts.get_mut(digit as usize - 1) {
            *count += 1;
        }
    }
    let sum: i64 = counts.iter().sum();
    if partner.past_amounts.len() < ENOUGH || sum == 0 {
        return false;
    }
    let deviation: i64 =
        counts.iter().zip(EXPECTED).map(|(count, expected)| (count * 1_000 / sum - expected).abs()).sum();
    deviation > FAR
}
