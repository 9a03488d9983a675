//! Spreadsheets as people save them, and as somebody makes them who means harm.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod book;
mod tables;
mod workbooks;

use std::io::Write as _;

use entente_spreadsheet::{Cell, Error, Fault, Row, Rows};

/// All rows of a file with these bytes.
fn rows(bytes: &[u8], sheet: Option<&str>) -> Result<Vec<Row>, Error> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    Rows::open(file.path(), sheet)?.collect()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn fault(bytes: &[u8]) -> (Option<u64>, Fault) {
    let error = rows(bytes, None).unwrap_err();
    (error.row, error.fault)
}
