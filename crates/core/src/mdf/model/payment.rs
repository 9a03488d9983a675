//! From an approved claim to money, and back.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    ids::PersonId,
    money::{Currency, Money},
};

/// The payout of an approved claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payout {
    /// In which way it is paid.
    pub kind: PayoutKind,
    /// How it stands.
    pub status: PayoutStatus,
    /// What was approved.
    pub approved: Money,
    /// The currency that is paid.
    pub currency: Currency,
    /// The instalments that are paid or planned.
    #[serde(default)]
    pub instalments: Vec<Money>,
    /// Whether no further instalment follows.
    #[serde(default)]
    pub complete: bool,
    /// Who did what.
    pub duties: Duties,
    /// Hash of the documents that were approved.
    pub approved_hash: String,
    /// Hash of the documents that are paid on.
    pub paid_hash: String,
    /// First day of the month whose run it joins.
    #[serde(default)]
    pub run_month: Option<Date>,
    /// When it was paid.
    #[serde(default)]
    pub paid_at: Option<Timestamp>,
    /// When the partner's invoice came.
    #[serde(default)]
    pub invoiced_on: Option<Date>,
    /// When the vendor issued a credit note for the partner.
    #[serde(default)]
    pub self_billed_on: Option<Date>,
    /// When the bank sent it back.
    #[serde(default)]
    pub returned_on: Option<Date>,
    /// Whether the claim itself was opened again.
    #[serde(default)]
    pub claim_reopened: bool,
    /// Money that is taken back.
    #[serde(default)]
    pub clawback: Option<Clawback>,
}

/// In which way money is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutKind {
    /// A bank transfer.
    Bank,
    /// A credit note.
    CreditNote,
    /// Credits at a cloud provider.
    CloudCredits,
    /// A line on a commission statement.
    CommissionLine,
    /// A prepaid card.
    PrepaidCard,
}

impl PayoutKind {
    /// Its word in packs.
    pub fn word(self) -> &'static str {
        match self {
            PayoutKind::Bank => "bank",
            PayoutKind::CreditNote => "credit_note",
            PayoutKind::CloudCredits => "cloud_credits",
            PayoutKind::CommissionLine => "commission_line",
            PayoutKind::PrepaidCard => "prepaid_card",
        }
    }
}

/// How a payout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutStatus {
    /// Owed and in no run.
    Payable,
    /// In a run.
    Scheduled,
    /// Paid.
    Paid,
}

/// Who did what for one payout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duties {
    /// Who asked for the money.
    pub requester: PersonId,
    /// Who checked the proof.
    #[serde(default)]
    pub validator: Option<PersonId>,
    /// Who agreed for finance.
    #[serde(default)]
    pub finance: Option<PersonId>,
    /// Who agreed to how a dispute of it was settled.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub settled_by: BTreeSet<PersonId>,
    /// Who released the payment.
    #[serde(default)]
    pub payer: Option<PersonId>,
    /// Who released it as well.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub payers_besides: BTreeSet<PersonId>,
    /// Who last edited the bank details.
    #[serde(default)]
    pub bank_editor: Option<PersonId>,
    /// Who confirmed them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_confirmer: Option<PersonId>,
    /// Who benefits.
    #[serde(default)]
    pub beneficiaries: BTreeSet<PersonId>,
    /// The month of the last compensating review, first day.
    #[serde(default)]
    pub reviewed_month: Option<Date>,
}

/// Money that is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clawback {
    /// How much.
    pub amount: Money,
    /// What the next statement pays before it.
    pub next_statement: Money,
    /// Taken off that statement.
    pub netted: Money,
    /// Invoiced to the partner.
    pub invoiced: Money,
}

/// The end of a programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// For which day it was asked.
    pub on: Date,
    /// Reservations that are still open.
    pub open_reservations: u32,
    /// Payouts that are not settled.
    pub pending_payouts: u32,
    /// Disputes that are not settled.
    pub disputes: u32,
}
