//! The figures of a commitment on a day, each between the least and the most that it may be.

use std::{collections::BTreeMap, fmt, ops::Bound};

use jiff::civil::Date;
use serde::Serialize;

use super::{
    Agreed, Counted, Course, Drawdown, DrawdownError, Gap, PeriodFigures, Settled, Share, Side, Standing, glide, pace,
    period::Now, settled,
};
use crate::{
    commitment::{
        amount::{Amount, AmountError},
        band::Band,
        basis::Basis,
        eligibility::RuleName,
        model::{Commitment, CommitmentId},
    },
    money::Currency,
};

/// What is known of a commitment on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Whose.
    pub commitment: CommitmentId,
    /// The day, at its end.
    pub as_of: Date,
    /// As it was known on this day.
    pub known_on: Date,
    /// The last day that spend was taken in for.
    pub complete_through: Option<Date>,
    /// The days of the term to date of which nothing is known; those since the last data of a period that runs are ahead, and not
    /// among them.
    pub unknown: Vec<Gap>,
    /// On which basis.
    pub basis: Basis,
    /// The currency of every amount.
    pub currency: Currency,
    /// Everything that is committed.
    pub committed: Amount,
    /// All spend to date, whether it counts or not.
    pub spent: Amount,
    /// What counts to date.
    pub eligible: Band,
    /// What does not count, by cause. The least stands beside the least that is eligible, the most beside the most: spend is
    /// the sum at either end.
    pub ineligible: Vec<(Cause, Band)>,
    /// What is still to be spent over the whole term.
    pub remaining: Band,
    /// What was to be expected over the whole term.
    pub expected: Band,
    /// Whether anything is due on that day, at the least and at the most.
    pub standing: (Standing, Standing),
    /// The current period, and the one that ends on this day.
    pub period: PeriodFigures,
    /// Periods and milestones that have passed.
    pub settled: Vec<Settled>,
}

/// Why spend does not count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A rule says so, or leaves it open.
    Rule(RuleName),
    /// The cap on the marketplace's share is reached.
    OverCap,
    /// It lies outside the term.
    OutsideTerm,
    /// It counts for another commitment of the sequence.
    OtherCommitment,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Rule(rule) => rule.fmt(f),
            Cause::OverCap => f.write_str("over the cap"),
            Cause::OutsideTerm => f.write_str("outside the term"),
            Cause::OtherCommitment => f.write_str("counts for another commitment"),
        }
    }
}

impl Drawdown {
    /// The figures at the end of a day, by the terms that were in force then as known on `known_on`.
    ///
    /// # Errors
    /// When nothing was known about the day, or a sum is no longer exact.
    pub fn figures(&self, commitment: &Commitment, as_of: Date, known_on: Date) -> Result<Figures, DrawdownError> {
        self.figures_within(commitment, as_of, known_on, (Share::default(), Share::default()))
    }

