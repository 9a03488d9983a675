//! What became of a partner: its bank details, by reference.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::PersonId;

/// Bank details as a run knows them. The details themselves are kept apart, under their hash, and are in no history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankReference {
    /// SHA-256 of the details.
    pub sha256: String,
    /// What people are shown of the account, such as `DE.. .. 3000`.
    pub shown: String,
    /// Who entered them.
    pub by: PersonId,
    /// When, in business time.
    pub at: Timestamp,
    /// Who confirmed them: another person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<PersonId>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
}

/// What became of a partner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerCourse {
    /// The details that payments go to once they are confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankReference>,
    /// Those that were replaced, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<BankReference>,
    /// Why it is suspended or has left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

impl PartnerCourse {
    /// The details that a payment may go to: entered by one person and confirmed by another.
    pub fn confirmed(&self) -> Option<&BankReference> {
        self.bank.as_ref().filter(|bank| bank.confirmed_by.is_some())
    }
}
