//! Recurring jobs: five fields of POSIX cron in an IANA zone, and what to do about occurrences that were missed.
//!
//! Fields are `minute hour day-of-month month day-of-week`; names such as `mon` and `jan` are allowed, Sunday is 0 and 7, and `L` is
//! the last day of the month. Where day of month and day of week are both restricted, either suffices.
//!
//! Occurrences are found on the local clock first and turned into instants afterwards. A fixed time that the clock skips in spring
//! runs once, at the first instant after the gap; one that comes twice in autumn runs once, the first time. A job whose hour or minute
//! field begins with `*` follows the clock's hands instead: it runs in both repeated hours and not for skipped ones.

mod fields;
mod missed;
mod occurrence;

use jiff::tz::TimeZone;

pub use fields::ScheduleError;
pub use missed::{CatchUp, MissedRuns, OverlapPolicy, Start};
pub use occurrence::Occurrence;

/// A job's schedule.
#[derive(Debug, Clone)]
pub struct Schedule {
    text: String,
    zone: TimeZone,
    /// One pattern, or two of which either suffices.
    patterns: Vec<cron::Schedule>,
    last_day_only: bool,
    /// Whether the job follows the clock's hands rather than fixed times of day.
    follows_clock: bool,
}

impl Schedule {
    /// Reads five fields in the zone of this IANA name.
    ///
    /// # Errors
    /// What is wrong with which field, an unknown zone, or a date that never comes.
    pub fn parse(text: &str, zone: &str) -> Result<Schedule, ScheduleError> {
        let zone = TimeZone::get(zone).map_err(|_| ScheduleError::UnknownZone(zone.to_owned()))?;
        Schedule::in_zone(text, zone)
    }

    /// Reads five fields in a zone given as rules.
    ///
    /// # Errors
    /// As [`Schedule::parse`].
    pub fn in_zone(text: &str, zone: TimeZone) -> Result<Schedule, ScheduleError> {
        let fields = fields::read(text)?;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let schedule = Schedule {
            text,
            zone,
            patterns: fields.patterns,
            last_day_only: fields.last_day_only,
            follows_clock: fields.follows_clock,
        };
        let some_day = jiff::civil::date(2024, 1, 1).at(0, 0, 0, 0);
        match schedule.local_from(some_day) {
            Some(_) => Ok(schedule),
            None => Err(ScheduleError::NeverComes(schedule.text)),
        }
    }

    /// The five fields.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }
}
