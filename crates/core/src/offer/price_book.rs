//! Price books: versioned CSV of list, floor and partner wholesale prices, looked up with an explanation.

use std::{collections::BTreeMap, fmt::Display, str::FromStr};

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Amount, Period};
use crate::{
    chart::model::Place,
    money::Currency,
    offer::source::{DocumentError, SIZE_MAX},
};

/// The columns, in the order in which the documentation lists them; a file may order them otherwise.
pub const COLUMNS: [&str; 10] = [
    "sku",
    "currency",
    "term",
    "volume_from",
    "volume_to",
    "valid_from",
    "valid_to",
    "list",
    "floor",
    "partner_wholesale",
];

/// One version of a price book.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceBook {
    /// `id@version`, as offers name it.
    pub id: String,
    /// Rows by SKU and currency, in file order.
    rows: BTreeMap<(String, Currency), Vec<Row>>,
}

/// One price: of one unit for one term, within a band of volume and a span of days.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The SKU.
    pub sku: String,
    /// The currency of the three prices.
    pub currency: Currency,
    /// The term that the price pays for; empty for a metered unit.
    pub term: Option<Period>,
    /// The smallest quantity of the band.
    pub volume_from: u64,
    /// The largest quantity of the band; empty means without limit.
    pub volume_to: Option<u64>,
    /// The first day.
    pub valid_from: Date,
    /// The last day; empty means without limit.
    pub valid_to: Option<Date>,
    /// The list price.
    pub list: Amount,
    /// The price below which nobody sells; empty means none.
    pub floor: Option<Amount>,
    /// What a partner pays; empty means that the SKU is not resold.
    pub partner_wholesale: Option<Amount>,
    /// The row's line in the file.
    pub line: u32,
}

/// What to look up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query<'a> {
    /// The SKU.
    pub sku: &'a str,
    /// The offer's currency.
    pub currency: Currency,
    /// The contract's duration; `None` for a metered unit.
    pub term: Option<Period>,
    /// The quantity that chooses the band.
    pub quantity: u64,
    /// The day on which the price must be valid.
    pub on: Date,
}

/// A price found, brought to the term asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The list price of one unit for the term asked for.
    pub list: Decimal,
    /// The floor, likewise.
    pub floor: Option<Decimal>,
    /// The partner's price, likewise.
    pub partner_wholesale: Option<Decimal>,
    /// The row's line in the file.
    pub line: u32,
    /// Which row applies, and how it was brought to the term.
    pub because: String,
}

/// No row applies, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("price book `{book}` has no price for `{sku}`: {because}")]
pub struct NoPrice {
    /// The book.
    pub book: String,
    /// The SKU.
    pub sku: String,
    /// The first property on which every row failed, and what the book has instead.
    pub because: String,
}

impl PriceBook {
    /// Reads a book. `id` is `id@version`; the first defect is returned with its line.
    pub fn from_csv(id: &str, file: &str, text: &str) -> Result<PriceBook, DocumentError> {
        let error = |line: u32, field: &str, message: String| DocumentError {
            file: file.to_owned(),
            place: Place { line, column: 1 },
            field: field.to_owned(),
            message,
        };
        if text.len() > SIZE_MAX {
            return Err(error(1, "", format!("the price book has {} bytes; at most {SIZE_MAX} are read", text.len())));
        }
        let mut reader =
            csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|e| error(line_of(&e), "", csv_message(&e)))?.clone();
        if let Some(missing) = COLUMNS.iter().find(|column| !header.iter().any(|name| name == **column)) {
            return Err(error(
                1,
                missing,
                format!("the column is missing; the header must name {}", COLUMNS.join(",")),
            ));
        }
        let mut book = PriceBook { id: id.to_owned(), rows: BTreeMap::new() };
        for record in reader.records() {
            let record = record.map_err(|e| error(line_of(&e), "", csv_message(&e)))?;
            let line = record.position().map_or(0, |at| u32::try_from(at.line()).unwrap_or(u32::MAX));
            let row = Cells { header: &header, record: &record }.row(line);
            let added = row.and_then(|row| book.add(row));
            added.map_err(|(field, message)| error(line, field, message))?;
        }
        Ok(book)
    }

    fn add(&mut self, row: Row) -> Result<(), (&'static str, String)> {
        if row.sku.is_empty() {
            return Err(("sku", "is empty; name what is priced".into()));
        }
        if row.volume_to.is_some_and(|to| to < row.volume_from) {
            return Err(("volume_to", "is smaller than `volume_from`".into()));
        }
        if row.valid_to.is_some_and(|to| to < row.valid_from) {
            return Err(("valid_to", "is before `valid_from`".into()));
        }
        if row.floor.is_some_and(|floor| floor > row.list) {
            return Err(("floor", "is above `list`".into()));
        }
        let rows = self.rows.entry((row.sku.clone(), row.currency)).or_default();
        if let Some(other) = rows.iter().find(|other| other.overlaps(&row)) {
            let message =
                format!("the same SKU, currency, term, volume and day are priced in line {} already", other.line);
            return Err(("sku", message));
        }
        rows.push(row);
        Ok(())
    }

    /// The price of one unit: the row of this very term, else the longest term that divides it evenly.
    pub fn lookup(&self, query: Query<'_>) -> Result<Listed, NoPrice> {
        let no_price = |because: String| NoPrice { book: self.id.clone(), sku: query.sku.to_owned(), because };
        let rows = self.rows.get(&(query.sku.to_owned(), query.currency)).ok_or_else(|| {
            let others: Vec<&str> =
                self.rows.keys().filter(|(sku, _)| sku == query.sku).map(|(_, c)| c.code()).collect();
            no_price(match others.is_empty() {
                true => "it does not list the SKU".into(),
                false => format!("it lists the SKU in {} only, not in {}", others.join(", "), query.currency),
            })
        })?;
        let termed: Vec<(&Row, u32)> = rows.iter().filter_map(|row| Some((row, row.repeats(query.term)?))).collect();
        if termed.is_empty() {
            let asked = query.term.map_or("a metered unit".to_owned(), |term| format!("`{term}`"));
            return Err(no_price(format!("no row is for {asked} or a term that divides it evenly")));
        }
        let banded: Vec<(&Row, u32)> = termed.into_iter().filter(|(row, _)| row.holds(query.quantity)).collect();
        if banded.is_empty() {
            return Err(no_price(format!("no volume band holds {} units", query.quantity)));
        }
        let valid = banded.into_iter().filter(|(row, _)| row.valid_on(query.on));
        let (row, times) = valid
            .min_by_key(|(row, times)| (*times, row.line))
            .ok_or_else(|| no_price(format!("no row is valid on {}", query.on)))?;
        self.listed(row, times, query).ok_or_else(|| no_price("the price is too large to be kept exactly".into()))
    }

    fn listed(&self, row: &Row, times: u32, query: Query<'_>) -> Option<Listed> {
        let scale = |amount: Amount| amount.decimal().checked_mul(Decimal::from(times));
        let term = row.term.map_or("metered".to_owned(), |term| term.to_string());
        let brought = if times == 1 { term } else { format!("{times} × {term}") };
        let upper = row.volume_to.map_or("any".to_owned(), |to| to.to_string());
        let because = format!(
            "`{}` line {}: list {} {} for {brought}, {} to {upper} units, valid on {}",
            self.id, row.line, row.list, row.currency, row.volume_from, query.on
        );
        let (floor, partner_wholesale) = (row.floor.map(scale), row.partner_wholesale.map(scale));
        Some(Listed {
            list: scale(row.list)?,
            floor: floor.map_or(Some(None), |floor| floor.map(Some))?,
            partner_wholesale: partner_wholesale.map_or(Some(None), |price| price.map(Some))?,
            line: row.line,
            because,
        })
    }
}

