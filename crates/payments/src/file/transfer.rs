//! One payment to one payee.

use entente_core::money::Money;

use super::{Field, FileError, Flaw, Place};
use crate::value::{Account, AccountId, Bic, CountryCode, Iban, Reference, Wording};

/// An account before it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountDraft {
    /// An IBAN; spaces are forgiven.
    Iban(String),
    /// Any other number, where IBANs are not used.
    Other(String),
}

impl AccountDraft {
    pub(super) fn check(&self) -> Result<Account, Flaw> {
        match self {
            AccountDraft::Iban(text) => Iban::parse(text).map(Account::Iban),
            AccountDraft::Other(text) => AccountId::parse(text).map(Account::Other),
        }
    }
}

/// A transfer before it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferDraft {
    /// Its id, which every answer repeats: 1 to 35 characters, unique in the file.
    pub end_to_end_id: String,
    /// How much; more than zero, in the group's currency.
    pub amount: Money,
    /// Who is paid; transliterated.
    pub creditor_name: String,
    /// Where the money goes.
    pub creditor_account: AccountDraft,
    /// The bank of that account.
    pub creditor_bic: Option<String>,
    /// Where the payee is, as ISO 3166 codes it.
    pub creditor_country: String,
    /// What the payee reads; transliterated. Nothing when empty.
    pub remittance: String,
}

/// A transfer that can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    end_to_end_id: Reference,
    amount: Money,
    creditor_name: Wording,
    creditor_account: Account,
    creditor_bic: Option<Bic>,
    creditor_country: CountryCode,
    remittance: Option<Wording>,
}

impl Transfer {
    pub(super) fn new(draft: TransferDraft) -> Result<Transfer, FileError> {
        let place = || Place::Transfer(draft.end_to_end_id.clone());
        let of = |field| move |flaw| FileError { place: place(), field, flaw };
        let remittance = match draft.remittance.trim() {
            "" => None,
            text => Some(Wording::spell(text).map_err(of(Field::Remittance))?),
        };
        Ok(Transfer {
            end_to_end_id: Reference::parse(&draft.end_to_end_id).map_err(of(Field::EndToEndId))?,
            amount: payable(draft.amount).map_err(of(Field::Amount))?,
            creditor_name: Wording::spell(&draft.creditor_name).map_err(of(Field::CreditorName))?,
            creditor_account: draft.creditor_account.check().map_err(of(Field::CreditorAccount))?,
            creditor_bic: draft.creditor_bic.as_deref().map(Bic::parse).transpose().map_err(of(Field::CreditorBic))?,
            creditor_country: CountryCode::parse(&draft.creditor_country).map_err(of(Field::CreditorCountry))?,
            remittance,
        })
    }

    /// Its id.
    pub fn end_to_end_id(&self) -> &Reference {
        &self.end_to_end_id
    }

    /// How much; more than zero.
    pub fn amount(&self) -> Money {
        self.amount
    }

    /// Who is paid.
    pub fn creditor_name(&self) -> &Wording {
        &self.creditor_name
    }

    /// Where the money goes.
    pub fn creditor_account(&self) -> &Account {
        &self.creditor_account
    }

    /// The bank of that account.
    pub fn creditor_bic(&self) -> Option<&Bic> {
        self.creditor_bic.as_ref()
    }

    /// Where the payee is.
    pub fn creditor_country(&self) -> CountryCode {
        self.creditor_country
    }

    /// What the payee reads.
    pub fn remittance(&self) -> Option<&Wording> {
        self.remittance.as_ref()
    }

    /// An error about one of its fields.
    pub(super) fn error(&self, field: Field, flaw: Flaw) -> FileError {
        FileError { place: Place::Transfer(self.end_to_end_id.to_string()), field, flaw }
    }
}

fn payable(amount: Money) -> Result<Money, Flaw> {
    match amount.minor {
        ..=0 => Err(Flaw::NotPositive { amount }),
        minor if minor >= 10_i64.pow(18) => Err(Flaw::TooLarge),
        _ => Ok(amount),
    }
}
