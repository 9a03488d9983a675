//! Reading `pain.001` back: what was sent, as answers are compared with it.

use entente_core::money::{Currency, Money};

use super::{Version, write::NOT_PROVIDED};
use crate::{
    fault::{ReadError, ReadFault, shown},
    file::{AccountDraft, FileDraft, GroupDraft, PaymentFile, TransferDraft},
    xml::{self, Element},
};

/// Reads a file that [`write`](super::write()) wrote, and proves its counts and sums again.
///
/// # Errors
/// When it is no such file, with the line and the element.
pub fn read(bytes: &[u8]) -> Result<(PaymentFile, Version), ReadError> {
    let document = xml::parse(bytes)?;
    let of = |version: &Version| document.namespaces().any(|declared| declared == version.namespace());
    let version = Version::ALL.into_iter().find(of).filter(|_| document.name == "Document").ok_or_else(|| {
        let found = document.namespaces().next().unwrap_or(&document.name);
        document.fault(ReadFault::OtherDocument { expected: "pain.001", found: shown(found) })
    })?;
    let initiation = document.need("CstmrCdtTrfInitn")?;
    let header = initiation.need("GrpHdr")?;
    let groups = initiation.all("PmtInf").map(|info| read_group(info, version));
    let draft = FileDraft {
        message_id: header.need("MsgId")?.text().to_owned(),
        created_at: header.need("CreDtTm")?.instant()?,
        initiating_party: header.need("InitgPty")?.need("Nm")?.text().to_owned(),
        groups: groups.collect::<Result<Vec<GroupDraft>, ReadError>>()?,
    };
    let file = PaymentFile::new(draft).map_err(|error| initiation.fault(ReadFault::Invalid(Box::new(error))))?;
    agree(header.need("NbOfTxs")?, &file.transfers().count().to_string())?;
    agree(header.need("CtrlSum")?, &file.control_sum().to_string())?;
    for (info, group) in initiation.all("PmtInf").zip(file.groups()) {
        agree(info.need("NbOfTxs")?, &group.transfers().len().to_string())?;
        agree(info.need("CtrlSum")?, &group.total().decimal().to_string())?;
    }
    Ok((file, version))
}

/// What is told of the file is what is there.
fn agree(told: &Element, found: &str) -> Result<(), ReadError> {
    if told.text() == found {
        return Ok(());
    }
    Err(told.fault(ReadFault::Sum { told: shown(told.text()), found: found.to_owned() }))
}

fn read_group(info: &Element, version: Version) -> Result<GroupDraft, ReadError> {
    let account = info.need("DbtrAcct")?;
    let ccy = account.need("Ccy")?;
    let currency: Currency = ccy.text().parse().map_err(|error| ccy.fault(ReadFault::Amount(error)))?;
    let day = info.need("ReqdExctnDt")?;
    let execute_on = match version {
        Version::V03 => day.day()?,
        Version::V09 => day.need("Dt")?.day()?,
    };
    let transfers = info.all("CdtTrfTxInf").map(|transfer| read_transfer(transfer, currency, version));
    Ok(GroupDraft {
        id: info.need("PmtInfId")?.text().to_owned(),
        debtor_name: info.need("Dbtr")?.need("Nm")?.text().to_owned(),
        debtor_account: read_account(account)?,
        debtor_bic: read_bank(info.need("DbtrAgt")?, version)?,
        currency,
        execute_on,
        transfers: transfers.collect::<Result<Vec<TransferDraft>, ReadError>>()?,
    })
}

fn read_transfer(info: &Element, currency: Currency, version: Version) -> Result<TransferDraft, ReadError> {
    let creditor = info.need("Cdtr")?;
    let bic = info.one("CdtrAgt")?.map(|agent| read_bank(agent, version)).transpose()?.flatten();
    let amount = info.need("Amt")?.need("InstdAmt")?;
    let remittance = info.path(&["RmtInf", "Ustrd"])?.map(Element::text).unwrap_or_default();
    Ok(TransferDraft {
        end_to_end_id: info.need("PmtId")?.need("EndToEndId")?.text().to_owned(),
        amount: of_currency(amount, currency)?,
        creditor_name: creditor.need("Nm")?.text().to_owned(),
        creditor_account: read_account(info.need("CdtrAcct")?)?,
        creditor_bic: bic,
        creditor_country: creditor.need("PstlAdr")?.need("Ctry")?.text().to_owned(),
        remittance: remittance.to_owned(),
    })
}

fn of_currency(amount: &Element, currency: Currency) -> Result<Money, ReadError> {
    let money = amount.money()?;
    if money.currency == currency {
        return Ok(money);
    }
    Err(amount.fault(ReadFault::Currency { found: money.currency, expected: currency }))
}

fn read_account(account: &Element) -> Result<AccountDraft, ReadError> {
    let id = account.need("Id")?;
    match id.one("IBAN")? {
        Some(iban) => Ok(AccountDraft::Iban(iban.text().to_owned())),
        None => Ok(AccountDraft::Other(id.need("Othr")?.need("Id")?.text().to_owned())),
    }
}

/// A bank's BIC; `None` where it is not told.
fn read_bank(agent: &Element, version: Version) -> Result<Option<String>, ReadError> {
    let bank = agent.need("FinInstnId")?;
    if let Some(bic) = bank.one(version.bic_element())? {
        return Ok(Some(bic.text().to_owned()));
    }
    let other = bank.need("Othr")?.need("Id")?;
    match other.text() {
        NOT_PROVIDED => Ok(None),
        found => Err(other.fault(ReadFault::Unknown(shown(found)))),
    }
}
