//! Rules of eligibility: whom they concern, which date they test, what they say, and who says so.

use std::{collections::BTreeMap, fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::line::{Channel, ChargeKind, Frequency, Line, Mark, Pricing};
use crate::commitment::{amount::Percent, band::Weight, basis::Dated, model::Cloud};

/// A rule's name, such as `K10` or `own-3`; it gives a verdict its reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RuleName(String);

/// A text that is no rule's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a rule's name: use 1 to 64 letters, digits, `-`, `_` and `.`")]
pub struct InvalidRuleName(String);

impl FromStr for RuleName {
    type Err = InvalidRuleName;
    fn from_str(text: &str) -> Result<RuleName, InvalidRuleName> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        match (1..=64).contains(&text.len()) && text.chars().all(plain) {
            true => Ok(RuleName(text.to_owned())),
            false => Err(InvalidRuleName(text.chars().take(40).collect())),
        }
    }
}

impl TryFrom<String> for RuleName {
    type Error = InvalidRuleName;
    fn try_from(text: String) -> Result<RuleName, InvalidRuleName> {
        text.parse()
    }
}

impl From<RuleName> for String {
    fn from(name: RuleName) -> String {
        name.0
    }
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl RuleName {
    /// A name before every other.
    pub(in crate::commitment) fn lowest() -> RuleName {
        RuleName(String::new())
    }

    /// Its text.
    pub(in crate::commitment) fn as_str(&self) -> &str {
        &self.0
    }

    /// A name that the code itself gives.
    pub(in crate::commitment) fn fixed(name: &str) -> RuleName {
        RuleName(name.to_owned())
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name; several rules may share one, such as two sources about the same thing.
    pub rule: RuleName,
    /// What it says, in a line.
    pub title: String,
    /// The cloud that it is about; every cloud where none is named.
    #[serde(default)]
    pub cloud: Option<Cloud>,
    /// The date of a charge that its validity, and its conditions, are about.
    pub tests: Dated,
    /// The first tested day on which it holds.
    #[serde(default)]
    pub valid_from: Option<Date>,
    /// The last tested day on which it holds.
    #[serde(default)]
    pub valid_through: Option<Date>,
    /// Since this day it is known here.
    pub known_from: Date,
    /// Since this day it is known here to be wrong.
    #[serde(default)]
    pub withdrawn_from: Option<Date>,
    /// Who says so.
    pub source: Source,
    /// The clause of the contract, where it is written there.
    #[serde(default)]
    pub clause: Option<String>,
    /// The higher wins; rules of the same precedence that differ give a band.
    pub precedence: u16,
    /// Which charges it is about.
    #[serde(default)]
    pub when: Condition,
    /// What it says about them.
    pub effect: Effect,
}

impl Rule {
    /// Whether it was known on a day, and not yet known to be wrong.
    pub fn known_on(&self, day: Date) -> bool {
        self.known_from <= day && self.withdrawn_from.is_none_or(|from| day < from)
    }
}

/// Who says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it is.
    pub kind: SourceKind,
    /// Its name or address.
    pub at: String,
    /// The day it was read.
    pub read: Date,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// The contract.
    Contract,
    /// The cloud's own publication.
    Official,
    /// Somebody else.
    Secondary,
    /// A person who knows.
    Told,
}

/// What a rule says about a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It counts: the cloud's own services wholly, purchases at the share that the contract names.
    Counts,
    /// This share of it counts.
    CountsAt(Percent),
    /// It does not count.
    Excluded,
    /// Nobody knows whether it counts.
    Unknown,
    /// Nothing: it is kept by a field of the contract or a property of a feed, and stands here to be cited.
    Note,
}

impl Effect {
    /// The share that counts, where `full` is what counts of such a charge unless a rule says otherwise; `None` of a note.
    pub(super) fn weight(self, full: Weight) -> Option<Weight> {
        match self {
            Effect::Counts => Some(full),
            Effect::CountsAt(percent) => Some(Weight::exactly(percent)),
            Effect::Excluded => Some(Weight::NONE),
            Effect::Unknown => Some(Weight::NONE.hull(full)),
            Effect::Note => None,
        }
    }
}

/// Which charges a rule is about. What is empty is not asked; everything that is asked must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Condition {
    /// Bought through one of these channels.
    pub channels: Vec<Channel>,
    /// Of one of these kinds.
    pub kinds: Vec<ChargeKind>,
    /// Charged this often.
    pub frequencies: Vec<Frequency>,
    /// Priced one of these ways.
    pub pricing: Vec<Pricing>,
    /// One of these products.
    pub products: Vec<String>,
    /// In one of these accounts.
    pub accounts: Vec<String>,
    /// With marks that are so, or are not so.
    pub marks: BTreeMap<Mark, bool>,
    /// Whose tested date lies before the commitment's first day.
    pub before_commitment: bool,
}

impl Condition {
    /// Whether it holds; `None` where a fact that decides is unknown.
    pub(super) fn holds(&self, line: &Line, tested: Option<Date>, starts: Option<Date>) -> Option<bool> {
        let sure = among(&self.channels, &line.channel)
            && among(&self.kinds, &line.kind)
            && among(&self.frequencies, &line.frequency)
            && among(&self.pricing, &line.pricing)
            && among(&self.products, &line.product)
            && among(&self.accounts, &line.account);
        let mut holds = Some(sure);
        for (mark, wanted) in &self.marks {
            holds = and(holds, line.marks.get(mark).map(|is| is == wanted));
        }
        if self.before_commitment {
            holds = and(holds, tested.zip(starts).map(|(tested, starts)| tested < starts));
        }
        holds
    }
}

fn among<T: PartialEq>(wanted: &[T], is: &T) -> bool {
    wanted.is_empty() || wanted.contains(is)
}

/// Both; a thing that is not so settles it, whatever is unknown beside it.
pub(super) fn and(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// The rules of an organisation: what ships with the program, and its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Rules(pub(super) Vec<Rule>);

impl Rules {
    /// All of them, in the order of their files.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter()
    }

    /// These and others, such as an organisation's own.
    pub fn and(mut self, others: Rules) -> Rules {
        self.0.extend(others.0);
        self
    }
}
