//! An order: the vendor buys from a supplier for a partner's activity, matches its invoices, and pays it.

mod course;
mod document;
mod events;
mod exact;
mod invoice;
mod matching;
mod payments;
mod progress;
mod terms;

use std::collections::BTreeSet;

pub use course::{Asked, Counted, Issued, OrderCourse, Receipt};
pub use document::{OrderLine, OrderPaper, OrderedFrom, order_schema};
pub use events::{Credit, Delivery};
pub use exact::{Exact, NotExact};
pub use invoice::{CreditLine, CreditNote, InvoiceLine, InvoiceStatus, Stands, SupplierInvoice, WrittenInvoice};
use jiff::{SignedDuration, Timestamp, civil::Time, tz::TimeZone};
pub use matching::{Finding, MatchRule};
use serde_json::{Map, Value, json};
pub use terms::OrderTerms;

use super::{CLAIM_LIKENESS_KEY, Names, Paper, Sheet, TELL_REQUEST, Task, entity_key, names::money};
use crate::{
    chart::lint::APPROVALS,
    context::{FieldError, Key, Type},
    event::{Body, Event},
    ids::{LegalEntityId, PartyId, PersonId},
    ledger::{Posting, PostingAction},
    mdf::{
        candidates::{KeyKind, kept},
        model::{EarlierClaim, InvoiceUse, Supplier},
    },
    money::Money,
};

/// The kind of key under which the orders on a request are found.
pub const ORDER_REQUEST_KEY: &str = "order.request";

/// The kind of key under which the orders that name a file are found.
pub const ORDER_FILE_KEY: &str = "order.file";

/// The kind of key by which an invoice is on one open order alone.
pub const ORDER_INVOICE_KEY: &str = "order.invoice";

/// The activity that holds an order against its request, its supplier and the policy's terms.
pub const CHECK_ORDER: &str = "order.check";

/// The activity that looks whether invoices were used before, and whether their files are there.
pub const MATCH_ORDER: &str = "order.match";

/// The task of whoever decides about an invoice that differs.
const SETTLE_INVOICE: &str = "settle_invoice";

/// The deadline after which what is held is matched again.
const LOOKED_AT_AGAIN: &str = "P1D";

/// The deadline of an order of which nothing came.
const EXPIRE: &str = "order.expire";

impl Sheet<OrderPaper> {
    /// What claims and other orders compare with one another: the invoices of this order that `counts` lets through.
    pub fn as_earlier(&self, address: &str, counts: impl Fn(&SupplierInvoice) -> bool) -> Option<EarlierClaim> {
        let paper = &self.paper;
        let counting: Vec<&SupplierInvoice> =
            self.course.invoices.iter().filter(|invoice| invoice.counts() && counts(invoice)).collect();
        let supplier = |tax_id: &str| Supplier {
            name: self.course.supplier_name.clone(),
            tax_id: tax_id.to_owned(),
            bank_hash: None,
            address: address.to_owned(),
        };
        let used = counting.iter().map(|invoice| InvoiceUse {
            supplier: supplier(&invoice.written.tax_id),
            number: invoice.written.number.clone(),
            date: invoice.written.date,
            total: invoice.written.total,
            claimed: invoice.written.total,
        });
        Some(EarlierClaim {
            claim: self.label.parse().ok()?,
            partner: paper.partner.clone(),
            address: String::new(),
            programme: "orders".parse().ok()?,
            joint: None,
            // An order is no claim on the partner's activity: it shares files and invoices with others, and nothing else.
            activity: self.label.parse().ok()?,
            ended: paper.deliver_until,
            amount: paper.total,
            closing: false,
            files: counting.iter().map(|invoice| invoice.written.file.clone()).collect(),
            pictures: BTreeSet::new(),
            forms: BTreeSet::new(),
            invoices: used.collect(),
        })
    }
}

impl Paper for OrderPaper {
    const NAME: &'static str = "supplier_order";
    const OWNER: &'static str = "alliance_manager";
    type Course = OrderCourse;

    fn legal_entity(&self) -> &LegalEntityId {
        &self.legal_entity
    }

    fn party(&self) -> Option<&PartyId> {
        Some(&self.partner)
    }

    fn for_partner(&mut self, course: &mut OrderCourse) {
        // What was delivered is the partner's to say. Who approves, what looks odd and what the supplier is paid is not.
        self.supplier.tax_id = String::new();
        (course.tied, course.asked, course.payable, course.came_twice) = (None, None, None, None);
        course.concerned.clear();
        course.approvers.clear();
        course.clawbacks.clear();
        for invoice in &mut course.invoices {
            invoice.findings.clear();
            invoice.excepted.clear();
            (invoice.reason, invoice.written.tax_id, invoice.written.file) = Default::default();
        }
    }

