//! The calendars as people write them.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{Calendar, Calendars};
use crate::{
    chart::model::WorkingTime,
    ids::{LegalEntityId, PartyId, RoleId},
    settings::{SettingsError, Source},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    default: Spanned<String>,
    calendars: BTreeMap<String, CalendarDocument>,
    #[serde(default)]
    legal_entities: BTreeMap<LegalEntityId, Spanned<String>>,
    #[serde(default)]
    roles: BTreeMap<RoleId, Spanned<String>>,
    #[serde(default)]
    parties: BTreeMap<PartyId, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarDocument {
    zone: Spanned<String>,
    #[serde(default = "saturday_and_sunday")]
    weekend: Spanned<Vec<Day>>,
    hours: Hours,
    #[serde(default)]
    holidays: BTreeMap<Date, String>,
    #[serde(default)]
    quarter_end_freeze_days: u32,
    #[serde(default = "january")]
    fiscal_year_starts_in_month: Spanned<i8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    open: Spanned<String>,
    close: Spanned<String>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<Day> for Weekday {
    fn from(day: Day) -> Weekday {
        match day {
            Day::Monday => Weekday::Monday,
            Day::Tuesday => Weekday::Tuesday,
            Day::Wednesday => Weekday::Wednesday,
            Day::Thursday => Weekday::Thursday,
            Day::Friday => Weekday::Friday,
            Day::Saturday => Weekday::Saturday,
            Day::Sunday => Weekday::Sunday,
        }
    }
}

fn spanned<T>(value: T) -> Spanned<T> {
    Spanned { value, referenced: serde_saphyr::Location::UNKNOWN, defined: serde_saphyr::Location::UNKNOWN }
}

fn saturday_and_sunday() -> Spanned<Vec<Day>> {
    spanned(vec![Day::Saturday, Day::Sunday])
}

fn january() -> Spanned<i8> {
    spanned(1)
}

impl Calendars {
    /// Reads the calendars' file.
    pub fn from_yaml(file: &str, text: &str) -> Result<Calendars, SettingsError> {
        let source = Source { file, text };
        let document: Document = source.read()?;
        let mut named = BTreeMap::new();
        for (name, calendar) in document.calendars {
            let field = format!("calendars.{name}");
            named.insert(name.clone(), Arc::new(calendar.read(source, name, &field)?));
        }
        let known = |field: String, name: Spanned<String>| {
            if named.contains_key(&name.value) {
                return Ok(name.value);
            }
            let message = format!("there is no calendar `{}`; add it under `calendars` or name another", name.value);
            Err(source.wrong(&name, field, message))
        };
        let default_name = known("default".into(), document.default)?;
        let legal_entities = assigned("legal_entities", document.legal_entities, known)?;
        let roles = assigned("roles", document.roles, known)?;
        let parties = assigned("parties", document.parties, known)?;
        let default =
            named.get(&default_name).cloned().unwrap_or_else(|| Arc::new(Calendar::office_hours("UTC", TimeZone::UTC)));
        Ok(Calendars { default, named, legal_entities, roles, parties, sha256: source.sha256() })
    }
}

fn assigned<K: Ord + std::fmt::Display>(
    field: &str,
    given: BTreeMap<K, Spanned<String>>,
    known: impl Fn(String, Spanned<String>) -> Result<String, SettingsError>,
) -> Result<BTreeMap<K, String>, SettingsError> {
    given.into_iter().map(|(key, name)| known(format!("{field}.{key}"), name).map(|name| (key, name))).collect()
}

impl CalendarDocument {
    fn read(self, source: Source<'_>, name: String, field: &str) -> Result<Calendar, SettingsError> {
        let zone = TimeZone::get(&self.zone.value).map_err(|_| {
            let message = format!("`{}` is not an IANA zone; write a name such as `Europe/Berlin`", self.zone.value);
            source.wrong(&self.zone, format!("{field}.zone"), message)
        })?;
        let open = time(source, &self.hours.open, format!("{field}.hours.open"))?;
        let close = time(source, &self.hours.close, format!("{field}.hours.close"))?;
        if close <= open && close != Time::midnight() {
            let message = "closing must come after opening; `00:00` closes at the end of the day";
            return Err(source.wrong(&self.hours.close, format!("{field}.hours.close"), message));
        }
        let mut weekend: Vec<Weekday> = self.weekend.value.iter().map(|day| Weekday::from(*day)).collect();
        weekend.sort_by_key(|day| day.to_monday_zero_offset());
        weekend.dedup();
        if weekend.len() == 7 {
            let message = "all seven days are weekend; leave at least one working day";
            return Err(source.wrong(&self.weekend, format!("{field}.weekend"), message));
        }
        if !(1..=12).contains(&self.fiscal_year_starts_in_month.value) {
            let message = "a month is a number from 1 to 12";
            return Err(source.wrong(
                &self.fiscal_year_starts_in_month,
                format!("{field}.fiscal_year_starts_in_month"),
                message,
            ));
        }
        Ok(Calendar {
            name,
            zone_name: self.zone.value,
            zone,
            weekend,
            open,
            close,
            holidays: self.holidays,
            freeze_days: self.quarter_end_freeze_days.min(92),
            fiscal_year_month: self.fiscal_year_starts_in_month.value,
        })
    }
}

fn time(source: Source<'_>, text: &Spanned<String>, field: String) -> Result<Time, SettingsError> {
    let read = || -> Option<Time> {
        let (hour, minute) = text.value.split_once(':')?;
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    };
    read().ok_or_else(|| {
        source.wrong(
            text,
            field,
            format!("`{}` is not a time of day; write hours and minutes such as `09:00`", text.value),
        )
    })
}

/// Reads `4 working hours` or `1 working day`; `None` for anything else, for nothing, and for more than ten years.
pub fn parse_working_time(text: &str) -> Option<WorkingTime> {
    let mut words = text.split_whitespace();
    let amount: u32 = words.next()?.parse().ok().filter(|n| *n > 0)?;
    let (middle, unit, rest) = (words.next()?, words.next()?, words.next());
    if middle != "working" || rest.is_some() {
        return None;
    }
    match unit {
        "hour" | "hours" if amount <= 24 * 3_660 => Some(WorkingTime::Hours(amount)),
        "day" | "days" if amount <= 3_660 => Some(WorkingTime::Days(amount)),
        _ => None,
    }
}
