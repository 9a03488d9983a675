//! Its named deadlines: the next look, the next amount due, the day on which everything is paid, and the end of what was rolled over.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::Contract;
use crate::commitment::{Commitment, Terms};

/// For how long spend of what was rolled over may still be restated: 90 days.
const ROLLED_OVER: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Contract {
    /// The first hour of the day after the last look is over: what ends with a day comes before the look of the next one.
    pub(super) fn next_look(&self) -> Option<Timestamp> {
        let commitment = self.commitment().ok()?;
        let tomorrow = commitment.day_of(self.looked_at?).tomorrow().ok()?;
        starts_at(&commitment, tomorrow)?.checked_add(1.hour()).ok()
    }

    /// The end of the first day after the last look on which an amount falls due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let commitment = self.commitment().ok()?;
        let seen = commitment.day_of(self.looked_at?);
        let due = due_days(commitment.terms(seen, seen)?).filter(|day| *day >= seen).min()?;
        ends_at(&commitment, due)
    }

    /// Until when what was rolled over is kept open: counted from when that was said, so that no look begins it anew.
    pub(super) fn rolled_over_until(&self) -> Option<Timestamp> {
        self.ending.as_ref()?.at.checked_add(ROLLED_OVER).ok()
    }

    /// The end of the day by which everything that fell due is paid.
    pub(super) fn settled_at(&self) -> Option<Timestamp> {
        let commitment = self.commitment().ok()?;
        ends_at(&commitment, self.look.as_ref()?.settles_on?)
    }
}

/// The last days of its milestones and periods.
fn due_days(terms: &Terms) -> impl Iterator<Item = Date> {
    terms.periods.iter().flat_map(|period| {
        let milestones = period.milestones.iter().map(|milestone| milestone.through);
        milestones.chain(std::iter::once(period.through))
    })
}

fn starts_at(commitment: &Commitment, day: Date) -> Option<Timestamp> {
    let zone = TimeZone::get(&commitment.basis.zone).unwrap_or(TimeZone::UTC);
    day.to_zoned(zone).ok().map(|start| start.timestamp())
}

fn ends_at(commitment: &Commitment, day: Date) -> Option<Timestamp> {
    starts_at(commitment, day.tomorrow().ok()?)
}