    fn check(&self) -> Result<(), FieldError> {
        self.check_written()
    }

    fn replaces(&self, other: &OrderPaper) -> bool {
        self.request == other.request
            && self.partner == other.partner
            && self.legal_entity == other.legal_entity
            && self.supplier == other.supplier
            && self.currency == other.currency
    }

    fn title(&self) -> String {
        format!("{} from supplier `{}` on request `{}`", self.total, self.supplier.party, self.request)
    }

    fn value(sheet: &Sheet<OrderPaper>) -> Option<Money> {
        Some(sheet.course.asked.as_ref().map_or(sheet.paper.total, |asked| asked.amount))
    }

    fn names() -> Names {
        let names = Names {
            guards: &[
                "event_fits",
                "change_is_asked",
                "stands_as_approved",
                "invoice_waits",
                "invoice_is_held",
                "something_is_owed",
                "order_is_closed",
                "nothing_has_come",
                "nothing_is_open",
            ],
            deadlines: &[EXPIRE],
            tasks: &[SETTLE_INVOICE],
            requests: &[CHECK_ORDER, MATCH_ORDER, TELL_REQUEST],
            postings: &["order.book"],
            changes: &["accept", "keep", CHECK_ORDER],
            ..Names::default()
        };
        let about = || [("invoice", Type::Text), ("reason", Type::Text)];
        names
            .event("receive", [("day", Type::Text)])
            .event("return_goods", [("day", Type::Text)])
            .event("invoice", [("number", Type::Text), ("total", money())])
            .event("credit", [("invoice", Type::Text), ("total", money())])
            .event("return_invoice", about())
            .event("dispute", about())
            .event("accept", about())
            .event("keep", [("reason", Type::Text)])
            .event("close", [("reason", Type::Text)])
            .event("cancel", [("reason", Type::Text)])
            .event("schedule", [("payout", Type::Text), ("payee", Type::Text)])
            .event("unschedule", [("payout", Type::Text), ("payee", Type::Text)])
            .event("settle", [("payout", Type::Text), ("payee", Type::Text), ("amount", money())])
            .event("came_back", [("payout", Type::Text), ("payee", Type::Text), ("amount", money())])
            .event("recovered", [("amount", money()), ("how", Type::Text)])
    }

    fn shown(sheet: &Sheet<OrderPaper>) -> Value {
        let course = &sheet.course;
        json!({ "terms": course.terms, "tied": course.tied, "asked": course.asked })
    }

    fn facts(sheet: &Sheet<OrderPaper>) -> Map<String, Value> {
        let mut facts = Map::new();
        facts.insert("request".into(), json!(sheet.paper.request));
        facts.insert("supplier".into(), json!(sheet.paper.supplier.party));
        facts.insert("exception".into(), json!(sheet.course.asked.is_some()));
        let mut asked = sheet.course.asked.iter().flat_map(|asked| &asked.findings);
        let tied = asked.any(|finding| finding.rule == MatchRule::M9);
        let tied = if sheet.course.asked.is_some() { tied } else { sheet.course.tied.is_some() };
        facts.insert("tied".into(), json!(tied));
        facts
    }

    fn barred(sheet: &Sheet<OrderPaper>) -> BTreeSet<PersonId> {
        let asked = sheet.course.asked.iter().map(|asked| asked.by.clone());
        let hands = if sheet.course.terms.separate_people { sheet.course.hands() } else { BTreeSet::new() };
        sheet.course.concerned.iter().cloned().chain(asked).chain(hands).collect()
    }

    fn keys(sheet: &Sheet<OrderPaper>) -> Vec<Key> {
        let key = |kind: &str, value: String| Key { kind: kind.to_owned(), value, unique: false };
        let counting = sheet.course.invoices.iter().filter(|invoice| invoice.counts());
        let credits = counting.clone().flat_map(|invoice| &invoice.credits).map(|credit| &credit.file);
        let files = counting.map(|invoice| &invoice.written.file).chain(credits);
        let files = files.chain(sheet.course.receipts.iter().filter_map(|receipt| receipt.file.as_ref()));
        let files: BTreeSet<&String> = files.collect();
        let mut keys = vec![key(ORDER_REQUEST_KEY, sheet.paper.request.clone())];
        keys.extend(files.into_iter().map(|file| key(ORDER_FILE_KEY, file.clone())));
        let alike = sheet.as_earlier("", |_| true).map(|earlier| kept(&earlier)).unwrap_or_default();
        for like in alike.iter().filter(|like| !matches!(like.kind(), KeyKind::Activity | KeyKind::Address)) {
            keys.push(key(CLAIM_LIKENESS_KEY, like.to_string()));
            if like.kind() == KeyKind::Invoice {
                keys.push(entity_key(ORDER_INVOICE_KEY, like));
            }
        }
        keys
    }

