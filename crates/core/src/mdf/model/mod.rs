//! What the rules judge: a partner, the fund, what was asked for and what is claimed, as plain data.
//!
//! Instants are absolute; a rule turns them into days in the programme's own zone. Whatever is not known is absent, and
//! a rule that needs it says so: it never counts as satisfied.

mod activity;
mod claim;
mod evidence;
mod fund;
mod partner;
mod payment;
mod request;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use activity::{Activity, Audience, Change};
pub use claim::{
    Advance, BrandCheck, Claim, ClaimKind, Conversion, DeadlineExtension, Decider, Income, LeadList, Line, Pause,
    Refusal, Share, Tax, TaxBasis,
};
pub use evidence::{EarlierClaim, Evidence, Invoice, InvoiceUse, MediaType, Scan, Supplier};
pub use fund::{
    Accrual, Budget, EarnedSplit, Fund, FundKind, FundUnit, Movement, MovementKind, PeriodChange, PeriodChangeKind,
    Queued, Statement,
};
pub use partner::{
    BankChange, Certificate, Overdue, Partner, PartnerStatus, RoiDue, Screening, ScreeningOutcome, TierSince,
};
pub use payment::{Clawback, Closing, Duties, Payout, PayoutKind, PayoutStatus};
pub use request::{
    Approval, ApprovedPlay, Edit, Goal, Hospitality, HospitalityKind, Item, JointPart, KeptPlay, Request,
    RequestStatus, StatusChange, Vote,
};

use crate::ids::{PersonId, ProgrammeId};

/// Everything that one judgement looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// When the judgement is made, in business time.
    pub now: Timestamp,
    /// The programme that is asked to pay.
    pub programme: ProgrammeId,
    /// The partner who asks.
    pub partner: Partner,
    /// The fund, where one was opened for the partner.
    #[serde(default)]
    pub fund: Option<Fund>,
    /// The request, where one was made.
    #[serde(default)]
    pub request: Option<Request>,
    /// The claim on it, from the moment it may be made.
    #[serde(default)]
    pub claim: Option<Claim>,
    /// The payout of the claim, once it is due.
    #[serde(default)]
    pub payout: Option<Payout>,
    /// Claims made before, by any partner in any programme, that share a file, an invoice or an activity with this one.
    #[serde(default)]
    pub earlier: Vec<EarlierClaim>,
    /// The end of the programme, once somebody asked for it.
    #[serde(default)]
    pub closing: Option<Closing>,
    /// Exceptions from blocking rules.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
    /// The secret that random audits are drawn with; nobody outside may foretell which claim is drawn.
    #[serde(default)]
    pub audit_seed: u64,
}

/// A dated, approved and reported exception from one blocking rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The rule.
    pub rule: crate::mdf::RuleId,
    /// Where the rule found what is lifted, as a JSON pointer: found elsewhere, it stands.
    #[serde(default)]
    pub field: String,
    /// What the rule said of it: something else that it finds stands.
    #[serde(default)]
    pub because: String,
    /// Why.
    pub reason: String,
    /// Who approved it; never the one who asked for the money.
    pub approved_by: PersonId,
    /// Until which instant it holds.
    pub until: Timestamp,
    /// When it was reported to whoever watches over exceptions.
    pub reported_at: Option<Timestamp>,
}
