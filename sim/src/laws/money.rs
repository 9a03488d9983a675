//! Every journal sums to zero, and no fund has more reserved and spent than it was given.

use std::collections::BTreeMap;

use entente_core::ledger::Account;
use entente_store::model::Tables;

use super::Broken;

/// The funds as their entries tell them, without the book that made them.
#[derive(Default)]
pub(super) struct Funds {
    entries: usize,
    journals: BTreeMap<i64, i64>,
    accounts: BTreeMap<(String, Account, String), i64>,
}

impl Funds {
    pub(super) fn check(&mut self, tables: Tables<'_>) -> Result<(), Broken> {
        let before = self.entries;
        for entry in tables.entries().skip(before) {
            self.entries += 1;
            *self.journals.entry(entry.journal).or_default() += entry.minor;
            let account = (entry.posting.fund.clone(), entry.account, entry.key.clone());
            *self.accounts.entry(account).or_default() += entry.minor;
        }
        if self.entries == before {
            return Ok(());
        }
        if let Some((journal, sum)) = self.journals.iter().find(|(_, sum)| **sum != 0) {
            return Err(("balance", format!("journal {journal} sums to {sum}")));
        }
        for ((fund, account, _), sum) in &self.accounts {
            if !account.may_stand_at(i128::from(*sum)) {
                return Err(("reserve", format!("`{account}` of fund `{fund}` stands at {sum}")));
            }
        }
        Ok(())
    }
}
