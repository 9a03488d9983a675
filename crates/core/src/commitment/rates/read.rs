//! Published rates as files: YAML with its source, or a table of days and currencies in the shape in which the European Central Bank
//! publishes its reference rates (<https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip>).

use jiff::{civil::Date, fmt::strtime};

use super::{Published, Quote, Rate, Source};
use crate::{
    chart::model::Place,
    money::Currency,
    offer::{DocumentError, source},
};

/// The most rates of a file that are kept.
const MOST: usize = 100_000;

/// What a table does not say itself.
#[derive(Debug, Clone)]
pub struct CsvSource {
    /// Where it is from.
    pub source: Source,
    /// One unit of this currency costs what the table says.
    pub base: Currency,
    /// The currencies that are kept; all of them where none is named.
    pub only: Vec<Currency>,
    /// The first day that is kept.
    pub since: Option<Date>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The rates.
    pub published: Published,
    /// Columns that are left out, because no currency of today is called so.
    pub left_out: Vec<String>,
}

fn wrong(file: &str, line: u64, field: &str, message: impl Into<String>) -> DocumentError {
    let place = Place { line: u32::try_from(line).unwrap_or(u32::MAX), column: 1 };
    DocumentError { file: file.to_owned(), place, field: field.to_owned(), message: message.into() }
}

impl Published {
    /// Reads rates that a person wrote. The first defect is returned with file, line, column and field.
    ///
    /// # Errors
    /// When it is no YAML within the budgets, or a field is missing, unknown or says what cannot be.
    pub fn from_yaml(file: &str, text: &str) -> Result<Published, DocumentError> {
        let (published, outline) = source::read::<Published>(file, text, &|_| true)?;
        let refuse = |field: &str, message: &str| DocumentError {
            file: file.to_owned(),
            place: outline.place_of(field),
            field: field.to_owned(),
            message: message.to_owned(),
        };
        if published.source.at.trim().is_empty() {
            return Err(refuse("/source/at", "is empty; write where the rates were read"));
        }
        if published.rates.is_empty() {
            return Err(refuse("/rates", "is empty; write at least one rate"));
        }
        for (at, quote) in published.rates.iter().enumerate() {
            if quote.from == quote.to {
                return Err(refuse(
                    &format!("/rates/{at}/to"),
                    "is the same currency; write what it is converted into",
                ));
            }
            if quote.day > published.source.read {
                return Err(refuse(&format!("/rates/{at}/day"), "comes after the day on which the source was read"));
            }
        }
        unambiguous(&published.rates).map_err(|at| {
            refuse(&format!("/rates/{at}/rate"), "is another one than before for the same day; keep one of the two")
        })?;
        Ok(published)
    }

    /// Reads a table: a column `Date`, and one for each currency with what one unit of the base costs in it. `N/A` and nothing say
    /// nothing.
    ///
    /// # Errors
    /// When it has no such heading, a day or a rate cannot be read, nothing is left of it, or too much is.
    pub fn from_csv(file: &str, text: &str, told: &CsvSource) -> Result<Read, DocumentError> {
        let unread = |error: csv::Error| {
            wrong(file, error.position().map_or(1, csv::Position::line), "", format!("is no CSV: {error}"))
        };
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
        let heading = reader.headers().map_err(unread)?.clone();
        if !heading.get(0).is_some_and(|first| first.trim_start_matches('\u{feff}').eq_ignore_ascii_case("date")) {
            let message = "the first column is not `Date`; give the table as it is published, or YAML";
            return Err(wrong(file, 1, "", message));
        }
        let (mut columns, mut left_out) = (Vec::new(), Vec::new());
        for (at, name) in heading.iter().enumerate().skip(1).filter(|(_, name)| !name.is_empty()) {
            match name.parse::<Currency>() {
                Ok(currency) if currency == told.base => {}
                Ok(currency) => columns.push((at, currency)),
                Err(_) => left_out.push(name.to_owned()),
            }
        }
        if let Some(missing) = told.only.iter().find(|only| !columns.iter().any(|(_, column)| column == *only)) {
            return Err(wrong(file, 1, "", format!("there is no column `{missing}`")));
        }
        columns.retain(|(_, currency)| told.only.is_empty() || told.only.contains(currency));
        let mut rates = Vec::new();
        for record in reader.records() {
            let record = record.map_err(unread)?;
            let line = record.position().map_or(1, csv::Position::line);
            let day = day(record.get(0).unwrap_or_default())
                .ok_or_else(|| wrong(file, line, "Date", "is no day; write it as 2026-11-30"))?;
            if day > told.source.read {
                return Err(wrong(file, line, "Date", "comes after the day on which the source was read"));
            }
            if told.since.is_some_and(|since| day < since) {
                continue;
            }
            for (at, to) in &columns {
                let cell = record.get(*at).unwrap_or_default();
                if matches!(cell, "" | "N/A") {
                    continue;
                }
                let rate: Rate = cell.parse().map_err(|error| wrong(file, line, to.code(), format!("{error}")))?;
                rates.push(Quote { day, from: told.base, to: *to, rate });
            }
            if rates.len() > MOST {
                let message = format!("more than {MOST} rates; keep fewer days or currencies");
                return Err(wrong(file, line, "", message));
            }
        }
        if rates.is_empty() {
            return Err(wrong(file, 1, "", "no rate is left of it; name other days or currencies"));
        }
        unambiguous(&rates).map_err(|_| wrong(file, 1, "Date", "a day stands there twice with different rates"))?;
        Ok(Read { published: Published { source: told.source.clone(), file_sha256: None, rates }, left_out })
    }
}

/// A day as it stands in the history, or in the table of one day.
fn day(text: &str) -> Option<Date> {
    text.parse().ok().or_else(|| strtime::parse("%d %B %Y", text).ok()?.to_date().ok())
}

/// The place of the first rate that contradicts one before it.
fn unambiguous(rates: &[Quote]) -> Result<(), usize> {
    let mut seen = std::collections::BTreeMap::new();
    for (at, quote) in rates.iter().enumerate() {
        let key = (quote.day, quote.from.code(), quote.to.code());
        if seen.insert(key, quote.rate).is_some_and(|before| before != quote.rate) {
            return Err(at);
        }
    }
    Ok(())
}
