//! What is special about an instant: the reasons why nobody may be there to sign.

use std::fmt;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
};

use super::Calendar;

/// One thing that is special about an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// It falls on the weekend.
    Weekend(Weekday),
    /// It falls on a holiday.
    Holiday(String),
    /// It falls on the last days of a quarter.
    QuarterEnd {
        /// The quarter's last day.
        last_day: Date,
        /// Whether the calendar freezes signatures on this day.
        frozen: bool,
    },
    /// It is a business day, outside business hours.
    OutsideHours,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Weekend(day) => write!(f, "falls on a weekend ({day:?})"),
            Note::Holiday(name) => write!(f, "falls on a holiday ({name})"),
            Note::QuarterEnd { last_day, frozen: true } => {
                write!(f, "falls into the freeze before the quarter ends on {last_day}")
            }
            Note::QuarterEnd { last_day, frozen: false } => write!(f, "falls on the end of a quarter ({last_day})"),
            Note::OutsideHours => f.write_str("lies outside business hours"),
        }
    }
}

impl Calendar {
    /// Everything special about an instant, in the calendar's own zone; empty for an ordinary business hour.
    pub fn explain(&self, at: Timestamp) -> Vec<Note> {
        let date = self.zone.to_datetime(at).date();
        let mut notes = Vec::new();
        if self.weekend.contains(&date.weekday()) {
            notes.push(Note::Weekend(date.weekday()));
        }
        if let Some(name) = self.holidays.get(&date) {
            notes.push(Note::Holiday(name.clone()));
        }
        if let Some(last_day) = self.quarter_end(date) {
            let frozen_from =
                last_day.checked_sub(i64::from(self.freeze_days.saturating_sub(1)).days()).unwrap_or(last_day);
            let frozen = self.freeze_days > 0 && date >= frozen_from;
            if frozen || date == last_day {
                notes.push(Note::QuarterEnd { last_day, frozen });
            }
        }
        if notes.iter().all(|note| matches!(note, Note::QuarterEnd { .. })) && !self.is_business_instant(at) {
            notes.push(Note::OutsideHours);
        }
        notes
    }

    /// The last day of the quarter around `date`, counted from the first month of the fiscal year.
    fn quarter_end(&self, date: Date) -> Option<Date> {
        let into_quarter = (date.month() - self.fiscal_year_month).rem_euclid(3);
        let months_left = i64::from(2 - into_quarter);
        Some(date.first_of_month().checked_add(months_left.months()).ok()?.last_of_month())
    }
}