impl Row {
    fn holds(&self, quantity: u64) -> bool {
        self.volume_from <= quantity && self.volume_to.is_none_or(|to| quantity <= to)
    }

    fn valid_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|to| day <= to)
    }

    /// How many of the row's terms make the term asked for.
    fn repeats(&self, asked: Option<Period>) -> Option<u32> {
        match (self.term, asked) {
            (None, None) => Some(1),
            (Some(own), Some(asked)) if own == asked => Some(1),
            (Some(own), Some(asked)) => {
                let (own, asked) = (own.whole_months()?, asked.whole_months()?);
                (asked.is_multiple_of(own) && asked > 0).then(|| asked / own)
            }
            _ => None,
        }
    }

    fn overlaps(&self, other: &Row) -> bool {
        let volumes = self.volume_from <= other.volume_to.unwrap_or(u64::MAX)
            && other.volume_from <= self.volume_to.unwrap_or(u64::MAX);
        let days = self.valid_from <= other.valid_to.unwrap_or(Date::MAX)
            && other.valid_from <= self.valid_to.unwrap_or(Date::MAX);
        let terms = match (self.term, other.term) {
            (Some(one), Some(two)) => one == two || one.whole_months().is_some_and(|m| two.whole_months() == Some(m)),
            (one, two) => one.is_none() && two.is_none(),
        };
        terms && volumes && days
    }
}

/// One row of the file, by the names of its columns.
struct Cells<'a> {
    header: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
}

impl Cells<'_> {
    fn row(&self, line: u32) -> Result<Row, (&'static str, String)> {
        Ok(Row {
            sku: self.text("sku").to_owned(),
            currency: self.value("currency")?,
            term: self.optional("term")?,
            volume_from: self.value("volume_from")?,
            volume_to: self.optional("volume_to")?,
            valid_from: self.value("valid_from")?,
            valid_to: self.optional("valid_to")?,
            list: self.value("list")?,
            floor: self.optional("floor")?,
            partner_wholesale: self.optional("partner_wholesale")?,
            line,
        })
    }

    fn text(&self, column: &'static str) -> &str {
        let at = self.header.iter().position(|name| name == column);
        at.and_then(|at| self.record.get(at)).unwrap_or_default()
    }

    fn value<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<T, (&'static str, String)> {
        let text = self.text(column);
        if text.is_empty() {
            return Err((column, "is empty; the column needs a value".into()));
        }
        text.parse().map_err(|error: T::Err| {
            let (error, wanted) =
                (error.to_string(), if column.starts_with("volume") { "; write a whole number" } else { "" });
            (column, if error.contains(text) { error } else { format!("`{text}`: {error}{wanted}") })
        })
    }

    fn optional<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<Option<T>, (&'static str, String)> {
        if self.text(column).is_empty() { Ok(None) } else { self.value(column).map(Some) }
    }
}

fn line_of(error: &csv::Error) -> u32 {
    error.position().map_or(1, |at| u32::try_from(at.line()).unwrap_or(u32::MAX))
}

fn csv_message(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the row has {len} cells where the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "the row is not UTF-8 text".into(),
        _ => error.to_string(),
    }
}
