//! What a payout run hands to a bank, and what the bank says to it.
//!
//! A [`PaymentFile`] holds transfers in groups, one per debtor account and currency. It is written as ISO 20022
//! `pain.001` ([`pain001`]) or as a table for people ([`payment_table`]), the same bytes for the same file each time.
//! Answers come as `pain.002`, `camt.053`, `camt.054` or a plain CSV, and each becomes [`PaymentOutcome`]s
//! ([`answer`]). Nothing here reads a clock, a file or the network, and nothing decides what is paid.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod answer;
mod fault;
mod file;
pub mod pain001;
pub mod payment_table;
pub mod table;
mod transliterate;
mod value;
mod xml;

pub use answer::{Outcome, PaymentOutcome, ReasonCode};
pub use fault::{ReadError, ReadFault};
pub use file::{
    AccountDraft, Field, FileDraft, FileError, Flaw, Group, GroupDraft, PaymentFile, Place, Transfer, TransferDraft,
};
pub use transliterate::{Untranslatable, transliterate};
pub use value::{Account, AccountId, Bic, CountryCode, Iban, Reference, Wording};
