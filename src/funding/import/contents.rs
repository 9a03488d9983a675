//! What an import says as a whole: what somebody looks at before agreeing to it.

use std::collections::BTreeMap;

use entente_core::money::{Currency, Money};
use entente_store::Store;
use jiff::civil::Date;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::content::Content;
use crate::offers::DeskError;

/// Lines that are read at once.
const AT_ONCE: u32 = 1_000;

/// Lines of the sample.
const SAMPLE: usize = 10;

/// What an import says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contents {
    /// How many lines it has.
    pub lines: u64,
    /// What they add up to.
    pub sums: Vec<ContentSum>,
    /// The first and the last day on which granted money was asked for, of the lines that say one.
    pub requested: Option<(Date, Date)>,
    /// Lines that were drawn by the hash of their reference: nobody chooses them, and everybody sees the same.
    pub sample: Vec<Sampled>,
    /// SHA-256 over all of the above, which whoever agrees names.
    pub sums_sha256: String,
}

/// What lines of one fund, partner, status and year add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContentSum {
    /// The fund, where the lines say it.
    pub fund: String,
    /// The partner.
    pub partner: String,
    /// `granted` or `paid`.
    pub status: &'static str,
    /// The year in which the activities end.
    pub year: i16,
    /// How many lines.
    pub lines: u64,
    /// How much.
    pub amount: Money,
}

/// A line of the sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sampled {
    /// Its row in the file.
    pub row: u64,
    /// The fund, where the line says it.
    pub fund: String,
    /// The partner.
    pub partner: String,
    /// `granted` or `paid`.
    pub status: &'static str,
    /// The last day of the activity.
    pub ended: Date,
    /// How much.
    pub amount: Money,
    /// The day on which it was asked for.
    pub requested_on: Option<Date>,
}

/// Fund, partner, status, year and currency.
type Key = (String, String, &'static str, i16, Currency);

#[derive(Default)]
struct Sums {
    lines: u64,
    by: BTreeMap<Key, (u64, Money)>,
    requested: Option<(Date, Date)>,
    drawn: BTreeMap<String, Sampled>,
}

impl Sums {
    fn add(&mut self, natural_key: &str, row: u64, content: &Content) -> Result<(), DeskError> {
        let fund = content.fund().map(ToString::to_string).unwrap_or_default();
        let (partner, status, amount) = (content.partner().to_string(), content.status(), content.amount());
        let key = (fund.clone(), partner.clone(), status, content.ended().year(), amount.currency);
        let sum = self.by.entry(key).or_insert((0, Money::zero(amount.currency)));
        *sum = (sum.0 + 1, sum.1.plus(amount)?);
        self.lines += 1;
        if let Some(day) = content.requested_on() {
            let (first, last) = self.requested.unwrap_or((day, day));
            self.requested = Some((first.min(day), last.max(day)));
        }
        let (ended, requested_on) = (content.ended(), content.requested_on());
        let line = Sampled { row, fund, partner, status, ended, amount, requested_on };
        self.drawn.insert(natural_key.to_owned(), line);
        if self.drawn.len() > SAMPLE {
            self.drawn.pop_last();
        }
        Ok(())
    }

    fn contents(self) -> Result<Contents, DeskError> {
        let sums = self.by.into_iter().map(|((fund, partner, status, year, _), (lines, amount))| ContentSum {
            fund,
            partner,
            status,
            year,
            lines,
            amount,
        });
        let mut sample: Vec<Sampled> = self.drawn.into_values().collect();
        sample.sort_by_key(|line| line.row);
        let sums_sha256 = String::new();
        let found =
            Contents { lines: self.lines, sums: sums.collect(), requested: self.requested, sample, sums_sha256 };
        let text = serde_json::to_string(&found)
            .map_err(|error| DeskError::Unreadable { what: "an import".into(), why: error.to_string() })?;
        Ok(Contents { sums_sha256: hex::encode(Sha256::digest(text.as_bytes())), ..found })
    }
}

/// What the lines of an import say, in whatever state it is.
///
/// # Errors
/// When the database or a line cannot be read, or a sum is more than can be counted.
pub async fn contents(store: &dyn Store, import: &str) -> Result<Contents, DeskError> {
    let (mut sums, mut after) = (Sums::default(), 0);
    loop {
        let lines = store.import_lines(import, after, AT_ONCE).await?;
        let Some(last) = lines.last() else { return sums.contents() };
        after = last.line;
        for line in &lines {
            sums.add(&line.natural_key, line.line, &Content::read(line)?)?;
        }
    }
}
