//! The ledger as booked, by the core's own book.

use std::collections::BTreeMap;

use async_trait::async_trait;
use entente_core::{
    ids::RunId,
    ledger::{Account, Posting},
    money::Currency,
    scope::Scope,
};
use jiff::Timestamp;

use super::{
    ModelStore, commit,
    state::{Booked, State, reaches_all},
};
use crate::{AccountBalance, BalanceFilter, Error, Journal, LedgerBook, LedgerEntry, Result};

#[async_trait]
impl LedgerBook for ModelStore {
    async fn entries(&self, scope: &Scope, fund: Option<&str>, after: i64, limit: u32) -> Result<Vec<LedgerEntry>> {
        let state = self.state();
        let wanted = state.entries.iter().filter(|booked| {
            reaches(scope, booked)
                && booked.entry.journal > after
                && fund.is_none_or(|fund| booked.entry.posting.fund == fund)
        });
        Ok(wanted.take(limit as usize).map(|booked| booked.entry.clone()).collect())
    }

    async fn balances(&self, scope: &Scope, filter: &BalanceFilter) -> Result<Vec<AccountBalance>> {
        let state = self.state();
        let wanted = state.entries.iter().filter(|booked| {
            let posting = &booked.entry.posting;
            reaches(scope, booked)
                && filter.fund.as_ref().is_none_or(|fund| posting.fund == *fund)
                && filter.currency.is_none_or(|currency| posting.amount.currency == currency)
                && filter.as_of.is_none_or(|as_of| booked.at <= as_of)
        });
        let mut sums: BTreeMap<_, i64> = BTreeMap::new();
        for Booked { entry, .. } in wanted {
            let key = if filter.by_key { entry.key.clone() } else { String::new() };
            let place = (entry.posting.fund.clone(), entry.posting.amount.currency, entry.account.word(), key);
            *sums.entry((place, entry.account)).or_default() += entry.minor;
        }
        let balance =
            |(((fund, currency, _, key), account), minor)| AccountBalance { fund, currency, account, key, minor };
        Ok(sums.into_iter().map(balance).collect())
    }

    async fn unbalanced(&self, scope: &Scope) -> Result<Vec<String>> {
        Ok(if reaches_all(scope) { unbalanced(&self.state()) } else { Vec::new() })
    }

    async fn post(
        &self,
        scope: &Scope,
        run: RunId,
        posting: &Posting,
        at: Timestamp,
    ) -> Result<std::result::Result<Journal, String>> {
        let mut state = self.state();
        let home = state.runs.get(&run).map(|row| row.snapshot.home.clone());
        let reached = home.as_ref().map_or_else(|| reaches_all(scope), |home| scope.reaches(home));
        if !reached {
            return Err(Error::NotFound { kind: "run", id: run.to_string() });
        }
        Ok(commit::book(&state.book, std::slice::from_ref(posting)).map(|(book, bookings)| {
            state.book = book;
            let mut no = 0;
            for booking in &bookings {
                no = commit::add_entries(&mut state, home.clone(), (run, 0, at), posting, booking);
            }
            Journal { no, posting: posting.clone(), run, seq: 0 }
        }))
    }
}

fn reaches(scope: &Scope, booked: &Booked) -> bool {
    booked.home.as_ref().map_or_else(|| reaches_all(scope), |home| scope.reaches(home))
}

/// Where the book is not what the entries sum up to.
pub(super) fn unbalanced(state: &State) -> Vec<String> {
    type Place<'a> = (&'a str, Currency, Account, &'a str);
    let mut differing: BTreeMap<Place<'_>, i64> = BTreeMap::new();
    for (fund, currency, account, key, minor) in state.book.balances() {
        *differing.entry((fund, currency, account, key)).or_default() += minor;
    }
    for Booked { entry, .. } in &state.entries {
        let place = (&*entry.posting.fund, entry.posting.amount.currency, entry.account, &*entry.key);
        *differing.entry(place).or_default() -= entry.minor;
    }
    differing.retain(|_, minor| *minor != 0);
    let words = |(fund, currency, account, key): Place<'_>, by: i64| {
        format!("fund {fund} keeps {by} minor units of {currency} {account} for `{key}` that its entries do not give")
    };
    differing.into_iter().map(|(place, by)| words(place, by)).collect()
}