    /// The same for a commitment within a sequence, with its share at either end of what is known.
    ///
    /// # Errors
    /// As [`Drawdown::figures`].
    pub fn figures_within(
        &self,
        commitment: &Commitment,
        as_of: Date,
        known_on: Date,
        shares: (Share, Share),
    ) -> Result<Figures, DrawdownError> {
        self.belongs_to(&commitment.id, &commitment.basis, commitment.currency)?;
        let no_terms = || DrawdownError::NoTerms { commitment: commitment.id.clone(), day: as_of, known_on };
        let agreed = Agreed::on(commitment, as_of, known_on).ok_or_else(no_terms)?;
        let running = agreed.terms.periods.iter().rfind(|period| period.from <= as_of).or(agreed.terms.periods.first());
        let unknown = running.map_or_else(Vec::new, |period| self.gaps(agreed.terms.starts(), period, as_of));
        let courses_of = |days: &BTreeMap<Date, Counted>, day: Date| -> Result<(Course, Course), AmountError> {
            let course = |side, share| Course::of(&agreed, days, day, side, share, &unknown);
            Ok((course(Side::Least, shares.0)?, course(Side::Most, shares.1)?))
        };
        let courses = |day: Date| courses_of(self.days(), day);
        let ends = courses(as_of)?;
        let (least, most) = (&ends.0, &ends.1);
        let now = Now { agreed: &agreed, least, most, shares, as_of };
        let mut period = now.period()?.ok_or_else(no_terms)?;
        if let Some(known) = self.days_before_a_gap(as_of) {
            let (least, most) = &courses_of(&known, as_of)?;
            let now = Now { agreed: &agreed, least, most, shares, as_of };
            let known = now.period()?.ok_or_else(no_terms)?;
            (period.seen_ends, period.seen_room) = (known.seen_ends, known.seen_room);
            (period.reached, period.next.reached) = (known.reached, known.next.reached);
        }
        let pace = |(least, most): &(Course, Course), day: Date| -> Result<_, AmountError> {
            Ok((pace::of(&agreed, least, shares.0, day)?, pace::of(&agreed, most, shares.1, day)?))
        };
        // Days that have no data yet say nothing about pace.
        let seen = self.complete(as_of).map(|(_, through)| through);
        period.pace = match seen.map(|day| day.min(as_of)) {
            Some(seen) if seen == as_of => pace(&ends, seen)?,
            Some(seen) if seen >= period.from => pace(&courses(seen)?, seen)?,
            _ => (None, None),
        };
        let settled = settled::settled(agreed.terms, (least, most), shares, (as_of, unknown.as_slice()))?;
        let expected = |share: Share| glide::in_term(agreed.terms, share.begins(), as_of);
        Ok(Figures {
            commitment: commitment.id.clone(),
            as_of,
            known_on,
            complete_through: seen,
            unknown,
            basis: commitment.basis.clone(),
            currency: commitment.currency,
            committed: agreed.terms.committed()?,
            spent: Amount::sum(self.days().range(..=as_of).map(|(_, counted)| counted.spent))?,
            eligible: Band::between(least.eligible()?, most.eligible()?),
            ineligible: ineligible(least, most)?,
            remaining: Band::between(least.remaining, most.remaining),
            expected: Band::between(expected(shares.0)?, expected(shares.1)?),
            standing: (least.standing, most.standing),
            period,
            settled,
        })
    }

    /// The days up to the last one that nothing lacks before, where something is known of later days, too.
    fn days_before_a_gap(&self, as_of: Date) -> Option<BTreeMap<Date, Counted>> {
        let seen = self.complete(as_of).map(|(_, through)| through).filter(|seen| *seen < as_of)?;
        self.days().range((Bound::Excluded(seen), Bound::Included(as_of))).next()?;
        Some(self.days().range(..=seen).map(|(day, counted)| (*day, counted.clone())).collect())
    }
}

/// By cause, in the order of causes: spend is what counts and all of these, at either end.
fn ineligible(least: &Course, most: &Course) -> Result<Vec<(Cause, Band)>, AmountError> {
    let mut causes: BTreeMap<Cause, Band> = BTreeMap::new();
    let mut note = |cause: Cause, amount: Amount, side: Side| -> Result<(), AmountError> {
        let band = causes.entry(cause).or_default();
        let end = match side {
            Side::Least => &mut band.least,
            Side::Most => &mut band.most,
        };
        *end = end.plus(amount)?;
        Ok(())
    };
    for (course, side) in [(least, Side::Least), (most, Side::Most)] {
        for period in &course.periods {
            note(Cause::OverCap, period.over_cap()?, side)?;
            for (rule, amount) in &period.left_out {
                note(Cause::Rule(rule.clone()), *amount, side)?;
            }
        }
        note(Cause::OutsideTerm, course.outside, side)?;
        note(Cause::OtherCommitment, course.elsewhere, side)?;
    }
    Ok(causes.into_iter().filter(|(_, band)| *band != Band::ZERO).collect())
}
