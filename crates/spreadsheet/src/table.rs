//! CSV, with whichever of the usual marks stands between its cells.

use std::{
    fs::File,
    io::{BufRead, BufReader, Cursor, Read},
};

use csv_core::ReadRecordResult;

use crate::{
    CELL_MOST, COLUMNS_MOST, ROW_MOST,
    cell::{Cell, Row},
    error::{Error, Fault},
};

/// How much of the beginning is looked at for the mark between cells.
const LOOKED_AT: u64 = 64 * 1024;
/// How much is read at once.
const AT_ONCE: usize = 64 * 1024;
const MARKS: [u8; 3] = [b',', b';', b'\t'];
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The records of a CSV.
pub(crate) struct Records {
    source: BufReader<std::io::Chain<Cursor<Vec<u8>>, File>>,
    parser: csv_core::Reader,
    /// Where in the file the next byte is, and in which line.
    byte: u64,
    line: u64,
    /// The byte that was passed last, and the quotes in the record so far.
    last: u8,
    quotes: u64,
    fields: Vec<u8>,
    ends: Vec<usize>,
}

impl Records {
    pub(crate) fn open(mut file: File) -> Result<Records, Error> {
        let mut begins = Vec::new();
        file.by_ref().take(LOOKED_AT).read_to_end(&mut begins).map_err(|error| Error::whole(io(&error)))?;
        let skipped = if begins.starts_with(BOM) { BOM.len() } else { 0 };
        begins.drain(..skipped);
        let parser = csv_core::ReaderBuilder::new().delimiter(mark(&begins)).build();
        let source = BufReader::with_capacity(AT_ONCE, Cursor::new(begins).chain(file));
        let (fields, ends) = (vec![0; AT_ONCE], vec![0; COLUMNS_MOST + 1]);
        Ok(Records { source, parser, byte: skipped as u64, line: 1, last: 0, quotes: 0, fields, ends })
    }

    pub(crate) fn read(&mut self) -> Result<Option<Row>, Error> {
        self.skip_line_ends().map_err(|error| Error::at(self.line, io(&error)))?;
        let (number, begins) = (self.line, self.byte);
        match self.record().map_err(|fault| Error::at(number, fault))? {
            Some(columns) => self.cells(columns, number, begins).map(|cells| Some(Row { number, cells })),
            None => Ok(None),
        }
    }

    /// Passes over what ends the record before, and over empty lines.
    fn skip_line_ends(&mut self) -> std::io::Result<()> {
        loop {
            let there = self.source.fill_buf()?;
            let ends = there.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if ends == 0 {
                return Ok(());
            }
            self.pass(ends);
        }
    }

    fn pass(&mut self, bytes: usize) {
        let passed = self.source.buffer().get(..bytes).unwrap_or_default();
        for byte in passed {
            // A line ends with either of the two, or with both.
            let ends = *byte == b'\r' || (*byte == b'\n' && self.last != b'\r');
            self.line += u64::from(ends);
            self.quotes += u64::from(*byte == b'"');
            self.last = *byte;
        }
        self.byte += bytes as u64;
        self.source.consume(bytes);
    }

    /// Parses the next record; how many columns it has.
    fn record(&mut self) -> Result<Option<usize>, Fault> {
        let (mut written, mut columns) = (0, 0);
        self.quotes = 0;
        loop {
            let there = self.source.fill_buf().map_err(|error| io(&error))?;
            let is_over = there.is_empty();
            let fields = self.fields.get_mut(written..).unwrap_or_default();
            let ends = self.ends.get_mut(columns..).unwrap_or_default();
            let (result, passed, wrote, ended) = self.parser.read_record(there, fields, ends);
            self.pass(passed);
            written += wrote;
            columns += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.fields.len() as u64 >= ROW_MOST => {
                    return Err(Fault::TooMuch { most: ROW_MOST, what: "bytes in a row" });
                }
                ReadRecordResult::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => return Err(too_many_columns()),
                ReadRecordResult::Record if columns > COLUMNS_MOST => return Err(too_many_columns()),
                ReadRecordResult::Record if is_over && self.quotes % 2 == 1 => return Err(Fault::OpenQuote),
                ReadRecordResult::Record => return Ok(Some(columns)),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn cells(&self, columns: usize, number: u64, begins: u64) -> Result<Vec<Cell>, Error> {
        let mut cells = Vec::with_capacity(columns);
        let mut from = 0;
        for (at, end) in self.ends.iter().take(columns).enumerate() {
            let field = self.fields.get(from..*end).unwrap_or_default();
            if field.len() > CELL_MOST {
                return Err(Error::at(number, Fault::TooMuch { most: CELL_MOST as u64, what: "bytes in a cell" }));
            }
            let text = std::str::from_utf8(field).map_err(|error| {
                // As exactly as quotes before it let it be told: one byte stands between two cells.
                let byte = begins + (from + at + error.valid_up_to()) as u64;
                Error::at(number, Fault::NotUtf8 { byte })
            })?;
            cells.push(Cell::text(text));
            from = *end;
        }
        Ok(cells)
    }
}

fn io(error: &std::io::Error) -> Fault {
    Fault::Io(error.to_string())
}

fn too_many_columns() -> Fault {
    Fault::TooMuch { most: COLUMNS_MOST as u64, what: "columns" }
}

/// The mark that stands most often in the first line, outside of quotes; a comma where none does.
fn mark(begins: &[u8]) -> u8 {
    let mut counts = [0_usize; MARKS.len()];
    let mut quoted = false;
    for byte in begins {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted && counts.iter().any(|count| *count > 0) => break,
            byte if !quoted => {
                let at = MARKS.iter().position(|mark| mark == byte);
                if let Some(count) = at.and_then(|at| counts.get_mut(at)) {
                    *count += 1;
                }
            }
            _ => {}
        }
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let at = counts.iter().position(|count| *count == most).unwrap_or(0);
    MARKS.get(at).copied().unwrap_or(b',')
}
