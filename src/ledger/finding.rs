//! What is wrong with a ledger, and where.

use entente_core::{
    ids::RunId,
    ledger::Breach,
    money::{Currency, Money},
};
use serde::Serialize;

/// A promise of the ledger that is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// The entries contradict themselves.
    #[error("{what}")]
    Entries {
        /// In words.
        what: String,
        /// What exactly, and where.
        breach: Breach,
    },
    /// All entries of a currency do not sum to zero.
    #[error("the trial balance in {currency} is {sum} minor units, not zero")]
    TrialBalance {
        /// The currency.
        currency: Currency,
        /// What the entries sum to.
        sum: i128,
    },
    /// A balance that the database keeps is not the sum of its entries.
    #[error("{what}")]
    Balance {
        /// In words.
        what: String,
    },
    /// A journal names a run that does not exist.
    #[error("journal {journal} of fund `{fund}` names the run `{run}`, which does not exist")]
    NoRun {
        /// The journal's number.
        journal: i64,
        /// The fund.
        fund: String,
        /// The run.
        run: RunId,
    },
    /// A journal names a step that did not book it, or booked something else.
    #[error("journal {journal} of fund `{fund}` names step {step} of run `{run}`, which did not book it so")]
    NoStep {
        /// The journal's number.
        journal: i64,
        /// The fund.
        fund: String,
        /// The run.
        run: RunId,
        /// The step.
        step: u64,
    },
    /// A journal was booked outside any step.
    #[error("journal {journal} of fund `{fund}` was booked outside any step, so nobody can say why")]
    OutsideSteps {
        /// The journal's number.
        journal: i64,
        /// The fund.
        fund: String,
    },
    /// A step booked something that the ledger does not have.
    #[error("step {step} of run `{run}` booked {amount} (`{action}`) on fund `{fund}`, and no journal has it")]
    NotBooked {
        /// The fund.
        fund: String,
        /// The run.
        run: RunId,
        /// The step.
        step: u64,
        /// What it booked.
        action: &'static str,
        /// How much.
        amount: Money,
    },
    /// A reservation is left for which no living run can settle any more.
    #[error("fund `{fund}` holds {held} for `{key}`, and the run `{run}` that reserved it {why}")]
    HeldByNobody {
        /// The fund.
        fund: String,
        /// The key.
        key: String,
        /// What is held.
        held: Money,
        /// The run that reserved it.
        run: RunId,
        /// Why it is nobody's.
        why: &'static str,
    },
}

impl From<Breach> for Finding {
    fn from(breach: Breach) -> Finding {
        Finding::Entries { what: breach.to_string(), breach }
    }
}
