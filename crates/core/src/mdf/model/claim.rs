//! What a partner claims after the work is done.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Evidence, Invoice, Vote};
use crate::{
    ids::{ClaimId, PartyId, PersonId},
    mdf::pack::PackPin,
    money::{Currency, Money},
};

/// A claim on an approved request. Nothing in it may be of another currency than its own, except a conversion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Its id.
    pub id: ClaimId,
    /// The pack by which it is judged, once it is pinned.
    #[serde(default)]
    pub pack: Option<PackPin>,
    /// What kind of claim it is.
    pub kind: ClaimKind,
    /// Whether it is the last one on its request.
    #[serde(default)]
    pub closing: bool,
    /// When it was submitted the last time; absent while it is being written.
    #[serde(default)]
    pub submitted_at: Option<Timestamp>,
    /// When it was last rejected: sent back by people, or by the time that they had.
    #[serde(default)]
    pub rejected_at: Option<Timestamp>,
    /// When what was rejected had been submitted: whether it came in time is decided by this, and what follows by C6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_since: Option<Timestamp>,
    /// When the vendor first answered.
    #[serde(default)]
    pub answered_at: Option<Timestamp>,
    /// When it was approved.
    #[serde(default)]
    pub approved_at: Option<Timestamp>,
    /// When the results form was handed in.
    #[serde(default)]
    pub results_at: Option<Timestamp>,
    /// The currency of everything in it.
    pub currency: Currency,
    /// What is claimed.
    pub amount: Money,
    /// The cost, line by line.
    #[serde(default)]
    pub lines: Vec<Line>,
    /// Why the invoices add up to something else than the cost.
    #[serde(default)]
    pub partial_funding: String,
    /// Money from others for the same activity.
    #[serde(default)]
    pub income: Vec<Income>,
    /// Several payees, where it is shared.
    #[serde(default)]
    pub shares: Vec<Share>,
    /// The conversion into the currency of the payment profile.
    #[serde(default)]
    pub conversion: Option<Conversion>,
    /// How tax is treated.
    #[serde(default)]
    pub tax: Option<Tax>,
    /// Files.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// Invoices.
    #[serde(default)]
    pub invoices: Vec<Invoice>,
    /// Why there is no attendance sheet.
    #[serde(default)]
    pub no_attendance_because: String,
    /// Leads and opportunities recorded from the activity.
    #[serde(default)]
    pub leads_recorded: u32,
    /// Results, by metric.
    #[serde(default)]
    pub metrics: BTreeMap<String, i64>,
    /// The check of logo, brand and claims.
    #[serde(default)]
    pub brand_check: Option<BrandCheck>,
    /// A list of persons handed over.
    #[serde(default)]
    pub lead_list: Option<LeadList>,
    /// Who refused it, if somebody did.
    #[serde(default)]
    pub refusal: Option<Refusal>,
    /// When all proof was there.
    #[serde(default)]
    pub proof_complete_on: Option<Date>,
    /// Reminders sent, by the days that were left.
    #[serde(default)]
    pub reminders_sent: Vec<u32>,
    /// Extensions of its deadline.
    #[serde(default)]
    pub extensions: Vec<DeadlineExtension>,
    /// Votes for it.
    #[serde(default)]
    pub votes: Vec<Vote>,
    /// Times in which the partner owed data.
    #[serde(default)]
    pub pauses: Vec<Pause>,
    /// Whether a person audited it, and found it in order.
    #[serde(default)]
    pub audited: bool,
    /// What a person who audited it found not to be in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_found: Option<String>,
    /// An advance paid before.
    #[serde(default)]
    pub advance: Option<Advance>,
}

/// What kind of claim it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// After the activity.
    Regular,
    /// Before it, against later proof.
    Advance,
    /// For a part that is done.
    Milestone,
    /// For what the vendor gives itself, in goods or services: nothing is paid out.
    InKind,
}

/// One line of cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What it is, in words.
    pub what: String,
    /// Its kind, such as `venue` or `alcohol`.
    pub kind: String,
    /// What it cost.
    pub amount: Money,
    /// First day of the service.
    pub from: Date,
    /// Last day of the service.
    pub until: Date,
}

/// Money from others for the same activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Income {
    /// From whom, such as `ticket sales`.
    pub from: String,
    /// How much.
    pub amount: Money,
}

/// One payee's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Who is paid.
    pub payee: PartyId,
    /// The weight of the part, as agreed.
    pub weight: u64,
    /// What the part comes to.
    pub amount: Money,
}

/// A conversion at a pinned rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversion {
    /// Units of the target for one unit of the claim's currency.
    pub rate: Decimal,
    /// The day that the rate is of; the first of the month for a monthly average.
    pub day: Date,
    /// Who published it.
    pub source: String,
    /// When it was written down.
    pub pinned_at: Timestamp,
    /// What the claimed amount comes to.
    pub amount: Money,
}

/// How tax is treated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tax {
    /// Whether cost is counted with or without tax.
    pub basis: TaxBasis,
    /// Whether the vendor bills itself, with the partner's consent.
    #[serde(default)]
    pub self_billing: bool,
    /// Whether the tax is owed by the payer.
    #[serde(default)]
    pub reverse_charge: bool,
    /// Tax withheld, as a line of its own.
    #[serde(default)]
    pub withheld: Option<Money>,
}

/// With or without tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxBasis {
    /// Without.
    Net,
    /// With.
    Gross,
}

/// The check of logo, brand and claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandCheck {
    /// Whether everything was in order.
    pub passed: bool,
    /// What was not.
    #[serde(default)]
    pub note: String,
}

/// A list of persons handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadList {
    /// How many persons.
    pub persons: u32,
    /// The legal basis, such as `consent`.
    #[serde(default)]
    pub basis: Option<String>,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// By whom.
    pub by: Decider,
    /// Why.
    pub reason: String,
}

/// Who can have refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decider {
    /// A person.
    Person,
    /// A deterministic rule.
    Rule,
    /// A model's opinion.
    Machine,
}

/// A later deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlineExtension {
    /// Who asked for it.
    pub asked_by: PersonId,
    /// Why.
    pub reason: String,
    /// The new last day.
    pub until: Date,
    /// Who approved it.
    #[serde(default)]
    pub approved_by: Option<PersonId>,
}

/// A time in which the partner owed data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// Its first day.
    pub from: Date,
    /// The day on which the data came; open where absent.
    #[serde(default)]
    pub until: Option<Date>,
}

/// Money paid before proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// Paid.
    pub paid: Money,
    /// Proven by evidence.
    pub proven: Money,
    /// Of what is proven: spent on something else than what was approved.
    pub misused: Money,
    /// Given back.
    pub returned: Money,
}

impl Claim {
    /// When it came, as its deadline sees it: what people have sent back came when it came first, and how long it may take to come
    /// again is for C6 to say.
    pub fn came_at(&self) -> Option<Timestamp> {
        self.kept_since.filter(|_| self.rejected_at.is_some()).or(self.submitted_at)
    }

    /// The sum of its lines.
    ///
    /// # Errors
    /// When a line is of another currency, or the sum is too large.
    pub fn cost(&self) -> Result<Money, crate::money::MoneyError> {
        Money::sum(self.currency, self.lines.iter().map(|line| line.amount))
    }
}
