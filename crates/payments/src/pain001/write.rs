//! Writing `pain.001`.

use std::io;

use super::{Version, elements::Elements};
use crate::{
    file::{Group, PaymentFile, Transfer},
    value::{Account, Bic},
};

/// What stands for a bank that the account's IBAN names already.
pub(super) const NOT_PROVIDED: &str = "NOTPROVIDED";

/// Writes the file as XML; the same file gives the same bytes.
///
/// # Errors
/// Those of `out`.
pub fn write(file: &PaymentFile, version: Version, out: impl io::Write) -> io::Result<()> {
    let mut elements = Elements::begin(out)?;
    elements.of_namespace(("Document", version.namespace()), |document| {
        document.holding("CstmrCdtTrfInitn", |initiation| {
            initiation.holding("GrpHdr", |header| {
                header.text("MsgId", file.message_id().as_str())?;
                header.text("CreDtTm", &file.created_at().to_string())?;
                header.text("NbOfTxs", &file.transfers().count().to_string())?;
                header.text("CtrlSum", &file.control_sum().to_string())?;
                header.holding("InitgPty", |party| party.text("Nm", file.initiating_party().as_str()))
            })?;
            file.groups().iter().try_for_each(|group| write_group(initiation, group, version))
        })
    })?;
    elements.end()
}

fn write_group<W: io::Write>(out: &mut Elements<W>, group: &Group, version: Version) -> io::Result<()> {
    let all_sepa = group.is_all_sepa();
    out.holding("PmtInf", |info| {
        info.text("PmtInfId", group.id().as_str())?;
        info.text("PmtMtd", "TRF")?;
        info.text("NbOfTxs", &group.transfers().len().to_string())?;
        info.text("CtrlSum", &group.total().decimal().to_string())?;
        if all_sepa {
            write_sepa(info)?;
        }
        match version {
            Version::V03 => info.text("ReqdExctnDt", &group.execute_on().to_string())?,
            Version::V09 => info.holding("ReqdExctnDt", |day| day.text("Dt", &group.execute_on().to_string()))?,
        }
        info.holding("Dbtr", |debtor| debtor.text("Nm", group.debtor_name().as_str()))?;
        info.holding("DbtrAcct", |account| {
            write_account(account, group.debtor_account())?;
            account.text("Ccy", group.currency().code())
        })?;
        info.holding("DbtrAgt", |agent| match group.debtor_bic() {
            Some(bic) => write_bank(agent, bic, version),
            None => agent.holding("FinInstnId", |bank| bank.holding("Othr", |other| other.text("Id", NOT_PROVIDED))),
        })?;
        if all_sepa {
            info.text("ChrgBr", "SLEV")?;
        }
        group.transfers().iter().try_for_each(|transfer| {
            // Said once for the group where it holds for all of it, and for each transfer otherwise.
            let sepa = (!all_sepa).then(|| group.is_sepa(transfer));
            write_transfer(info, transfer, sepa, version)
        })
    })
}

/// `sepa` says whether the transfer goes by SEPA where the group has not said it.
fn write_transfer<W: io::Write>(
    out: &mut Elements<W>,
    transfer: &Transfer,
    sepa: Option<bool>,
    version: Version,
) -> io::Result<()> {
    out.holding("CdtTrfTxInf", |info| {
        info.holding("PmtId", |id| id.text("EndToEndId", transfer.end_to_end_id().as_str()))?;
        if sepa == Some(true) {
            write_sepa(info)?;
        }
        let amount = transfer.amount();
        info.holding("Amt", |outer| outer.amount("InstdAmt", &amount.decimal().to_string(), amount.currency.code()))?;
        if let Some(sepa) = sepa {
            // SEPA has one rule for charges; elsewhere each side pays its own bank.
            info.text("ChrgBr", if sepa { "SLEV" } else { "SHAR" })?;
        }
        if let Some(bic) = transfer.creditor_bic() {
            info.holding("CdtrAgt", |agent| write_bank(agent, bic, version))?;
        }
        info.holding("Cdtr", |creditor| {
            creditor.text("Nm", transfer.creditor_name().as_str())?;
            creditor.holding("PstlAdr", |address| address.text("Ctry", &transfer.creditor_country().to_string()))
        })?;
        info.holding("CdtrAcct", |account| write_account(account, transfer.creditor_account()))?;
        match transfer.remittance() {
            Some(text) => info.holding("RmtInf", |remittance| remittance.text("Ustrd", text.as_str())),
            None => Ok(()),
        }
    })
}

fn write_sepa<W: io::Write>(out: &mut Elements<W>) -> io::Result<()> {
    out.holding("PmtTpInf", |kind| kind.holding("SvcLvl", |level| level.text("Cd", "SEPA")))
}

fn write_account<W: io::Write>(out: &mut Elements<W>, account: &Account) -> io::Result<()> {
    out.holding("Id", |id| match account {
        Account::Iban(iban) => id.text("IBAN", iban.as_str()),
        Account::Other(number) => id.holding("Othr", |other| other.text("Id", number.as_str())),
    })
}

fn write_bank<W: io::Write>(out: &mut Elements<W>, bic: &Bic, version: Version) -> io::Result<()> {
    out.holding("FinInstnId", |bank| bank.text(version.bic_element(), bic.as_str()))
}
