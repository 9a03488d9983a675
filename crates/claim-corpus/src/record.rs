//! What the corpus hands out: plain records.

use std::{collections::BTreeSet, fmt};

use jiff::civil::Date;
use serde::Serialize;

/// A corpus.
#[derive(Debug, Clone, Serialize)]
pub struct Corpus {
    /// Files that the vendor itself hands out to partners, by SHA-256.
    pub handed_out: Vec<String>,
    /// The programmes.
    pub programmes: Vec<Programme>,
    /// The claims, in the order in which they were handed in.
    pub claims: Vec<Claim>,
    /// Cases that are to be found.
    pub planted: Vec<Planted>,
    /// Cases that look like such, and are clean.
    pub controls: Vec<Control>,
}

/// A funding programme.
#[derive(Debug, Clone, Serialize)]
pub struct Programme {
    /// Its id.
    pub id: String,
    /// Whether an activity may have several claims, the last of which says so.
    pub partial: bool,
}

/// A claim.
#[derive(Debug, Clone, Serialize)]
pub struct Claim {
    /// Its label.
    pub id: String,
    /// The programme that it is made in.
    pub programme: String,
    /// Who makes it.
    pub partner: Partner,
    /// What for.
    pub activity: Activity,
    /// The currency of every amount.
    pub currency: &'static str,
    /// What was approved for the activity, in minor units.
    pub approved: i64,
    /// What is claimed, in minor units.
    pub amount: i64,
    /// Whether it is the last on its activity.
    pub closing: bool,
    /// When it was handed in.
    pub submitted: Date,
    /// Its invoices.
    pub invoices: Vec<Invoice>,
    /// Its files.
    pub files: Vec<File>,
}

/// A partner.
#[derive(Debug, Clone, Serialize)]
pub struct Partner {
    /// Its id.
    pub id: String,
    /// Its address.
    pub address: String,
    /// Hash of its bank account.
    pub bank: String,
    /// Tax ids of the firms that it owns.
    pub owns: Vec<String>,
}

/// An activity.
#[derive(Debug, Clone, Serialize)]
pub struct Activity {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: &'static str,
    /// Its first day.
    pub start: Date,
    /// Its last day.
    pub end: Date,
    /// Where.
    pub place: String,
}

/// An invoice.
#[derive(Debug, Clone, Serialize)]
pub struct Invoice {
    /// Who wrote it.
    pub supplier: Supplier,
    /// Its number.
    pub number: String,
    /// Its date.
    pub date: Date,
    /// Its total, in minor units; negative for a credit note.
    pub total: i64,
    /// What the claim uses of it.
    pub claimed: i64,
    /// Whether the use of a part was declared.
    pub share_declared: bool,
}

/// A supplier.
#[derive(Debug, Clone, Serialize)]
pub struct Supplier {
    /// Its name.
    pub name: String,
    /// Its tax id.
    pub tax_id: String,
    /// Hash of its bank account.
    pub bank: String,
    /// Its address.
    pub address: String,
}

/// A file.
#[derive(Debug, Clone, Serialize)]
pub struct File {
    /// Its SHA-256.
    pub sha256: String,
    /// Its name.
    pub name: String,
    /// `invoice`, `photo` or `attendee_list`.
    pub kind: &'static str,
    /// Perceptual hash, where it is a picture.
    pub picture: Option<u64>,
}

/// A class of cases, named for the rule that is to find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Class {
    /// A file used again.
    F1,
    /// An invoice used again, or beyond its total.
    F2,
    /// An invoice or picture used again with small changes.
    F3,
    /// An activity split to stay below a limit.
    F4,
    /// An activity paid by two programmes.
    F5,
    /// A claim too many on an activity.
    F6,
    /// A supplier that is tied to the partner.
    F7,
}

impl Class {
    /// Every class.
    pub const ALL: [Class; 7] = [Class::F1, Class::F2, Class::F3, Class::F4, Class::F5, Class::F6, Class::F7];
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A case that is to be found.
#[derive(Debug, Clone, Serialize)]
pub struct Planted {
    /// Its class.
    pub class: Class,
    /// Classes that it rightly falls under besides.
    pub also: BTreeSet<Class>,
    /// What was done.
    pub what: &'static str,
    /// The claims: where it comes from, and last the one in which it is to be found.
    pub claims: Vec<String>,
}

/// A case that looks like a planted one, and is clean.
#[derive(Debug, Clone, Serialize)]
pub struct Control {
    /// The class that it looks like.
    pub like: Class,
    /// Why it is clean.
    pub what: &'static str,
    /// Its claims.
    pub claims: Vec<String>,
}
