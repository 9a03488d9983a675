//! CSV, as it is or compressed by gzip, with commas, semicolons or tabs between its fields.

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufReader, Read},
    rc::Rc,
};

use csv::{ByteRecord, Reader, ReaderBuilder};
use flate2::read::MultiGzDecoder;

use crate::{
    Format, SpendError, Wanted,
    charge::Texts,
    columns::{Columns, Role, TEXTS},
    days::When,
    decimal,
    quarantine::Reason,
    read::{Intake, Out, Progress, Rest},
    shape,
    table::text::{self, Text},
};

/// The most bytes of a row. A quote that is never closed would take in the rest of the file.
const ROW_MOST: u64 = 1024 * 1024;
const BUFFER: usize = 256 * 1024;
/// How many rows pass between two looks at how far reading has come.
const STRIDE: u64 = 1 << 16;

/// The names of the columns.
pub(crate) fn headings(source: impl Read) -> Result<Vec<String>, SpendError> {
    let Text { source, delimiter } = text::delimited(source).map_err(unreadable)?;
    let mut reader = reader(Bounded::new(source), delimiter);
    let mut record = ByteRecord::new();
    next(&mut reader, &mut record)?;
    Ok(names(&record))
}

fn names(record: &ByteRecord) -> Vec<String> {
    record.iter().map(|field| String::from_utf8_lossy(field).trim().to_owned()).collect()
}

fn reader<R: Read>(source: R, delimiter: u8) -> Reader<R> {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(delimiter).buffer_capacity(BUFFER).from_reader(source)
}

/// The rows of a file, the heading taken off.
pub(crate) struct Lines {
    reader: Reader<Bounded<Box<dyn Read>>>,
    since: Rc<Cell<u64>>,
    last: Rc<Cell<u8>>,
    done: Rc<Cell<u64>>,
    of: u64,
    pub headings: Vec<String>,
    pub row: u64,
}

/// Opens the rows of a file.
pub(crate) fn lines(file: &File, format: Format) -> Result<Lines, SpendError> {
    let of = file.metadata()?.len();
    let done = Rc::new(Cell::new(0));
    let counted = Counted { source: shape::rewound(file)?, done: Rc::clone(&done) };
    let source: Box<dyn Read> = match format {
        Format::CsvGz => Box::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER, counted))),
        _ => Box::new(counted),
    };
    let Text { source, delimiter } = text::delimited(source).map_err(unreadable)?;
    let bounded = Bounded::new(source);
    let (since, last) = (Rc::clone(&bounded.since), Rc::clone(&bounded.last));
    let mut lines = Lines { reader: reader(bounded, delimiter), since, last, done, of, headings: Vec::new(), row: 0 };
    let mut record = ByteRecord::new();
    next(&mut lines.reader, &mut record)?;
    lines.headings = names(&record);
    Ok(lines)
}

impl Lines {
    /// The next row; `false` at the end.
    pub fn next(&mut self, record: &mut ByteRecord) -> Result<bool, SpendError> {
        self.since.set(0);
        let any = next(&mut self.reader, record)?;
        self.row += u64::from(any);
        Ok(any)
    }

    /// Whether what was read last is no end of line.
    pub fn unended(&self) -> bool {
        !matches!(self.last.get(), b'\n' | b'\r')
    }

    /// Skips rows that were read before.
    pub fn skip(&mut self, rows: u64, record: &mut ByteRecord) -> Result<(), SpendError> {
        while self.row < rows && self.next(record)? {}
        Ok(())
    }

    /// How far reading has come, now and then.
    pub fn progress(&self) -> Option<Progress> {
        let progress = Progress { rows: self.row, done: self.done.get().min(self.of), of: self.of };
        self.row.is_multiple_of(STRIDE).then_some(progress)
    }
}

fn next<R: Read>(reader: &mut Reader<R>, record: &mut ByteRecord) -> Result<bool, SpendError> {
    reader.read_byte_record(record).map_err(|error| match error.into_kind() {
        csv::ErrorKind::Io(error) => unreadable(error),
        other => SpendError::Damaged(format!("{other:?}")),
    })
}

/// Why its bytes make no rows.
fn unreadable(error: io::Error) -> SpendError {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => SpendError::Damaged(error.to_string()),
        io::ErrorKind::UnexpectedEof => SpendError::Damaged("it ends in the middle; fetch it again".into()),
        _ => SpendError::Io(error),
    }
}

