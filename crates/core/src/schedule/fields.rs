//! The five fields, checked and handed to the crate `cron` in its own dialect: seconds first, Sunday is 1, no alternatives of days.

use std::{collections::BTreeSet, str::FromStr};

/// A schedule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Not five fields.
    #[error(
        "`{text}` has {found} fields; write five: minute, hour, day of month, month, day of week, such as `30 2 * * mon-fri`"
    )]
    NotFiveFields {
        /// The text.
        text: String,
        /// How many it has.
        found: usize,
    },
    /// A field that cannot be read.
    #[error("`{part}` is not a {field}; {remedy}")]
    BadField {
        /// Which field.
        field: &'static str,
        /// The part that is wrong.
        part: String,
        /// What to write instead.
        remedy: String,
    },
    /// Not an IANA zone.
    #[error("`{0}` is not an IANA zone; write a name such as `Europe/Berlin`")]
    UnknownZone(String),
    /// A date that no year has.
    #[error("`{0}` never comes; no month it names has such a day")]
    NeverComes(String),
}

pub(super) struct Fields {
    pub patterns: Vec<cron::Schedule>,
    pub last_day_only: bool,
    pub follows_clock: bool,
}

struct Kind {
    name: &'static str,
    min: u32,
    max: u32,
    names: &'static [&'static str],
}

const MINUTE: Kind = Kind { name: "minute", min: 0, max: 59, names: &[] };
const HOUR: Kind = Kind { name: "hour", min: 0, max: 23, names: &[] };
const DAY: Kind = Kind { name: "day of month", min: 1, max: 31, names: &[] };
const MONTH: Kind = Kind {
    name: "month",
    min: 1,
    max: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEKDAY: Kind =
    Kind { name: "day of week", min: 0, max: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

/// Reads five fields.
pub(super) fn read(text: &str) -> Result<Fields, ScheduleError> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = parts.as_slice() else {
        return Err(ScheduleError::NotFiveFields { text: text.chars().take(80).collect(), found: parts.len() });
    };
    let last_day_only = day.eq_ignore_ascii_case("l");
    let day = if last_day_only { "28-31" } else { day };
    let time = format!("0 {} {}", MINUTE.cron(minute)?, HOUR.cron(hour)?);
    let (days, months, weekdays) = (DAY.cron(day)?, MONTH.cron(month)?, WEEKDAY.cron(weekday)?);
    let either = !day.starts_with('*') && !weekday.starts_with('*');
    let expressions = if either {
        vec![format!("{time} {days} {months} *"), format!("{time} * {months} {weekdays}")]
    } else {
        vec![format!("{time} {days} {months} {weekdays}")]
    };
    if either && last_day_only {
        let remedy = "`L` goes with `*` as the day of week".to_owned();
        return Err(ScheduleError::BadField { field: WEEKDAY.name, part: (*weekday).to_owned(), remedy });
    }
    let pattern = |expression: &String| {
        cron::Schedule::from_str(expression).map_err(|_| ScheduleError::NeverComes(text.chars().take(80).collect()))
    };
    let patterns = expressions.iter().map(pattern).collect::<Result<_, _>>()?;
    Ok(Fields { patterns, last_day_only, follows_clock: minute.starts_with('*') || hour.starts_with('*') })
}

impl Kind {
    /// The field in the crate's dialect: `*`, or a list of numbers.
    fn cron(&self, field: &str) -> Result<String, ScheduleError> {
        if field == "*" {
            return Ok("*".into());
        }
        let mut values = BTreeSet::new();
        for part in field.split(',') {
            values.extend(self.part(part)?);
        }
        let shift = if self.name == WEEKDAY.name { 1 } else { 0 };
        // Seven is Sunday as well as zero.
        let dialect: BTreeSet<u32> = values.into_iter().map(|n| if shift == 1 { n % 7 + shift } else { n }).collect();
        Ok(dialect.into_iter().map(|n| n.to_string()).collect::<Vec<_>>().join(","))
    }

    fn part(&self, part: &str) -> Result<impl Iterator<Item = u32> + use<>, ScheduleError> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                (range, step.parse().ok().filter(|n| (1..=self.max).contains(n)).ok_or_else(|| self.bad(part))?)
            }
            None => (part, 1),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.min, if self.name == WEEKDAY.name { 6 } else { self.max }),
            Some((first, last)) => {
                let (first, last) = (self.value(first, part)?, self.value(last, part)?);
                // A week may end on its Sunday.
                (first, if self.name == WEEKDAY.name && last == 0 && first > 0 { 7 } else { last })
            }
            None if part.contains('/') => return Err(self.bad(part)),
            None => (self.value(range, part)?, self.value(range, part)?),
        };
        if first > last {
            return Err(self.bad(part));
        }
        Ok((first..=last).step_by(usize::try_from(step).unwrap_or(1)))
    }

    fn value(&self, text: &str, part: &str) -> Result<u32, ScheduleError> {
        if let Some(at) = self.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            return Ok(self.min + u32::try_from(at).unwrap_or(0));
        }
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|n| digits && (self.min..=self.max).contains(n)).ok_or_else(|| self.bad(part))
    }

    fn bad(&self, part: &str) -> ScheduleError {
        let named = if self.names.is_empty() {
            String::new()
        } else {
            format!(", names such as `{}`", self.names.get(1).unwrap_or(&""))
        };
        let remedy = format!(
            "write numbers from {} to {}{named}, rising ranges `a-b`, steps `*/n` or `a-b/n`, and lists with commas",
            self.min, self.max
        );
        ScheduleError::BadField { field: self.name, part: part.chars().take(40).collect(), remedy }
    }
}
