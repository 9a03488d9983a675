//! Drawdown: what has been spent of a commitment, day by day.
//!
//! A [`Drawdown`] takes in daily sums and gives [`Figures`] for any day. It is a value: the same sums give the same
//! figures, in whatever portions and order they came, and a portion that comes twice changes nothing.

mod agreed;
mod counted;
mod course;
mod coverage;
mod figures;
mod glide;
mod pace;
mod period;
mod sequence;
mod settled;
mod share;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

pub use agreed::Agreed;
pub use counted::Counted;
pub use course::{Course, PeriodCourse, Side};
pub use coverage::Gap;
pub use figures::{Cause, Figures};
pub use period::{Checkpoint, Headroom, PeriodFigures};
pub use sequence::{Sequence, SequenceError, Start};
pub use settled::{Settled, ShortfallCost, shortfall_cost};
pub use share::{Share, Split, Standing};

use coverage::Coverage;

use super::{
    amount::{Amount, AmountError},
    basis::Basis,
    eligibility::Sums,
    model::{Commitment, CommitmentId, Period},
    sums::{DailySums, Partition, SumKey},
};
use crate::money::Currency;

/// Why daily sums or figures are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawdownError {
    /// Sums of another commitment.
    #[error("the sums are of commitment `{given}` and cannot count for `{commitment}`; import them for that one")]
    OtherCommitment {
        /// Whose drawdown it is.
        commitment: CommitmentId,
        /// Whose sums they are.
        given: CommitmentId,
    },
    /// Sums on another basis.
    #[error("the sums for `{commitment}` are on another basis ({}); read the spend again on the contract's", differences.join("; "))]
    OtherBasis {
        /// The commitment.
        commitment: CommitmentId,
        /// Where the bases differ, the contract's first.
        differences: Vec<String>,
    },
    /// Sums in another currency.
    #[error(
        "`{commitment}` is in {expected} and the sums are in {given}; convert them at the contract's dated rate first"
    )]
    OtherCurrency {
        /// The commitment.
        commitment: CommitmentId,
        /// Its currency.
        expected: Currency,
        /// The currency of the sums.
        given: Currency,
    },
    /// Sums of days that their batch does not cover.
    #[error("a sum of {day} does not lie within the days from {from} to {through} that its batch covers")]
    OutsideBatch {
        /// The day.
        day: Date,
        /// The first day covered.
        from: Date,
        /// The last day covered.
        through: Date,
    },
    /// Nothing is known about a day.
    #[error("`{commitment}` has no terms on {day} as known on {known_on}; name a day within its versions")]
    NoTerms {
        /// The commitment.
        commitment: CommitmentId,
        /// The day asked about.
        day: Date,
        /// The day of the knowledge.
        known_on: Date,
    },
    /// A sum that is no longer exact.
    #[error(transparent)]
    Amount(#[from] AmountError),
}

/// What has been spent, by day and by what tells sums apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drawdown {
    commitment: CommitmentId,
    basis: Basis,
    currency: Currency,
    /// The first days of periods, by whatever terms.
    #[serde(skip)]
    periods: BTreeSet<Date>,
    #[serde(skip)]
    sums: BTreeMap<Partition, Sums>,
    days: BTreeMap<Date, Counted>,
    coverage: Coverage,
}

/// A sum that was restated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which.
    pub key: SumKey,
    /// What it was.
    pub before: Amount,
    /// What it is.
    pub after: Amount,
}

impl Drawdown {
    /// Nothing spent yet.
    pub fn new(commitment: &Commitment) -> Drawdown {
        Drawdown {
            commitment: commitment.id.clone(),
            basis: commitment.basis.clone(),
            currency: commitment.currency,
            periods: commitment.versions().iter().flat_map(|terms| &terms.periods).map(|period| period.from).collect(),
            sums: BTreeMap::new(),
            days: BTreeMap::new(),
            coverage: Coverage::default(),
        }
    }

    /// Takes in sums in place of what their partition had, and returns what differs. What comes twice differs in nothing.
    /// Nothing is taken in when anything is refused.
    ///
    /// # Errors
    /// When they are of another commitment, basis or currency, or of days that their batch does not cover.
    pub fn take(&mut self, batch: &DailySums) -> Result<Vec<Difference>, DrawdownError> {
        self.fits(batch)?;
        let differences = self.differences(batch);
        let mut touched: BTreeMap<Date, Vec<&Difference>> = BTreeMap::new();
        for difference in &differences {
            touched.entry(difference.key.day).or_default().push(difference);
        }
        let mut restated = BTreeMap::new();
        for (day, changes) in touched {
            restated.insert(day, self.counted_with(day, &changes)?);
        }
        let sums = self.sums.entry(batch.partition.clone()).or_default();
        for difference in &differences {
            match difference.after.is_zero() {
                true => sums.remove(&difference.key),
                false => sums.insert(difference.key.clone(), difference.after),
            };
        }
        for (day, counted) in restated {
            match counted == Counted::default() {
                true => self.days.remove(&day),
                false => self.days.insert(day, counted),
            };
        }
        self.coverage.take(batch);
        Ok(differences)
    }

