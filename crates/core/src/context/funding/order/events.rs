//! The events of an issued order: their data, when they may happen, and what they do.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Asked, Counted, CreditLine, CreditNote, InvoiceStatus, OrderPaper, Receipt, SupplierInvoice, WrittenInvoice,
};
use crate::{
    context::{
        FieldError,
        agreement_request::filled,
        funding::{PayableStatus, Sheet, check_at, data},
    },
    event::{Actor, Event},
    money::Money,
};

/// The most invoices, and the most receipts, of one order.
const MOST: usize = 500;

/// `receive`, `return_goods`: what was delivered on a day, or given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The day.
    pub day: Date,
    /// What, line by line.
    pub lines: Vec<Counted>,
    /// The proof, by its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Whether nothing more will come.
    #[serde(default)]
    pub last: bool,
    /// More about it; why it was given back.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// `credit`: a credit note on an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    /// The invoice, by its number.
    pub invoice: String,
    /// The credit note's own number.
    pub number: String,
    /// Its date.
    pub date: Date,
    /// What it takes back, by the lines of the order.
    pub lines: Vec<CreditLine>,
    /// Its total, taxes included; more than nothing.
    pub total: Money,
    /// The file, by its hash.
    pub file: String,
}

/// `return_invoice`, `dispute`, `accept`: what is decided about an invoice that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    invoice: String,
    reason: String,
}

fn is_hash(file: &str) -> bool {
    file.len() == 64 && file.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

fn check_file(field: &str, file: &str) -> Result<(), FieldError> {
    check_at(is_hash(file), field, "is no SHA-256 of a file that was handed in; hand it in first")
}

fn once<'a>(lines: impl Iterator<Item = &'a String>) -> Result<(), FieldError> {
    let mut seen = BTreeSet::new();
    for (at, line) in lines.enumerate() {
        filled(&format!("/lines/{at}/line"), line)?;
        check_at(seen.insert(line), &format!("/lines/{at}/line"), "is named twice; write each line once")?;
    }
    check_at(!seen.is_empty(), "/lines", "is empty; write at least one line")
}

/// Checks the data of an order's own events.
pub(super) fn check_event(event: &str, data: &Value) -> Option<Result<(), FieldError>> {
    Some(match event {
        "receive" | "return_goods" => data::parse::<Delivery>(data).and_then(|delivery| {
            once(delivery.lines.iter().map(|line| &line.line))?;
            for (at, line) in delivery.lines.iter().enumerate() {
                let field = format!("/lines/{at}/quantity");
                check_at(!line.quantity.is_zero(), &field, "is nothing; leave the line out")?;
            }
            match (&delivery.file, event) {
                (Some(file), _) => check_file("/file", file),
                (None, "receive") => check_at(false, "/file", "is missing; hand in a proof of what was delivered"),
                (None, _) => filled("/note", &delivery.note),
            }
        }),
        "invoice" => data::parse::<WrittenInvoice>(data).and_then(|invoice| {
            filled("/number", &invoice.number)?;
            filled("/tax_id", &invoice.tax_id)?;
            check_file("/file", &invoice.file)?;
            once(invoice.lines.iter().map(|line| &line.line))?;
            check_at(invoice.total.minor > 0, "/total", "is nothing or less; enter a credit note as such")?;
            for (at, line) in invoice.lines.iter().enumerate() {
                let field = format!("/lines/{at}/tax");
                check_at(line.tax.minor >= 0, &field, "is negative; enter a credit note as such")?;
            }
            Ok(())
        }),
        "credit" => data::parse::<Credit>(data).and_then(|credit| check_credit(&credit)),
        "return_invoice" | "dispute" | "accept" => data::parse::<About>(data).and_then(|about| {
            filled("/invoice", &about.invoice)?;
            filled("/reason", &about.reason)
        }),
        "close" | "cancel" | "keep" => data::because(data),
        "schedule" | "unschedule" | "settle" | "came_back" | "recovered" => {
            crate::context::funding::claim::check_event(event, data)?
        }
        _ => return None,
    })
}

