//! Checking journals after the fact: every promise of the ledger, from the entries alone.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Account, Entry, Journal, Posting};
use crate::money::Currency;

/// A promise that the entries do not keep, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "breach", rename_all = "snake_case")]
pub enum Breach {
    /// A journal creates or destroys money.
    #[error("journal {journal} does not sum to zero in {currency}: {sum} minor units remain")]
    Unbalanced {
        /// The journal's number.
        journal: i64,
        /// The currency.
        currency: Currency,
        /// What remains.
        sum: i128,
    },
    /// The entries are not the two that the posting's action makes.
    #[error("the entries of journal {journal} are not those of `{action}` on fund `{fund}`")]
    Misbooked {
        /// The journal's number.
        journal: i64,
        /// The fund.
        fund: String,
        /// What the posting asked for.
        action: &'static str,
    },
    /// More left an account than stood on it.
    #[error(
        "after journal {journal} fund `{fund}` has {minor} minor units of {currency} {account} for `{key}`, which is less than nothing"
    )]
    Negative {
        /// The journal's number.
        journal: i64,
        /// The fund.
        fund: String,
        /// The account.
        account: Account,
        /// The key; empty where the account keeps none.
        key: String,
        /// The currency.
        currency: Currency,
        /// What stands there.
        minor: i128,
    },
}

/// Reads journals in the order in which they were booked.
#[derive(Debug, Default)]
pub struct Proof {
    balances: BTreeMap<(String, Currency, Account, String), i128>,
    sums: BTreeMap<Currency, i128>,
    breaches: Vec<Breach>,
}

impl Proof {
    /// Reads one journal.
    pub fn read(&mut self, journal: i64, posting: &Posting, entries: &[Entry]) {
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for entry in entries {
            *sums.entry(entry.currency).or_default() += i128::from(entry.minor);
        }
        for (currency, sum) in sums {
            *self.sums.entry(currency).or_default() += sum;
            if sum != 0 {
                self.breaches.push(Breach::Unbalanced { journal, currency, sum });
            }
        }
        if !as_asked(posting, entries) {
            let (fund, action) = (posting.fund.clone(), posting.action.word());
            self.breaches.push(Breach::Misbooked { journal, fund, action });
        }
        for entry in entries {
            self.add(journal, entry);
        }
    }

    fn add(&mut self, journal: i64, entry: &Entry) {
        let place = (entry.fund.clone(), entry.currency, entry.account, entry.key.clone());
        let balance = self.balances.entry(place).or_default();
        *balance += i128::from(entry.minor);
        if !entry.account.may_stand_at(*balance) {
            self.breaches.push(Breach::Negative {
                journal,
                fund: entry.fund.clone(),
                account: entry.account,
                key: entry.key.clone(),
                currency: entry.currency,
                minor: *balance,
            });
        }
    }

    /// The trial balance so far: what all entries sum to, per currency. Zero, unless there are breaches.
    pub fn sums(&self) -> &BTreeMap<Currency, i128> {
        &self.sums
    }

    /// What stands on each account for each key, by fund, currency, account and key.
    pub fn balances(&self) -> impl Iterator<Item = (&str, Currency, Account, &str, i128)> {
        self.balances
            .iter()
            .map(|((fund, currency, account, key), minor)| (fund.as_str(), *currency, *account, key.as_str(), *minor))
    }

    /// Every promise that was not kept.
    pub fn breaches(&self) -> &[Breach] {
        &self.breaches
    }
}

/// Whether the entries are what the posting asks for, in full or, where its amount is a bound, in part.
fn as_asked(posting: &Posting, entries: &[Entry]) -> bool {
    let moved = entries.iter().map(|entry| entry.minor).max().unwrap_or(0);
    let enough = moved == posting.amount.minor || posting.action.is_bound() && moved < posting.amount.minor;
    let expected = Journal::moving(posting.clone(), moved).entries;
    moved > 0 && enough && entries.len() == expected.len() && expected.iter().all(|entry| entries.contains(entry))
}

/// Every promise that the journals, in the order in which they were booked, do not keep. They are numbered from 0.
pub fn verify<'a>(journals: impl IntoIterator<Item = &'a Journal>) -> Vec<Breach> {
    let mut proof = Proof::default();
    for (no, journal) in (0..).zip(journals) {
        proof.read(no, &journal.posting, &journal.entries);
    }
    proof.breaches
}
