//! Reading a list from its heading to its end, a portion of rows at a time.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use entente_spreadsheet::{Cell, Error as SheetError, Row, Rows};
use entente_store::{ImportKind, ImportLine, ImportRow, ImportStatus, Store, StoredLine};

use super::{
    heading::Heading,
    identity::Identity,
    line::{Over, Reader, Understood},
    mapping::{Mapping, Status},
    report::{Defect, Report},
    world::World,
};
use crate::offers::DeskError;

/// Rows that are held at once.
pub(super) const PORTION: usize = 500;

/// The most bytes of rows that are held at once, one row apart.
const PORTION_BYTES: usize = 4 * 1024 * 1024;

/// The most rows of a list. Of each, 16 bytes are kept while it is read, to see whether a reference comes again.
const ROWS_MOST: u64 = 2_000_000;

/// Why a row that names what another one named is not taken.
const AGAIN: &str = "another row of this list has the same reference; give each its own";

/// A portion of a list.
pub(super) struct Portion {
    /// The row up to which the list was read.
    pub(super) through: u64,
    /// Whether it is the last one.
    pub(super) last: bool,
    /// Its new lines.
    pub(super) lines: Vec<ImportLine>,
}

/// Reads a list and says what it would bring, and what keeps it from being brought in. Nothing is written.
///
/// # Errors
/// When the database cannot be read. What is wrong with the file is in the report.
pub async fn check(
    store: &dyn Store,
    world: &World,
    mapping: &Mapping,
    identity: &Identity,
    path: &Path,
) -> Result<Report, DeskError> {
    let mut scan = Scan::open(world, mapping, identity, path);
    while scan.portion(store, 0).await?.is_some() {}
    let same = |known: &ImportRow| known.new.file_sha256 == identity.file_sha256 && known.new.id != identity.id;
    let elsewhere = store.imports().await?.into_iter().find(same);
    scan.report.elsewhere = elsewhere.map(|known| known.new.id);
    Ok(scan.report)
}

/// A list being read.
pub(super) struct Scan<'a> {
    world: &'a World,
    mapping: &'a Mapping,
    identity: &'a Identity,
    rows: Option<Rows>,
    heading: Option<Heading>,
    seen: HashSet<u128>,
    at: u64,
    /// What it has shown so far.
    pub(super) report: Report,
}

