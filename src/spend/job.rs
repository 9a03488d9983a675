//! What is to be taken in, and what that came to.

use std::collections::BTreeSet;

use entente_core::{
    commitment::{Commitment, Replaces, Statement, drawdown::Difference},
    money::Currency,
};
use entente_spend::Limits;
use entente_store::{Quarantined, ReadingRow};
use jiff::{Timestamp, civil::Date};

use super::judged::Judge;

/// What is to be taken in, for which commitment, and who does it.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// By what its charges are judged.
    pub judge: Judge<'a>,
    /// The partition.
    pub partition: &'a str,
    /// The file's name, as it is shown.
    pub file: &'a str,
    /// In place of what it comes.
    pub replaces: Replaces,
    /// The reading in whose place it is to come, and in that of no other; `None` for whichever is there.
    pub former: Option<&'a str>,
    /// The days that it is complete for, where it does not tell that itself.
    pub covers: Option<(Date, Date)>,
    /// Another currency than the contract's, of which alone the charges are read; they are kept apart from the others.
    pub currency: Option<Currency>,
    /// What it is taken in in spite of.
    pub insists: Insists,
    /// Whether a file that was replaced may come back.
    pub restore: bool,
    /// Whether it is only looked at.
    pub dry_run: bool,
    /// How much is held at once.
    pub limits: Limits,
    /// Who.
    pub by: &'a str,
    /// When, in business time.
    pub at: Timestamp,
}

/// What else would keep a file out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Insists {
    /// It comes in place of a partition that speaks of other days altogether.
    pub restate: bool,
    /// It comes beside a partition that says most of the same.
    pub beside: bool,
    /// It is whole, although it looks as if it were cut off.
    pub whole: bool,
}

/// What taking a file in came to.
#[derive(Debug)]
pub enum Came {
    /// It is what its partition says now, or would be.
    New(Box<Taken>),
    /// It is what its partition says already.
    Before(Box<ReadingRow>),
    /// It is what its partition said before another came in its place.
    Replaced(Box<ReadingRow>),
    /// It says what remains of the commitment, and nothing of spend.
    Stated(Box<Statement>),
}

/// What a file says.
#[derive(Debug)]
pub struct Taken {
    /// Its reading's id, its version, and from which row on it was read; a look has no version.
    pub id: String,
    /// The version of its partition.
    pub version: Option<u32>,
    /// What it is.
    pub format: String,
    /// After which row reading went on.
    pub after: u64,
    /// Rows that are counted.
    pub rows: u64,
    /// What was set aside.
    pub quarantined: Vec<Quarantined>,
    /// Rows, of those read just now, whose amount had more decimals than are kept.
    pub rounded: u64,
    /// Whether its amounts are binary floating-point numbers.
    pub floats: bool,
    /// The first and the last day that it is complete for.
    pub days: (Date, Date),
    /// The words for other currencies than the one that was read; `None` where rows had been read before.
    pub other_currencies: Option<BTreeSet<String>>,
    /// What it says otherwise than its partition did.
    pub differences: Vec<Difference>,
}

impl<'a> Job<'a> {
    /// Whether it comes in place of its whole partition.
    pub(super) fn comes_in_place_of_all(&self) -> bool {
        self.replaces == Replaces::Partition
    }

    /// The currency of the charges that are read.
    pub fn currency(&self) -> Currency {
        self.currency.unwrap_or(self.judge.commitment.currency)
    }

    /// The commitment.
    pub fn commitment(&self) -> &'a Commitment {
        self.judge.commitment
    }
}
