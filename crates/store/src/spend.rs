//! Spend towards commitments: what each reading of a file says about a partition, staged in portions and published as a whole.
//!
//! A partition has one current reading at most; those before it are kept, so that what a restated file has changed can be
//! told for ever.

use std::collections::{BTreeMap, btree_map::Entry};

use async_trait::async_trait;
use entente_core::{
    commitment::{Amount, AmountError, Basis, CommitmentId, Partition, Replaces, SumKey},
    ids::{LegalEntityId, PartyId},
    money::Currency,
    scope::Scope,
};
use jiff::{Timestamp, civil::Date};

use crate::error::{Error, Result};

/// A reading of one file for one commitment: what it says of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReading {
    /// A SHA-256, in hexadecimal, over whose it is, commitment, partition, in place of what it comes, file and what it is judged by: the same thing read twice is the
    /// same reading.
    pub id: String,
    /// The commitment.
    pub commitment: CommitmentId,
    /// The vendor's legal entity that follows it.
    pub legal_entity: LegalEntityId,
    /// The buyer.
    pub party: PartyId,
    /// The partition.
    pub partition: Partition,
    /// In place of what its sums come.
    pub replaces: Replaces,
    /// The file's name, as it is shown.
    pub file: String,
    /// The file's SHA-256, under which its bytes are kept.
    pub file_sha256: String,
    /// What the file is, such as `focus 1.2 parquet`.
    pub format: String,
    /// A SHA-256 over the contract's document, the rules and the basis that it is judged with.
    pub judged_by: String,
    /// On which basis its charges are read.
    pub basis: Basis,
    /// The currency of every amount.
    pub currency: Currency,
    /// Rules and terms are as they were known on this day.
    pub known_on: Date,
    /// Who brings it.
    pub by: String,
    /// When, in business time.
    pub at: Timestamp,
}

/// How far a reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadingStatus {
    /// Its sums are being stored; nobody sees them.
    Staging,
    /// It is what its partition says.
    Current,
    /// It is what its partition said before.
    Replaced,
}

/// A reading as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingRow {
    /// Which.
    pub new: NewReading,
    /// How far it is.
    pub status: ReadingStatus,
    /// Its number within its partition, from 1, given when it is published.
    pub version: Option<u32>,
    /// Rows of the file that are staged: where reading goes on.
    pub read_to: u64,
    /// Rows that are counted in sums.
    pub rows: u64,
    /// Rows that were set aside.
    pub quarantined: u64,
    /// The first day that it is complete for; while it is staged, the first one that was read.
    pub from: Option<Date>,
    /// The last day that it is complete for, or that was read.
    pub through: Option<Date>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// When another took its place.
    pub replaced_at: Option<Timestamp>,
}

/// A daily sum, and the rows of the file that it is made of, which are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpendSum {
    /// Which.
    pub key: SumKey,
    /// How much.
    pub amount: Amount,
    /// Of how many rows.
    pub rows: u64,
    /// The first of them.
    pub first_row: u64,
    /// The last of them.
    pub last_row: u64,
}

impl SpendSum {
    /// Takes in what another portion says of the same key.
    ///
    /// # Errors
    /// When 28 digits do not hold the sum.
    pub fn add(&mut self, other: &SpendSum) -> std::result::Result<(), AmountError> {
        self.amount = self.amount.plus(other.amount)?;
        self.rows += other.rows;
        self.first_row = self.first_row.min(other.first_row);
        self.last_row = self.last_row.max(other.last_row);
        Ok(())
    }
}

/// Rows that were set aside for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Why, by the reason's name.
    pub reason: String,
    /// The column at fault; empty where it is the row as a whole.
    pub column: String,
    /// How many rows.
    pub rows: u64,
    /// The first of them.
    pub first_row: u64,
    /// What the column says in the first of them, cut short; never a whole row.
    pub sample: String,
}

impl Quarantined {
    /// Takes in rows of another portion that were set aside for the same reason.
    pub fn add(&mut self, other: &Quarantined) {
        self.rows += other.rows;
        if other.first_row < self.first_row {
            self.first_row = other.first_row;
            self.sample.clone_from(&other.sample);
        }
    }
}

/// Readings of spend.
#[async_trait]
pub trait Spend {
    /// Begins a reading, or finds the one of this id, whatever its status.
    async fn begin_reading(&self, reading: &NewReading) -> Result<ReadingRow>;

