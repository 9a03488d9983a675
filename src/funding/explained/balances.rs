//! Each balance of a fund, with the journals that made it.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    ids::{FundId, RunId},
    ledger::{Account, PostingAction},
    money::{Currency, Money, MoneyError},
};
use entente_store::Store;
use jiff::Timestamp;
use serde::Serialize;

use super::{labels, named};
use crate::{ledger::journals::Reader, offers::DeskError};

/// What stands on an account of a fund: the sum of what is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// The account.
    pub account: Account,
    /// What stands there.
    pub amount: Money,
    /// The journals that made it so, in the order in which they were booked.
    pub journals: Vec<Made>,
}

/// What a journal did to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    /// Its number.
    pub journal: String,
    /// When it was booked, in business time.
    pub at: Timestamp,
    /// What was done.
    pub movement: PostingAction,
    /// By how much the account rose, or fell.
    pub amount: Money,
    /// What the money is for there; empty where the account keeps one balance.
    pub key: String,
    /// The run that booked it, by its label.
    pub run: Option<String>,
}

/// Every account that was ever booked on, with its journals.
///
/// # Errors
/// When the database cannot be read, or a balance is too large to be kept exactly.
pub async fn of_fund(store: &dyn Store, fund: &FundId) -> Result<Vec<Balance>, DeskError> {
    let mut made: BTreeMap<(Currency, Account), Vec<(Made, RunId)>> = BTreeMap::new();
    let mut runs: BTreeSet<RunId> = BTreeSet::new();
    let mut reader = Reader::of(fund.to_string());
    while let Some(journal) = reader.next(store).await? {
        runs.insert(journal.run);
        for entry in journal.entries {
            let amount = Money { minor: entry.minor, currency: entry.currency };
            let (movement, at) = (journal.posting.action, journal.at);
            let one = Made { journal: named(journal.no), at, movement, amount, key: entry.key, run: None };
            made.entry((entry.currency, entry.account)).or_default().push((one, journal.run));
        }
    }
    let labels = labels(store, &runs).await?;
    let balances = made.into_iter().map(|((currency, account), journals)| {
        let sum = Money::sum(currency, journals.iter().map(|(one, _)| one.amount))?;
        let journals = journals.into_iter().map(|(one, run)| Made { run: labels.get(&run).cloned(), ..one }).collect();
        Ok::<_, MoneyError>(Balance { account, amount: sum, journals })
    });
    Ok(balances.collect::<Result<_, _>>()?)
}
