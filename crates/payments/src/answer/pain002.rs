//! `pain.002`: a bank's report on a payment file, of any version whose status elements are those of 2009 to 2019.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{
    Outcome, PaymentOutcome,
    reason::{self, ReasonCode},
};
use crate::{
    fault::{ReadError, ReadFault, shown},
    file::{Group, PaymentFile, Transfer},
    xml::{self, Element},
};

/// What every namespace of the message begins with.
const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.";

/// Reads a report on a file. What is said of the whole file or of a group holds for each of its transfers of which
/// nothing more is said; transfers of which nothing is said have no outcome. They come in the order of the file.
///
/// # Errors
/// When it is no such report, answers another file, names what is not in the file, has a status that is not known, or
/// contradicts itself.
pub fn read(bytes: &[u8], sent: &PaymentFile) -> Result<Vec<PaymentOutcome>, ReadError> {
    let document = xml::parse(bytes)?;
    if document.name != "Document" || !document.namespaces().any(|declared| declared.starts_with(NAMESPACE)) {
        let found = shown(document.namespaces().next().unwrap_or(&document.name));
        return Err(document.fault(ReadFault::OtherDocument { expected: "pain.002", found }));
    }
    let report = document.need("CstmrPmtStsRpt")?;
    let original = report.need("OrgnlGrpInfAndSts")?;
    answers(original, sent)?;
    let told_on = report.need("GrpHdr")?.need("CreDtTm")?.day()?;
    let whole = Standing::read(original, "GrpSts", told_on)?;
    let mut told = BTreeMap::new();
    for info in report.all("OrgnlPmtInfAndSts") {
        let id = info.need("OrgnlPmtInfId")?;
        if !sent.groups().iter().any(|group| group.id().as_str() == id.text()) {
            return Err(id.fault(ReadFault::Unknown(shown(id.text()))));
        }
        if told.insert(id.text(), info).is_some() {
            return Err(id.fault(ReadFault::Twice));
        }
    }
    let mut outcomes = Vec::new();
    for group in sent.groups() {
        match told.get(group.id().as_str()) {
            Some(info) => read_group(group, info, whole.as_ref(), told_on, &mut outcomes)?,
            None => {
                outcomes.extend(group.transfers().iter().filter_map(|transfer| inherited(transfer, whole.as_ref())))
            }
        }
    }
    Ok(outcomes)
}

/// The report is about this file.
fn answers(original: &Element, sent: &PaymentFile) -> Result<(), ReadError> {
    let (id, name) = (original.need("OrgnlMsgId")?, original.need("OrgnlMsgNmId")?);
    let expected = sent.message_id().to_string();
    if id.text() != expected {
        return Err(id.fault(ReadFault::OtherFile { expected, found: shown(id.text()) }));
    }
    if !name.text().starts_with("pain.001") {
        return Err(name.fault(ReadFault::OtherDocument { expected: "pain.001", found: shown(name.text()) }));
    }
    Ok(())
}

fn read_group(
    group: &Group,
    info: &Element,
    whole: Option<&Standing>,
    told_on: Date,
    outcomes: &mut Vec<PaymentOutcome>,
) -> Result<(), ReadError> {
    let own = Standing::read(info, "PmtInfSts", told_on)?;
    if let Some(own) = &own {
        own.fits_into(whole, info)?;
    }
    let above = own.as_ref().or(whole);
    let sent: BTreeSet<&str> = group.transfers().iter().map(|transfer| transfer.end_to_end_id().as_str()).collect();
    let mut told = BTreeMap::new();
    for element in info.all("TxInfAndSts") {
        let id = element.need("OrgnlEndToEndId")?;
        if !sent.contains(id.text()) {
            return Err(id.fault(ReadFault::Unknown(shown(id.text()))));
        }
        if told.insert(id.text(), element).is_some() {
            return Err(id.fault(ReadFault::Twice));
        }
    }
    for transfer in group.transfers() {
        let outcome = match told.get(transfer.end_to_end_id().as_str()) {
            Some(element) => read_transfer(transfer, element, above, told_on)?,
            None => inherited(transfer, above),
        };
        outcomes.extend(outcome);
    }
    Ok(())
}

fn read_transfer(
    transfer: &Transfer,
    element: &Element,
    above: Option<&Standing>,
    told_on: Date,
) -> Result<Option<PaymentOutcome>, ReadError> {
    let amount = element.path(&["OrgnlTxRef", "Amt", "InstdAmt"])?;
    let told = amount.map(Element::money).transpose()?;
    if let (Some(element), Some(told)) = (amount, told)
        && told != transfer.amount()
    {
        let (told, found) = (told.to_string(), transfer.amount().to_string());
        return Err(element.fault(ReadFault::Sum { told, found }));
    }
    let settled_on = match element.path(&["FctvIntrBkSttlmDt", "Dt"])? {
        None => element.path(&["OrgnlTxRef", "IntrBkSttlmDt"])?,
        effective => effective,
    };
    let settled_on = settled_on.map_or(Ok(told_on), Element::day)?;
    let Some(own) = Standing::read(element, "TxSts", settled_on)? else {
        return Ok(inherited(transfer, above).map(|outcome| PaymentOutcome { amount: told, ..outcome }));
    };
    own.fits_into(above, element)?;
    let Some(outcome) = own.outcome else {
        return Err(element.fault(ReadFault::UnknownStatus(own.word)));
    };
    Ok(Some(PaymentOutcome { end_to_end_id: transfer.end_to_end_id().clone(), outcome, amount: told }))
}

/// What holds for a transfer of which nothing is said, by what is said of the whole.
fn inherited(transfer: &Transfer, above: Option<&Standing>) -> Option<PaymentOutcome> {
    let outcome = above?.outcome.clone()?;
    Some(PaymentOutcome { end_to_end_id: transfer.end_to_end_id().clone(), outcome, amount: None })
}

/// What a status says of a file, a group or a transfer.
struct Standing {
    word: String,
    /// `None` where it differs from transfer to transfer.
    outcome: Option<Outcome>,
}

impl Standing {
    /// The status in the child of this name, if there is one.
    fn read(element: &Element, name: &str, on: Date) -> Result<Option<Standing>, ReadError> {
        let Some(status) = element.one(name)? else { return Ok(None) };
        let outcome = match status.text() {
            "RCVD" | "PDNG" | "ACTC" | "ACCP" | "ACFC" | "ACWC" | "ACSP" | "ACWP" => Some(Outcome::Pending),
            "PART" | "PATC" => None,
            "ACSC" | "ACCC" => Some(Outcome::Settled { on }),
            "RJCT" | "CANC" => {
                let (code, words): (ReasonCode, String) =
                    reason::or_unspecified(reason::of_elements(element.all("StsRsnInf"))?);
                Some(Outcome::Rejected { code, words })
            }
            unknown => return Err(status.fault(ReadFault::UnknownStatus(shown(unknown)))),
        };
        Ok(Some(Standing { word: status.text().to_owned(), outcome }))
    }

    /// Nothing of what was rejected as a whole can be anything but rejected.
    fn fits_into(&self, above: Option<&Standing>, element: &Element) -> Result<(), ReadError> {
        let rejected = |standing: &Standing| matches!(standing.outcome, Some(Outcome::Rejected { .. }));
        match above.filter(|above| rejected(above) && !rejected(self)) {
            Some(above) => {
                let (above, below) = (above.word.clone(), self.word.clone());
                Err(element.fault(ReadFault::Contradiction { above, below }))
            }
            None => Ok(()),
        }
    }
}
