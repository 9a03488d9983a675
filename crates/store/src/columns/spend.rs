//! How readings of spend are spelled in columns. Codes and versions have the width that a database gives them.

use entente_core::commitment::{Part, Partition, Replaces, SumKey, Weight};

use super::{from_json, instant, instant_or_none, parse, unreadable, unsigned};
use crate::{NewReading, Quarantined, ReadingRow, ReadingStatus, Result, SpendSum};

/// A reading's columns.
#[expect(missing_docs, reason = "they are called as what they hold")]
#[derive(Debug)]
pub struct ReadingColumns<C, V> {
    pub id: String,
    pub commitment: String,
    pub legal_entity: String,
    pub party: String,
    pub partition_name: String,
    pub replaces: C,
    pub file: String,
    pub file_sha256: String,
    pub format: String,
    pub judged_by: String,
    pub basis: String,
    pub currency: String,
    pub known_on: String,
    pub staged_by: String,
    pub staged_at: i64,
    pub status: C,
    pub version: Option<V>,
    pub read_to: i64,
    pub counted: i64,
    pub set_aside: i64,
    pub from_day: Option<String>,
    pub through_day: Option<String>,
    pub published_at: Option<i64>,
    pub replaced_at: Option<i64>,
}

impl<C: Into<i64>, V: Into<i64>> ReadingColumns<C, V> {
    /// The reading.
    ///
    /// # Errors
    /// `Decode` when a column holds what it cannot.
    pub fn decode(self) -> Result<ReadingRow> {
        let (status, replaces): (i64, i64) = (self.status.into(), self.replaces.into());
        let status = match status {
            0 => ReadingStatus::Staging,
            1 => ReadingStatus::Current,
            2 => ReadingStatus::Replaced,
            other => return Err(unreadable("status of a reading", other, "not one of 0 to 2")),
        };
        let replaces = match replaces {
            0 => Replaces::Partition,
            1 => Replaces::Days,
            other => return Err(unreadable("what a reading replaces", other, "not 0 or 1")),
        };
        let day = |text: Option<String>| text.map(|text| parse("day", &text)).transpose();
        Ok(ReadingRow {
            new: NewReading {
                commitment: parse("commitment id", &self.commitment)?,
                legal_entity: parse("legal entity", &self.legal_entity)?,
                party: parse("party", &self.party)?,
                partition: Partition(self.partition_name),
                replaces,
                file: self.file,
                file_sha256: self.file_sha256,
                format: self.format,
                judged_by: self.judged_by,
                basis: from_json("basis", &self.id, &self.basis)?,
                currency: parse("currency", &self.currency)?,
                known_on: parse("day", &self.known_on)?,
                by: self.staged_by,
                at: instant(self.staged_at)?,
                id: self.id,
            },
            status,
            version: self.version.map(|version| unsigned::<_, i64>("version", version.into())).transpose()?,
            read_to: unsigned("row", self.read_to)?,
            rows: unsigned("count", self.counted)?,
            quarantined: unsigned("count", self.set_aside)?,
            from: day(self.from_day)?,
            through: day(self.through_day)?,
            published_at: instant_or_none(self.published_at)?,
            replaced_at: instant_or_none(self.replaced_at)?,
        })
    }
}

/// A sum's columns.
#[expect(missing_docs, reason = "they are called as what they hold")]
#[derive(Debug)]
pub struct SumColumns<C> {
    pub id: String,
    pub day: String,
    pub account: String,
    pub product: String,
    pub part: C,
    pub reason: String,
    pub least: String,
    pub most: String,
    pub amount: String,
    pub counted: i64,
    pub first_row: i64,
    pub last_row: i64,
}

impl<C: Into<i64>> SumColumns<C> {
    /// The reading's id, and the sum.
    ///
    /// # Errors
    /// `Decode` when a column holds what it cannot.
    pub fn decode(self) -> Result<(String, SpendSum)> {
        let part: i64 = self.part.into();
        let part = match part {
            0 => Part::Cloud,
            1 => Part::Marketplace,
            other => return Err(unreadable("part", other, "not 0 or 1")),
        };
        let percent = |text: &str| parse("percentage", text);
        let key = SumKey {
            day: parse("day", &self.day)?,
            account: self.account,
            product: self.product,
            part,
            reason: parse("rule", &self.reason)?,
            weight: Weight { least: percent(&self.least)?, most: percent(&self.most)? },
        };
        let sum = SpendSum {
            key,
            amount: parse("amount", &self.amount)?,
            rows: unsigned("count", self.counted)?,
            first_row: unsigned("row", self.first_row)?,
            last_row: unsigned("row", self.last_row)?,
        };
        Ok((self.id, sum))
    }
}

/// The columns of what was set aside.
#[expect(missing_docs, reason = "they are called as what they hold")]
#[derive(Debug)]
pub struct AsideColumns {
    pub reason: String,
    pub column_name: String,
    pub set_aside: i64,
    pub first_row: i64,
    pub sample: String,
}

impl AsideColumns {
    /// The rows.
    ///
    /// # Errors
    /// `Decode` when a number is below zero.
    pub fn decode(self) -> Result<Quarantined> {
        let AsideColumns { reason, column_name: column, set_aside, first_row, sample } = self;
        let (rows, first_row) = (unsigned("count", set_aside)?, unsigned("row", first_row)?);
        Ok(Quarantined { reason, column, rows, first_row, sample })
    }
}
