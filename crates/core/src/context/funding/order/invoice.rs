//! What a supplier writes: invoices and credit notes, and how each invoice stands.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Exact, Finding};
use crate::{
    ids::PersonId,
    money::{Currency, Money},
};

/// A supplier's invoice on an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplierInvoice {
    /// What stands on it.
    pub written: WrittenInvoice,
    /// Who entered it.
    pub entered_by: PersonId,
    /// When.
    pub entered_at: Timestamp,
    /// How it stands.
    pub status: InvoiceStatus,
    /// What the match found the last time; empty where it is as ordered and received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// What of it people have accepted all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excepted: Vec<Finding>,
    /// Lines that are disputed: the rest is paid.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub disputed: BTreeSet<String>,
    /// Lines that were disputed and are never paid.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub dropped: BTreeSet<String>,
    /// What of it has become owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owed: Option<Money>,
    /// The supplier's credit notes on it, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credits: Vec<CreditNote>,
    /// Why it was disputed or given back.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What stands on an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenInvoice {
    /// Its number.
    pub number: String,
    /// The tax id of whoever wrote it.
    pub tax_id: String,
    /// Its date.
    pub date: Date,
    /// What it charges, by the lines of the order.
    pub lines: Vec<InvoiceLine>,
    /// Its total, taxes included.
    pub total: Money,
    /// The file, by the hash under which it is kept as the supplier's.
    pub file: String,
}

/// One line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceLine {
    /// The line of the order.
    pub line: String,
    /// How many.
    pub quantity: Exact,
    /// What one costs, before tax.
    pub price: Exact,
    /// The tax on the line.
    pub tax: Money,
}

/// A credit note: what the supplier charges no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditNote {
    /// Its number.
    pub number: String,
    /// Its date.
    pub date: Date,
    /// What it takes back, by the lines of the order.
    pub lines: Vec<CreditLine>,
    /// Its total, taxes included; more than nothing.
    pub total: Money,
    /// The file, by the hash under which it is kept as the supplier's.
    pub file: String,
    /// Who entered it.
    pub by: PersonId,
}

/// One line of a credit note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditLine {
    /// The line of the order.
    pub line: String,
    /// How many are taken back; nothing where only the price was lowered.
    #[serde(default)]
    pub quantity: Exact,
    /// What is taken off before tax.
    pub net: Money,
    /// The tax on that.
    pub tax: Money,
}

/// How an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    /// It has yet to be matched.
    Entered,
    /// It differs, and finance decides.
    Held,
    /// It is owed, disputed lines apart.
    Accepted,
    /// It was given back to the supplier.
    Returned,
}

impl InvoiceStatus {
    /// What people call it.
    pub fn word(self) -> &'static str {
        match self {
            InvoiceStatus::Entered => "entered",
            InvoiceStatus::Held => "held",
            InvoiceStatus::Accepted => "accepted",
            InvoiceStatus::Returned => "returned",
        }
    }
}

/// A line of an invoice less what was credited of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stands {
    /// How many are charged.
    pub quantity: Decimal,
    /// For how much before tax.
    pub net: Money,
    /// The tax.
    pub tax: Money,
}

impl SupplierInvoice {
    /// One that was entered just now.
    pub(super) fn new(written: WrittenInvoice, by: PersonId, at: Timestamp) -> SupplierInvoice {
        SupplierInvoice {
            written,
            entered_by: by,
            entered_at: at,
            status: InvoiceStatus::Entered,
            findings: Vec::new(),
            excepted: Vec::new(),
            disputed: BTreeSet::new(),
            dropped: BTreeSet::new(),
            owed: None,
            credits: Vec::new(),
            reason: String::new(),
        }
    }

    /// Whether it counts: it was not given back.
    pub fn counts(&self) -> bool {
        self.status != InvoiceStatus::Returned
    }

    /// A line less what was credited of it; `None` where it cannot be counted.
    pub fn stands(&self, line: &InvoiceLine, currency: Currency) -> Option<Stands> {
        let net = line.quantity.at_price(line.price, currency)?;
        let first = Stands { quantity: line.quantity.decimal(), net, tax: line.tax };
        let mut credited = self.credits.iter().flat_map(|credit| &credit.lines).filter(|one| one.line == line.line);
        credited.try_fold(first, |stands, credit| {
            Some(Stands {
                quantity: stands.quantity.checked_sub(credit.quantity.decimal())?,
                net: stands.net.minus(credit.net).ok()?,
                tax: stands.tax.minus(credit.tax).ok()?,
            })
        })
    }

    /// What of it is to be paid: every line that is neither disputed nor dropped.
    pub fn to_pay(&self, currency: Currency) -> Option<Money> {
        let lines = self.written.lines.iter();
        let mut paid = lines.filter(|line| !self.disputed.contains(&line.line) && !self.dropped.contains(&line.line));
        paid.try_fold(Money::zero(currency), |sum, line| {
            let stands = self.stands(line, currency)?;
            sum.plus(stands.net).ok()?.plus(stands.tax).ok()
        })
    }

    /// How many of a line it charges and is paid for.
    pub(super) fn charged(&self, id: &str, currency: Currency) -> Decimal {
        let line = self.written.lines.iter().find(|line| line.line == id);
        let line = line.filter(|_| !self.disputed.contains(id) && !self.dropped.contains(id));
        line.and_then(|line| self.stands(line, currency)).map_or(Decimal::ZERO, |stands| stands.quantity)
    }

    /// Whether something of it waits for a decision.
    pub fn is_open(&self) -> bool {
        matches!(self.status, InvoiceStatus::Entered | InvoiceStatus::Held)
            || self.counts() && !self.disputed.is_empty()
    }
}
