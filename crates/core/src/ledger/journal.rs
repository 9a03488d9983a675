//! A journal: what one posting books, as entries that sum to zero per currency.

use serde::{Deserialize, Serialize};

use super::{Posting, PostingAction};
use crate::money::Currency;

/// Where an amount stands within a fund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// What the fund was given; its balance is the negative of everything below.
    Allocated,
    /// What may still be reserved.
    Free,
    /// What is held for a key.
    Reserved,
    /// What is spent.
    Posted,
}

/// One side of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The fund.
    pub fund: String,
    /// The account.
    pub account: Account,
    /// What it is held or spent for; empty for `allocated` and `free`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// The currency.
    pub currency: Currency,
    /// The change in minor units; what one account gains another loses.
    pub minor: i64,
}

/// Everything that one posting books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// What was asked for. The amount booked may be smaller: giving back stops at what is held.
    pub posting: Posting,
    /// The entries; they sum to zero per currency.
    pub entries: Vec<Entry>,
}

impl Journal {
    /// The journal that moves `minor` as the posting's action says.
    pub(super) fn moving(posting: Posting, minor: i64) -> Journal {
        let (from, to) = match posting.action {
            PostingAction::Allocate => (Account::Allocated, Account::Free),
            PostingAction::Reserve => (Account::Free, Account::Reserved),
            PostingAction::Post => (Account::Reserved, Account::Posted),
            PostingAction::Void | PostingAction::Expire => (Account::Reserved, Account::Free),
        };
        let entry = |account: Account, minor: i64| Entry {
            fund: posting.fund.clone(),
            account,
            key: if matches!(account, Account::Reserved | Account::Posted) {
                posting.key.clone()
            } else {
                String::new()
            },
            currency: posting.amount.currency,
            minor,
        };
        let entries = vec![entry(from, -minor), entry(to, minor)];
        Journal { posting, entries }
    }
}
