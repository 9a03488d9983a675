//! What banks answer, read into one shape.
//!
//! [`pain002`] reads status reports on a file, [`camt`] statements and notifications of an account, [`remittance`] a
//! plain CSV. An answer is read whole or refused: a status that is not known is an error, and never a success. What an
//! answer means for a payable is for the caller to decide.

pub mod camt;
pub mod pain002;
mod reason;
pub mod remittance;

use entente_core::money::Money;
use jiff::civil::Date;

pub use reason::ReasonCode;

use crate::value::Reference;

/// What a bank says of one transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentOutcome {
    /// The transfer.
    pub end_to_end_id: Reference,
    /// What became of it.
    pub outcome: Outcome,
    /// The amount that the answer names, if it names one: compare it with what was sent.
    pub amount: Option<Money>,
}

/// What became of a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The account was debited and the money is on its way or there.
    Settled {
        /// On which day, as the bank counts days.
        on: Date,
    },
    /// It will not be executed; nothing was moved.
    Rejected {
        /// Why.
        code: ReasonCode,
        /// The bank's words, in one line; often empty.
        words: String,
    },
    /// It was executed, and the money came back.
    Returned {
        /// On which day.
        on: Date,
        /// Why.
        code: ReasonCode,
        /// The bank's words, in one line; often empty.
        words: String,
    },
    /// Received or accepted, and not settled yet.
    Pending,
}

/// A bank's words in one line without anything that acts on a terminal; at most 280 characters.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let safe = |c: char| if matches!(c, '\'' | '"' | '\\') { c.to_string() } else { c.escape_debug().to_string() };
    words.join(" ").chars().take(280).map(safe).collect()
}