fn check_credit(credit: &Credit) -> Result<(), FieldError> {
    filled("/invoice", &credit.invoice)?;
    filled("/number", &credit.number)?;
    check_file("/file", &credit.file)?;
    once(credit.lines.iter().map(|line| &line.line))?;
    let currency = credit.total.currency;
    let parts = credit.lines.iter().flat_map(|line| [line.net, line.tax]);
    let positive = parts.clone().all(|part| part.minor >= 0);
    check_at(positive, "/lines", "take back less than nothing; write amounts of zero or more")?;
    let sum = Money::sum(currency, parts).ok().filter(|sum| *sum == credit.total && sum.minor > 0);
    check_at(sum.is_some(), "/total", "is not the sum of the lines with their taxes")
}

/// Who does something, and in whose place.
fn voices(actor: &Actor) -> impl Iterator<Item = &crate::ids::PersonId> {
    std::iter::once(&actor.person).chain(&actor.on_behalf_of)
}

impl Sheet<OrderPaper> {
    /// Whether a change waits for its approval.
    pub fn is_changing(&self) -> bool {
        self.course.issued.as_ref().is_some_and(|issued| issued.paper != self.paper)
    }

    /// Why an event may not happen as the order stands; `None` where it may. What is wrong with its data alone is not told here.
    pub fn objection(&self, name: &str, data: &Value, who: Option<&Actor>) -> Option<String> {
        self.judged(name, data, who).err()
    }

    fn judged(&self, name: &str, data: &Value, who: Option<&Actor>) -> Result<(), String> {
        let understood = |wrong: serde_json::Error| wrong.to_string();
        match name {
            "receive" | "return_goods" => {
                let delivery = Delivery::deserialize(data).map_err(understood)?;
                self.may_deliver(&delivery, name == "return_goods", who)
            }
            "invoice" => self.may_be_invoiced(&WrittenInvoice::deserialize(data).map_err(understood)?, who),
            "credit" => self.may_be_credited(&Credit::deserialize(data).map_err(understood)?),
            "return_invoice" | "dispute" | "accept" => {
                let about = About::deserialize(data).map_err(understood)?;
                self.may_be_decided(name, &about)
            }
            "close" if self.is_changing() || self.course.asked.is_some() => {
                Err("people are asked about it; wait for their answer, or take the change back".into())
            }
            "close" if self.course.waits_for_decision() => {
                Err("an invoice on it waits for a decision; decide on it first".into())
            }
            "cancel" if !self.course.is_untouched() => {
                Err("something of it was received or invoiced; close it instead".into())
            }
            "keep" if !self.is_changing() => Err("no change of it waits for an approval".into()),
            "revise" => self.may_become(&self.paper),
            _ => Ok(()),
        }
    }

    /// Whether somebody has another duty that excludes this one.
    fn apart(&self, who: Option<&Actor>, others: &[(&BTreeSet<crate::ids::PersonId>, &str)]) -> Result<(), String> {
        let Some(actor) = who else { return Err("it is not said who does it".into()) };
        if !self.course.terms.separate_people {
            return Ok(());
        }
        for (people, what) in others {
            if let Some(person) = voices(actor).find(|person| people.contains(*person)) {
                return Err(format!("`{person}` {what} this order; somebody else has to do this"));
            }
        }
        Ok(())
    }

    fn issued_paper(&self) -> Result<&OrderPaper, String> {
        let issued = self.course.issued.as_ref().map(|issued| &issued.paper);
        issued.ok_or_else(|| "it is not issued yet".to_owned())
    }

