//! A rule: its id, what it can say, where it comes from, its parameters, and how it judges.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    parameter::Parameter,
    ruling::{Ruling, Stuck, Told},
    view::View,
};

/// A family of rules; its letter begins their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Who may take part.
    Eligibility,
    /// How much there is.
    Budget,
    /// What is asked for beforehand.
    Request,
    /// When a claim is due.
    Timing,
    /// What proves it.
    Evidence,
    /// How much it comes to.
    Amounts,
    /// What was claimed before, and what looks wrong.
    Duplicates,
    /// Approval, payment and what follows.
    Payment,
}

impl Family {
    /// Every family, in the order of the documentation.
    pub const ALL: [Family; 8] = [
        Family::Eligibility,
        Family::Budget,
        Family::Request,
        Family::Timing,
        Family::Evidence,
        Family::Amounts,
        Family::Duplicates,
        Family::Payment,
    ];

    /// The letter of its ids.
    pub fn letter(self) -> char {
        match self {
            Family::Eligibility => 'E',
            Family::Budget => 'G',
            Family::Request => 'Q',
            Family::Timing => 'C',
            Family::Evidence => 'D',
            Family::Amounts => 'V',
            Family::Duplicates => 'F',
            Family::Payment => 'Y',
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Family::Eligibility => "Eligibility and enrolment",
            Family::Budget => "Budget, allocation, reservation",
            Family::Request => "Request and approval beforehand",
            Family::Timing => "Timing of claims",
            Family::Evidence => "Evidence",
            Family::Amounts => "Amounts, currency, tax",
            Family::Duplicates => "Duplicates, splitting, fraud",
            Family::Payment => "Approval, payment, afterwards",
        }
    }
}

/// A rule's id, such as `Q6`; never given to another rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RuleId {
    family: Family,
    number: u8,
}

impl RuleId {
    pub(super) const fn of(family: Family, number: u8) -> RuleId {
        RuleId { family, number }
    }

    /// Its family.
    pub fn family(self) -> Family {
        self.family
    }

    /// Its number in its family.
    pub fn number(self) -> u8 {
        self.number
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.family.letter(), self.number)
    }
}

/// A text that is no rule's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a rule; docs/mdf.md lists them, from `E1` to `Y13`")]
pub struct UnknownRule(pub String);

impl FromStr for RuleId {
    type Err = UnknownRule;
    fn from_str(text: &str) -> Result<RuleId, UnknownRule> {
        let found = super::rules().map(|rule| rule.id).find(|id| id.to_string() == text);
        found.ok_or_else(|| UnknownRule(text.chars().take(20).collect()))
    }
}

impl TryFrom<String> for RuleId {
    type Error = UnknownRule;
    fn try_from(text: String) -> Result<RuleId, UnknownRule> {
        text.parse()
    }
}

impl From<RuleId> for String {
    fn from(id: RuleId) -> String {
        id.to_string()
    }
}

/// What a rule can bring about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Refuses.
    Block,
    /// Reduces the amount.
    Reduce,
    /// Warns, and holds nothing up.
    Warn,
    /// Asks an approver.
    Approve,
    /// Holds until something is settled.
    Hold,
    /// Lets time act.
    Timer,
    /// Says how something is counted or named; data that say otherwise are refused.
    Define,
}

impl Kind {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Block => "block",
            Kind::Reduce => "reduce",
            Kind::Warn => "warn",
            Kind::Approve => "approve",
            Kind::Hold => "hold",
            Kind::Timer => "act",
            Kind::Define => "contradict",
        }
    }

    /// The letter by which documentation calls it.
    pub fn letter(self) -> &'static str {
        match self {
            Kind::Block => "B",
            Kind::Reduce => "R",
            Kind::Warn => "W",
            Kind::Approve => "A",
            Kind::Hold => "H",
            Kind::Timer => "T",
            Kind::Define => "–",
        }
    }
}

/// A rule.
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// One line that says what must hold.
    pub title: &'static str,
    /// What it can bring about.
    pub kinds: &'static [Kind],
    /// Where it was seen.
    pub source: &'static str,
    /// What a pack may set.
    pub parameters: &'static [&'static dyn Parameter],
    /// Whether an approved exception may lift what it refuses or holds.
    pub exceptable: bool,
    pub(super) judge: fn(&View<'_>, &mut Told) -> Result<Ruling, Stuck>,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("id", &self.id).field("kinds", &self.kinds).finish_non_exhaustive()
    }
}
