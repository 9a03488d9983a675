//! Dates as files write them, and the days that they fall on in a zone.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rustc_hash::FxHashMap;

use crate::SpendError;

/// A day, counted from 1970-01-01.
pub(crate) type Day = i32;

/// The day as a date.
pub(crate) fn date(day: Day) -> Option<Date> {
    Timestamp::from_second(i64::from(day) * DAY).ok().map(|at| at.to_zoned(TimeZone::UTC).date())
}

/// A second since 1970, written out.
pub(crate) fn written(second: i64) -> String {
    Timestamp::from_second(second).map(|at| at.to_string()).unwrap_or_default()
}

const DAY: i64 = 86_400;

/// When something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Seconds since 1970, in UTC.
    pub second: i64,
    /// The day in the zone.
    pub local: Day,
    /// The day as it is written: in UTC.
    pub written: Day,
    /// Whether a day begins then, as it is written.
    pub whole: bool,
}

/// What a column of dates says in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// The file has no such column, or the row says nothing.
    Unknown,
    /// It cannot be read.
    Bad,
    /// Then.
    At(Moment),
}

/// Reads dates in a zone, and remembers those that it has seen.
pub(crate) struct Days {
    zone: TimeZone,
    utc: bool,
    known: FxHashMap<Box<[u8]>, When>,
    /// What each column said last: many say the same in row after row.
    last: [(Vec<u8>, When); COLUMNS],
    /// The latest window of seconds with one local day.
    window: (i64, i64, Day),
}

/// How many columns of dates there are.
pub(crate) const COLUMNS: usize = 4;
/// The most texts that are remembered.
const KNOWN_MOST: usize = 50_000;
/// The most bytes of one: no date is longer.
const DATE_MOST: usize = 40;

impl Days {
    pub fn new(zone: &str) -> Result<Days, SpendError> {
        let found = TimeZone::get(zone).map_err(|_| SpendError::Zone(zone.to_owned()))?;
        let utc = zone.eq_ignore_ascii_case("utc") || zone.eq_ignore_ascii_case("etc/utc");
        Ok(Days {
            zone: found,
            utc,
            known: FxHashMap::default(),
            last: [const { (Vec::new(), When::Unknown) }; COLUMNS],
            window: (0, 0, 0),
        })
    }

    /// What a text in a column says.
    pub fn read_in(&mut self, column: usize, text: &[u8]) -> When {
        match self.last.get(column) {
            Some((last, when)) if last == text => *when,
            _ => {
                let when = self.read(text);
                if let Some((last, said)) = self.last.get_mut(column) {
                    last.clear();
                    last.extend_from_slice(text);
                    *said = when;
                }
                when
            }
        }
    }

    /// What a text says.
    pub fn read(&mut self, text: &[u8]) -> When {
        if let Some(&when) = self.known.get(text) {
            return when;
        }
        let when = match text.trim_ascii() {
            b"" | b"NULL" | b"null" => When::Unknown,
            written => seconds(written).map_or(When::Bad, |second| self.at(second)),
        };
        if text.len() > DATE_MOST {
            return when;
        }
        if self.known.len() >= KNOWN_MOST {
            self.known.clear();
        }
        self.known.insert(text.into(), when);
        when
    }

    /// The moment of a second since 1970.
    pub fn at(&mut self, second: i64) -> When {
        let written = second.div_euclid(DAY);
        let Ok(day) = Day::try_from(written) else { return When::Bad };
        let Some(local) = (if self.utc { Some(day) } else { self.local(second) }) else { return When::Bad };
        When::At(Moment { second, local, written: day, whole: second.rem_euclid(DAY) == 0 })
    }

    fn local(&mut self, second: i64) -> Option<Day> {
        let (from, to, day) = self.window;
        if (from..to).contains(&second) {
            return Some(day);
        }
        let local = Timestamp::from_second(second).ok()?.to_zoned(self.zone.clone());
        let starts = local.start_of_day().ok()?;
        let ends = starts.tomorrow().and_then(|next| next.start_of_day()).ok()?;
        let days = local.date().since(Date::constant(1970, 1, 1)).ok()?.get_days();
        self.window = (starts.timestamp().as_second(), ends.timestamp().as_second(), days);
        Some(days)
    }
}