    /// What is counted on a day over all partitions, with changes to some of its sums.
    fn counted_with(&self, day: Date, changes: &[&Difference]) -> Result<Counted, AmountError> {
        let mut sums: BTreeMap<&SumKey, Amount> = BTreeMap::new();
        let there = self.sums.values().flat_map(|sums| of_day(sums, day));
        for (key, amount) in there {
            let sum = sums.entry(key).or_default();
            *sum = sum.plus(amount)?;
        }
        for change in changes {
            let sum = sums.entry(&change.key).or_default();
            *sum = sum.plus(change.after)?.minus(change.before)?;
        }
        Counted::of(sums.into_iter())
    }

    /// Whether something of a commitment, on a basis and in a currency, is about the same as this.
    fn belongs_to(&self, id: &CommitmentId, basis: &Basis, currency: Currency) -> Result<(), DrawdownError> {
        let commitment = self.commitment.clone();
        if *id != commitment {
            return Err(DrawdownError::OtherCommitment { commitment, given: id.clone() });
        }
        let differences = self.basis.differences(basis);
        if !differences.is_empty() {
            return Err(DrawdownError::OtherBasis { commitment, differences });
        }
        if currency != self.currency {
            return Err(DrawdownError::OtherCurrency { commitment, expected: self.currency, given: currency });
        }
        Ok(())
    }

    fn fits(&self, batch: &DailySums) -> Result<(), DrawdownError> {
        self.belongs_to(&batch.commitment, &batch.basis, batch.currency)?;
        let (from, through) = (batch.from, batch.through);
        match batch.sums.keys().find(|key| !batch.replace(key.day)) {
            Some(key) => Err(DrawdownError::OutsideBatch { day: key.day, from, through }),
            None => Ok(()),
        }
    }

    fn differences(&self, batch: &DailySums) -> Vec<Difference> {
        let there = || self.sums.get(&batch.partition).into_iter().flatten();
        let gone = there().map(|(key, _)| key).filter(|key| batch.replace(key.day) && !batch.sums.contains_key(*key));
        let stated = batch.sums.iter().map(|(key, after)| (key, *after));
        let before = |key: &SumKey| self.sums.get(&batch.partition).and_then(|sums| sums.get(key)).copied();
        stated
            .chain(gone.map(|key| (key, Amount::ZERO)))
            .map(|(key, after)| Difference { key: key.clone(), before: before(key).unwrap_or_default(), after })
            .filter(|difference| difference.before != difference.after)
            .collect()
    }

    /// The last day up to which nothing is missing in the last period that sums were taken in for.
    pub fn complete_through(&self) -> Option<Date> {
        self.complete(Date::MAX).map(|(_, through)| through)
    }

    /// The first and the last of the days that nothing is missing between, in the last period that had begun on a day and that sums
    /// were taken in for.
    pub fn complete(&self, on: Date) -> Option<(Date, Date)> {
        self.coverage.complete(self.periods.range(..=on).copied())
    }

    /// The days from the first one to a day, the last one of a period, of which it is not known what was spent. What has come
    /// before a day of a period that runs is all that is told of it: the days since then are ahead.
    pub(super) fn gaps(&self, starts: Date, period: &Period, as_of: Date) -> Vec<Gap> {
        let mut gaps = self.coverage.gaps(starts, as_of);
        if let Some(last) = self.coverage.last().filter(|_| as_of < period.through)
            && let Some(ahead) = gaps.last_mut().filter(|gap| gap.through == as_of && last < as_of)
        {
            let until = last.max(period.from.yesterday().unwrap_or(last));
            ahead.through = until.min(ahead.through);
        }
        gaps.retain(|gap| gap.from <= gap.through);
        gaps
    }

    /// Those of some days, both of them included, that nothing was taken in for.
    pub fn days_without_data(&self, from: Date, through: Date) -> Vec<Gap> {
        self.coverage.gaps(from, through)
    }

    /// What was counted on each day that has any.
    pub fn days(&self) -> &BTreeMap<Date, Counted> {
        &self.days
    }

    /// Every sum, by partition and in order.
    pub fn partitions(&self) -> &BTreeMap<Partition, Sums> {
        &self.sums
    }
}

/// The sums of one day: keys are ordered by day first.
fn of_day(sums: &Sums, day: Date) -> impl Iterator<Item = (&SumKey, Amount)> {
    let first = SumKey {
        day,
        account: String::new(),
        product: String::new(),
        part: super::sums::Part::Cloud,
        reason: super::eligibility::RuleName::lowest(),
        weight: super::band::Weight::NONE,
    };
    sums.range(first..).take_while(move |(key, _)| key.day == day).map(|(key, amount)| (key, *amount))
}
