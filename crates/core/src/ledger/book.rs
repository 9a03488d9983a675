//! Every fund in memory. The stores book by the same rule; this is what they are tested against.

use std::collections::BTreeMap;

use super::{
    Account, Journal, Posting,
    rule::{Refusal, Standing, judge},
};
use crate::money::Currency;

/// The balance of an account for a key: fund, currency, account, key.
type Place = (String, Currency, Account, String);

/// Every fund, in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    balances: BTreeMap<Place, i64>,
}

impl Book {
    /// What stands on an account for a key, in minor units; the key is empty where the account keeps none.
    pub fn balance(&self, fund: &str, currency: Currency, (account, key): (Account, &str)) -> i64 {
        self.balances.get(&(fund.to_owned(), currency, account, key.to_owned())).copied().unwrap_or(0)
    }

    /// What stands on an account for all keys together.
    pub fn total(&self, fund: &str, currency: Currency, account: Account) -> i64 {
        let first = (fund.to_owned(), currency, account, String::new());
        let of_account = self
            .balances
            .range(first..)
            .take_while(|((of, other, kind, _), _)| (of.as_str(), *other, *kind) == (fund, currency, account));
        of_account.map(|(_, minor)| minor).sum()
    }

    /// Every balance, by fund, currency, account and key.
    pub fn balances(&self) -> impl Iterator<Item = (&str, Currency, Account, &str, i64)> {
        self.balances
            .iter()
            .map(|((fund, currency, account, key), minor)| (fund.as_str(), *currency, *account, key.as_str(), *minor))
    }

    /// Books a posting and returns its journal.
    ///
    /// # Errors
    /// When the rule refuses it; the book is unchanged then.
    pub fn book(&mut self, posting: &Posting) -> Result<Journal, Refusal> {
        let currency = posting.amount.currency;
        let (source, target) = (posting.source(), posting.target());
        let at = |place| self.balance(&posting.fund, currency, place);
        let moved = judge(posting, Standing { source: at(source), target: at(target) })?;
        for ((account, key), minor) in [(source, -moved), (target, moved)] {
            *self.balances.entry((posting.fund.clone(), currency, account, key.to_owned())).or_default() += minor;
        }
        Ok(Journal::moving(posting.clone(), moved))
    }
}
