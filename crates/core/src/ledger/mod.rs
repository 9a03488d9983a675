//! The ledger's rules: double entry, two-phase, immutable. [`Posting`] is what a step asks to book.
//!
//! A fund has [accounts](Account) per currency, and a posting moves money between two of them, as its
//! [action](PostingAction) says. There are no other movements. [`judge`] is the one rule of what may move; the
//! in-memory [`Book`] and every store follow it. [`Proof`] trusts none of them and reads entries alone.

mod account;
mod book;
mod journal;
mod posting;
mod rule;
mod verify;

pub use account::{Account, UnknownAccount};
pub use book::Book;
pub use journal::{Entry, Journal};
pub use posting::{Posting, PostingAction, UnknownAction};
pub use rule::{Refusal, Standing, judge};
pub use verify::{Breach, Proof, verify};
