//! What can go wrong with evidence.

use crate::{digest::Digest, quota::QuotaExceeded, refusal::Refusal};

/// The result of every call.
pub type Result<T> = std::result::Result<T, Error>;

/// Why evidence was not accepted, kept or given back. No text holds a secret of the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The settings cannot work; nothing was tried.
    #[error("evidence settings: {0}")]
    Settings(String),
    /// The file is not accepted as proof.
    #[error("`{name}` is refused: {why}")]
    Refused {
        /// The file's name, cleaned.
        name: String,
        /// Why, and what to do.
        why: Refusal,
    },
    /// An owner's share is used up.
    #[error(transparent)]
    Quota(#[from] QuotaExceeded),
    /// Nothing lies under the digest.
    #[error("evidence `{digest}` is not in the vault; put it back from a backup, or ask whoever sent it")]
    Missing {
        /// What was looked for.
        digest: Digest,
    },
    /// What lies under the digest is not what was stored.
    #[error(
        "evidence `{digest}` was changed after it was stored: it now has {size} bytes and another hash; \
         keep it for the inquiry and put the original back from a backup"
    )]
    Changed {
        /// What was looked for.
        digest: Digest,
        /// How many bytes lie there now.
        size: u64,
    },
    /// The folder or bucket did not do what was asked. Asking again is safe: a content has one place.
    #[error("files cannot be {action} in {place}: {reason}; {}", remedy(*.transient))]
    Storage {
        /// What was asked: `stored`, `read` or `removed`.
        action: &'static str,
        /// The folder or bucket.
        place: String,
        /// The storage's words, without secrets.
        reason: String,
        /// Whether trying again may help.
        transient: bool,
    },
    /// A file that is to be kept cannot be read.
    #[error("`{file}` cannot be read: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// The scanner gave no verdict.
    #[error(
        "the scanner `{program}` gave no verdict: {reason}; correct `evidence.scan`, then have the file scanned again"
    )]
    Scan {
        /// The program.
        program: String,
        /// What happened.
        reason: String,
    },
}

fn remedy(transient: bool) -> &'static str {
    match transient {
        true => "it can be tried again",
        false => "correct the rights or the credentials of this place, then try again",
    }
}

impl Error {
    /// Its code: each has a page in `docs/errors`.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Settings(_) => "evidence_settings",
            Error::Refused { .. } => "evidence_refused",
            Error::Quota(_) => "evidence_quota",
            Error::Missing { .. } => "evidence_missing",
            Error::Changed { .. } => "evidence_changed",
            Error::Storage { .. } => "evidence_unreachable",
            Error::Unreadable { .. } => "evidence_unreadable",
            Error::Scan { .. } => "evidence_unscanned",
        }
    }

    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Error::Storage { transient: true, .. } | Error::Scan { .. })
    }
}
