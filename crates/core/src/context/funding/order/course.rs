//! What becomes of an order: its approval, what was received, its invoices, and what is owed and paid.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Exact, Finding, InvoiceStatus, OrderPaper, OrderTerms, SupplierInvoice};
use crate::{
    context::funding::{Clawback, Payable},
    ids::{FundId, PartyId, PersonId},
    ledger::PostingAction,
    mdf::PackPin,
    money::{Currency, Money},
};

/// What became of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderCourse {
    /// When it was submitted the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_at: Option<Timestamp>,
    /// The fund that its request draws on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fund: Option<FundId>,
    /// The pack of that fund: it says how long new bank details wait, and how much of a payment may be taken off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<PackPin>,
    /// The supplier's registered name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub supplier_name: String,
    /// The partner's people, and the supplier's: none of them may approve it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub concerned: BTreeSet<PersonId>,
    /// How the supplier is tied to the partner, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tied: Option<String>,
    /// The terms by which it is received, matched and closed.
    #[serde(default)]
    pub terms: OrderTerms,
    /// The revision that people approved; void as soon as somebody submits or revises it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_revision: Option<String>,
    /// Who has voted in the rounds by which it was issued.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub approvers: BTreeSet<PersonId>,
    /// The order as it was issued last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<Box<Issued>>,
    /// What was committed to it out of its request, in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed: Option<Money>,
    /// What of that has become owed and stays so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owed: Option<Money>,
    /// What was received and given back, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Receipt>,
    /// Whether nothing more will come.
    #[serde(default)]
    pub complete: bool,
    /// The supplier's invoices, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invoices: Vec<SupplierInvoice>,
    /// What somebody asks to have accepted although it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// What is owed to the supplier, once anything was; one payable for all its invoices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payable: Option<Payable>,
    /// What credit notes have claimed back after it was paid, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clawbacks: Vec<Clawback>,
    /// What has come twice: from the supplier, and then from the bank. Finance owes it to the supplier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came_twice: Option<Money>,
    /// Whether it is closed: nothing more is received or invoiced.
    #[serde(default)]
    pub closed: bool,
    /// What the event at hand books; empty after any other event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) bookings: Vec<Booking>,
    /// Whether the event at hand was one that it may be.
    #[serde(default)]
    pub(super) fits: bool,
    /// Whether invoices have to be matched again.
    #[serde(default)]
    pub(super) look_again: bool,
}

/// An order as it was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issued {
    /// How often it was issued by then, from 1.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// What was ordered.
    pub paper: OrderPaper,
    /// By how much more was committed than before; nothing where it was less.
    pub further: Money,
    /// How the supplier was tied to the partner, as approvers saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tied: Option<String>,
}

/// What was received on a day, or given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Whether it was given back.
    #[serde(default)]
    pub back: bool,
    /// The day.
    pub day: Date,
    /// Who says so.
    pub by: PersonId,
    /// When it was said.
    pub at: Timestamp,
    /// What, line by line.
    pub lines: Vec<Counted>,
    /// The proof, by the hash under which it is kept as the partner's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// More about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// So many of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// The line of the order.
    pub line: String,
    /// How many.
    pub quantity: Exact,
}

/// What somebody asks to have accepted although it differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The invoice, by its number.
    pub invoice: String,
    /// In what it differs.
    pub findings: Vec<Finding>,
    /// What would be owed for it.
    pub amount: Money,
    /// Why it should be accepted.
    pub reason: String,
    /// Who asks: one of two people is somebody else.
    pub by: PersonId,
}

/// One movement that an event brings about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Booking {
    pub(super) what: PostingAction,
    pub(super) amount: Money,
}

/// The difference of two amounts of one currency, in minor units; an absent one is nothing.
pub(super) fn minor(amount: Option<Money>) -> i64 {
    amount.map_or(0, |amount| amount.minor)
}

