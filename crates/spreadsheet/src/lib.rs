//! Spreadsheets that people bring: CSV and XLSX, row by row, in bounded memory.
//!
//! Nothing is guessed. A cell is what the file says it is; amounts and dates are read as whoever brings the file declares
//! them. However large a file is, one row and, of an XLSX, its shared texts are held.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod amount;
mod cell;
mod date;
mod error;
mod guard;
mod table;
mod xlsx;

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

pub use amount::{AmountFault, DecimalMark, amount};
pub use cell::{Cell, Row};
pub use date::{DateFault, DateForm, date};
pub use error::{Error, Fault};

/// The most columns that a row may have.
pub const COLUMNS_MOST: usize = 512;
/// The most bytes of a cell.
pub const CELL_MOST: usize = 64 * 1024;
/// The most bytes of a row, and of anything else that is held at once while a row is read.
pub const ROW_MOST: u64 = 1024 * 1024;

/// The rows of a spreadsheet, in their order; the first is usually a heading. After an error there are no more.
pub struct Rows {
    of: Of,
    done: bool,
}

enum Of {
    Table(Box<table::Records>),
    Sheet(Box<xlsx::SheetRows>),
}

impl Rows {
    /// Opens a spreadsheet. Whether it is CSV or XLSX is told by its bytes, not by its name; `sheet` names the sheet of an
    /// XLSX, else its first is read.
    ///
    /// # Errors
    /// When it cannot be opened, is neither, or has no such sheet.
    pub fn open(path: &Path, sheet: Option<&str>) -> Result<Rows, Error> {
        let io = |error: std::io::Error| Error::whole(Fault::Io(error.to_string()));
        let mut file = File::open(path).map_err(io)?;
        let mut first = [0_u8; 8];
        let mut got = 0;
        while let Some(rest) = first.get_mut(got..).filter(|rest| !rest.is_empty()) {
            match file.read(rest).map_err(io)? {
                0 => break,
                read => got += read,
            }
        }
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        let of = match first {
            [b'P', b'K', 3, 4, ..] => Of::Sheet(Box::new(xlsx::SheetRows::open(file, sheet)?)),
            [0xD0, 0xCF, 0x11, 0xE0, ..] => return Err(Error::whole(Fault::OldWorkbook)),
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err(Error::whole(Fault::Utf16)),
            _ if sheet.is_some() => return Err(Error::whole(Fault::NoSheets)),
            _ => Of::Table(Box::new(table::Records::open(file)?)),
        };
        Ok(Rows { of, done: false })
    }
}

impl Iterator for Rows {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Result<Row, Error>> {
        if self.done {
            return None;
        }
        let row = match &mut self.of {
            Of::Table(records) => records.read(),
            Of::Sheet(rows) => rows.read(),
        };
        self.done = !matches!(row, Ok(Some(_)));
        row.transpose()
    }
}
