//! Tables for spreadsheets: RFC 4180, and no cell that a spreadsheet would execute.

use std::io;

use entente_core::money::Money;

/// A cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Words. Where they begin like a formula, or like one that has a `'` before it, a `'` is put before them: whoever takes it off
    /// again reads the words as they were.
    Text(&'a str),
    /// The digits of an amount, without its currency; a negative one keeps its sign and stays a number.
    Amount(Money),
}

impl Cell<'_> {
    fn written(self) -> String {
        match self {
            Cell::Text(text) if starts_formula(text) => format!("'{text}"),
            Cell::Text(text) => text.to_owned(),
            Cell::Amount(money) => money.decimal().to_string(),
        }
    }
}

/// Whether a spreadsheet would take the text for a formula, or drop a character and then take it for one; the same of what
/// follows quotes.
fn starts_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\0', '\r', '\n'])
}

/// Writes a heading and rows, each line ended by CR and LF.
///
/// # Errors
/// Those of `out`.
pub fn write<'a>(
    heading: &[&str],
    rows: impl IntoIterator<Item = Vec<Cell<'a>>>,
    out: impl io::Write,
) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(out);
    writer.write_record(heading).map_err(io::Error::from)?;
    for row in rows {
        writer.write_record(row.into_iter().map(Cell::written)).map_err(io::Error::from)?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(row: Vec<Cell<'_>>) -> String {
        let mut out = Vec::new();
        write(&["a", "b"], [row], &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn row_57_no_text_cell_begins_a_formula_and_negative_amounts_stay_numbers() {
        for text in ["=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "\0=1", "\r=1"] {
            let line = written(vec![Cell::Text(text), Cell::Text("ok")]);
            let row = line.strip_prefix("a,b\r\n").unwrap().trim_start_matches('"');
            assert!(row.starts_with('\''), "{line:?}");
        }
        let owed = Money { minor: -125_050, currency: "USD".parse().unwrap() };
        assert_eq!(written(vec![Cell::Amount(owed), Cell::Text("a-b")]), "a,b\r\n-1250.50,a-b\r\n");
        let yen = Money { minor: -7, currency: "JPY".parse().unwrap() };
        assert_eq!(written(vec![Cell::Amount(yen), Cell::Text("")]), "a,b\r\n-7,\r\n");
    }

    #[test]
    fn quotes_commas_and_line_ends_are_those_of_rfc_4180() {
        let line = written(vec![Cell::Text("a \"b\", c"), Cell::Text("two\nlines")]);
        assert_eq!(line, "a,b\r\n\"a \"\"b\"\", c\",\"two\nlines\"\r\n");
    }

    proptest! {
        #[test]
        fn row_57_every_text_comes_back_with_at_most_a_quote_before_it(text in "'{0,2}[=+@\t]?\\PC{0,4}|\\PC*|.*") {
            let line = written(vec![Cell::Text(&text), Cell::Text("end")]);
            let mut reader = csv::Reader::from_reader(line.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            let cell = record.get(0).unwrap();
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\0', '\r', '\n']));
            prop_assert_eq!(cell.strip_prefix('\'').filter(|rest| starts_formula(rest)).unwrap_or(cell), text);
        }
    }
}
