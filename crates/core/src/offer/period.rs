//! A length of time in calendar units, as contracts state it.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The most of one unit that a period may have.
const UNIT_MAX: u32 = 9_999;

/// A period of ISO 8601 in years, months and days, such as `P36M` or `P1Y6M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    /// Years.
    pub years: u32,
    /// Months.
    pub months: u32,
    /// Days.
    pub days: u32,
}

/// A text that is not a period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a period; write years, months or days of ISO 8601, such as P12M, P3Y or P90D")]
pub struct InvalidPeriod(String);

impl Period {
    /// The period in whole months; `None` when it counts days.
    pub fn whole_months(self) -> Option<u32> {
        (self.days == 0).then(|| self.years * 12 + self.months)
    }

    /// The date this long after `start`; a day beyond the month's last becomes the month's last.
    pub fn after(self, start: Date) -> Option<Date> {
        let months = i64::from(self.years) * 12 + i64::from(self.months);
        let span = jiff::Span::new().try_months(months).ok()?.try_days(i64::from(self.days)).ok()?;
        start.checked_add(span).ok()
    }
}

impl FromStr for Period {
    type Err = InvalidPeriod;
    fn from_str(text: &str) -> Result<Period, InvalidPeriod> {
        parse(text).ok_or_else(|| InvalidPeriod(text.chars().take(40).collect()))
    }
}

fn parse(text: &str) -> Option<Period> {
    let mut rest = text.strip_prefix('P')?;
    let mut take = |unit: char| match rest.split_once(unit) {
        None => Some(0),
        Some((number, after)) => {
            let digits = !number.is_empty() && number.len() <= 4 && number.bytes().all(|b| b.is_ascii_digit());
            rest = after;
            number.parse().ok().filter(|n| digits && *n <= UNIT_MAX)
        }
    };
    let period = Period { years: take('Y')?, months: take('M')?, days: take('D')? };
    (rest.is_empty() && period != Period { years: 0, months: 0, days: 0 }).then_some(period)
}

impl TryFrom<String> for Period {
    type Error = InvalidPeriod;
    fn try_from(text: String) -> Result<Period, InvalidPeriod> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> String {
        period.to_string()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("P")?;
        for (count, unit) in [(self.years, 'Y'), (self.months, 'M'), (self.days, 'D')] {
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        Ok(())
    }
}

impl schemars::JsonSchema for Period {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Period".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^P(?=.)([0-9]{1,4}Y)?([0-9]{1,4}M)?([0-9]{1,4}D)?$",
            "description": "A period of ISO 8601 in years, months and days, such as `P36M`."
        })
    }
}