/// Seconds since 1970 of a date in ISO 8601, with `T` or a space, with or without a time and a zone. Without one it is UTC, as
/// FOCUS says.
fn seconds(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let day = match date {
        [y @ .., b'-', m1, m2, b'-', d1, d2] if y.len() == 4 => {
            let year = i16::try_from(number(y)?).ok()?;
            let month = i8::try_from(number(&[*m1, *m2])?).ok()?;
            let of_month = i8::try_from(number(&[*d1, *d2])?).ok()?;
            Date::new(year, month, of_month).ok()?
        }
        _ => return None,
    };
    let days = i64::from(day.since(Date::constant(1970, 1, 1)).ok()?.get_days());
    let Some((b'T' | b't' | b' ', time)) = rest.split_first() else {
        return rest.is_empty().then_some(days * DAY);
    };
    let (clock, offset) = zone(time)?;
    Some(days * DAY + of_day(clock)? - offset)
}

/// Parts a time from its zone, and gives the zone's seconds.
fn zone(time: &[u8]) -> Option<(&[u8], i64)> {
    for utc in [b"Z".as_slice(), b"z", b" UTC"] {
        if let Some(clock) = time.strip_suffix(utc) {
            return Some((clock, 0));
        }
    }
    let Some(at) = time.iter().position(|byte| matches!(byte, b'+' | b'-')) else { return Some((time, 0)) };
    let (clock, zone) = time.split_at_checked(at)?;
    let (hours, minutes) = match zone {
        [_, h1, h2] => (number(&[*h1, *h2])?, 0),
        [_, h1, h2, m1, m2] | [_, h1, h2, b':', m1, m2] => (number(&[*h1, *h2])?, number(&[*m1, *m2])?),
        _ => return None,
    };
    let size = hours * 3600 + minutes * 60;
    (hours < 24 && minutes < 60)
        .then_some((clock.trim_ascii_end(), if zone.first() == Some(&b'-') { -size } else { size }))
}

/// The seconds of `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fff`; a part of a second is left out.
fn of_day(clock: &[u8]) -> Option<i64> {
    let (hours, rest) = clock.split_at_checked(2)?;
    let (minutes, seconds) = match rest {
        [b':', m1, m2] => ([*m1, *m2], 0),
        [b':', m1, m2, b':', s1, s2, fraction @ ..] => {
            let sound = match fraction {
                [] => true,
                [b'.', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
                _ => false,
            };
            ([*m1, *m2], if sound { number(&[*s1, *s2])? } else { return None })
        }
        _ => return None,
    };
    let (hours, minutes) = (number(hours)?, number(&minutes)?);
    (hours < 24 && minutes < 60 && seconds < 60).then_some(hours * 3600 + minutes * 60 + seconds)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(zone: &str, text: &str) -> String {
        match Days::new(zone).unwrap().read(text.as_bytes()) {
            When::At(moment) => date(moment.local).unwrap().to_string(),
            When::Unknown => "unknown".into(),
            When::Bad => "bad".into(),
        }
    }

    #[test]
    fn dates_are_read_as_exports_write_them() {
        for text in [
            "2024-09-18 22:00:00",
            "2024-09-18T22:00:00Z",
            "2024-09-18T22:00Z",
            "2024-09-18T22:00:00.000Z",
            "2024-09-19T00:30:00+02:30",
            "2024-09-18T22:00:00+0000",
            "2024-09-18 22:00:00 UTC",
            "2024-09-18",
        ] {
            assert_eq!(local("UTC", text), "2024-09-18", "{text}");
        }
        for text in ["5/1/25", "2024-13-01", "2024-02-30", "2024-09-18T25:00:00Z", "2024-09-18x", "18.09.2024", "0"] {
            assert_eq!(local("UTC", text), "bad", "{text}");
        }
        for text in ["", "NULL", " "] {
            assert_eq!(local("UTC", text), "unknown", "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_not_remembered() {
        let mut days = Days::new("UTC").unwrap();
        assert_eq!(days.read("x".repeat(DATE_MOST + 1).as_bytes()), When::Bad);
        assert!(days.known.is_empty());
        days.read(b"2024-09-18T22:00:00.000000000+02:30");
        assert_eq!(days.known.len(), 1);
    }

    #[test]
    fn a_day_is_that_of_the_contracts_zone() {
        assert_eq!(local("America/Los_Angeles", "2026-03-01T07:59:59Z"), "2026-02-28");
        assert_eq!(local("America/Los_Angeles", "2026-03-01T08:00:00Z"), "2026-03-01");
        assert_eq!(local("Asia/Tokyo", "2026-02-28T15:00:00Z"), "2026-03-01");
        // The night in which clocks go forward.
        assert_eq!(local("Europe/Berlin", "2026-03-28T23:00:00Z"), "2026-03-29");
        assert_eq!(local("Europe/Berlin", "2026-03-29T22:00:00Z"), "2026-03-30");
    }
}
