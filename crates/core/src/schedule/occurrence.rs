//! From the local clock to instants, one stretch of constant offset after the other.

use chrono::{DateTime as ChronoDateTime, Utc};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::DateTime,
    tz::{Offset, TimeZone},
};

use super::Schedule;

/// One moment at which a job is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// The instant.
    pub at: Timestamp,
    /// What the clock in the job's zone shows then.
    pub local: DateTime,
}

/// A stretch of time in which the zone's offset does not change.
struct Stretch {
    offset: Offset,
    /// Where it begins, with the offset before; `None` for the first one the zone knows.
    begins: Option<(Timestamp, Offset)>,
    /// Where the next one begins.
    ends: Option<Timestamp>,
}

impl Stretch {
    fn around(zone: &TimeZone, at: Timestamp) -> Stretch {
        let nanosecond = SignedDuration::from_nanos(1);
        let just_after = at.checked_add(nanosecond).unwrap_or(at);
        let begins = zone.preceding(just_after).next().map(|transition| {
            let begins = transition.timestamp();
            (begins, zone.to_offset(begins.checked_sub(nanosecond).unwrap_or(begins)))
        });
        let ends = zone.following(at).next().map(|transition| transition.timestamp());
        Stretch { offset: zone.to_offset(at), begins, ends }
    }

    /// The local times before this one have been shown already, in the stretch before.
    fn repeated_until(&self) -> Option<DateTime> {
        let (begins, before) = self.begins?;
        (before > self.offset).then(|| before.to_datetime(begins))
    }

    /// The local times that the clock skips where this stretch begins.
    fn skipped(&self) -> Option<(DateTime, DateTime)> {
        let (begins, before) = self.begins?;
        (before < self.offset).then(|| (before.to_datetime(begins), self.offset.to_datetime(begins)))
    }
}

impl Schedule {
    /// The first occurrence after an instant; `None` when there is none before the year 2100.
    pub fn next(&self, after: Timestamp) -> Option<Occurrence> {
        let mut cursor = after;
        let mut stretch = Stretch::around(&self.zone, cursor);
        loop {
            if let Some(found) = self.next_within(&stretch, after, cursor) {
                return Some(found);
            }
            cursor = stretch.ends?;
            stretch = Stretch::around(&self.zone, cursor);
            self.local_from(stretch.offset.to_datetime(cursor))?;
        }
    }

    /// The next `count` occurrences.
    pub fn next_n(&self, after: Timestamp, count: usize) -> Vec<Occurrence> {
        self.upcoming(after).take(count).collect()
    }

    /// The occurrences after `after` up to and including `until`, at most `limit` of them.
    pub fn between(&self, after: Timestamp, until: Timestamp, limit: usize) -> Vec<Occurrence> {
        self.upcoming(after).take_while(|occurrence| occurrence.at <= until).take(limit).collect()
    }

    fn upcoming(&self, after: Timestamp) -> impl Iterator<Item = Occurrence> + '_ {
        std::iter::successors(self.next(after), |last| self.next(last.at))
    }

    fn next_within(&self, stretch: &Stretch, after: Timestamp, cursor: Timestamp) -> Option<Occurrence> {
        if let Some(found) = self.made_up_for(stretch).filter(|found| found.at > after) {
            return Some(found);
        }
        let mut from = stretch.offset.to_datetime(cursor);
        if cursor == after {
            from = from.checked_add(1.nanosecond()).ok()?;
        }
        if let Some(until) = stretch.repeated_until().filter(|_| !self.follows_clock) {
            from = from.max(until);
        }
        let local = self.local_from(from)?;
        let at = stretch.offset.to_timestamp(local).ok()?;
        let inside = stretch.ends.is_none_or(|ends| at < ends);
        inside.then_some(Occurrence { at, local })
    }

    /// The one run that stands for fixed times skipped where the stretch begins.
    fn made_up_for(&self, stretch: &Stretch) -> Option<Occurrence> {
        let (gap, resumes) = stretch.skipped().filter(|_| !self.follows_clock)?;
        let (at, _) = stretch.begins?;
        let skipped = self.local_from(gap)?;
        (skipped < resumes).then_some(Occurrence { at, local: resumes })
    }

    /// The first local time at or after `from` that the fields name.
    pub(super) fn local_from(&self, from: DateTime) -> Option<DateTime> {
        let candidates = self.patterns.iter().filter_map(|pattern| {
            let before = from.checked_sub(1.nanosecond()).ok()?;
            let start: ChronoDateTime<Utc> = to_chrono(before)?;
            pattern.after(&start).map(from_chrono).find(|found| {
                found.is_none_or(|local| {
                    local >= from && (!self.last_day_only || local.date() == local.date().last_of_month())
                })
            })?
        });
        candidates.min()
    }
}

fn to_chrono(local: DateTime) -> Option<ChronoDateTime<Utc>> {
    let at = Offset::UTC.to_timestamp(local).ok()?;
    ChronoDateTime::from_timestamp(at.as_second(), u32::try_from(at.subsec_nanosecond()).unwrap_or(0))
}

fn from_chrono(found: ChronoDateTime<Utc>) -> Option<DateTime> {
    Some(Offset::UTC.to_datetime(Timestamp::from_second(found.timestamp()).ok()?))
}
