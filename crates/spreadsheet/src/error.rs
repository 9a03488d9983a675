//! Why a spreadsheet cannot be read.

/// What is wrong, and in which row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{fault}", self.row.map(|row| format!("row {row}: ")).unwrap_or_default())]
pub struct Error {
    /// The row, where it is one row's.
    pub row: Option<u64>,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The system's words.
    #[error("it cannot be read: {0}")]
    Io(String),
    /// Two bytes for a character.
    #[error("it is UTF-16; save it as `CSV UTF-8`, or as XLSX")]
    Utf16,
    /// A byte that no UTF-8 has there.
    #[error("byte {byte} of the file is not UTF-8; save it as `CSV UTF-8`, or as XLSX")]
    NotUtf8 {
        /// Its place in the file, from 0.
        byte: u64,
    },
    /// A cell that begins with a quote and never ends.
    #[error("a quote in this row is not closed; close it, or take it out")]
    OpenQuote,
    /// A binary workbook.
    #[error("it is a workbook of the old form (XLS); save it as XLSX or as `CSV UTF-8`")]
    OldWorkbook,
    /// A name was given and there is none to find.
    #[error("it is no XLSX and has no sheets; leave the name of the sheet out")]
    NoSheets,
    /// No sheet of that name.
    #[error("it has no sheet `{name}`; its sheets are {there}")]
    NoSuchSheet {
        /// The name that was asked for.
        name: String,
        /// Those that are there.
        there: String,
    },
    /// Not what it claims to be.
    #[error("it is no sound XLSX: {0}")]
    Malformed(String),
    /// A document type or an entity of its own.
    #[error("it defines a document type or entities, which no spreadsheet needs; save it anew as XLSX")]
    Entities,
    /// More than is read.
    #[error("it has more than {most} {what}, which is the most that is read")]
    TooMuch {
        /// The bound.
        most: u64,
        /// Of what.
        what: &'static str,
    },
    /// Much more than its size.
    #[error("`{part}` unpacks to more than {most} times its size: it is made to fill memory")]
    Bomb {
        /// The part of the package.
        part: String,
        /// The bound.
        most: u64,
    },
}

impl Error {
    /// What is wrong with the file as a whole.
    pub(crate) fn whole(fault: Fault) -> Error {
        Error { row: None, fault }
    }

    /// What is wrong with one row.
    pub(crate) fn at(row: u64, fault: Fault) -> Error {
        Error { row: Some(row), fault }
    }
}
