//! A payment file: groups of transfers that are valid together.

mod flaw;
mod group;
mod transfer;

use std::collections::BTreeSet;

use jiff::{Timestamp, Unit};
use rust_decimal::Decimal;

pub use flaw::{Field, FileError, Flaw, Place};
pub use group::{Group, GroupDraft};
pub use transfer::{AccountDraft, Transfer, TransferDraft};

use crate::value::{Reference, Wording};

/// What a payment file is made of, before anything of it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDraft {
    /// Its id, which the bank's answers repeat: 1 to 35 characters, never used again.
    pub message_id: String,
    /// When it was made; whole seconds count.
    pub created_at: Timestamp,
    /// The legal entity that sends it.
    pub initiating_party: String,
    /// One group per debited account and currency.
    pub groups: Vec<GroupDraft>,
}

/// A payment file. There is none that is empty, mixes currencies in a group, or holds an id twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentFile {
    message_id: Reference,
    created_at: Timestamp,
    initiating_party: Wording,
    groups: Vec<Group>,
}

impl PaymentFile {
    /// Checks everything and makes the file.
    ///
    /// # Errors
    /// The first thing that is wrong, with the transfer and the field.
    pub fn new(draft: FileDraft) -> Result<PaymentFile, FileError> {
        let of = |field| move |flaw| FileError { place: Place::File, field, flaw };
        let message_id = Reference::parse(&draft.message_id).map_err(of(Field::MessageId))?;
        let initiating_party = Wording::spell(&draft.initiating_party).map_err(of(Field::InitiatingParty))?;
        // Cutting off is within the range that it came from.
        let created_at = draft.created_at.round(rounding()).unwrap_or(draft.created_at);
        let groups = draft.groups.into_iter().map(Group::new).collect::<Result<Vec<Group>, FileError>>()?;
        if groups.is_empty() {
            return Err(of(Field::Groups)(Flaw::Empty));
        }
        apart(&groups)?;
        let file = PaymentFile { message_id, created_at, initiating_party, groups };
        fits_sum(file.control_sum()).map_err(of(Field::ControlSum))?;
        Ok(file)
    }

    /// Its id.
    pub fn message_id(&self) -> &Reference {
        &self.message_id
    }

    /// When it was made, in whole seconds.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// Who sends it.
    pub fn initiating_party(&self) -> &Wording {
        &self.initiating_party
    }

    /// Its groups, in the order in which they were given.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// All transfers, group by group.
    pub fn transfers(&self) -> impl Iterator<Item = &Transfer> {
        self.groups.iter().flat_map(Group::transfers)
    }

    /// The sum of all amounts whatever their currency: no amount of money, only a check (`CtrlSum` of the file).
    pub fn control_sum(&self) -> Decimal {
        self.groups.iter().map(|group| group.total().decimal()).sum()
    }
}

fn rounding() -> jiff::TimestampRound {
    jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Floor)
}

/// Refuses ids that are there twice, and accounts that are debited by two groups in one currency.
fn apart(groups: &[Group]) -> Result<(), FileError> {
    let (mut ids, mut accounts, mut transfers) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for group in groups {
        let of = |field, flaw| FileError { place: Place::Group(group.id().to_string()), field, flaw };
        if !ids.insert(group.id()) {
            return Err(of(Field::GroupId, Flaw::Doubled));
        }
        if !accounts.insert((group.debtor_account(), group.currency())) {
            return Err(of(Field::DebtorAccount, Flaw::AccountTwice { currency: group.currency() }));
        }
        for transfer in group.transfers() {
            if !transfers.insert(transfer.end_to_end_id()) {
                let place = Place::Transfer(transfer.end_to_end_id().to_string());
                return Err(FileError { place, field: Field::EndToEndId, flaw: Flaw::Doubled });
            }
        }
    }
    Ok(())
}

/// Whether a sum has at most 18 digits, as the schema wants it.
fn fits_sum(sum: Decimal) -> Result<(), Flaw> {
    if sum.mantissa() < 10_i128.pow(18) { Ok(()) } else { Err(Flaw::TooLarge) }
}