impl<'a> Scan<'a> {
    pub(super) fn open(world: &'a World, mapping: &'a Mapping, identity: &'a Identity, path: &Path) -> Scan<'a> {
        let (seen, report) = (HashSet::new(), Report::default());
        let mut scan = Scan { world, mapping, identity, rows: None, heading: None, seen, at: 0, report };
        match Rows::open(path, mapping.sheet.as_deref()) {
            Ok(rows) => scan.rows = Some(rows),
            Err(error) => scan.ends_with(&error),
        }
        scan
    }

    /// The next portion, from after row `after` on; `None` when there is nothing left to read.
    pub(super) async fn portion(&mut self, store: &dyn Store, after: u64) -> Result<Option<Portion>, DeskError> {
        let rows = self.next_rows(after);
        self.report.most_held = self.report.most_held.max(rows.len());
        let last = self.rows.is_none();
        if rows.is_empty() && self.heading.is_none() {
            return Ok(None);
        }
        let (lines, over) = self.understand(&rows);
        self.tell_over(store, over).await?;
        let lines = self.tell_apart(store, lines).await?;
        if last {
            self.heading = None;
        }
        Ok(Some(Portion { through: self.at, last, lines }))
    }

    /// Takes the next rows that say something. The last ones leave no file open.
    fn next_rows(&mut self, after: u64) -> Vec<Row> {
        let (mut taken, mut bytes) = (Vec::new(), 0);
        while let Some(rows) = self.rows.as_mut().filter(|_| taken.len() < PORTION && bytes < PORTION_BYTES) {
            match rows.next() {
                None => {
                    self.rows = None;
                    if self.heading.is_none() {
                        self.missing_heading();
                    }
                }
                Some(Err(error)) => self.ends_with(&error),
                Some(Ok(row)) => {
                    self.at = row.number;
                    match &self.heading {
                        None if row.number < self.mapping.heading_row => {}
                        None => self.heading(&row),
                        Some(_) if row.is_blank() => {}
                        Some(_) if self.report.rows >= ROWS_MOST => self.too_many(row.number),
                        Some(_) => {
                            self.report.rows += 1;
                            bytes += row.cells.iter().map(size).sum::<usize>();
                            taken.extend(Some(row).filter(|row| row.number > after));
                        }
                    }
                }
            }
        }
        taken
    }

    fn heading(&mut self, row: &Row) {
        match Heading::read(self.mapping, row) {
            Ok(heading) => self.heading = Some(heading),
            Err(missing) => {
                missing.into_iter().for_each(|defect| self.report.defect(defect));
                self.rows = None;
            }
        }
    }

    fn missing_heading(&mut self) {
        let problem =
            format!("it has no row {}, in which `heading_row` expects the headings", self.mapping.heading_row);
        self.report.defect(Defect {
            row: self.mapping.heading_row,
            column: String::new(),
            value: String::new(),
            problem,
        });
    }

    fn too_many(&mut self, row: u64) {
        let problem = format!("the list has more than {ROWS_MOST} rows; bring it in parts");
        self.report.defect(Defect { row, column: String::new(), value: String::new(), problem });
        self.rows = None;
    }

    /// What cannot be read ends the list.
    fn ends_with(&mut self, error: &SheetError) {
        let row = error.row.unwrap_or(0);
        let problem = error.fault.to_string();
        self.report.defect(Defect { row, column: String::new(), value: String::new(), problem });
        self.rows = None;
    }

    fn understand(&mut self, rows: &[Row]) -> (Vec<ImportLine>, Vec<Over>) {
        let Some(heading) = &self.heading else { return Default::default() };
        let (mapping, world, import) = (self.mapping, self.world, self.identity.id.as_str());
        let reader = Reader { mapping, heading, world, import };
        let (mut lines, mut over) = (Vec::new(), Vec::new());
        for row in rows {
            match reader.read(row) {
                Ok(Understood::Over(row)) => over.push(row),
                Ok(Understood::Line(line)) => lines.push(*line),
                Err(defects) => defects.into_iter().for_each(|defect| self.report.defect(defect)),
            }
        }
        (lines, over)
    }

    /// Counts rows of which nothing came. One that was brought in as granted or paid is a defect: what was brought in stays.
    async fn tell_over(&mut self, store: &dyn Store, rows: Vec<Over>) -> Result<(), DeskError> {
        let keys: Vec<String> = rows.iter().filter_map(|row| row.natural_key.clone()).collect();
        let known = if keys.is_empty() { Vec::new() } else { store.known_lines(&keys).await? };
        for row in rows {
            let key = row.natural_key.as_deref();
            let before = known.iter().find(|line| Some(line.natural_key.as_str()) == key);
            let again = key.is_some_and(|key| !self.seen.insert(digits(key)));
            match before {
                _ if again => self.not(row.line, AGAIN),
                None => self.report.over += 1,
                Some(before) => {
                    let import: String = before.import.chars().take(12).collect();
                    let problem = format!(
                        "row {} of import `{import}` says that it was granted or paid, and what was brought in stays; cancel \
                         its request, or leave the row out",
                        before.line
                    );
                    self.not(row.line, &problem);
                }
            }
        }
        Ok(())
    }

    /// Keeps the lines that are new. One that comes again in this list, or differs from what was brought in, is a defect.
    async fn tell_apart(&mut self, store: &dyn Store, lines: Vec<ImportLine>) -> Result<Vec<ImportLine>, DeskError> {
        let keys: Vec<String> = lines.iter().map(|line| line.natural_key.clone()).collect();
        let known = store.known_lines(&keys).await?;
        let waits: HashSet<String> = match known.is_empty() {
            true => HashSet::new(),
            false => {
                let waits = |import: &ImportRow| import.status != ImportStatus::Applied;
                store.imports().await?.into_iter().filter(waits).map(|import| import.new.id).collect()
            }
        };
        let known: BTreeMap<&str, &StoredLine> = known.iter().map(|line| (line.natural_key.as_str(), line)).collect();
        let mut new = Vec::new();
        for line in lines {
            let key = digits(&line.natural_key);
            let problem = match known.get(line.natural_key.as_str()) {
                _ if !self.seen.insert(key) => Some(AGAIN.to_owned()),
                // A list that is staged is held against itself when it is looked at again.
                Some(known) if known.import == self.identity.id => {
                    let same = known.line == line.line && known.sha256 == line.sha256;
                    (!same).then(|| {
                        "was stored otherwise; give `entente import drop`, and stage the list again".to_owned()
                    })
                }
                Some(known) if waits.contains(&known.import) => {
                    let import: String = known.import.chars().take(12).collect();
                    Some(format!(
                        "import `{import}`, which nobody has agreed to, holds it; have it applied, or drop it"
                    ))
                }
                Some(known) if known.sha256 == line.sha256 => {
                    self.report.known += 1;
                    continue;
                }
                Some(known) => {
                    let import: String = known.import.chars().take(12).collect();
                    Some(format!(
                        "row {} of import `{import}` says something else of it, and what was brought in stays; leave the \
                         row as it was, or out",
                        known.line
                    ))
                }
                None => None,
            };
            let status = if line.kind == ImportKind::Granted { Status::Granted } else { Status::Paid };
            match problem {
                None if self.report.add(&line.fund, status, line.amount) => new.push(line),
                None => self.not(line.line, "the lines of its fund add up to more than can be counted"),
                Some(problem) => self.not(line.line, &problem),
            }
        }
        Ok(new)
    }

    fn not(&mut self, row: u64, problem: &str) {
        let column = self.heading.as_ref().map(|heading| heading.name("reference")).unwrap_or_default();
        self.report.defect(Defect { row, column, value: String::new(), problem: problem.to_owned() });
    }
}

/// What names a line, as a number.
fn digits(natural_key: &str) -> u128 {
    u128::from_str_radix(natural_key, 16).unwrap_or_default()
}

/// What a cell takes of the memory, in bytes.
fn size(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) | Cell::Number(text) | Cell::Broken(text) => size_of::<Cell>() + text.len(),
        _ => size_of::<Cell>(),
    }
}
