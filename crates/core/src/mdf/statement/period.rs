//! A month on the clocks of a zone.

use std::fmt;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// A month, from its first instant to its last on the clocks of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    first: Date,
    name: String,
    zone: TimeZone,
}

/// A text is no month, or no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{month}` in `{zone}` is no period; write a month such as `2027-03` and an IANA zone such as `Europe/Berlin`")]
pub struct NotAPeriod {
    month: String,
    zone: String,
}

impl Period {
    /// The month of a text such as `2027-03` in an IANA zone.
    ///
    /// # Errors
    /// When the text is no month, or there is no such zone.
    pub fn new(month: &str, zone: &str) -> Result<Period, NotAPeriod> {
        let shown = |text: &str| text.chars().take(40).collect();
        let refuse = || NotAPeriod { month: shown(month), zone: shown(zone) };
        let first = Some(month).filter(|month| month.len() == 7).map(|month| format!("{month}-01"));
        let first = first.and_then(|text| text.parse::<Date>().ok()).ok_or_else(refuse)?;
        let found = TimeZone::get(zone).map_err(|_| refuse())?;
        Ok(Period { first, name: zone.to_owned(), zone: found })
    }

    /// The month, such as `2027-03`.
    pub fn month(&self) -> String {
        self.first.strftime("%Y-%m").to_string()
    }

    /// The zone's name.
    pub fn zone(&self) -> &str {
        &self.name
    }

    /// Its first day.
    pub fn first_day(&self) -> Date {
        self.first
    }

    /// Its last day.
    pub fn last_day(&self) -> Date {
        self.first.last_of_month()
    }

    /// The month after it; `None` beyond the calendar.
    pub fn next(&self) -> Option<Period> {
        let first = self.last_day().tomorrow().ok()?;
        Some(Period { first, ..self.clone() })
    }

    /// The first instant after it; `None` beyond the calendar.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let midnight = self.last_day().tomorrow().ok()?;
        midnight.to_zoned(self.zone.clone()).ok().map(|start| start.timestamp())
    }

    /// The month, such as `2027-03`, that an instant is in on the clocks of the same zone.
    pub fn month_at(&self, at: Timestamp) -> String {
        self.zone.to_datetime(at).date().strftime("%Y-%m").to_string()
    }

    /// Whether the instant comes after it.
    pub fn ends_before(&self, at: Timestamp) -> bool {
        self.zone.to_datetime(at).date().first_of_month() > self.first
    }

    /// Whether the instant is in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.zone.to_datetime(at).date().first_of_month() == self.first
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.month(), self.name)
    }
}
