//! Adding working time: hours are counted on the clock that really passes, so a daylight-saving change neither adds nor loses one.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};

use super::Calendar;
use crate::chart::model::WorkingTime;

/// How many days are looked at before a sum counts as beyond the calendar: some forty years of days off.
const MAX_DAYS: i64 = 15_000;

/// A time that no calendar reaches.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("calendar `{calendar}` has no business time within reach of {start}; check its weekend and holidays")]
pub struct OutOfReach {
    /// The calendar.
    pub calendar: String,
    /// Where counting began.
    pub start: Timestamp,
}

impl Calendar {
    /// Whether people work on this day.
    pub fn is_business_day(&self, date: Date) -> bool {
        !self.weekend.contains(&date.weekday()) && !self.holidays.contains_key(&date)
    }

    /// Whether people work at this instant.
    pub fn is_business_instant(&self, at: Timestamp) -> bool {
        let date = self.zone.to_datetime(at).date();
        self.hours_of(date).is_some_and(|(open, close)| (open..close).contains(&at))
    }

    /// The instant after so much working time from `start`. Time outside business hours does not count.
    /// Days are whole business days and end at the same time of day; a start outside business hours counts from the next opening.
    pub fn add_working(&self, start: Timestamp, amount: WorkingTime) -> Result<Timestamp, OutOfReach> {
        match amount {
            WorkingTime::Hours(hours) => self.add_hours(start, hours),
            WorkingTime::Days(days) => self.add_days(start, days),
        }
        .ok_or_else(|| OutOfReach { calendar: self.name.clone(), start })
    }

    fn add_hours(&self, start: Timestamp, hours: u32) -> Option<Timestamp> {
        let mut left = SignedDuration::from_hours(i64::from(hours));
        for (open, close) in self.days_from(start) {
            let from = open.max(start);
            let here = if close > from { close.duration_since(from) } else { continue };
            if left <= here {
                return from.checked_add(left).ok();
            }
            left -= here;
        }
        None
    }

    fn add_days(&self, start: Timestamp, days: u32) -> Option<Timestamp> {
        let from = self.days_from(start).find(|(_, close)| *close > start).map(|(open, _)| open.max(start))?;
        let local = self.zone.to_datetime(from);
        let mut date = local.date();
        let mut left = days;
        for _ in 0..MAX_DAYS {
            if left == 0 {
                return self.zone.to_timestamp(date.to_datetime(local.time())).ok();
            }
            date = date.tomorrow().ok()?;
            if self.is_business_day(date) {
                left -= 1;
            }
        }
        None
    }

    /// Business hours day by day, from the one that `start` lies on.
    fn days_from(&self, start: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let first = self.zone.to_datetime(start).date();
        (0..MAX_DAYS).filter_map(move |n| self.hours_of(first.checked_add(n.days()).ok()?))
    }

    /// Opening and closing of a business day. A time that the clock skips moves on by the gap.
    fn hours_of(&self, date: Date) -> Option<(Timestamp, Timestamp)> {
        if !self.is_business_day(date) {
            return None;
        }
        let close_date = if self.close > self.open { date } else { date.tomorrow().ok()? };
        let open = self.zone.to_timestamp(date.to_datetime(self.open)).ok()?;
        let close = self.zone.to_timestamp(close_date.to_datetime(self.close)).ok()?;
        Some((open, close))
    }
}
