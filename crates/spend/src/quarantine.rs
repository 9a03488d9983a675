//! Rows that cannot be counted, and why.

use std::fmt;

/// The most characters of a sample.
pub const SAMPLE_MOST: usize = 80;

/// Why a row is quarantined. A row has one reason: what is wrong with its amount is said only where all else is sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It has more or fewer fields than the heading.
    FieldCount,
    /// A text is not UTF-8.
    NotUtf8,
    /// A text is too long, or has a character that is none, so that no store would keep it.
    NotAName,
    /// A column that every row needs is empty.
    Missing,
    /// A date cannot be read.
    NotADate,
    /// A period ends before it has begun.
    PeriodBackwards,
    /// It is in another currency than the commitment.
    OtherCurrency,
    /// It is of another cloud.
    OtherCloud,
    /// It was made for another commitment, or of another cost.
    OtherCommitment,
    /// A word is not one of those that its column may have.
    UnknownWord,
    /// It is a discount, and the commitment counts what is before discounts.
    Discount,
    /// It is not settled yet.
    NotSettled,
    /// It is of a kind that says nothing about spend, such as a change of a credit's balance.
    NotSpend,
    /// An amount is not a decimal number.
    NotANumber,
    /// An amount is beyond a million million.
    TooLarge,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 15] = [
        Reason::FieldCount,
        Reason::NotUtf8,
        Reason::NotAName,
        Reason::Missing,
        Reason::NotADate,
        Reason::PeriodBackwards,
        Reason::OtherCurrency,
        Reason::OtherCloud,
        Reason::OtherCommitment,
        Reason::UnknownWord,
        Reason::Discount,
        Reason::NotSettled,
        Reason::NotSpend,
        Reason::NotANumber,
        Reason::TooLarge,
    ];

    /// Its name in the store and in files.
    pub fn name(self) -> &'static str {
        match self {
            Reason::FieldCount => "field_count",
            Reason::NotUtf8 => "not_utf8",
            Reason::NotAName => "not_a_name",
            Reason::Missing => "missing",
            Reason::NotADate => "not_a_date",
            Reason::PeriodBackwards => "period_backwards",
            Reason::OtherCurrency => "other_currency",
            Reason::OtherCloud => "other_cloud",
            Reason::OtherCommitment => "other_commitment",
            Reason::UnknownWord => "unknown_word",
            Reason::Discount => "discount",
            Reason::NotSettled => "not_settled",
            Reason::NotSpend => "not_spend",
            Reason::NotANumber => "not_a_number",
            Reason::TooLarge => "too_large",
        }
    }

    /// What it says, in words.
    pub fn words(self) -> &'static str {
        match self {
            Reason::FieldCount => "the row has more or fewer fields than the heading",
            Reason::NotUtf8 => "the text is not UTF-8",
            Reason::NotAName => "the text has a control character, or more than 1,000 bytes",
            Reason::Missing => "the column is empty",
            Reason::NotADate => "the date cannot be read",
            Reason::PeriodBackwards => "the period ends before it has begun",
            Reason::OtherCurrency => "the row is in another currency than the commitment",
            Reason::OtherCloud => "the row is of another cloud",
            Reason::OtherCommitment => "the sum was made for another commitment, or of another cost",
            Reason::UnknownWord => "the word is not one that the column may have",
            Reason::Discount => "the row is a discount, and the commitment counts what is before discounts",
            Reason::NotSettled => "the charge is not settled yet",
            Reason::NotSpend => "the row says nothing about spend",
            Reason::NotANumber => "the amount is not a decimal number with a point and without marks of thousands",
            Reason::TooLarge => "the amount is beyond a million million",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Rows of a portion that were quarantined for one reason at one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Why.
    pub reason: Reason,
    /// The column, by the name that it has in the file; empty where it is the row as a whole.
    pub column: String,
    /// How many rows.
    pub rows: u64,
    /// The first of them, counted from 1 without the heading.
    pub first_row: u64,
    /// What that one says there, at most [`SAMPLE_MOST`] characters; never a whole row.
    pub sample: String,
}

/// The most bytes of a word or a name: two of them, an account and a product, still fit into a key of any store.
const NAME_MOST: usize = 1_000;

/// A field's text, where it is one that every store can keep.
pub(crate) fn name(field: &[u8]) -> Result<&str, Reason> {
    if field.len() > NAME_MOST {
        return Err(Reason::NotAName);
    }
    let text = std::str::from_utf8(field).map_err(|_| Reason::NotUtf8)?;
    if text.contains(char::is_control) { Err(Reason::NotAName) } else { Ok(text) }
}

/// A short sample of a field.
pub(crate) fn sample(field: &[u8]) -> String {
    let head = field.get(..field.len().min(SAMPLE_MOST * 4)).unwrap_or_default();
    String::from_utf8_lossy(head).chars().map(|c| if c.is_control() { ' ' } else { c }).take(SAMPLE_MOST).collect()
}

/// The quarantine of a portion.
#[derive(Debug, Default)]
pub(crate) struct Quarantine {
    held: Vec<Quarantined>,
    pub rows: u64,
}

impl Quarantine {
    /// Puts a row in. What it says there is asked for only when it is the first of its kind.
    pub fn put(&mut self, reason: Reason, column: &str, row: u64, field: impl FnOnce() -> Vec<u8>) {
        self.rows += 1;
        match self.held.iter_mut().find(|held| held.reason == reason && held.column == column) {
            Some(held) => held.rows += 1,
            None => self.held.push(Quarantined {
                reason,
                column: column.to_owned(),
                rows: 1,
                first_row: row,
                sample: sample(&field()),
            }),
        }
    }

    /// Takes out what is in it, in order.
    pub fn take(&mut self) -> Vec<Quarantined> {
        self.held.sort_by(|a, b| (a.reason, &a.column).cmp(&(b.reason, &b.column)));
        std::mem::take(&mut self.held)
    }
}
