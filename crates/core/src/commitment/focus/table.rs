//! Tables as CSV: days as instants of FOCUS, and cells by the name of their column.

use std::{collections::BTreeMap, str::FromStr};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::FocusError;

/// Writes a table. An empty cell is what FOCUS calls null.
pub(super) fn written(columns: &[&str], rows: &[Vec<String>]) -> Result<String, FocusError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns)?;
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A zone by its name.
pub(super) fn zone(name: &str) -> Result<TimeZone, FocusError> {
    TimeZone::get(name).map_err(|_| FocusError::Zone(name.to_owned()))
}

/// The instant at which a day begins in a zone, to the second.
pub(super) fn begins(day: Date, zone: &TimeZone) -> Result<String, FocusError> {
    let at = day.to_zoned(zone.clone()).map_err(|_| FocusError::LastDay(day))?;
    Ok(at.timestamp().to_string())
}

/// The instant at which a day has ended.
pub(super) fn ended(day: Date, zone: &TimeZone) -> Result<String, FocusError> {
    begins(day.tomorrow().map_err(|_| FocusError::LastDay(day))?, zone)
}

/// A row that is read.
pub(super) struct Row<'t> {
    places: &'t BTreeMap<String, usize>,
    cells: csv::StringRecord,
    /// Its number, from 1.
    pub(super) number: usize,
}

impl Row<'_> {
    /// A cell; nothing where it is null.
    pub(super) fn get(&self, column: &str) -> &str {
        self.places.get(column).and_then(|place| self.cells.get(*place)).unwrap_or_default()
    }

    /// A cell as what it means.
    pub(super) fn parsed<T: FromStr>(&self, column: &'static str) -> Result<T, FocusError>
    where
        T::Err: std::fmt::Display,
    {
        self.get(column).parse().map_err(|error: T::Err| self.wrong(column, &error))
    }

    /// The day that an instant begins in a zone.
    pub(super) fn day(&self, column: &'static str, zone: &TimeZone) -> Result<Date, FocusError> {
        let day = self.parsed::<Timestamp>(column)?.to_zoned(zone.clone()).date();
        match begins(day, zone)? == self.get(column) {
            true => Ok(day),
            false => Err(self.wrong(column, &"it is not the first instant of a day in the contract's zone")),
        }
    }

    /// The last day before an instant at which it has ended.
    pub(super) fn last_day(&self, column: &'static str, zone: &TimeZone) -> Result<Date, FocusError> {
        self.day(column, zone)?.yesterday().map_err(|error| self.wrong(column, &error))
    }

    /// What is wrong with a cell.
    pub(super) fn wrong(&self, column: &'static str, problem: &dyn std::fmt::Display) -> FocusError {
        FocusError::Cell { row: self.number, column, problem: problem.to_string() }
    }
}

/// Reads a table that has all of these columns, row by row.
pub(super) fn each(
    text: &str,
    needed: &[&'static str],
    mut take: impl FnMut(Row<'_>) -> Result<(), FocusError>,
) -> Result<(), FocusError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let places: BTreeMap<String, usize> =
        reader.headers()?.iter().enumerate().map(|(place, name)| (name.to_owned(), place)).collect();
    let missing: Vec<&'static str> = needed.iter().copied().filter(|column| !places.contains_key(*column)).collect();
    if !missing.is_empty() {
        return Err(FocusError::Missing(missing));
    }
    for (at, cells) in reader.records().enumerate() {
        take(Row { places: &places, cells: cells?, number: at + 1 })?;
    }
    Ok(())
}
