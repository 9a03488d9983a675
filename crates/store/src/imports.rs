//! Spreadsheets that were brought in: staged line by line, then applied as a whole once a second person agrees.
//!
//! They are the vendor's: no party is shown any of it, so nothing here takes a scope.

use async_trait::async_trait;
use entente_core::{ids::RunId, money::Money};
use jiff::Timestamp;

use crate::error::Result;

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportStatus {
    /// Its lines are being stored; nobody sees them.
    Staging,
    /// All its lines are stored; nobody sees them.
    Staged,
    /// Somebody else has agreed: its lines count.
    Applied,
}

/// A file that is to be brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImport {
    /// What identifies it: a SHA-256 over the file and over how it is read, in hexadecimal.
    pub id: String,
    /// The file's name.
    pub file: String,
    /// The file's SHA-256.
    pub file_sha256: String,
    /// The SHA-256 of how it is read.
    pub mapping_sha256: String,
    /// Who brings it.
    pub by: String,
    /// When, in business time.
    pub at: Timestamp,
}

/// A file that was brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Which.
    pub new: NewImport,
    /// How far it is.
    pub status: ImportStatus,
    /// The row of the file up to which it was read: where staging goes on.
    pub read_to: u64,
    /// Lines that were stored.
    pub lines: u64,
    /// Who agreed, and when.
    pub applied: Option<(String, Timestamp)>,
    /// The line up to which requests were opened.
    pub opened_to: u64,
}

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKind {
    /// Money that was granted and not claimed.
    Granted,
    /// Money that was paid.
    Paid,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportLine {
    /// Its row in the file.
    pub line: u64,
    /// What identifies it in whatever file.
    pub natural_key: String,
    /// SHA-256 of what it says.
    pub sha256: String,
    /// What it is about.
    pub kind: ImportKind,
    /// The fund.
    pub fund: String,
    /// The partner.
    pub partner: String,
    /// How much.
    pub amount: Money,
    /// The request that is opened for it.
    pub run: Option<RunId>,
    /// What it says, as JSON.
    pub content: String,
    /// The keys under which it is found.
    pub keys: Vec<String>,
}

/// A line as it is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLine {
    /// The import's id.
    pub import: String,
    /// Its row in the file.
    pub line: u64,
    /// See [`ImportLine::natural_key`].
    pub natural_key: String,
    /// See [`ImportLine::sha256`].
    pub sha256: String,
    /// See [`ImportLine::content`].
    pub content: String,
}

/// What was paid out of a fund to a partner, over all lines that count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedSum {
    /// The fund.
    pub fund: String,
    /// The partner.
    pub partner: String,
    /// How much.
    pub paid: Money,
    /// In how many lines.
    pub lines: u64,
}

/// Imports of spreadsheets.
#[async_trait]
pub trait Imports {
    /// Begins an import, or finds the one of this id.
    async fn begin_import(&self, import: &NewImport) -> Result<ImportRow>;

    /// Every import, oldest first.
    async fn imports(&self) -> Result<Vec<ImportRow>>;

    /// Stores lines of an import that was read up to `after`, and notes that it is read up to `through`, in one transaction;
    /// `last` ends the staging. Refused with `Conflict` as a whole when it was read to another row or is staged already, and
    /// when a line is known already, in whichever import.
    async fn stage_lines(&self, id: &str, after: u64, through: u64, last: bool, lines: &[ImportLine]) -> Result<()>;

    /// Has a staged import count, all of it in one transaction. Refused with `Conflict` when it is not staged, or by whoever
    /// brought it.
    async fn apply_import(&self, id: &str, by: &str, at: Timestamp) -> Result<()>;

    /// Takes an import that was not applied out again, as much of it as one short transaction takes; true once it is gone.
    async fn drop_import(&self, id: &str) -> Result<bool>;

    /// All lines of an import, applied or not, after row `after`.
    async fn import_lines(&self, id: &str, after: u64, limit: u32) -> Result<Vec<StoredLine>>;

    /// Lines of an import about granted money, after row `after`.
    async fn granted_lines(&self, id: &str, after: u64, limit: u32) -> Result<Vec<StoredLine>>;

    /// Notes that requests were opened up to a row; never goes back.
    async fn note_opened(&self, id: &str, through: u64) -> Result<()>;

    /// Those of these natural keys that are known, in imports that are staged or being staged as well.
    async fn known_lines(&self, natural_keys: &[String]) -> Result<Vec<StoredLine>>;

    /// Lines that count under any of these keys: of each key and import the last `most`.
    async fn imported_alike(&self, keys: &[String], most: u32) -> Result<Vec<StoredLine>>;

    /// The line that counts and for which this request was opened.
    async fn imported_request(&self, run: RunId) -> Result<Option<StoredLine>>;

    /// What was paid, over all imports that count, of one fund or partner where these are given.
    async fn imported_sums(&self, fund: Option<&str>, partner: Option<&str>) -> Result<Vec<ImportedSum>>;
}
