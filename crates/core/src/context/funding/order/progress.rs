//! What the activities and rounds of an order bring: its issue, the match of its invoices, exceptions.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    Finding, InvoiceStatus, Issued, MatchRule, OrderPaper, OrderTerms, SupplierInvoice, course::minor, matching::Beside,
};
use crate::{
    context::funding::Sheet,
    ids::{FundId, PersonId},
    ledger::PostingAction,
    mdf::PackPin,
    money::Money,
};

/// What checking an order tells.
#[derive(Debug, Deserialize)]
struct Checked {
    fund: FundId,
    pack: PackPin,
    supplier_name: String,
    #[serde(default)]
    concerned: BTreeSet<PersonId>,
    #[serde(default)]
    tied: Option<String>,
    terms: OrderTerms,
}

/// What looking at invoices tells: what was found of each, by its number, besides what the order and the receipts say.
#[derive(Debug, Deserialize)]
struct LookedAt {
    found: BTreeMap<String, Vec<Finding>>,
}

impl Sheet<OrderPaper> {
    /// Whether people have agreed to exactly this.
    pub(super) fn stands_as_approved(&self) -> bool {
        self.course.approved_revision.as_ref() == Some(&self.revision)
    }

    /// It was checked: what approvers are shown may be another, and where they have agreed to this, it is issued.
    pub(super) fn checked(&mut self, output: &Value, now: Timestamp) {
        let Ok(checked) = Checked::deserialize(output) else { return };
        self.course.fund = Some(checked.fund);
        self.course.pack = Some(checked.pack);
        self.course.supplier_name = checked.supplier_name;
        self.course.concerned = checked.concerned;
        self.course.tied = checked.tied;
        self.course.terms = checked.terms;
        self.revise();
        if self.stands_as_approved() {
            self.issue(now);
        }
    }

    fn issue(&mut self, now: Timestamp) {
        let total = self.paper.total;
        let before = self.course.issued.as_ref().map_or(0, |issued| issued.paper.total.minor);
        let more = total.minor.saturating_sub(before);
        let further = Money { minor: more.max(0), ..total };
        let left = self.course.uninvoiced().map_or(0, |left| left.minor);
        let freed = Money { minor: more.saturating_neg().clamp(0, left), ..total };
        let committed = minor(self.course.committed).saturating_add(further.minor).saturating_sub(freed.minor);
        self.course.committed = Some(Money { minor: committed, ..total });
        self.book(PostingAction::Post, further);
        self.book(PostingAction::Reverse, freed);
        let number = self.course.issued.as_ref().map_or(0, |issued| issued.number).saturating_add(1);
        let (paper, tied) = (self.paper.clone(), self.course.tied.clone());
        self.course.issued = Some(Box::new(Issued { number, at: now, paper, further, tied }));
        self.course.look_again = true;
    }

    /// Each invoice that has yet to be matched becomes owed, or is held with what was found.
    pub(super) fn matched(&mut self, output: &Value) {
        let Ok(LookedAt { found }) = LookedAt::deserialize(output) else { return };
        self.course.look_again = false;
        let Some(issued) = self.course.issued.clone() else { return };
        for at in 0..self.course.invoices.len() {
            let entered = self.course.invoices.get(at).filter(|one| one.status == InvoiceStatus::Entered).cloned();
            let Some(invoice) = entered else { continue };
            // One that was entered while the others were looked at is looked at by itself.
            let Some(elsewhere) = found.get(&invoice.written.number) else {
                self.course.look_again = true;
                continue;
            };
            let beside = Beside { order: &issued.paper, terms: &self.course.terms, course: &self.course };
            let mut differences = beside.differences(&invoice);
            let tied =
                |finding: &&Finding| finding.rule == MatchRule::M9 && issued.tied.as_ref() == Some(&finding.because);
            differences.extend(elsewhere.iter().filter(|finding| !tied(finding)).cloned());
            self.decided(at, invoice, differences);
        }
        if self.is_complete() {
            self.close_books();
        }
    }

