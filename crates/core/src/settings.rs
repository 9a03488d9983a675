//! Reading what people write by hand about their organisation: policies, calendars, people.

use serde::de::DeserializeOwned;
use serde_saphyr::{DuplicateKeyPolicy, Options, Spanned, options::MergeKeyPolicy};
use sha2::{Digest, Sha256};

/// The largest file accepted, in bytes.
const MAX_BYTES: usize = 1_000_000;

/// A settings file that cannot be used: where, what and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}{}", self.field_note())]
pub struct SettingsError {
    /// The file, as the caller names it.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// The field concerned, such as `rows[2].quorum`; empty where only the place is known.
    pub field: String,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl SettingsError {
    fn field_note(&self) -> String {
        if self.field.is_empty() { String::new() } else { format!(" (field `{}`)", self.field) }
    }
}

/// A file being read: it names itself in every error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    /// The file's name.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
}

impl Source<'_> {
    /// Reads the text within budgets; an unknown key, a wrong type or a duplicate key is refused with its place.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, SettingsError> {
        if self.text.len() > MAX_BYTES {
            let message =
                format!("the file has {} bytes and may have {MAX_BYTES}; write a smaller file", self.text.len());
            return Err(self.error((1, 1), "", message));
        }
        serde_saphyr::from_str_with_options(self.text, options()).map_err(|error| {
            let place = error.location().map_or((1, 1), |at| (at.line(), at.column()));
            let message = error.without_snippet().to_string();
            // The place already stands before the message.
            let suffix = format!(" at line {}, column {}", place.0, place.1);
            self.error(place, "", message.strip_suffix(&suffix).unwrap_or(&message))
        })
    }

    /// An error about a value that was read well and makes no sense.
    pub fn wrong<T>(self, at: &Spanned<T>, field: impl Into<String>, message: impl Into<String>) -> SettingsError {
        self.error((at.referenced.line(), at.referenced.column()), field, message)
    }

    /// SHA-256 of the text, in hexadecimal.
    pub fn sha256(self) -> String {
        hex::encode(Sha256::digest(self.text.as_bytes()))
    }

    fn error(self, (line, column): (u64, u64), field: impl Into<String>, message: impl Into<String>) -> SettingsError {
        let clamp = |n: u64| u32::try_from(n).unwrap_or(u32::MAX).max(1);
        SettingsError {
            file: self.file.to_owned(),
            line: clamp(line),
            column: clamp(column),
            field: field.into(),
            message: message.into(),
        }
    }
}

/// Reads a settings file within budgets of size, depth and aliases.
///
/// # Errors
/// When it is too large, no YAML, or has an unknown key, a key given twice or a value of the wrong type.
pub fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, SettingsError> {
    Source { file, text }.read()
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 24,
            max_aliases: 64,
            max_anchors: 64,
            max_nodes: 100_000,
            max_documents: 1,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 20_000,
            max_replay_stack_depth: 8,
        },
        with_snippet: false,
    }
}
