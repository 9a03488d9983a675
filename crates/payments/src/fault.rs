//! Why a file from outside was not understood, and where.

use entente_core::money::{Currency, MoneyError};

use crate::file::FileError;

/// A file that was not understood. Nothing of it counts then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, `{element}`: {fault}")]
pub struct ReadError {
    /// From 1.
    pub line: u64,
    /// The element, or the column of a table.
    pub element: String,
    /// What is wrong there.
    pub fault: ReadFault,
}

impl ReadError {
    pub(crate) fn at(line: u64, element: &str, fault: ReadFault) -> ReadError {
        ReadError { line, element: shown(element), fault }
    }
}

/// A piece of text from outside, short and without anything that acts on a terminal.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_debug).collect()
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadFault {
    /// Larger than this program reads.
    #[error("the file has more than {most} {what}, which is more than is read; ask the bank for smaller files")]
    TooMuch {
        /// The bound.
        most: usize,
        /// Of what.
        what: &'static str,
    },
    /// Not UTF-8.
    #[error("the file is not UTF-8 text; have it sent as UTF-8")]
    NotUtf8,
    /// A document type, which could name entities and files.
    #[error("a document type declaration is never read; no bank's message has one")]
    Doctype,
    /// An entity that is none of XML's own five.
    #[error("the entity `&{0};` is not one of XML's own; entities are never expanded")]
    Entity(String),
    /// Not XML, or not a table.
    #[error("the file is malformed: {0}; ask for it again")]
    Malformed(String),
    /// Another kind of document.
    #[error("`{found}` was found, and `{expected}` was expected; give the file to the command that reads its kind")]
    OtherDocument {
        /// What is read here.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// Something that must be there is not.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// Something that may be there once is there again.
    #[error("it is there twice")]
    Twice,
    /// A status that nobody knows here. It is never taken for a success.
    #[error("the status `{0}` is not known; nothing of the file was used")]
    UnknownStatus(String),
    /// Statuses that exclude each other.
    #[error("the status `{below}` contradicts the status `{above}` of the whole; ask the bank which one holds")]
    Contradiction {
        /// Of the file or the group.
        above: String,
        /// Of what is in it.
        below: String,
    },
    /// No date.
    #[error("`{0}` is not a date such as `2027-03-31`")]
    NotADate(String),
    /// No amount.
    #[error("it is no amount: {0}")]
    Amount(MoneyError),
    /// A reason without a code.
    #[error("`{0}` is no reason: a code of 1 to 35 letters, digits or `-` comes first")]
    NotAReason(String),
    /// An answer to another file.
    #[error("it answers `{found}`, and the file that it was given with is `{expected}`; find the file that it answers")]
    OtherFile {
        /// The file's id.
        expected: String,
        /// The id in the answer.
        found: String,
    },
    /// An id that is not in the file.
    #[error("`{0}` is not in the file that was sent; ask the bank what it means")]
    Unknown(String),
    /// A sum or count that is not that of what is there.
    #[error("it says `{told}`, and what is there comes to `{found}`; the file was cut or changed")]
    Sum {
        /// What is written.
        told: String,
        /// What was counted.
        found: String,
    },
    /// Amounts in several currencies where one is expected.
    #[error("it is in {found}, and its group is in {expected}")]
    Currency {
        /// The amount's.
        found: Currency,
        /// The group's.
        expected: Currency,
    },
    /// A payment file whose content could not be sent.
    #[error(transparent)]
    Invalid(#[from] Box<FileError>),
}