    /// In what an invoice would differ from what was ordered and received, what was used elsewhere apart.
    pub fn would_differ(&self, written: &super::WrittenInvoice, by: &PersonId, at: Timestamp) -> Vec<Finding> {
        let order = self.course.issued.as_ref().map_or(&self.paper, |issued| &issued.paper);
        let beside = Beside { order, terms: &self.course.terms, course: &self.course };
        beside.differences(&SupplierInvoice::new(written.clone(), by.clone(), at))
    }

    fn decided(&mut self, at: usize, mut invoice: SupplierInvoice, differences: Vec<Finding>) {
        let apart = |finding: &Finding| {
            finding.line.as_ref().is_some_and(|line| invoice.disputed.contains(line) || invoice.dropped.contains(line))
        };
        let (disputed, differences): (Vec<Finding>, Vec<Finding>) = differences.into_iter().partition(apart);
        let stands_apart = differences.iter().all(|finding| invoice.excepted.contains(finding));
        let to_pay = invoice.to_pay(self.paper.currency).filter(|amount| amount.minor >= 0 && stands_apart);
        match to_pay {
            Some(to_pay) => {
                let more = to_pay.minor.saturating_sub(minor(invoice.owed));
                if more > 0 {
                    self.owe(Money { minor: more, ..to_pay });
                }
                invoice.owed = Some(to_pay);
                invoice.status = InvoiceStatus::Accepted;
                invoice.findings = disputed;
            }
            None => {
                invoice.status = InvoiceStatus::Held;
                invoice.findings = differences;
            }
        }
        if let Some(place) = self.course.invoices.get_mut(at) {
            *place = invoice;
        }
    }

    /// Whether everything that came is invoiced, and nothing more comes.
    fn is_complete(&self) -> bool {
        let Some(issued) = &self.course.issued else { return false };
        let currency = issued.paper.currency;
        let invoiced =
            |line: &super::OrderLine| self.course.invoiced(&line.id, currency) == self.course.received(&line.id);
        self.course.complete
            && !self.course.look_again
            && !self.course.waits_for_decision()
            && issued.paper.lines.iter().all(invoiced)
    }

    /// Nothing more is received or invoiced: what is committed and not owed is free again.
    pub(super) fn close_books(&mut self) {
        self.course.closed = true;
        self.free_left();
    }

    /// Frees what is committed and not owed.
    pub(super) fn free_left(&mut self) {
        if let Some(left) = self.course.uninvoiced() {
            self.course.committed = self.course.owed.or(Some(Money::zero(left.currency)));
            self.book(PostingAction::Reverse, left);
        }
    }

    /// People have agreed: to the order as it stands, or to an invoice that differs.
    pub(super) fn agreed(&mut self) {
        let Some(asked) = self.course.asked.take() else {
            self.course.approved_revision = Some(self.revision.clone());
            return;
        };
        self.course.look_again = true;
        if let Some(invoice) = self.course.invoice_mut(&asked.invoice) {
            invoice.excepted = asked.findings;
            invoice.disputed.clear();
            invoice.status = InvoiceStatus::Entered;
        }
    }

    /// People have not agreed, or the change cannot be: what was asked for is asked for no longer.
    pub(super) fn not_agreed(&mut self) {
        if self.course.asked.take().is_none() {
            self.keep_as_issued();
        }
        self.course.look_again = self.course.issued.is_some();
    }

    /// The request holds too little for what was to be booked.
    pub(super) fn refused_by_ledger(&mut self) {
        if self.is_changing() && self.course.approved_revision.is_some() {
            self.keep_as_issued();
            return;
        }
        let because = self.refusal.as_ref().map(|refusal| refusal.message.clone()).unwrap_or_default();
        self.hold_entered(MatchRule::M11, &because);
    }

    /// What has yet to be matched is held for one reason, until it is looked at again.
    pub(super) fn hold_entered(&mut self, rule: MatchRule, because: &str) {
        for invoice in self.course.invoices.iter_mut().filter(|one| one.status == InvoiceStatus::Entered) {
            invoice.status = InvoiceStatus::Held;
            invoice.findings = vec![Finding::of(rule, because)];
        }
        self.course.look_again = false;
    }
}
