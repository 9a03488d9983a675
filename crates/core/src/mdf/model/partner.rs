//! Who asks for money.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{ActivityId, PartyId, PersonId},
    money::{Currency, Money},
};

/// A partner as the programme knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// Its id.
    pub id: PartyId,
    /// Whether it may act at all.
    pub status: PartnerStatus,
    /// What it is, such as `reseller`.
    pub kind: String,
    /// Its region, such as `emea`.
    pub region: String,
    /// Its country, as ISO 3166 codes it.
    pub country: String,
    /// Its tiers over time.
    #[serde(default)]
    pub tiers: Vec<TierSince>,
    /// When the agreement was signed.
    #[serde(default)]
    pub agreement_signed_on: Option<Date>,
    /// Whether its tax documents were checked and are in force.
    #[serde(default)]
    pub tax_verified: bool,
    /// Whether its bank account was checked.
    #[serde(default)]
    pub bank_verified: bool,
    /// Keyed hash of its bank account.
    #[serde(default)]
    pub bank_hash: Option<String>,
    /// Its address, in one line.
    #[serde(default)]
    pub address: String,
    /// Tax ids of the companies that it owns.
    #[serde(default)]
    pub owns: BTreeSet<String>,
    /// The currency of its payment profile.
    #[serde(default)]
    pub payment_currency: Option<Currency>,
    /// People who may ask for funds.
    #[serde(default)]
    pub requesters: BTreeSet<PersonId>,
    /// The vendor's invoices that it has not paid.
    #[serde(default)]
    pub overdue: Vec<Overdue>,
    /// What its people were trained in.
    #[serde(default)]
    pub certificates: Vec<Certificate>,
    /// The last check against sanction and export lists.
    #[serde(default)]
    pub screening: Option<Screening>,
    /// Claims that are past their deadline and still open.
    #[serde(default)]
    pub overdue_claims: u32,
    /// Whether nothing is held against it.
    #[serde(default)]
    pub good_standing: bool,
    /// What it was granted in the period by requests other than this one, in each currency.
    #[serde(default)]
    pub granted_in_period: BTreeMap<Currency, Money>,
    /// When a false claim was established.
    #[serde(default)]
    pub false_claim_on: Option<Date>,
    /// Until when it is disqualified.
    #[serde(default)]
    pub disqualified_until: Option<Date>,
    /// The last change of its bank details.
    #[serde(default)]
    pub bank_change: Option<BankChange>,
    /// Records of return on earlier activities.
    #[serde(default)]
    pub roi: Vec<RoiDue>,
    /// Amounts that it claimed before, for statistics alone.
    #[serde(default)]
    pub past_amounts: Vec<Money>,
}

/// Whether a partner may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartnerStatus {
    /// Being taken on.
    Onboarding,
    /// In business.
    Active,
    /// Stopped for a while.
    Suspended,
    /// Gone.
    Left,
}

/// A tier and its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierSince {
    /// The tier, such as `gold`.
    pub tier: String,
    /// Its first day.
    pub from: Date,
    /// Its last day; open where absent.
    #[serde(default)]
    pub until: Option<Date>,
}

/// An invoice of the vendor that is not paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overdue {
    /// Its number.
    pub number: String,
    /// When it was due.
    pub due: Date,
    /// How much is open.
    pub amount: Money,
}

/// A certificate of one of the partner's people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// What it certifies.
    pub name: String,
    /// Its last day.
    pub until: Date,
}

/// A check against sanction and export lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screening {
    /// When.
    pub on: Date,
    /// What it found.
    pub outcome: ScreeningOutcome,
}

/// What a screening found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScreeningOutcome {
    /// Nothing.
    Clear,
    /// A likeness that somebody has to look at.
    Open,
    /// The payee is listed.
    Listed,
}

/// A change of bank details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankChange {
    /// When it was entered.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// Who confirmed it.
    #[serde(default)]
    pub confirmed_by: Option<PersonId>,
}

/// Two records of return that are due after an activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoiDue {
    /// The activity.
    pub activity: ActivityId,
    /// Its last day.
    pub ended: Date,
    /// How many records were given so far.
    pub given: u32,
}

impl Partner {
    /// The tier on a day.
    pub fn tier_on(&self, day: Date) -> Option<&str> {
        let held = |tier: &&TierSince| tier.from <= day && tier.until.is_none_or(|until| day <= until);
        self.tiers.iter().find(held).map(|tier| tier.tier.as_str())
    }
}
