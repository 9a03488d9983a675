//! What the general ledger is told of a month: lines that balance, and everything that they were made from.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Accrual, AccrualKind, GlAccount, Refusal, Roll, RulesPin};
use crate::{
    context::funding::Treatment,
    ids::{LegalEntityId, ProgrammeId},
    ledger::PostingAction,
    money::{Currency, Money},
};

/// A side of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The left one.
    Debit,
    /// The right one.
    Credit,
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Side {
        match self {
            Side::Debit => Side::Credit,
            Side::Credit => Side::Debit,
        }
    }
}

/// Why a line is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// It takes back an estimate of the month before.
    Reversal,
    /// It books what was moved.
    Movement,
    /// It books an estimate of what is owed.
    Accrual,
}

impl LineKind {
    /// The word under which it is exported.
    pub fn word(self) -> &'static str {
        match self {
            LineKind::Reversal => "reversal",
            LineKind::Movement => "movement",
            LineKind::Accrual => "accrual",
        }
    }
}

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A movement of the ledger.
    Movement(PostingAction),
    /// An estimate.
    Accrual(AccrualKind),
}

impl What {
    /// The word under which it is exported.
    pub fn word(self) -> &'static str {
        match self {
            What::Movement(action) => action.word(),
            What::Accrual(kind) => kind.word(),
        }
    }
}

/// A line of the batch: one side of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its number in the batch, from 1.
    pub no: u32,
    /// What the general ledger keeps of it: the batch and its number.
    pub reference: String,
    /// The day on which it is posted.
    pub posted_on: Date,
    /// Why it is there.
    pub kind: LineKind,
    /// What it is about.
    pub what: What,
    /// The programme.
    pub programme: ProgrammeId,
    /// The fund.
    pub fund: String,
    /// How what the programme pays is treated.
    pub treatment: Treatment,
    /// The account.
    pub account: GlAccount,
    /// The cost centre.
    pub cost_centre: String,
    /// The side.
    pub side: Side,
    /// How much; always positive.
    pub amount: Money,
    /// The month that it belongs to by its business date, where that one was closed before it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The journals behind it; an estimate has its workings under `accruals`.
    pub journals: Vec<i64>,
}

impl Line {
    /// Minor units: a debit is positive.
    pub fn signed(&self) -> i64 {
        match self.side {
            Side::Debit => self.amount.minor,
            Side::Credit => -self.amount.minor,
        }
    }
}

/// Movements that the rules do not book, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memo {
    /// The fund.
    pub fund: String,
    /// The movement.
    pub movement: PostingAction,
    /// How much in all.
    pub amount: Money,
    /// Why.
    pub why: String,
    /// The journals.
    pub journals: Vec<i64>,
}

/// What a batch sums up to in a currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controls {
    /// Minor units debited.
    pub debits: i64,
    /// Minor units credited.
    pub credits: i64,
    /// Lines.
    pub lines: u32,
}

/// What stands on accounts of class `liability` for a fund, over all batches up to this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookedLiability {
    /// The fund.
    pub fund: String,
    /// Credits less debits.
    pub amount: Money,
}

/// A month of a legal entity, as it goes to the general ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The form of this document.
    pub format: u32,
    /// Its id, such as `acme-us-2027-03`.
    pub id: String,
    /// The legal entity.
    pub entity: LegalEntityId,
    /// The month, such as `2027-03`.
    pub period: String,
    /// The IANA zone in which it begins and ends.
    pub zone: String,
    /// The rules by which it was made.
    pub rules: RulesPin,
    /// SHA-256 of the month locked before, in hexadecimal; the chain of months begins where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// The greatest number of any journal that was looked at: what comes later belongs to a later month.
    pub cut: i64,
    /// The lines.
    pub lines: Vec<Line>,
    /// Movements that the rules do not book.
    pub memos: Vec<Memo>,
    /// The workings of the estimates.
    pub accruals: Vec<Accrual>,
    /// From opening to closing, account by account.
    pub roll: Vec<Roll>,
    /// What is owed one by one in the general ledger after this batch.
    pub liability: Vec<BookedLiability>,
    /// What the lines sum up to.
    pub controls: BTreeMap<Currency, Controls>,
}

impl Batch {
    /// The form of the document that this program writes.
    pub const FORMAT: u32 = 1;

    /// The id of a month of a legal entity.
    pub fn id_of(entity: &LegalEntityId, month: &str) -> String {
        format!("{entity}-{month}")
    }

    /// A line by its number.
    pub fn line(&self, no: u32) -> Option<&Line> {
        self.lines.iter().find(|line| line.no == no)
    }

    /// What lines sum up to.
    ///
    /// # Errors
    /// When they do not balance in some currency, or cannot be counted.
    pub fn controls_of(lines: &[Line]) -> Result<BTreeMap<Currency, Controls>, Refusal> {
        let mut controls: BTreeMap<Currency, Controls> = BTreeMap::new();
        for line in lines {
            let sum = controls.entry(line.amount.currency).or_default();
            let side = match line.side {
                Side::Debit => &mut sum.debits,
                Side::Credit => &mut sum.credits,
            };
            let overflow = || Refusal::Overflow { fund: line.fund.clone() };
            *side = side.checked_add(line.amount.minor).ok_or_else(overflow)?;
            sum.lines = sum.lines.saturating_add(1);
        }
        let unequal = controls.iter().find(|(_, sum)| sum.debits != sum.credits);
        if let Some((currency, sum)) = unequal {
            let (debits, credits) = (sum.debits.into(), sum.credits.into());
            return Err(Refusal::Unbalanced { currency: *currency, debits, credits });
        }
        Ok(controls)
    }
}
