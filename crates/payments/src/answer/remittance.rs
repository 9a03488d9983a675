//! A plain CSV of outcomes, for banks and payment services that send nothing better.
//!
//! The columns are [`COLUMNS`], in this order. `status` is `settled`, `rejected`, `returned` or `pending`; `amount` and
//! `currency` are both there or both empty; `date` is there for what settled or came back; `reason` begins with a code
//! for what was rejected or came back, and the bank's words may follow.

use entente_core::money::{Currency, Money};
use jiff::civil::Date;

use super::{Outcome, PaymentOutcome, ReasonCode, one_line};
use crate::{
    fault::{ReadError, ReadFault, shown},
    value::Reference,
    xml,
};

/// The columns.
pub const COLUMNS: [&str; 6] = ["end_to_end_id", "status", "amount", "currency", "date", "reason"];

#[derive(Clone, Copy)]
enum Status {
    Settled,
    Rejected,
    Returned,
    Pending,
}

/// The words of the column `status`.
const STATUSES: [(&str, Status); 4] = [
    ("settled", Status::Settled),
    ("rejected", Status::Rejected),
    ("returned", Status::Returned),
    ("pending", Status::Pending),
];

/// Reads the table, in its order; commas or semicolons part the cells.
///
/// # Errors
/// The first row that is not understood, with its line and column. A transfer that is there twice is such a row.
pub fn read(bytes: &[u8]) -> Result<Vec<PaymentOutcome>, ReadError> {
    let text = xml::text(bytes)?;
    let heading = text.lines().next().unwrap_or_default();
    let delimiter = if heading.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let malformed = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        ReadError::at(line, "the table", ReadFault::Malformed(shown(&error.to_string())))
    };
    let found = reader.headers().map_err(malformed)?;
    if found.iter().map(str::trim).ne(COLUMNS) {
        let fault = ReadFault::OtherDocument {
            expected: "end_to_end_id,status,amount,currency,date,reason",
            found: shown(heading),
        };
        return Err(ReadError::at(1, "the heading", fault));
    }
    let (mut outcomes, mut seen) = (Vec::new(), std::collections::BTreeSet::new());
    for record in reader.records() {
        let record = record.map_err(malformed)?;
        let row = Row { line: record.position().map_or(0, csv::Position::line), record: &record };
        let outcome = row.outcome()?;
        if !seen.insert(outcome.end_to_end_id.clone()) {
            return Err(row.fault("end_to_end_id", ReadFault::Twice));
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

struct Row<'a> {
    line: u64,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    fn fault(&self, column: &str, fault: ReadFault) -> ReadError {
        ReadError::at(self.line, column, fault)
    }

    /// A cell's text; `None` when it is empty.
    fn cell(&self, column: &str) -> Option<&str> {
        let at = COLUMNS.iter().position(|name| *name == column)?;
        self.record.get(at).map(str::trim).filter(|text| !text.is_empty())
    }

    fn need(&self, column: &'static str) -> Result<&str, ReadError> {
        self.cell(column).ok_or_else(|| self.fault(column, ReadFault::Missing(column)))
    }

    fn outcome(&self) -> Result<PaymentOutcome, ReadError> {
        let id = self.need("end_to_end_id")?;
        let end_to_end_id =
            Reference::parse(id).map_err(|flaw| self.fault("end_to_end_id", ReadFault::Malformed(flaw.to_string())))?;
        let outcome = match self.status()? {
            Status::Settled => Outcome::Settled { on: self.date()? },
            Status::Rejected => {
                let (code, words) = self.reason()?;
                Outcome::Rejected { code, words }
            }
            Status::Returned => {
                let (code, words) = self.reason()?;
                Outcome::Returned { on: self.date()?, code, words }
            }
            Status::Pending => Outcome::Pending,
        };
        Ok(PaymentOutcome { end_to_end_id, outcome, amount: self.amount()? })
    }

    fn status(&self) -> Result<Status, ReadError> {
        let word = self.need("status")?;
        let known = STATUSES.iter().find(|(of, _)| *of == word).map(|(_, status)| *status);
        known.ok_or_else(|| self.fault("status", ReadFault::UnknownStatus(shown(word))))
    }

    fn date(&self) -> Result<Date, ReadError> {
        let text = self.need("date")?;
        text.parse().map_err(|_| self.fault("date", ReadFault::NotADate(shown(text))))
    }

    fn reason(&self) -> Result<(ReasonCode, String), ReadError> {
        let text = self.need("reason")?;
        let (code, words) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let code = ReasonCode::parse(code).map_err(|fault| self.fault("reason", fault))?;
        Ok((code, one_line(words)))
    }

    fn amount(&self) -> Result<Option<Money>, ReadError> {
        if self.cell("amount").is_none() && self.cell("currency").is_none() {
            return Ok(None);
        }
        let (amount, code) = (self.need("amount")?, self.need("currency")?);
        let currency: Currency = code.parse().map_err(|error| self.fault("currency", ReadFault::Amount(error)))?;
        let money = Money::parse(amount, currency);
        money.map(Some).map_err(|error| self.fault("amount", ReadFault::Amount(error)))
    }
}