    fn may_deliver(&self, delivery: &Delivery, back: bool, who: Option<&Actor>) -> Result<(), String> {
        let order = self.issued_paper()?;
        let invoicers: BTreeSet<_> = self.course.invoices.iter().map(|one| one.entered_by.clone()).collect();
        self.apart(who, &[(&self.course.approvers, "has approved"), (&invoicers, "has entered an invoice on")])?;
        if self.course.receipts.len() >= MOST {
            return Err(format!("it has {MOST} receipts already"));
        }
        if delivery.day < order.deliver_from {
            return Err(format!("{} is before {}, the first day of delivery", delivery.day, order.deliver_from));
        }
        for Counted { line, quantity } in &delivery.lines {
            let ordered = order.line(line).ok_or_else(|| format!("the order has no line `{line}`"))?;
            let received = self.course.received(line);
            if back && quantity.decimal() > received {
                return Err(format!(
                    "{quantity} of `{line}` cannot be given back; {} were received",
                    received.normalize()
                ));
            }
            let most = ordered.quantity.and_percent(self.course.terms.over_receipt_percent);
            if !back && received.saturating_add(quantity.decimal()) > most {
                return Err(format!(
                    "{quantity} more of `{line}` are too many: {} of {} were received; have the order changed first",
                    received.normalize(),
                    ordered.quantity
                ));
            }
        }
        Ok(())
    }

    fn may_be_invoiced(&self, invoice: &WrittenInvoice, who: Option<&Actor>) -> Result<(), String> {
        self.issued_paper()?;
        let receivers: BTreeSet<_> = self.course.receipts.iter().map(|one| one.by.clone()).collect();
        let others: [(&BTreeSet<_>, &str); 3] = [
            (&self.authors, "has written"),
            (&self.course.approvers, "has approved"),
            (&receivers, "has received something on"),
        ];
        self.apart(who, &others)?;
        if self.course.invoices.len() >= MOST {
            return Err(format!("it has {MOST} invoices already"));
        }
        if self.course.invoice(&invoice.number).is_some() {
            return Err(format!("invoice `{}` is entered on it already", invoice.number));
        }
        Ok(())
    }

    fn may_be_credited(&self, credit: &Credit) -> Result<(), String> {
        let currency = self.paper.currency;
        let known = self.course.invoice(&credit.invoice);
        let invoice = known.ok_or_else(|| format!("no invoice `{}` is entered on it", credit.invoice))?;
        if self.course.asked.is_some() {
            return Err("people are asked about an invoice on it; wait for their answer".into());
        }
        let mut credits = self.course.invoices.iter().flat_map(|invoice| &invoice.credits);
        if credits.any(|known| crate::mdf::same_number(&known.number, &credit.number)) {
            return Err(format!("credit note `{}` is entered on it already", credit.number));
        }
        let payable = self.course.payable.as_ref();
        if invoice.owed.is_some() && payable.is_some_and(|payable| payable.status == PayableStatus::Scheduled) {
            return Err("what is owed is in a payout run; enter the credit note once that is answered".into());
        }
        for line in &credit.lines {
            let charged = invoice.written.lines.iter().find(|one| one.line == line.line);
            let charged = charged.ok_or_else(|| format!("the invoice has no line `{}`", line.line))?;
            if invoice.owed.is_some() && (invoice.disputed.contains(&line.line) || invoice.dropped.contains(&line.line))
            {
                return Err(format!("line `{}` is not paid; settle the dispute instead", line.line));
            }
            let stands = invoice.stands(charged, currency);
            let stands = stands.ok_or_else(|| format!("line `{}` cannot be counted exactly", line.line))?;
            let same = line.net.currency == currency && line.tax.currency == currency;
            let within = line.net.minor <= stands.net.minor
                && line.tax.minor <= stands.tax.minor
                && line.quantity.decimal() <= stands.quantity;
            if !same || !within {
                return Err(format!(
                    "line `{}` charges {} for {} and {} of tax; no more can be taken back",
                    line.line,
                    stands.net,
                    stands.quantity.normalize(),
                    stands.tax
                ));
            }
        }
        Ok(())
    }

