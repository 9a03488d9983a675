//! The ledger's rules: double entry, two-phase, immutable. [`Posting`] is what a step asks to book.

mod book;
mod journal;
mod verify;

use serde::{Deserialize, Serialize};

pub use book::{Book, Held, Refusal, Standing};
pub use journal::{Account, Entry, Journal};
pub use verify::{Breach, verify};

use crate::money::Money;

/// What a step asks the ledger to do. The store books it in the step's own transaction, or refuses the step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The fund, such as `emea-2027`; with the amount's currency it names one balance.
    pub fund: String,
    /// What the posting is about, unique within the fund for a reservation: `claim/CLM-2026-00007`.
    pub key: String,
    /// What to do.
    pub action: PostingAction,
    /// How much; always positive.
    pub amount: Money,
}

/// The two-phase life of an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostingAction {
    /// Raise what the fund may spend.
    Allocate,
    /// Hold the amount for `key`; refused beyond what is free.
    Reserve,
    /// Spend the amount out of what `key` holds, in full or in part.
    Post,
    /// Give back what `key` still holds (the amount is an upper bound).
    Void,
    /// As void, because its time is over.
    Expire,
}
