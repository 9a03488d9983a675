//! One fund in one currency: what was owed, what happened, what is owed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Period;
use crate::{
    ids::FundId,
    ledger::{Account, PostingAction},
    mdf::RuleId,
    money::Money,
};

/// The most characters of a label, a journal's reference or an explanation.
pub const TEXT_MOST: usize = 300;

/// A rule that set a line, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applied {
    /// The rule, such as `V1`.
    pub rule: RuleId,
    /// What it came to here, in one line.
    pub why: String,
    /// The pack that has the rule's values, such as `starter@1`, where a pack decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
}

impl Applied {
    fn texts(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.why).chain(&self.pack)
    }
}

/// A movement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// When it was booked.
    pub at: Timestamp,
    /// What happened; its direction follows from this.
    pub movement: PostingAction,
    /// The claim or payable that it is about, such as `claim/CLM-2027-00007`.
    pub about: String,
    /// How much; always more than zero.
    pub amount: Money,
    /// The rules that set it.
    pub rules: Vec<Applied>,
    /// The journal of the ledger that booked it.
    pub journal: String,
}

/// The movements of a month in one fund and currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The fund.
    pub fund: FundId,
    /// What was owed when the month began.
    pub opening: Money,
    /// The movements, in the order in which they were booked.
    pub lines: Vec<Line>,
    /// What was owed when it ended.
    pub closing: Money,
}

/// What is owed after a movement. What is owed is what is payable to the partner, less what was claimed back from it
/// and has not come; movements that touch neither change nothing. `None` beyond what can be counted.
pub fn owed_after(owed: i64, movement: PostingAction, minor: i64) -> Option<i64> {
    owed.checked_add(direction(movement).checked_mul(minor)?)
}

/// By how much a movement of one minor unit changes what is owed.
pub(super) fn direction(movement: PostingAction) -> i64 {
    let worth = |account| match account {
        Account::Payable => 1,
        Account::Clawback => -1,
        _ => 0,
    };
    let (source, target) = movement.movement();
    worth(target) - worth(source)
}

/// What is wrong with a section.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SectionFault {
    /// Opening and movements do not make closing.
    #[error("opens with {opening}, and its movements make {found} of it, yet it closes with {closing}")]
    DoesNotAddUp {
        /// What was owed before.
        opening: Money,
        /// What the movements make of it.
        found: Money,
        /// What is said to be owed afterwards.
        closing: Money,
    },
    /// It adds up to more than can be counted.
    #[error("adds up to more than can be counted exactly")]
    Overflow,
    /// An amount is in another currency.
    #[error("has {amount} among its amounts, which is of another currency")]
    Currency {
        /// The amount.
        amount: Money,
    },
    /// An amount is zero or less.
    #[error("has {amount} in journal `{journal}`; the movement gives the direction, the amount is always positive")]
    NotPositive {
        /// The amount.
        amount: Money,
        /// The journal.
        journal: String,
    },
    /// A movement is of another month.
    #[error("has journal `{journal}` of {at}, which is not in {period}")]
    OtherMonth {
        /// The journal.
        journal: String,
        /// When it was booked.
        at: Timestamp,
        /// The statement's month.
        period: String,
    },
    /// A movement was booked before the one above it.
    #[error("has journal `{journal}` below a later one; give its movements in the order in which they were booked")]
    Disorder {
        /// The journal.
        journal: String,
    },
    /// A journal is there twice.
    #[error("has journal `{journal}` twice")]
    JournalTwice {
        /// The journal.
        journal: String,
    },
    /// A text that is empty, too long or not one line.
    #[error("has a text that is empty, longer than {TEXT_MOST} characters or not one line: `{text}`")]
    Text {
        /// The text, shortened and escaped.
        text: String,
    },
    /// Another section has the same fund and currency.
    #[error("is there twice")]
    Doubled,
}

/// Why there is no statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the section of fund `{fund}` in {currency} {fault}")]
pub struct SectionError {
    /// The section's fund.
    pub fund: FundId,
    /// The section's currency.
    pub currency: crate::money::Currency,
    /// What is wrong with it.
    pub fault: SectionFault,
}

impl Section {
    /// How many of its lines name no rule.
    pub fn lines_without_rule(&self) -> usize {
        self.lines.iter().filter(|line| line.rules.is_empty()).count()
    }

    pub(super) fn error(&self, fault: SectionFault) -> SectionError {
        SectionError { fund: self.fund.clone(), currency: self.opening.currency, fault }
    }

    /// Whether it adds up and is of this month.
    pub(super) fn check(&self, period: &Period) -> Result<(), SectionError> {
        self.check_lines(period).and_then(|()| self.check_sum()).map_err(|fault| self.error(fault))
    }

    fn check_lines(&self, period: &Period) -> Result<(), SectionFault> {
        let (mut journals, mut last) = (BTreeSet::new(), Timestamp::MIN);
        for line in &self.lines {
            let journal = || line.journal.clone();
            let mut texts = [&line.about, &line.journal].into_iter().chain(line.rules.iter().flat_map(Applied::texts));
            texts.try_for_each(|text| one_line(text))?;
            if line.amount.minor <= 0 {
                return Err(SectionFault::NotPositive { amount: line.amount, journal: journal() });
            }
            if !period.contains(line.at) {
                return Err(SectionFault::OtherMonth { journal: journal(), at: line.at, period: period.to_string() });
            }
            if line.at < last {
                return Err(SectionFault::Disorder { journal: journal() });
            }
            if !journals.insert(&line.journal) {
                return Err(SectionFault::JournalTwice { journal: journal() });
            }
            last = line.at;
        }
        Ok(())
    }

    fn check_sum(&self) -> Result<(), SectionFault> {
        let currency = self.opening.currency;
        let amounts = self.lines.iter().map(|line| line.amount).chain([self.closing]);
        if let Some(amount) = amounts.into_iter().find(|amount| amount.currency != currency) {
            return Err(SectionFault::Currency { amount });
        }
        let moved = self
            .lines
            .iter()
            .try_fold(self.opening.minor, |owed, line| owed_after(owed, line.movement, line.amount.minor));
        let minor = moved.ok_or(SectionFault::Overflow)?;
        if minor == self.closing.minor {
            return Ok(());
        }
        let found = Money { minor, currency };
        Err(SectionFault::DoesNotAddUp { opening: self.opening, found, closing: self.closing })
    }
}

fn one_line(text: &str) -> Result<(), SectionFault> {
    let fits = !text.trim().is_empty() && text.chars().count() <= TEXT_MOST && !text.chars().any(char::is_control);
    let shown = || text.chars().take(40).flat_map(char::escape_debug).collect();
    if fits { Ok(()) } else { Err(SectionFault::Text { text: shown() }) }
}
