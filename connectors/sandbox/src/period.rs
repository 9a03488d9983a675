//! ISO 8601 durations: calendar periods of contracts (`P12M`) and spans of time (`PT24H`, `P7D`).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};

/// A calendar period as the catalogue writes it: years, months and days, kept in its original text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Period {
    text: String,
    years: i32,
    months: i32,
    days: i32,
}

impl Period {
    /// The moment this long after `start`, in UTC and by the calendar.
    pub(crate) fn after(&self, start: Timestamp) -> Timestamp {
        let span = Span::new().try_years(self.years).and_then(|span| span.try_months(self.months));
        let moved = span
            .and_then(|span| span.try_days(self.days))
            .and_then(|span| start.to_zoned(TimeZone::UTC).checked_add(span));
        moved.map_or(Timestamp::MAX, |end| end.timestamp())
    }

    /// The text as written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the period is written in days only, as notice periods must be.
    pub(crate) fn is_days(&self) -> bool {
        self.is_written_in('D')
    }

    /// Whether the period is written in months only; `P0M` is.
    pub(crate) fn is_months(&self) -> bool {
        self.is_written_in('M')
    }

    fn is_written_in(&self, unit: char) -> bool {
        self.text.ends_with(unit) && self.text.chars().filter(char::is_ascii_alphabetic).count() == 2
    }

    /// The day part.
    pub(crate) fn days(&self) -> i64 {
        i64::from(self.days)
    }

    /// Whether no time passes in it.
    pub(crate) fn is_zero(&self) -> bool {
        self.years == 0 && self.months == 0 && self.days == 0
    }
}

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let refusal = || format!("`{text}` is not an ISO 8601 period such as `P12M` or `P30D`");
        let mut rest = text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or_else(refusal)?;
        let mut parts = [0_i32; 3];
        for (slot, unit) in parts.iter_mut().zip(['Y', 'M', 'D']) {
            if let Some((number, tail)) = rest.split_once(unit) {
                if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(refusal());
                }
                *slot = number.parse().ok().filter(|n| *n <= 19_998).ok_or_else(refusal)?;
                rest = tail;
            }
        }
        if !rest.is_empty() {
            return Err(refusal());
        }
        let [years, months, days] = parts;
        Ok(Self { text, years, months, days })
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.text
    }
}

/// A span of exact time in a control request: weeks, days, hours, minutes, seconds (`P7D`, `PT2M`).
pub(crate) fn exact(text: &str) -> Result<SignedDuration, String> {
    let refusal = || format!("`{text}` is not an ISO 8601 duration such as `PT24H` or `P7D`");
    if !text.starts_with('P') {
        return Err(refusal());
    }
    let span: Span = text.parse().map_err(|_| refusal())?;
    if span.is_negative() || span.get_months() != 0 || span.get_years() != 0 {
        return Err(refusal());
    }
    span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| refusal())
}

/// The first instant of a day in UTC.
pub(crate) fn start_of(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |day| day.timestamp())
}

/// The last millisecond of a day in UTC: an offer can be accepted until then.
pub(crate) fn end_of(date: Date) -> Timestamp {
    start_of(date).saturating_add(SignedDuration::from_millis(86_399_999)).unwrap_or(Timestamp::MAX)
}

/// The UTC day of an instant.
pub(crate) fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str) -> Result<Period, String> {
        Period::try_from(text.to_owned())
    }

    #[test]
    fn months_follow_the_calendar() {
        let start = "2024-01-31T00:00:00Z".parse().expect("a timestamp");
        let end = period("P1M").expect("a period").after(start);
        assert_eq!(end.to_string(), "2024-02-29T00:00:00Z");
    }

    #[test]
    fn only_years_months_days_in_order_are_periods() {
        for bad in ["", "P", "12M", "P1D1M", "PT1H", "P1.5M", "PM", "P-1D", "p1d"] {
            assert!(period(bad).is_err(), "`{bad}` was taken for a period");
        }
        assert!(period("P1Y2M3D").is_ok());
    }

    #[test]
    fn a_unit_is_what_is_written_even_for_nothing() {
        let zero = period("P0M").expect("a period");
        assert!(zero.is_months() && !zero.is_days() && zero.is_zero());
        assert!(period("P30D").expect("a period").is_days());
        assert!(!period("P1M1D").expect("a period").is_months());
    }

    #[test]
    fn exact_spans_have_no_months() {
        assert_eq!(exact("P7D"), Ok(SignedDuration::from_hours(168)));
        assert!(exact("P1M").is_err());
        assert!(exact("2 hours").is_err());
    }
}
