//! What a buyer has committed to spend: who, with which cloud, how much by when, and how it is counted.

use std::{cmp::Reverse, collections::BTreeSet};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    amount::{Amount, AmountError, Percent},
    basis::Basis,
    marketplace::MarketplaceTerms,
    rates::Conversion,
};
use crate::{
    ids::{ConnectorId, LegalEntityId, PartyId},
    money::Currency,
};

pub use crate::ids::CommitmentId;

/// The cloud to which spend is committed, by the name of its connector.
pub type Cloud = ConnectorId;

/// A commitment with every version of its terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Commitment {
    /// Its id.
    pub id: CommitmentId,
    /// The contract's own number.
    pub contract: String,
    /// The buyer who committed.
    pub party: PartyId,
    /// The vendor's legal entity that follows it.
    pub legal_entity: LegalEntityId,
    /// Where the spend is due.
    pub cloud: Cloud,
    /// The currency of every amount.
    pub currency: Currency,
    /// The accounts whose spend counts.
    pub accounts: Accounts,
    /// On which basis spend is counted.
    pub basis: Basis,
    /// The commitment before it, and how this one takes its place.
    pub succession: Option<Succession>,
    /// What bills call it where they name the commitment programmes that could cover a charge.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub programs: BTreeSet<String>,
    /// Its terms, oldest first; never empty.
    pub(super) versions: Vec<Terms>,
}

impl Commitment {
    /// The terms in force on `day` as they were known on `known_on`, and the first ones before that; `None` where none
    /// were known.
    pub fn terms(&self, day: Date, known_on: Date) -> Option<&Terms> {
        let known = || self.versions.iter().filter(|terms| terms.known_from <= known_on);
        let since = |terms: &&Terms| (terms.valid_from, terms.known_from);
        known().filter(|terms| terms.valid_from <= day).max_by_key(since).or_else(|| self.first(known_on))
    }

    /// Every version of its terms, oldest first.
    pub fn versions(&self) -> &[Terms] {
        &self.versions
    }

    /// Its first day, as known on `known_on`.
    pub fn starts(&self, known_on: Date) -> Option<Date> {
        self.first(known_on).map(Terms::starts)
    }

    /// The terms that were in force first; of those that are valid from the same day, what was known last corrects the others.
    fn first(&self, known_on: Date) -> Option<&Terms> {
        let known = self.versions.iter().filter(|terms| terms.known_from <= known_on);
        known.min_by_key(|terms| (terms.valid_from, Reverse(terms.known_from)))
    }

    /// The day of an instant, in the zone in which the contract's months are cut off.
    pub fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(TimeZone::get(&self.basis.zone).unwrap_or(TimeZone::UTC)).date()
    }
}

/// The accounts whose spend counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Accounts {
    /// All that are billed to the buyer.
    All,
    /// These alone.
    Only(BTreeSet<String>),
}

impl Accounts {
    /// Whether an account's spend counts.
    pub fn contain(&self, account: &str) -> bool {
        match self {
            Accounts::All => true,
            Accounts::Only(accounts) => accounts.contains(account),
        }
    }
}

/// How a commitment takes the place of the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Succession {
    /// The one before.
    pub to: CommitmentId,
    /// How.
    pub how: How,
}

/// The ways of succession.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Spend counts for the former until it has ended or is used up, then for this one.
    After,
    /// From the first day of this one, spend no longer counts for the former.
    Supersede,
    /// Both run; what is in the scope of both counts for both.
    Parallel,
}

/// One version of the terms, complete in itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// From this day on it is in force.
    pub valid_from: Date,
    /// Since this day it is known here.
    pub known_from: Date,
    /// What changed, and where it is written.
    pub note: String,
    /// The periods, one after the other without a gap; never empty.
    pub periods: Vec<Period>,
    /// How spend is expected to come.
    pub glide: Glide,
    /// What comes from the marketplace.
    pub marketplace: MarketplaceTerms,
    /// How spend that was billed in other currencies is converted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conversions: Vec<Conversion>,
}

impl Terms {
    /// The first day.
    pub fn starts(&self) -> Date {
        self.periods.first().map_or(self.valid_from, |period| period.from)
    }

    /// The last day.
    pub fn ends(&self) -> Date {
        self.periods.last().map_or(self.valid_from, |period| period.through)
    }

    /// Everything that is committed.
    ///
    /// # Errors
    /// When 28 digits do not hold it.
    pub fn committed(&self) -> Result<Amount, AmountError> {
        Amount::sum(self.periods.iter().map(|period| period.amount))
    }
}

/// A period of a commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Period {
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub through: Date,
    /// How much is to be spent within it.
    pub amount: Amount,
    /// What happens at its end to what is too much or too little.
    pub carry_over: CarryOver,
    /// When what lacks is due, and what the payment buys.
    pub true_up: TrueUp,
    /// Amounts due before its end, counted from its first day, earliest first.
    pub milestones: Vec<Milestone>,
}

impl Period {
    /// Its length in days.
    pub fn days(&self) -> i64 {
        days(self.from, self.through)
    }

    /// Whether a day lies within it.
    pub fn contains(&self, day: Date) -> bool {
        (self.from..=self.through).contains(&day)
    }
}

/// The days from one to the other, both counted; 0 where they are the other way round.
pub fn days(from: Date, through: Date) -> i64 {
    (i64::from((through - from).get_days()) + 1).max(0)
}

/// What a period hands on to the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CarryOver {
    /// Nothing.
    #[default]
    Nothing,
    /// What was spent beyond its amount counts in the next.
    Excess,
    /// What lacks is added to the next.
    Shortfall,
    /// Both.
    Both,
}

impl CarryOver {
    /// Whether what is too much counts in the next period.
    pub fn hands_on_excess(self) -> bool {
        matches!(self, CarryOver::Excess | CarryOver::Both)
    }

    /// Whether what lacks is added to the next period.
    pub fn hands_on_shortfall(self) -> bool {
        matches!(self, CarryOver::Shortfall | CarryOver::Both)
    }
}

/// An amount due before the end of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Milestone {
    /// Its name in the contract.
    pub name: String,
    /// Its last day.
    pub through: Date,
    /// How much is to be spent from the period's first day to then.
    pub amount: Amount,
    /// When what lacks is due, and what the payment buys.
    pub true_up: TrueUp,
}

/// The payment of what lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrueUp {
    /// The day on which it is due.
    #[schemars(with = "String", extend("format" = "date"))]
    pub due: Date,
    /// What it buys.
    pub buys: Buys,
    /// How much of the payment comes back as credit or is carried over.
    #[serde(default = "all")]
    pub credit: Percent,
    /// The last day on which the credit may be used.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub credit_through: Option<Date>,
}

fn all() -> Percent {
    Percent::ALL
}

/// What the payment of a shortfall buys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Buys {
    /// Nothing: the money is gone.
    Nothing,
    /// Credit that expires.
    Credit,
    /// The right to spend it in the next period.
    CarryOver,
}

/// How spend is expected to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Glide {
    /// The same every day of the whole term.
    Linear,
    /// The same every day of a period.
    Ramp,
    /// The months of a period by these weights, January first; the same every day of a month.
    Seasonal([u32; 12]),
}
