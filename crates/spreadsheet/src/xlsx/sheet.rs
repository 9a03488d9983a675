//! The rows of a sheet.

use std::fs::File;

use jiff::{
    Span,
    civil::{Date, DateTime, Time, date},
};

use super::{
    package::Package,
    strings::Strings,
    styles::Styles,
    workbook::Workbook,
    xml::{Element, Happening, Xml},
};
use crate::{
    CELL_MOST, COLUMNS_MOST, ROW_MOST,
    cell::{Cell, Row},
    error::{Error, Fault},
};

/// The last row that a sheet can have.
const LAST_ROW: u64 = 1_048_576;

/// The rows of one sheet.
pub(crate) struct SheetRows {
    xml: Xml,
    strings: Strings,
    styles: Styles,
    from_1904: bool,
    /// The row that was read last.
    at: u64,
}

/// A cell as far as it was read.
struct Open {
    column: usize,
    kind: String,
    style: usize,
    text: String,
    formula: bool,
}

impl SheetRows {
    pub(crate) fn open(file: File, sheet: Option<&str>) -> Result<SheetRows, Error> {
        let mut package = Package::open(file)?;
        let workbook = Workbook::read(&mut package, sheet)?;
        let strings = Strings::read(&mut package)?;
        let styles = Styles::read(&mut package)?;
        let xml = Xml::new("the sheet", package.needed(&workbook.sheet)?);
        Ok(SheetRows { xml, strings, styles, from_1904: workbook.from_1904, at: 0 })
    }

    pub(crate) fn read(&mut self) -> Result<Option<Row>, Error> {
        loop {
            let happening = self.xml.next().map_err(|fault| Error::at(self.at + 1, fault))?;
            match happening {
                None => return Ok(None),
                Some(Happening::Begins(element)) if element.name == "row" => {
                    let number = element.attribute("r").map_or(Ok(self.at + 1), str::parse);
                    if number.as_ref().is_ok_and(|number| *number > LAST_ROW) {
                        return Err(Error::at(self.at + 1, Fault::TooMuch { most: LAST_ROW, what: "rows" }));
                    }
                    let ascending = number.ok().filter(|number| *number > self.at);
                    let malformed = Fault::Malformed("its rows are not numbered in their order".to_owned());
                    self.at = ascending.ok_or_else(|| Error::at(self.at + 1, malformed))?;
                    let cells = self.row().map_err(|fault| Error::at(self.at, fault))?;
                    return Ok(Some(Row { number: self.at, cells }));
                }
                Some(_) => {}
            }
        }
    }

    /// The cells of the row that has begun.
    fn row(&mut self) -> Result<Vec<Cell>, Fault> {
        let mut cells: Vec<Cell> = Vec::new();
        let (mut next, mut held) = (0, 0_u64);
        // A number or text counts inside `v` and `t`, and not where it only says how to pronounce another one.
        let (mut open, mut wanted, mut spoken): (Option<Open>, bool, bool) = (None, false, false);
        while let Some(happening) = self.xml.next()? {
            match happening {
                Happening::Begins(element) => match element.name.as_str() {
                    "c" => {
                        let cell = begun(&element, next)?;
                        next = cell.column + 1;
                        open = Some(cell);
                    }
                    "f" => open.iter_mut().for_each(|cell| cell.formula = true),
                    "v" | "t" => wanted = true,
                    "rPh" => spoken = true,
                    _ => {}
                },
                Happening::Text(text) => {
                    if let Some(cell) = open.as_mut().filter(|_| wanted && !spoken) {
                        cell.text.push_str(&text);
                        held += text.len() as u64;
                        if cell.text.len() > CELL_MOST {
                            return Err(Fault::TooMuch { most: CELL_MOST as u64, what: "bytes in a cell" });
                        }
                    }
                }
                Happening::Ends(name) => match name.as_str() {
                    "v" | "t" => wanted = false,
                    "rPh" => spoken = false,
                    "c" => {
                        if let Some(cell) = open.take() {
                            let column = cell.column;
                            let value = self.value(cell)?;
                            held += 32 + if let Cell::Text(text) = &value { text.len() as u64 } else { 0 };
                            put(&mut cells, column, value)?;
                        }
                    }
                    "row" => return Ok(cells),
                    _ => {}
                },
            }
            if held > ROW_MOST {
                return Err(Fault::TooMuch { most: ROW_MOST, what: "bytes in a row" });
            }
        }
        Err(Fault::Malformed("the sheet is cut off".to_owned()))
    }

