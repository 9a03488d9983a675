//! How readings of spend are spelled in columns.

use entente_core::commitment::{Part, Partition, Replaces, SumKey, Weight};
use entente_store::{NewReading, Quarantined, ReadingRow, ReadingStatus, Result, SpendSum};

use crate::values::{from_json, instant, instant_or_none, parse, unreadable, unsigned};

/// A reading's columns.
pub(super) struct Columns {
    pub(super) id: String,
    pub(super) commitment: String,
    pub(super) legal_entity: String,
    pub(super) party: String,
    pub(super) partition_name: String,
    pub(super) replaces: i16,
    pub(super) file: String,
    pub(super) file_sha256: String,
    pub(super) format: String,
    pub(super) judged_by: String,
    pub(super) basis: String,
    pub(super) currency: String,
    pub(super) known_on: String,
    pub(super) staged_by: String,
    pub(super) staged_at: i64,
    pub(super) status: i16,
    pub(super) version: Option<i32>,
    pub(super) read_to: i64,
    pub(super) counted: i64,
    pub(super) set_aside: i64,
    pub(super) from_day: Option<String>,
    pub(super) through_day: Option<String>,
    pub(super) published_at: Option<i64>,
    pub(super) replaced_at: Option<i64>,
}

impl Columns {
    pub(super) fn decode(self) -> Result<ReadingRow> {
        let status = match self.status {
            0 => ReadingStatus::Staging,
            1 => ReadingStatus::Current,
            2 => ReadingStatus::Replaced,
            other => return Err(unreadable("status of a reading", other, "not one of 0 to 2")),
        };
        let replaces = match self.replaces {
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
            version: self.version.map(|version| unsigned("version", version)).transpose()?,
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
pub(super) struct SumColumns {
    pub(super) id: String,
    pub(super) day: String,
    pub(super) account: String,
    pub(super) product: String,
    pub(super) part: i16,
    pub(super) reason: String,
    pub(super) least: String,
    pub(super) most: String,
    pub(super) amount: String,
    pub(super) counted: i64,
    pub(super) first_row: i64,
    pub(super) last_row: i64,
}

impl SumColumns {
    pub(super) fn decode(self) -> Result<(String, SpendSum)> {
        let part = match self.part {
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
pub(super) struct AsideColumns {
    pub(super) reason: String,
    pub(super) column_name: String,
    pub(super) set_aside: i64,
    pub(super) first_row: i64,
    pub(super) sample: String,
}

impl AsideColumns {
    pub(super) fn decode(self) -> Result<Quarantined> {
        let AsideColumns { reason, column_name: column, set_aside, first_row, sample } = self;
        let (rows, first_row) = (unsigned("count", set_aside)?, unsigned("row", first_row)?);
        Ok(Quarantined { reason, column, rows, first_row, sample })
    }
}