/// Reads charges.
pub(crate) fn read<E: From<SpendError>>(
    file: &File,
    format: Format,
    wanted: &Wanted,
    out: &mut Out<'_, E>,
) -> Result<(), E> {
    let mut lines = lines(file, format)?;
    let mut intake = Intake::new(&lines.headings, out.sniffed.shape, wanted, out.limits)?;
    let places = Places::of(&intake);
    let mut record = ByteRecord::new();
    lines.skip(out.after, &mut record)?;
    while lines.next(&mut record)? {
        take_in(&mut intake, &places, lines.row, &record);
        if intake.full() || lines.row - out.handed >= out.limits.rows {
            intake.hand_over(lines.row, out)?;
        }
        if let Some(progress) = lines.progress() {
            (out.progress)(progress);
        }
    }
    out.totals.rows = lines.row;
    out.totals.unended = lines.unended();
    intake.hand_over_last(lines.row, out)?;
    (out.progress)(Progress { rows: lines.row, done: lines.of, of: lines.of });
    Ok(())
}

/// Where what a row says stands.
struct Places {
    texts: Vec<(usize, usize)>,
    start: Option<usize>,
    end: Option<usize>,
    billing_start: Option<usize>,
    billing_end: Option<usize>,
    cost: Option<usize>,
    cost_else: Option<usize>,
    columns: Columns,
}

impl Places {
    fn of(intake: &Intake) -> Places {
        let at = |role| intake.columns.get(role);
        Places {
            texts: intake.columns.texts().map(|(role, at)| (role as usize, at)).collect(),
            start: at(Role::Start),
            end: at(Role::End),
            billing_start: at(Role::BillingStart),
            billing_end: at(Role::BillingEnd),
            cost: at(Role::Cost),
            cost_else: at(Role::CostElse),
            columns: intake.columns.clone(),
        }
    }
}

fn take_in(intake: &mut Intake, places: &Places, row: u64, record: &ByteRecord) {
    if record.len() != intake.columns.width {
        intake.quarantine.put(Reason::FieldCount, "", row, || format!("{} fields", record.len()).into_bytes());
        return;
    }
    let field = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
    let mut texts: Texts<'_> = [b""; TEXTS];
    for &(role, at) in &places.texts {
        if let Some(text) = texts.get_mut(role) {
            *text = field(Some(at));
        }
    }
    intake.without_accounts_below(&mut texts);
    let mut when =
        |column, at: Option<usize>| at.map_or(When::Unknown, |at| intake.days.read_in(column, field(Some(at))));
    let rest = Rest {
        start: when(0, places.start),
        end: when(1, places.end),
        billing_start: when(2, places.billing_start),
        billing_end: when(3, places.billing_end),
        amount: amount(field(places.cost)).or_else(|reason| match reason {
            Reason::Missing if intake.falls_back(texts[Role::Category as usize]) => amount(field(places.cost_else)),
            reason => Err(reason),
        }),
    };
    let columns = &places.columns;
    intake.row(row, &texts, rest, |role| field(columns.get(role)).into());
}

fn amount(field: &[u8]) -> Result<decimal::Units, Reason> {
    match field.trim_ascii() {
        b"" | b"NULL" | b"null" => Err(Reason::Missing),
        text => decimal::units(text),
    }
}

/// Counts the bytes that are read of a file.
struct Counted {
    source: File,
    done: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.done.set(self.done.get() + read as u64);
        Ok(read)
    }
}

/// Refuses rows that have no end.
struct Bounded<R> {
    source: R,
    since: Rc<Cell<u64>>,
    /// The last byte that was read.
    last: Rc<Cell<u8>>,
}

impl<R> Bounded<R> {
    fn new(source: R) -> Bounded<R> {
        Bounded { source, since: Rc::new(Cell::new(0)), last: Rc::new(Cell::new(b'\n')) }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since.get() > ROW_MOST + BUFFER as u64 {
            let message = "a row is longer than 1 MiB; a quote is probably never closed";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let read = self.source.read(buffer)?;
        self.since.set(self.since.get() + read as u64);
        if let Some(last) = read.checked_sub(1).and_then(|at| buffer.get(at)) {
            self.last.set(*last);
        }
        Ok(read)
    }
}
