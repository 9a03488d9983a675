//! What is owed to one payee.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{ids::PartyId, money::Money};

/// One payee's part of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payee {
    /// Who is paid.
    pub payee: PartyId,
    /// The weight of the part, as agreed: parts add up to the whole, to the last minor unit.
    pub weight: u64,
}

/// What is owed to one payee of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payable {
    /// Who is paid.
    pub payee: PartyId,
    /// How much of it is owed, scheduled or was paid last; disputed parts are taken off.
    pub amount: Money,
    /// What of it had been paid before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_before: Option<Money>,
    /// How it stands.
    pub status: PayableStatus,
    /// The payout run that it is in, or was paid by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payout: Option<String>,
    /// When the bank paid it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_on: Option<Date>,
    /// Why the bank last refused or returned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<String>,
}

/// How a payable stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayableStatus {
    /// Owed, and in no payout run.
    Owed,
    /// In a payout run.
    Scheduled,
    /// Paid.
    Paid,
}

impl Payable {
    /// What has been paid of it in all.
    pub fn paid_in_all(&self) -> Money {
        let before = self.paid_before.unwrap_or(Money::zero(self.amount.currency));
        match self.status {
            PayableStatus::Paid => before.plus(self.amount).unwrap_or(before),
            PayableStatus::Owed | PayableStatus::Scheduled => before,
        }
    }

    /// Owes more: beside what is owed, or anew once that was paid.
    pub(super) fn owe_more(&mut self, more: Money) {
        match self.status {
            PayableStatus::Paid if more.minor > 0 => {
                self.paid_before = Some(self.paid_in_all());
                self.amount = more;
                self.status = PayableStatus::Owed;
                self.payout = None;
                self.paid_on = None;
            }
            PayableStatus::Paid => {}
            PayableStatus::Owed | PayableStatus::Scheduled => {
                self.amount = self.amount.plus(more).unwrap_or(self.amount)
            }
        }
    }

    /// The key under which the ledger keeps it.
    pub fn ledger_key(claim: &str, payee: &PartyId) -> String {
        format!("payable/{claim}/{payee}")
    }
}