impl OrderCourse {
    /// How many of a line were received and not given back.
    pub fn received(&self, line: &str) -> Decimal {
        let counted = |receipt: &Receipt| {
            let lines = receipt.lines.iter().filter(|one| one.line == line);
            let sum = lines.fold(Decimal::ZERO, |sum, one| sum.saturating_add(one.quantity.decimal()));
            if receipt.back { -sum } else { sum }
        };
        self.receipts.iter().fold(Decimal::ZERO, |sum, receipt| sum.saturating_add(counted(receipt)))
    }

    /// How many of a line are invoiced and owed.
    pub fn invoiced(&self, line: &str, currency: Currency) -> Decimal {
        let owed = self.invoices.iter().filter(|invoice| invoice.owed.is_some());
        owed.fold(Decimal::ZERO, |sum, invoice| sum.saturating_add(invoice.charged(line, currency)))
    }

    /// What was received and is not invoiced yet, at the order's prices, with tax.
    pub fn received_uninvoiced(&self) -> Option<Money> {
        let paper = &self.issued.as_ref()?.paper;
        let mut all = Money::zero(paper.currency);
        for line in &paper.lines {
            let open = self.received(&line.id).saturating_sub(self.invoiced(&line.id, paper.currency));
            let open: Exact = open.max(Decimal::ZERO).to_string().parse().ok()?;
            all = all.plus(line.worth(open, paper.currency)?).ok()?;
        }
        Some(all)
    }

    /// What is committed and not owed yet.
    pub fn uninvoiced(&self) -> Option<Money> {
        let committed = self.committed?;
        let left = committed.minor.saturating_sub(minor(self.owed));
        Some(Money { minor: left, ..committed }).filter(|left| left.minor > 0)
    }

    /// Whether anything was ever received or invoiced, what was given back apart.
    pub fn is_untouched(&self) -> bool {
        self.receipts.is_empty() && !self.invoices.iter().any(SupplierInvoice::counts)
    }

    /// An invoice that counts, by its number however it is written.
    pub fn invoice(&self, number: &str) -> Option<&SupplierInvoice> {
        let same = |invoice: &&SupplierInvoice| crate::mdf::same_number(&invoice.written.number, number);
        self.invoices.iter().find(|invoice| invoice.counts() && same(invoice))
    }

    pub(super) fn invoice_mut(&mut self, number: &str) -> Option<&mut SupplierInvoice> {
        let same = |invoice: &SupplierInvoice| crate::mdf::same_number(&invoice.written.number, number);
        self.invoices.iter_mut().find(|invoice| invoice.counts() && same(invoice))
    }

    /// Whether any invoice waits for a decision.
    pub fn waits_for_decision(&self) -> bool {
        self.invoices.iter().any(SupplierInvoice::is_open)
    }

    pub(super) fn has_held(&self) -> bool {
        self.invoices.iter().any(|invoice| invoice.is_open() && invoice.status != InvoiceStatus::Entered)
    }

    /// What of credit notes has yet to come back from the supplier, in minor units.
    pub fn open_back(&self) -> i64 {
        self.clawbacks.iter().fold(0_i64, |sum, back| sum.saturating_add(back.open().minor))
    }

    /// Whether nothing is owed and nothing is to come back.
    pub(super) fn is_settled(&self) -> bool {
        self.payable.as_ref().is_none_or(Payable::is_settled) && self.open_back() == 0
    }

    /// Everybody who received something, or entered what a supplier charges.
    pub fn hands(&self) -> BTreeSet<PersonId> {
        let received = self.receipts.iter().map(|receipt| &receipt.by);
        let entered = self.invoices.iter().map(|invoice| &invoice.entered_by);
        let credited = self.invoices.iter().flat_map(|invoice| &invoice.credits).map(|credit| &credit.by);
        received.chain(entered).chain(credited).cloned().collect()
    }

    /// The supplier, where anything is owed to it.
    pub(super) fn payable_of(&self, payee: &PartyId) -> Option<&Payable> {
        self.payable.as_ref().filter(|payable| payable.payee == *payee)
    }
}