    fn value(&self, cell: Open) -> Result<Cell, Fault> {
        let text = cell.text;
        Ok(match cell.kind.as_str() {
            "s" => {
                let at = text.trim().parse().ok();
                let shared = at.and_then(|at| self.strings.get(at));
                Cell::text(shared.ok_or_else(|| Fault::Malformed("a cell names a text that is not there".to_owned()))?)
            }
            "inlineStr" | "str" => Cell::text(&text),
            "b" => Cell::Truth(text.trim() == "1"),
            "e" => Cell::Broken(text),
            "d" => text.trim().parse().map_or(Cell::text(&text), Cell::Date),
            _ if text.trim().is_empty() && cell.formula => Cell::Broken("a formula without a result".to_owned()),
            _ if text.trim().is_empty() => Cell::Empty,
            _ => {
                let day = Some(text.trim()).filter(|_| self.styles.is_day(cell.style));
                let day = day.and_then(|text| day_of(text, self.from_1904));
                day.map_or_else(|| Cell::Number(text.trim().to_owned()), Cell::Date)
            }
        })
    }
}

fn begun(element: &Element, next: usize) -> Result<Open, Fault> {
    let column = match element.attribute("r") {
        Some(place) => column(place).ok_or_else(|| Fault::Malformed("a cell has no place".to_owned()))?,
        None => next,
    };
    let style = element.attribute("s").and_then(|style| style.parse().ok()).unwrap_or(0);
    let kind = element.attribute("t").unwrap_or("n").to_owned();
    Ok(Open { column, kind, style, text: String::new(), formula: false })
}

/// The column of a place such as `AB12`, from 0.
fn column(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_uppercase);
    let number = letters.take(4).fold(0_usize, |number, letter| number * 26 + usize::from(letter - b'A') + 1);
    number.checked_sub(1).filter(|column| *column < 16_384)
}

/// Puts a cell in its place. Empty ones, which may be formatted far to the right, take none.
fn put(cells: &mut Vec<Cell>, column: usize, cell: Cell) -> Result<(), Fault> {
    if cell == Cell::Empty {
        return Ok(());
    }
    if column >= COLUMNS_MOST {
        return Err(Fault::TooMuch { most: COLUMNS_MOST as u64, what: "columns" });
    }
    if column >= cells.len() {
        cells.resize(column + 1, Cell::Empty);
    }
    if let Some(place) = cells.get_mut(column) {
        *place = cell;
    }
    Ok(())
}

/// The day that a number counts to. The year 1900 has a 29 February here, which nobody can name.
fn day_of(text: &str, from_1904: bool) -> Option<DateTime> {
    let serial: f64 = text.parse().ok().filter(|serial: &f64| (0.0..2_958_466.0).contains(serial))?;
    let seconds = (serial * 86_400.0).round();
    let (days, seconds) = ((seconds / 86_400.0).floor(), seconds.rem_euclid(86_400.0));
    let first: Date = match (from_1904, days) {
        (true, _) => date(1904, 1, 1),
        (false, days) if days < 60.0 => date(1899, 12, 31),
        (false, days) if days < 61.0 => return None,
        (false, _) => date(1899, 12, 30),
    };
    let day = first.checked_add(Span::new().try_days(days as i64).ok()?).ok()?;
    let time = Time::midnight().checked_add(Span::new().try_seconds(seconds as i64).ok()?).ok()?;
    Some(day.to_datetime(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_days_as_spreadsheets_do() {
        let day = |text: &str, from_1904| day_of(text, from_1904).map(|at| at.to_string());
        assert_eq!(day("1", false).as_deref(), Some("1900-01-01T00:00:00"));
        assert_eq!(day("60", false), None);
        assert_eq!(day("61", false).as_deref(), Some("1900-03-01T00:00:00"));
        assert_eq!(day("46477.5", false).as_deref(), Some("2027-03-31T12:00:00"));
        assert_eq!(day("45015", true).as_deref(), Some("2027-03-31T00:00:00"));
        assert_eq!(day("1e300", false), None);
        assert_eq!(day("NaN", false), None);
    }

    #[test]
    fn places_name_columns() {
        assert_eq!(column("A1"), Some(0));
        assert_eq!(column("AB12"), Some(27));
        assert_eq!(column("XFD1"), Some(16_383));
        assert_eq!(column("XFE1"), None);
        assert_eq!(column("1"), None);
    }
}
