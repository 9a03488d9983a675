//! A batch as lines of JSON: the same batch always gives the same bytes.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Batch, Controls, Line, RulesPin};
use crate::{ids::LegalEntityId, money::Currency};

/// Which batch begins.
#[derive(Serialize)]
struct Head<'a> {
    entry: &'static str,
    format: u32,
    batch: &'a str,
    entity: &'a LegalEntityId,
    period: &'a str,
    zone: &'a str,
    rules: &'a RulesPin,
}

/// A line, with the word `line`.
#[derive(Serialize)]
struct Exported<'a> {
    entry: &'static str,
    #[serde(flatten)]
    line: &'a Line,
}

/// What the lines sum up to, and the hash over everything before.
#[derive(Serialize)]
struct Tail<'a> {
    entry: &'static str,
    lines: usize,
    controls: &'a std::collections::BTreeMap<Currency, Controls>,
    sha256: String,
}

/// The batch as lines of JSON: a head, its lines, and its control totals with the SHA-256 of all bytes before them.
///
/// # Errors
/// When it has no JSON form.
pub fn json_lines(batch: &Batch) -> Result<String, serde_json::Error> {
    let Batch { format, id, entity, period, zone, rules, .. } = batch;
    let head = Head { entry: "batch", format: *format, batch: id, entity, period, zone, rules };
    let mut text = serde_json::to_string(&head)? + "\n";
    for line in &batch.lines {
        text += &serde_json::to_string(&Exported { entry: "line", line })?;
        text += "\n";
    }
    let sha256 = sha256(text.as_bytes());
    let tail = Tail { entry: "controls", lines: batch.lines.len(), controls: &batch.controls, sha256 };
    text += &serde_json::to_string(&tail)?;
    text += "\n";
    Ok(text)
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
