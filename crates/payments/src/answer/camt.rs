//! `camt.053` and `camt.054`: what was booked on an account.

use jiff::civil::Date;

use super::{Outcome, PaymentOutcome, reason};
use crate::{
    fault::{ReadError, ReadFault, shown},
    value::Reference,
    xml::{self, Element},
};

/// Each message that is read: what its namespaces begin with, and the elements down to the entries.
const MESSAGES: [(&str, &str, &str); 2] = [
    ("urn:iso:std:iso:20022:tech:xsd:camt.053.001.", "BkToCstmrStmt", "Stmt"),
    ("urn:iso:std:iso:20022:tech:xsd:camt.054.001.", "BkToCstmrDbtCdtNtfctn", "Ntfctn"),
];

/// What stands for an end-to-end id that the sender did not give.
const NO_ID: &str = "NOTPROVIDED";

/// Reads a statement or a notification, in its order. A booked debit with an end-to-end id is settled, one that is not
/// booked yet is pending, and a booked credit that gives money back is returned. Everything else on the account is
/// none of ours and left out: credits that return nothing, entries without details or end-to-end ids, and entries for
/// information. The caller keeps the outcomes whose ids it knows.
///
/// # Errors
/// When it is no such message, or an entry has a status that is not known.
pub fn read(bytes: &[u8]) -> Result<Vec<PaymentOutcome>, ReadError> {
    let document = xml::parse(bytes)?;
    let declared = |begin: &str| document.namespaces().any(|namespace| namespace.starts_with(begin));
    let known = MESSAGES.iter().find(|(begin, ..)| declared(begin)).filter(|_| document.name == "Document");
    let Some((_, message, holder)) = known else {
        let found = shown(document.namespaces().next().unwrap_or(&document.name));
        return Err(document.fault(ReadFault::OtherDocument { expected: "camt.053 or camt.054", found }));
    };
    let mut outcomes = Vec::new();
    for entry in document.need(message)?.all(holder).flat_map(|holder| holder.all("Ntry")) {
        let booking = Booking::read(entry)?;
        let details: Vec<&Element> = entry.all("NtryDtls").flat_map(|details| details.all("TxDtls")).collect();
        for detail in &details {
            outcomes.extend(read_detail(entry, &booking, detail, details.len() == 1)?);
        }
    }
    Ok(outcomes)
}

/// What an entry says of all its details.
struct Booking {
    status: Status,
    is_debit: bool,
    is_reversal: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Booked,
    Expected,
    Information,
}

impl Booking {
    fn read(entry: &Element) -> Result<Booking, ReadError> {
        let status = entry.need("Sts")?;
        // Until 2014 the code stood there itself, since then it has an element of its own.
        let code = status.one("Cd")?.or(status.one("Prtry")?).unwrap_or(status);
        let status = match code.text() {
            "BOOK" => Status::Booked,
            "PDNG" | "FUTR" => Status::Expected,
            "INFO" => Status::Information,
            unknown => return Err(code.fault(ReadFault::UnknownStatus(shown(unknown)))),
        };
        let is_reversal = match entry.one("RvslInd")? {
            None => false,
            Some(told) => match told.text() {
                "true" | "1" => true,
                "false" | "0" => false,
                unknown => return Err(told.fault(ReadFault::UnknownStatus(shown(unknown)))),
            },
        };
        Ok(Booking { status, is_debit: is_debit(entry.need("CdtDbtInd")?)?, is_reversal })
    }
}

fn is_debit(told: &Element) -> Result<bool, ReadError> {
    match told.text() {
        "DBIT" => Ok(true),
        "CRDT" => Ok(false),
        unknown => Err(told.fault(ReadFault::UnknownStatus(shown(unknown)))),
    }
}

fn read_detail(
    entry: &Element,
    booking: &Booking,
    detail: &Element,
    alone: bool,
) -> Result<Option<PaymentOutcome>, ReadError> {
    let id = detail.path(&["Refs", "EndToEndId"])?.map(Element::text).filter(|id| *id != NO_ID);
    // What is no reference of ours was not sent by us.
    let Some(end_to_end_id) = id.and_then(|id| Reference::parse(id).ok()) else { return Ok(None) };
    let is_debit = detail.one("CdtDbtInd")?.map_or(Ok(booking.is_debit), is_debit)?;
    let returned = reason::of_elements(detail.all("RtrInf"))?;
    let comes_back = !is_debit && (returned.is_some() || booking.is_reversal);
    // A debit with a return in it gives back what somebody else had sent.
    let goes_out = is_debit && returned.is_none() && !booking.is_reversal;
    let outcome = match (booking.status, comes_back, goes_out) {
        (Status::Booked, true, _) => {
            let (code, words) = reason::or_unspecified(returned);
            Outcome::Returned { on: booked_on(entry)?, code, words }
        }
        (Status::Booked, _, true) => Outcome::Settled { on: booked_on(entry)? },
        (Status::Expected, _, true) => Outcome::Pending,
        _ => return Ok(None),
    };
    // What was asked for is what can be compared with the file; what came back is what was booked.
    let paths: &[&[&str]] = match comes_back {
        true => &[&["AmtDtls", "TxAmt", "Amt"], &["Amt"]],
        false => &[&["AmtDtls", "InstdAmt", "Amt"], &["AmtDtls", "TxAmt", "Amt"], &["Amt"]],
    };
    let mut amount = None;
    for path in paths {
        amount = amount.or(detail.path(path)?);
    }
    let amount = if alone { amount.or(entry.one("Amt")?) } else { amount };
    Ok(Some(PaymentOutcome { end_to_end_id, outcome, amount: amount.map(Element::money).transpose()? }))
}

fn booked_on(entry: &Element) -> Result<Date, ReadError> {
    let day = match entry.one("BookgDt")? {
        Some(day) => day,
        None => entry.one("ValDt")?.ok_or_else(|| entry.fault(ReadFault::Missing("BookgDt")))?,
    };
    match day.one("Dt")? {
        Some(date) => date.day(),
        None => day.need("DtTm")?.day(),
    }
}