    /// Adds what rows `after + 1` to `through` of the file say, and the first and the last day that they charge, in one transaction. A portion names a key and a reason once;
    /// portions add up. Refused with `Conflict` as a whole when it was read to another row, or is published.
    async fn stage_sums(
        &self,
        id: &str,
        after: u64,
        through: u64,
        days: Option<(Date, Date)>,
        sums: &[SpendSum],
        quarantined: &[Quarantined],
    ) -> Result<()>;

    /// Makes a reading what its partition says, and the one that was current a replaced one, in one transaction; gives its
    /// version. One that is published already keeps its version, days and instant. Where `former` is given, refused with `Conflict`
    /// when another than that one is current.
    async fn publish_reading(
        &self,
        id: &str,
        from: Date,
        through: Date,
        at: Timestamp,
        former: Option<&str>,
    ) -> Result<u32>;

    /// Takes a reading that was not published out again, a portion in each call; true once it is gone. Refused with
    /// `Conflict` when it is published.
    async fn drop_reading(&self, id: &str) -> Result<bool>;

    /// Readings, of one commitment where it is given, in the order in which they were begun.
    async fn readings(&self, scope: &Scope, commitment: Option<&CommitmentId>) -> Result<Vec<ReadingRow>>;

    /// The sums of those of these readings that are published, portions added up, by reading and key.
    async fn spend_sums(&self, scope: &Scope, ids: &[String]) -> Result<Vec<(String, SpendSum)>>;

    /// What is staged of a reading that is not published, portions added up, by key: what was read before a process ended speaks for
    /// or against it, too.
    async fn staged_sums(&self, id: &str) -> Result<Vec<SpendSum>>;

    /// What a reading has set aside, portions added up, by reason and column.
    async fn quarantined(&self, scope: &Scope, id: &str) -> Result<Vec<Quarantined>>;
}

/// Whether a portion's rows can be so; what is staged has been read.
pub fn portion_holds(after: u64, through: u64, sums: &[SpendSum], quarantined: &[Quarantined]) -> bool {
    through > after || (through == after && sums.is_empty() && quarantined.is_empty())
}

/// The portions of readings, added up by reading and key as they come: of what is read only the sums are held.
#[derive(Debug, Default)]
pub struct Portions(BTreeMap<String, BTreeMap<SumKey, SpendSum>>);

impl Portions {
    /// Adds a sum of a reading.
    ///
    /// # Errors
    /// `Decode` when 28 digits do not hold a sum.
    pub fn add(&mut self, id: String, sum: SpendSum) -> Result<()> {
        let inexact = |id: &str, error: AmountError| {
            let (id, detail) = (id.to_owned(), error.to_string());
            Error::Decode { kind: "daily sum", id, detail }
        };
        match self.0.get_mut(&id) {
            None => drop(self.0.insert(id, BTreeMap::from([(sum.key.clone(), sum)]))),
            Some(sums) => match sums.entry(sum.key.clone()) {
                Entry::Vacant(free) => drop(free.insert(sum)),
                Entry::Occupied(mut there) => there.get_mut().add(&sum).map_err(|error| inexact(&id, error))?,
            },
        }
        Ok(())
    }

    /// Adds sums of readings.
    ///
    /// # Errors
    /// As [`Portions::add`].
    pub fn of(sums: impl IntoIterator<Item = (String, SpendSum)>) -> Result<Portions> {
        let mut portions = Portions::default();
        sums.into_iter().try_for_each(|(id, sum)| portions.add(id, sum))?;
        Ok(portions)
    }

    /// The sums by reading and key, in order.
    pub fn by_reading(self) -> Vec<(String, SpendSum)> {
        let all = self.0.into_iter();
        all.flat_map(|(id, sums)| sums.into_values().map(move |sum| (id.clone(), sum))).collect()
    }

    /// The sums of the one reading that was asked for, by key, in order.
    pub fn of_one(self) -> Vec<SpendSum> {
        self.0.into_values().flat_map(BTreeMap::into_values).collect()
    }
}

/// Adds up what portions have set aside, by reason and column.
pub fn add_quarantined(portions: impl IntoIterator<Item = Quarantined>) -> Vec<Quarantined> {
    let mut merged = BTreeMap::<(String, String), Quarantined>::new();
    for rows in portions {
        merged.entry((rows.reason.clone(), rows.column.clone())).and_modify(|there| there.add(&rows)).or_insert(rows);
    }
    merged.into_values().collect()
}
