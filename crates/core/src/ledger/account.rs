//! The accounts of a fund: where an amount stands between the budget and the payee.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Where an amount stands within a fund, per currency; most accounts keep one balance per key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// What the fund was given out of the budget, or by what was earned; the negative of everything below.
    Allocated,
    /// What may still be reserved.
    Free,
    /// Earned by sales, and not yet credited to the fund.
    Earned,
    /// Held for an approved request.
    Reserved,
    /// Committed by an approved claim.
    Posted,
    /// Owed to a payee.
    Payable,
    /// Paid out.
    Paid,
    /// Paid in advance: a receivable until it is proven or returned.
    Prepaid,
    /// Claimed back from whom it was paid to, and not yet recovered.
    Clawback,
    /// Not used in time.
    Lapsed,
    /// Came in and is no fund's, as what came back twice; the negative of what is owed for it.
    Surplus,
}

impl Account {
    /// Every account.
    pub const ALL: [Account; 11] = [
        Account::Allocated,
        Account::Free,
        Account::Earned,
        Account::Reserved,
        Account::Posted,
        Account::Payable,
        Account::Paid,
        Account::Prepaid,
        Account::Clawback,
        Account::Lapsed,
        Account::Surplus,
    ];

    /// The word under which it is stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            Account::Allocated => "allocated",
            Account::Free => "free",
            Account::Earned => "earned",
            Account::Reserved => "reserved",
            Account::Posted => "posted",
            Account::Payable => "payable",
            Account::Paid => "paid",
            Account::Prepaid => "prepaid",
            Account::Clawback => "clawback",
            Account::Lapsed => "lapsed",
            Account::Surplus => "surplus",
        }
    }

    /// Whether it keeps one balance per key; the others keep one per fund.
    pub fn is_keyed(self) -> bool {
        !matches!(self, Account::Allocated | Account::Free | Account::Lapsed)
    }

    /// Whether it says where money came from: what was given, and what came in beside it. Any amount may leave it.
    pub fn is_debt(self) -> bool {
        matches!(self, Account::Allocated | Account::Surplus)
    }

    /// Whether its balance may be `minor`: a debt is never more than nothing, and nothing else is ever less.
    pub fn may_stand_at(self, minor: i128) -> bool {
        if self.is_debt() { minor <= 0 } else { minor >= 0 }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The word names no account of a fund.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no account of a fund")]
pub struct UnknownAccount(pub String);

impl FromStr for Account {
    type Err = UnknownAccount;

    fn from_str(word: &str) -> Result<Account, UnknownAccount> {
        let known = Account::ALL.into_iter().find(|account| account.word() == word);
        known.ok_or_else(|| UnknownAccount(word.chars().take(40).collect()))
    }
}