    fn may_be_decided(&self, name: &str, about: &About) -> Result<(), String> {
        let known = self.course.invoice(&about.invoice);
        let invoice = known.ok_or_else(|| format!("no invoice `{}` is entered on it", about.invoice))?;
        if self.course.asked.is_some() {
            return Err("people are asked about an invoice on it; wait for their answer".into());
        }
        if !invoice.is_open() || invoice.status == InvoiceStatus::Entered {
            return Err(format!("invoice `{}` does not wait for a decision", about.invoice));
        }
        let findings = &invoice.findings;
        match name {
            "dispute" if invoice.owed.is_some() => Err("its lines are disputed already".into()),
            "dispute" if findings.iter().any(|finding| finding.line.is_none()) => {
                Err("it differs as a whole, and not by single lines; return it or have it accepted".into())
            }
            "dispute" if self.would_pay_nothing(invoice) => Err("every line differs; return it instead".into()),
            "accept" if self.is_changing() => {
                Err("a change of the order waits for its approval; wait for that, or take it back".into())
            }
            "accept" => match findings.iter().find(|finding| !finding.rule.exceptable()) {
                Some(finding) => Err(format!("{}: {}; nobody can accept that", finding.rule, finding.because)),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn would_pay_nothing(&self, invoice: &SupplierInvoice) -> bool {
        let lines: BTreeSet<&String> = invoice.findings.iter().filter_map(|finding| finding.line.as_ref()).collect();
        invoice.written.lines.iter().all(|line| lines.contains(&line.line))
    }

    /// Whether a changed order still has room for what was received and invoiced.
    fn may_become(&self, paper: &OrderPaper) -> Result<(), String> {
        let Some(issued) = &self.course.issued else { return Ok(()) };
        if self.course.asked.is_some() {
            return Err("people are asked about an invoice on it; wait for their answer".into());
        }
        for line in &issued.paper.lines {
            let used = self.course.received(&line.id).max(self.course.invoiced(&line.id, paper.currency));
            let kept = paper.line(&line.id).map_or(Decimal::ZERO, |line| line.quantity.decimal());
            let most = paper
                .line(&line.id)
                .map_or(Decimal::ZERO, |line| line.quantity.and_percent(self.course.terms.over_receipt_percent));
            if used > most {
                return Err(format!(
                    "{} of `{}` were received or invoiced, and {} would be ordered",
                    used.normalize(),
                    line.id,
                    kept.normalize()
                ));
            }
        }
        if paper.total.minor < self.course.owed.map_or(0, |owed| owed.minor) {
            return Err(format!("more is owed already than the new total of {}", paper.total));
        }
        Ok(())
    }

    /// Applies an event of an order. What may not happen leaves it as it is, and its guard does not hold then.
    pub(super) fn order_happened(&mut self, name: &str, data: &Value, event: &Event, now: Timestamp) {
        self.course.bookings.clear();
        let actor = event.actor.as_ref();
        self.course.fits = self.judged(name, data, actor).is_ok();
        match name {
            "submit" => {
                self.course.submitted_at = Some(now);
                self.course.approved_revision = None;
                self.course.approvers.clear();
            }
            "revise" => self.course.approved_revision = None,
            crate::chart::step::VOTE => {
                self.course.approvers.extend(actor.into_iter().flat_map(voices).cloned());
            }
            "schedule" => self.course.fits = self.schedule(data),
            "unschedule" => self.course.fits = self.unschedule(data),
            "settle" => self.course.fits = self.settle(data),
            "came_back" => self.course.fits = self.came_back(data),
            "recovered" => self.course.fits = self.recover(data),
            _ if !self.course.fits => {}
            "receive" | "return_goods" => self.deliver(name == "return_goods", data, actor, now),
            "invoice" => self.enter_invoice(data, actor, now),
            "credit" => self.credit(data, actor),
            "return_invoice" | "dispute" | "accept" => self.decide(name, data, actor),
            "close" | "cancel" => self.close_books(),
            "keep" => self.keep_as_issued(),
            _ => {}
        }
    }

    fn deliver(&mut self, back: bool, data: &Value, actor: Option<&Actor>, at: Timestamp) {
        let (Ok(delivery), Some(actor)) = (Delivery::deserialize(data), actor) else { return };
        let Delivery { day, lines, file, last, note } = delivery;
        self.course.receipts.push(Receipt { back, day, by: actor.person.clone(), at, lines, file, note });
        // Goods that went back are expected again.
        self.course.complete = if back { false } else { last || self.course.complete };
        self.match_again();
    }

    /// What is held is matched again: what it waited for may have come.
    pub(super) fn match_again(&mut self) {
        self.course.look_again = true;
        for invoice in self.course.invoices.iter_mut().filter(|invoice| invoice.status == InvoiceStatus::Held) {
            invoice.status = InvoiceStatus::Entered;
        }
    }

    fn enter_invoice(&mut self, data: &Value, actor: Option<&Actor>, now: Timestamp) {
        let (Ok(written), Some(actor)) = (WrittenInvoice::deserialize(data), actor) else { return };
        self.course.invoices.push(SupplierInvoice::new(written, actor.person.clone(), now));
        self.course.look_again = true;
    }

    fn credit(&mut self, data: &Value, actor: Option<&Actor>) {
        let (Ok(credit), Some(actor)) = (Credit::deserialize(data), actor) else { return };
        let Credit { invoice: of, number, date, lines, total, file } = credit;
        let Some(invoice) = self.course.invoice_mut(&of) else { return };
        let why = format!("credit note {number}");
        invoice.credits.push(CreditNote { number, date, lines, total, file, by: actor.person.clone() });
        if let Some(owed) = invoice.owed {
            invoice.owed = Some(Money { minor: owed.minor.saturating_sub(total.minor), ..owed });
            self.credit_owed(total, &why);
            if self.course.closed {
                self.free_left();
            }
        } else {
            invoice.status = InvoiceStatus::Entered;
        }
        self.course.look_again = true;
    }

    fn decide(&mut self, name: &str, data: &Value, actor: Option<&Actor>) {
        let (Ok(About { invoice: number, reason }), Some(actor)) = (About::deserialize(data), actor) else { return };
        let currency = self.paper.currency;
        self.course.look_again = true;
        let Some(invoice) = self.course.invoice_mut(&number) else { return };
        match name {
            "dispute" => {
                invoice.disputed = invoice.findings.iter().filter_map(|finding| finding.line.clone()).collect();
                invoice.status = InvoiceStatus::Entered;
                invoice.reason = reason;
            }
            "return_invoice" if invoice.owed.is_some() => {
                invoice.dropped.append(&mut invoice.disputed);
                invoice.findings.clear();
                invoice.reason = reason;
            }
            "return_invoice" => {
                invoice.status = InvoiceStatus::Returned;
                invoice.reason = reason;
            }
            _ => {
                let whole = SupplierInvoice { disputed: BTreeSet::new(), ..invoice.clone() };
                let whole = whole.to_pay(currency).unwrap_or(Money::zero(currency));
                let amount = Money { minor: whole.minor.saturating_sub(super::course::minor(invoice.owed)), ..whole };
                let (findings, by) = (invoice.findings.clone(), actor.person.clone());
                let number = invoice.written.number.clone();
                self.course.asked = Some(Asked { invoice: number, findings, amount, reason, by });
            }
        }
    }

    /// Nobody wants the change any longer: the order is what was issued.
    pub(super) fn keep_as_issued(&mut self) {
        if let Some(issued) = &self.course.issued {
            self.paper = issued.paper.clone();
        }
        self.course.approved_revision = None;
    }
}
