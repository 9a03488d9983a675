//! A journal: what one posting books, as entries that sum to zero per currency.

use serde::{Deserialize, Serialize};

use super::{Account, Posting};
use crate::money::Currency;

/// One side of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The fund.
    pub fund: String,
    /// The account.
    pub account: Account,
    /// What it is for; empty for accounts that keep one balance per fund.
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
    /// What was asked for. The amount booked may be smaller where the amount is an upper bound.
    pub posting: Posting,
    /// The entries; they sum to zero per currency.
    pub entries: Vec<Entry>,
}

impl Journal {
    /// The journal that moves `minor` as the posting's action says.
    pub(super) fn moving(posting: Posting, minor: i64) -> Journal {
        let entry = |(account, key): (Account, &str), minor: i64| Entry {
            fund: posting.fund.clone(),
            account,
            key: key.to_owned(),
            currency: posting.amount.currency,
            minor,
        };
        let entries = vec![entry(posting.source(), -minor), entry(posting.target(), minor)];
        Journal { posting, entries }
    }
}