    fn guard(sheet: &Sheet<OrderPaper>, name: &str, event: &Event, _: Timestamp) -> Option<bool> {
        let course = &sheet.course;
        Some(match name {
            // What cannot be meant was not applied, so that nothing says that it fits.
            "event_fits" => match &event.body {
                Body::Named { name, data } => course.fits && events::check_event(name, data).is_none_or(|c| c.is_ok()),
                _ => false,
            },
            "change_is_asked" => course.fits && sheet.is_changing(),
            "stands_as_approved" => sheet.stands_as_approved(),
            "invoice_waits" => course.look_again,
            "invoice_is_held" => course.has_held(),
            "something_is_owed" => course.bookings.iter().any(|one| one.what == PostingAction::Owe),
            "order_is_closed" => course.closed,
            "nothing_has_come" => course.is_untouched(),
            "nothing_is_open" => course.is_settled(),
            _ => return None,
        })
    }

    fn deadline(sheet: &Sheet<OrderPaper>, name: &str) -> Option<Option<Timestamp>> {
        (name == EXPIRE).then(|| {
            let last = sheet.course.issued.as_ref()?.paper.deliver_until;
            let ends = last.tomorrow().ok()?.to_datetime(Time::midnight());
            let ends = TimeZone::UTC.to_timestamp(ends).ok()?;
            ends.checked_add(SignedDuration::from_hours(24 * i64::from(sheet.course.terms.open_days))).ok()
        })
    }

    fn request(sheet: &Sheet<OrderPaper>, activity: &str) -> Option<Value> {
        let (paper, course) = (&sheet.paper, &sheet.course);
        match activity {
            CHECK_ORDER => Some(json!({ "order": sheet.label, "paper": paper })),
            MATCH_ORDER => Some(json!({ "order": sheet.label })),
            TELL_REQUEST => {
                let issued = course.issued.as_ref()?;
                let claim = format!("{}/{}", sheet.label, issued.number);
                Some(json!({
                    "request": paper.request, "claim": claim, "amount": issued.further,
                    "closing": false, "revision": issued.number,
                }))
            }
            _ => None,
        }
    }

    fn task(sheet: &Sheet<OrderPaper>, kind: &str) -> Option<Task> {
        let title = format!("decide about an invoice that differs: {}", sheet.paper.title());
        (kind == SETTLE_INVOICE).then_some(Task { title, role: "accounts_payable", assignee: None })
    }

    fn postings(sheet: &Sheet<OrderPaper>, name: &str) -> Option<Vec<Posting>> {
        sheet.order_postings(name)
    }

    fn check_event(event: &str, data: &Value) -> Option<Result<(), FieldError>> {
        events::check_event(event, data)
    }

    fn happened(sheet: &mut Sheet<OrderPaper>, name: &str, data: &Value, event: &Event, now: Timestamp) {
        sheet.order_happened(name, data, event, now);
    }

    fn done(sheet: &mut Sheet<OrderPaper>, activity: &str, output: &Value, now: Timestamp) {
        sheet.course.bookings.clear();
        match activity {
            CHECK_ORDER => sheet.checked(output, now),
            MATCH_ORDER => sheet.matched(output),
            APPROVALS => sheet.agreed(),
            _ => {}
        }
    }

    fn failed(sheet: &mut Sheet<OrderPaper>, activity: &str, _: Timestamp) {
        sheet.course.bookings.clear();
        match activity {
            CHECK_ORDER | APPROVALS => sheet.not_agreed(),
            MATCH_ORDER => sheet.hold_entered(MatchRule::M10, "it could not be looked at"),
            _ => {}
        }
    }

    fn came(sheet: &mut Sheet<OrderPaper>, deadline: &str, _: Timestamp) {
        sheet.course.bookings.clear();
        match deadline {
            LOOKED_AT_AGAIN => sheet.match_again(),
            EXPIRE if sheet.course.is_untouched() => sheet.close_books(),
            EXPIRE => {}
            _ => sheet.not_agreed(),
        }
    }

    fn ledger_refused(sheet: &mut Sheet<OrderPaper>, _: Timestamp) {
        sheet.course.bookings.clear();
        sheet.refused_by_ledger();
    }

    fn told(sheet: &Sheet<OrderPaper>) -> Map<String, Value> {
        let course = &sheet.course;
        let mut told = Map::new();
        told.insert("request".into(), json!(sheet.paper.request));
        told.insert("supplier".into(), json!(sheet.paper.supplier.party));
        let held = course.invoices.iter().filter(|invoice| invoice.is_open());
        told.insert("held".into(), json!(held.map(|invoice| &invoice.written.number).collect::<Vec<_>>()));
        told.insert("payable".into(), json!(course.payable));
        told
    }
}
