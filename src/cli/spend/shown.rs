//! What was taken in, as data.

use entente_core::commitment::{Part, drawdown::Difference};
use entente_store::{Quarantined, ReadingRow, ReadingStatus};
use serde::Serialize;
use serde_json::{Value, json};

use super::short;
use crate::{
    cli::output::{Out, instant},
    spend::{Came, Change, Taken},
};

pub(super) fn word(status: ReadingStatus) -> &'static str {
    match status {
        ReadingStatus::Staging => "staging",
        ReadingStatus::Current => "current",
        ReadingStatus::Replaced => "replaced",
    }
}

pub(super) fn reading(row: &ReadingRow) -> Value {
    json!({
        "id": row.new.id,
        "commitment": row.new.commitment,
        "party": row.new.party,
        "partition": row.new.partition,
        "version": row.version,
        "status": word(row.status),
        "replaces": row.new.replaces,
        "file": row.new.file,
        "file_sha256": row.new.file_sha256,
        "format": row.new.format,
        "judged_by": row.new.judged_by,
        "known_on": row.new.known_on,
        "basis": row.new.basis,
        "currency": row.new.currency,
        "read_to": row.read_to,
        "rows": row.rows,
        "quarantined": row.quarantined,
        "from": row.from,
        "through": row.through,
        "by": row.new.by,
        "at": row.new.at,
        "published_at": row.published_at,
        "replaced_at": row.replaced_at,
    })
}

pub(super) fn readings(out: &Out, rows: &[ReadingRow]) {
    let cells = rows.iter().map(|row| {
        vec![
            short(row),
            row.new.commitment.to_string(),
            row.new.partition.0.clone(),
            row.version.map(|version| version.to_string()).unwrap_or_default(),
            word(row.status).to_owned(),
            row.new.format.clone(),
            row.rows.to_string(),
            row.quarantined.to_string(),
            days(row.from.zip(row.through)),
            row.published_at.map(instant).unwrap_or_default(),
        ]
    });
    let heading =
        ["reading", "commitment", "partition", "version", "status", "format", "rows", "set aside", "days", "published"];
    out.table(&heading, &cells.collect::<Vec<_>>());
}

fn days(days: Option<(jiff::civil::Date, jiff::civil::Date)>) -> String {
    days.map(|(from, through)| format!("{from} to {through}")).unwrap_or_default()
}

pub(super) fn quarantined(rows: &[Quarantined]) -> Value {
    rows.iter()
        .map(|rows| {
            json!({
                "reason": rows.reason,
                "column": rows.column,
                "rows": rows.rows,
                "first_row": rows.first_row,
                "sample": rows.sample,
            })
        })
        .collect()
}

/// What was taken in, without what differs.
pub(super) fn taken(taken: &Taken) -> Value {
    json!({
        "reading": taken.id,
        "version": taken.version,
        "format": taken.format,
        "went_on_after": taken.after,
        "rows": taken.rows,
        "quarantined": quarantined(&taken.quarantined),
        "rounded": taken.rounded,
        "floats": taken.floats,
        "from": taken.days.0,
        "through": taken.days.1,
        "differs_from": first(&taken.differences),
    })
}

/// The first day that differs.
pub(super) fn first(differences: &[Difference]) -> Option<jiff::civil::Date> {
    differences.iter().map(|difference| difference.key.day).min()
}

/// What a file came to, in a word.
pub(super) fn outcome(came: &Came) -> &'static str {
    match came {
        Came::New(taken) if taken.version.is_none() => "would be new",
        Came::New(_) => "new",
        Came::Before(_) => "in already",
        Came::Replaced(_) => "was replaced",
        Came::Stated(_) => "a statement",
    }
}

/// What a file came to, as data. What differs may be a lot: it is written as it is held.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    commitment: String,
    partition: String,
    file: String,
    outcome: String,
    #[serde(flatten)]
    more: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<Vec<Difference>>,
}

/// The commitment, the partition and the file that something is told of.
pub(super) type About<'a> = (&'a str, &'a str, &'a str);

/// What a file came to.
pub(super) fn came(about: About<'_>, came: Came) -> Told {
    let outcome = outcome(&came).replace(' ', "_");
    let (more, differences) = match came {
        Came::New(new) => (taken(&new), Some(new.differences)),
        Came::Before(row) | Came::Replaced(row) => (json!({ "reading": row.new.id, "version": row.version }), None),
        Came::Stated(statement) => (json!({ "statement": statement }), None),
    };
    Told { differences, ..told(about, outcome, more) }
}

/// That a file did not come, and why.
pub(super) fn kept_out(about: About<'_>, outcome: &str, why: &str) -> Told {
    told(about, outcome.to_owned(), json!({ "why": why }))
}

fn told((commitment, partition, file): About<'_>, outcome: String, more: Value) -> Told {
    let (commitment, partition, file) = (commitment.to_owned(), partition.to_owned(), file.to_owned());
    Told { commitment, partition, file, outcome, more, differences: None }
}

/// A row of a table about what a file came to.
pub(super) fn row(commitment: &str, partition: &str, came: &Came) -> Vec<String> {
    let mut cells = vec![commitment.to_owned(), partition.to_owned(), outcome(came).to_owned()];
    let rest = match came {
        Came::New(taken) => {
            let set_aside: u64 = taken.quarantined.iter().map(|rows| rows.rows).sum();
            let version = taken.version.map(|version| version.to_string()).unwrap_or_default();
            let differences = taken.differences.len().to_string();
            vec![version, taken.rows.to_string(), set_aside.to_string(), days(Some(taken.days)), differences]
        }
        Came::Before(row) | Came::Replaced(row) => {
            let version = row.version.map(|version| version.to_string()).unwrap_or_default();
            let (rows, set_aside) = (row.rows.to_string(), row.quarantined.to_string());
            vec![version, rows, set_aside, days(row.from.zip(row.through)), "0".to_owned()]
        }
        Came::Stated(of) => {
            vec![String::new(), "0".to_owned(), "0".to_owned(), format!("of {}", of.as_of), "0".to_owned()]
        }
    };
    cells.extend(rest);
    cells
}

/// The heading of such a table.
pub(super) const HEADING: [&str; 8] =
    ["commitment", "partition", "outcome", "version", "rows", "set aside", "days", "differences"];

pub(super) fn changes(out: &Out, changes: &[Change]) {
    let cells = changes.iter().flat_map(|change| {
        change.differences.iter().map(move |difference| {
            let key = &difference.key;
            let part = match key.part {
                Part::Cloud => "cloud",
                Part::Marketplace => "marketplace",
            };
            vec![
                change.partition.clone(),
                change.version.to_string(),
                key.day.to_string(),
                key.account.clone(),
                key.product.clone(),
                part.to_owned(),
                key.reason.to_string(),
                key.weight.to_string(),
                difference.before.to_string(),
                difference.after.to_string(),
            ]
        })
    });
    let heading = ["partition", "version", "day", "account", "product", "part", "reason", "counts", "before", "after"];
    out.table(&heading, &cells.collect::<Vec<_>>());
}
