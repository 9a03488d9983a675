//! The book: which postings are allowed. The stores book by the same rules; this is what they are tested against.

use std::collections::BTreeMap;

use super::{Journal, Posting, PostingAction};
use crate::money::{Currency, Money};

/// Why a posting is refused. Nothing is booked then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More is asked for than is free.
    #[error("fund `{fund}` has {free} free and {asked} is asked for; allocate more or ask for less")]
    Insufficient {
        /// The fund.
        fund: String,
        /// What is free.
        free: Money,
        /// What is asked for.
        asked: Money,
    },
    /// Nothing is held for the key.
    #[error("fund `{fund}` holds nothing in {currency} for `{key}`; reserve it first")]
    NoReservation {
        /// The fund.
        fund: String,
        /// The key.
        key: String,
        /// The currency.
        currency: Currency,
    },
    /// More is to be spent than is held for the key.
    #[error(
        "fund `{fund}` holds {held} for `{key}` and {asked} is to be spent; reserve the difference under a key of its own"
    )]
    BeyondReservation {
        /// The fund.
        fund: String,
        /// The key.
        key: String,
        /// What is held.
        held: Money,
        /// What is asked for.
        asked: Money,
    },
    /// The key holds an amount already.
    #[error("fund `{fund}` already holds {held} for `{key}`; void it first or use another key")]
    AlreadyReserved {
        /// The fund.
        fund: String,
        /// The key.
        key: String,
        /// What is held.
        held: Money,
    },
    /// The amount is zero or negative.
    #[error("{asked} cannot be booked on fund `{fund}`; the action gives the direction, the amount is always positive")]
    NotPositive {
        /// The fund.
        fund: String,
        /// The amount.
        asked: Money,
    },
    /// The fund would hold more than can be counted exactly.
    #[error("fund `{fund}` would grow beyond what can be counted exactly")]
    Overflow {
        /// The fund.
        fund: String,
    },
}

/// What a fund holds for one key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Reserved and neither spent nor given back, in minor units.
    pub reserved: i64,
    /// Spent, in minor units.
    pub posted: i64,
}

/// How one fund stands in one currency, in minor units. `reserved + posted <= allocated`, always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// What it was given.
    pub allocated: i64,
    /// The sum of what is held.
    pub reserved: i64,
    /// The sum of what is spent.
    pub posted: i64,
    /// By key.
    pub keys: BTreeMap<String, Held>,
}

impl Standing {
    /// What may still be reserved.
    pub fn free(&self) -> i64 {
        self.allocated - self.reserved - self.posted
    }
}

/// Every fund, in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    standings: BTreeMap<(String, Currency), Standing>,
}

impl Book {
    /// How a fund stands in a currency; all zeros where nothing was ever booked.
    pub fn standing(&self, fund: &str, currency: Currency) -> Standing {
        self.standings.get(&(fund.to_owned(), currency)).cloned().unwrap_or_default()
    }

    /// Books a posting and returns its journal.
    ///
    /// # Errors
    /// When a rule refuses it; the book is unchanged then.
    pub fn book(&mut self, posting: &Posting) -> Result<Journal, Refusal> {
        let currency = posting.amount.currency;
        let standing = self.standing(&posting.fund, currency);
        let minor = allowed(posting, &standing)?;
        let standing = self.standings.entry((posting.fund.clone(), currency)).or_default();
        if posting.action == PostingAction::Allocate {
            standing.allocated += minor;
        } else {
            let held = standing.keys.entry(posting.key.clone()).or_default();
            let (reserved, posted) = match posting.action {
                PostingAction::Reserve => (minor, 0),
                PostingAction::Post => (-minor, minor),
                _ => (-minor, 0),
            };
            held.reserved += reserved;
            held.posted += posted;
            standing.reserved += reserved;
            standing.posted += posted;
        }
        Ok(Journal::moving(posting.clone(), minor))
    }
}

/// How many minor units the posting may move.
fn allowed(posting: &Posting, standing: &Standing) -> Result<i64, Refusal> {
    let (fund, key, asked) = (posting.fund.clone(), posting.key.clone(), posting.amount);
    let money = |minor: i64| Money { minor, currency: asked.currency };
    if asked.minor <= 0 {
        return Err(Refusal::NotPositive { fund, asked });
    }
    let held = standing.keys.get(&posting.key).map_or(0, |held| held.reserved);
    match posting.action {
        PostingAction::Allocate if standing.allocated.checked_add(asked.minor).is_none() => {
            Err(Refusal::Overflow { fund })
        }
        PostingAction::Allocate => Ok(asked.minor),
        PostingAction::Reserve if held > 0 => Err(Refusal::AlreadyReserved { fund, key, held: money(held) }),
        PostingAction::Reserve if asked.minor > standing.free() => {
            Err(Refusal::Insufficient { fund, free: money(standing.free()), asked })
        }
        PostingAction::Reserve => Ok(asked.minor),
        _ if held == 0 => Err(Refusal::NoReservation { fund, key, currency: asked.currency }),
        PostingAction::Post if asked.minor > held => {
            Err(Refusal::BeyondReservation { fund, key, held: money(held), asked })
        }
        PostingAction::Post => Ok(asked.minor),
        PostingAction::Void | PostingAction::Expire => Ok(asked.minor.min(held)),
    }
}
