//! Checking journals after the fact: every promise of the ledger, from the entries alone.

use std::collections::BTreeMap;

use super::{Account, Journal};
use crate::money::Currency;

/// A promise that the entries do not keep. `journal` counts from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// A journal creates or destroys money.
    #[error("journal {journal} does not sum to zero in {currency}: {sum} minor units remain")]
    Unbalanced {
        /// The journal's place.
        journal: usize,
        /// The currency.
        currency: Currency,
        /// What remains.
        sum: i128,
    },
    /// More is reserved and spent than the fund was given.
    #[error(
        "after journal {journal} fund `{fund}` has reserved and spent {over} minor units of {currency} more than it was given"
    )]
    Overspent {
        /// The journal's place.
        journal: usize,
        /// The fund.
        fund: String,
        /// The currency.
        currency: Currency,
        /// By how much.
        over: i128,
    },
    /// More was spent or given back than was held for a key.
    #[error(
        "after journal {journal} fund `{fund}` holds {minor} minor units of {currency} for `{key}`, which is less than nothing"
    )]
    NegativeReservation {
        /// The journal's place.
        journal: usize,
        /// The fund.
        fund: String,
        /// The key.
        key: String,
        /// The currency.
        currency: Currency,
        /// What is held.
        minor: i128,
    },
}

/// Every promise that the journals, in the order in which they were booked, do not keep.
pub fn verify<'a>(journals: impl IntoIterator<Item = &'a Journal>) -> Vec<Breach> {
    let mut balances: BTreeMap<(&str, Currency, Account, &str), i128> = BTreeMap::new();
    let mut free: BTreeMap<(&str, Currency), i128> = BTreeMap::new();
    let mut breaches = Vec::new();
    for (at, journal) in journals.into_iter().enumerate() {
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for entry in &journal.entries {
            let minor = i128::from(entry.minor);
            *sums.entry(entry.currency).or_default() += minor;
            *balances.entry((&entry.fund, entry.currency, entry.account, &entry.key)).or_default() += minor;
            // Everything but what is reserved or spent is free; counted from there, so that a wrong `free` entry cannot hide it.
            *free.entry((&entry.fund, entry.currency)).or_default() -= match entry.account {
                Account::Allocated | Account::Reserved | Account::Posted => minor,
                Account::Free => 0,
            };
        }
        let unbalanced = sums.into_iter().filter(|(_, sum)| *sum != 0);
        breaches.extend(unbalanced.map(|(currency, sum)| Breach::Unbalanced { journal: at, currency, sum }));
        for entry in &journal.entries {
            let (fund, key, currency) = (entry.fund.clone(), entry.key.clone(), entry.currency);
            let free = free.get(&(entry.fund.as_str(), currency)).copied().unwrap_or(0);
            if free < 0 && matches!(entry.account, Account::Reserved | Account::Posted) {
                breaches.push(Breach::Overspent { journal: at, fund: fund.clone(), currency, over: -free });
            }
            let minor = balances.get(&(&entry.fund, currency, Account::Reserved, &entry.key)).copied().unwrap_or(0);
            if minor < 0 {
                breaches.push(Breach::NegativeReservation { journal: at, fund, key, currency, minor });
            }
        }
    }
    breaches.dedup();
    breaches
}
