//! Transfers out of one account in one currency on one day.

use entente_core::money::{Currency, Money};
use jiff::civil::Date;

use super::{AccountDraft, Field, FileError, Flaw, Place, Transfer, TransferDraft, fits_sum};
use crate::value::{Account, Bic, Reference, Wording};

/// The most characters of a name in a SEPA credit transfer (EPC132-08), which is less than the schema's 140.
const SEPA_NAME_MOST: usize = 70;

/// A group before it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupDraft {
    /// Its id, which answers about the whole group repeat: 1 to 35 characters, unique in the file.
    pub id: String,
    /// Who pays.
    pub debtor_name: String,
    /// The account that is debited.
    pub debtor_account: AccountDraft,
    /// The bank of that account.
    pub debtor_bic: Option<String>,
    /// The currency of every transfer.
    pub currency: Currency,
    /// When the bank shall do it, on its own calendar.
    pub execute_on: Date,
    /// At least one.
    pub transfers: Vec<TransferDraft>,
}

/// A group that can be sent (`PmtInf`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    id: Reference,
    debtor_name: Wording,
    debtor_account: Account,
    debtor_bic: Option<Bic>,
    execute_on: Date,
    transfers: Vec<Transfer>,
    total: Money,
}

impl Group {
    pub(super) fn new(draft: GroupDraft) -> Result<Group, FileError> {
        let place = || Place::Group(draft.id.clone());
        let of = |field| move |flaw| FileError { place: place(), field, flaw };
        let id = Reference::parse(&draft.id).map_err(of(Field::GroupId))?;
        let debtor_name = Wording::spell(&draft.debtor_name).map_err(of(Field::DebtorName))?;
        let debtor_account = draft.debtor_account.check().map_err(of(Field::DebtorAccount))?;
        let debtor_bic = draft.debtor_bic.as_deref().map(Bic::parse).transpose().map_err(of(Field::DebtorBic))?;
        if draft.transfers.is_empty() {
            return Err(of(Field::Transfers)(Flaw::Empty));
        }
        let (mut transfers, mut total) = (Vec::with_capacity(draft.transfers.len()), Money::zero(draft.currency));
        for transfer in draft.transfers {
            let transfer = Transfer::new(transfer)?;
            let (found, expected) = (transfer.amount().currency, draft.currency);
            if found != expected {
                return Err(transfer.error(Field::Amount, Flaw::OtherCurrency { found, expected }));
            }
            total = total.plus(transfer.amount()).map_err(|_| of(Field::ControlSum)(Flaw::TooLarge))?;
            transfers.push(transfer);
        }
        fits_sum(total.decimal()).map_err(of(Field::ControlSum))?;
        let group =
            Group { id, debtor_name, debtor_account, debtor_bic, execute_on: draft.execute_on, transfers, total };
        group.check_sepa_names()?;
        Ok(group)
    }

    fn check_sepa_names(&self) -> Result<(), FileError> {
        let mut sepa = self.transfers.iter().filter(|transfer| self.is_sepa(transfer)).peekable();
        if sepa.peek().is_some() {
            let of = |flaw| FileError { place: Place::Group(self.id.to_string()), field: Field::DebtorName, flaw };
            self.debtor_name.within(SEPA_NAME_MOST).map_err(of)?;
        }
        sepa.try_for_each(|transfer| {
            let fits = transfer.creditor_name().within(SEPA_NAME_MOST);
            fits.map_err(|flaw| transfer.error(Field::CreditorName, flaw))
        })
    }

    /// Its id.
    pub fn id(&self) -> &Reference {
        &self.id
    }

    /// Who pays.
    pub fn debtor_name(&self) -> &Wording {
        &self.debtor_name
    }

    /// The account that is debited.
    pub fn debtor_account(&self) -> &Account {
        &self.debtor_account
    }

    /// The bank of that account.
    pub fn debtor_bic(&self) -> Option<&Bic> {
        self.debtor_bic.as_ref()
    }

    /// The currency of every transfer.
    pub fn currency(&self) -> Currency {
        self.total.currency
    }

    /// When the bank shall do it.
    pub fn execute_on(&self) -> Date {
        self.execute_on
    }

    /// Its transfers, in the order in which they were given; at least one.
    pub fn transfers(&self) -> &[Transfer] {
        &self.transfers
    }

    /// What is debited in all (`CtrlSum` of the group).
    pub fn total(&self) -> Money {
        self.total
    }

    /// Whether a transfer of this group goes as a SEPA credit transfer: euros, between two accounts of the SEPA area.
    pub fn is_sepa(&self, transfer: &Transfer) -> bool {
        let in_area = self.debtor_account.is_sepa() && transfer.creditor_account().is_sepa();
        in_area && self.currency().code() == "EUR"
    }

    /// Whether every transfer does.
    pub fn is_all_sepa(&self) -> bool {
        self.transfers.iter().all(|transfer| self.is_sepa(transfer))
    }
}
