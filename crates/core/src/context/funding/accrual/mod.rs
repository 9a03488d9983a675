//! An accrual run: what a partner has earned by the sales of a period, from the report to its fund.

mod course;

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub use course::{AccrualCourse, Decided, Doubt, Settlement};

use super::{Names, Paper, Sheet, check_at, entity_key, names::money};
use crate::{
    context::{FieldError, Key, Type},
    event::Event,
    ids::{FundId, LegalEntityId, PartyId, PersonId},
    ledger::Posting,
    mdf::earnings::EarnedLine,
    money::Money,
};

/// The kind of key under which the accrual runs of a fund are found.
pub const ACCRUAL_FUND_KEY: &str = "accrual.fund";

/// The kind of key under which the accrual runs of a partner are found.
pub const ACCRUAL_PARTNER_KEY: &str = "accrual.partner";

/// The activity that holds an accrual run against its sales, its plan, its fund and earlier runs.
pub const CHECK_ACCRUAL: &str = "accrual.check";

/// The activity that looks whether the fund can still take what was earned.
pub const LOOK_AT_ACCRUAL: &str = "accrual.look";

/// What a partner has earned by the sales of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccrualPaper {
    /// Who has earned it.
    pub partner: PartyId,
    /// The legal entity that owes it.
    pub legal_entity: LegalEntityId,
    /// The partner's fund, which is filled by what it earns.
    pub fund: FundId,
    /// The plan by which it is earned, as `name@version`.
    pub plan: String,
    /// The first day of the period.
    pub from: Date,
    /// Its last day.
    pub until: Date,
    /// SHA-256 under which the sales and returns are kept, in hexadecimal.
    pub sales: String,
    /// What they earn, product line by product line.
    pub lines: Vec<EarnedLine>,
    /// All of it; negative where returns outweigh sales.
    pub earned: Money,
    /// How many days the partner has to doubt it, counted from its approval.
    pub dispute_days: u32,
}

impl AccrualPaper {
    /// The key under which the ledger holds what was earned, until it may be used.
    pub fn ledger_key(label: &str) -> String {
        format!("accrual/{label}")
    }
}

impl Paper for AccrualPaper {
    const NAME: &'static str = "accrual_run";
    const OWNER: &'static str = "fund_manager";
    type Course = AccrualCourse;

    fn legal_entity(&self) -> &LegalEntityId {
        &self.legal_entity
    }

    fn party(&self) -> Option<&PartyId> {
        Some(&self.partner)
    }

    fn for_partner(&mut self, course: &mut AccrualCourse) {
        course.for_partner();
    }

    fn check(&self) -> Result<(), FieldError> {
        let named = self
            .plan
            .split_once('@')
            .is_some_and(|(name, version)| !name.is_empty() && version.parse::<u32>().is_ok_and(|version| version > 0));
        check_at(named, "/plan", "does not name a plan; write its name and version, such as `cloud-accrual@1`")?;
        check_at(self.from <= self.until, "/until", "lies before the first day; correct one of them")?;
        let hash = self.sales.len() == 64 && self.sales.bytes().all(|byte| byte.is_ascii_hexdigit());
        check_at(hash, "/sales", "is not a SHA-256; enter the report with `entente accrual create`")?;
        check_at(!self.lines.is_empty(), "/lines", "is empty; there are no sales in the period")?;
        let sum = Money::sum(self.earned.currency, self.lines.iter().map(|line| line.earned));
        let adds_up = sum.is_ok_and(|sum| sum == self.earned);
        check_at(adds_up, "/earned", "is not the sum of the lines; enter the report with `entente accrual create`")?;
        let days = (1..=90).contains(&self.dispute_days);
        check_at(days, "/dispute_days", "is not between 1 and 90; give the partner time to look at it")
    }

    fn replaces(&self, other: &AccrualPaper) -> bool {
        self.partner == other.partner
            && self.legal_entity == other.legal_entity
            && self.fund == other.fund
            && self.earned.currency == other.earned.currency
    }

    fn title(&self) -> String {
        format!("{} earned by partner `{}` from {} to {}", self.earned, self.partner, self.from, self.until)
    }

    fn value(sheet: &Sheet<AccrualPaper>) -> Option<Money> {
        let asked = sheet.course.asked.as_ref().map(|asked| asked.earned);
        let amount = asked.unwrap_or(sheet.paper.earned);
        Some(Money { minor: amount.minor.saturating_abs(), ..amount })
    }

    fn names() -> Names {
        let names = Names {
            guards: &["may_be_doubted", "doubt_is_open", "decision_fits", "rebate_is_due", "rebate_is_settled"],
            deadlines: &["accrual.window_end"],
            requests: &[CHECK_ACCRUAL, LOOK_AT_ACCRUAL],
            postings: &["accrual.earn", "accrual.correct", "accrual.settle"],
            changes: &["decide"],
            ..Names::default()
        };
        names
            .event("dispute", [("should_be", money()), ("reason", Type::Text)])
            .event("decide", [("earned", money()), ("reason", Type::Text)])
            .event("rebate_settled", [("reference", Type::Text), ("on", Type::Text)])
            .event("try_again", [])
    }

    fn shown(sheet: &Sheet<AccrualPaper>) -> Value {
        json!({ "terms": sheet.course.terms, "decision": sheet.course.asked })
    }

    fn facts(sheet: &Sheet<AccrualPaper>) -> Map<String, Value> {
        let mut facts = Map::new();
        facts.insert("fund".into(), json!(sheet.paper.fund));
        facts.insert("disputed".into(), json!(sheet.course.doubt.is_some()));
        facts
    }

    fn barred(sheet: &Sheet<AccrualPaper>) -> BTreeSet<PersonId> {
        sheet.course.partners_people.clone()
    }

    fn keys(sheet: &Sheet<AccrualPaper>) -> Vec<Key> {
        let partner = Key { kind: ACCRUAL_PARTNER_KEY.into(), value: sheet.paper.partner.to_string(), unique: false };
        // One at a time, so that no sale can count in two runs that do not see each other.
        vec![entity_key(ACCRUAL_FUND_KEY, &sheet.paper.fund), partner]
    }

    fn guard(sheet: &Sheet<AccrualPaper>, name: &str, event: &Event, _: Timestamp) -> Option<bool> {
        sheet.accrual_guard(name, event)
    }

    fn deadline(sheet: &Sheet<AccrualPaper>, name: &str) -> Option<Option<Timestamp>> {
        (name == "accrual.window_end").then_some(sheet.course.window_ends_at)
    }

    fn request(sheet: &Sheet<AccrualPaper>, activity: &str) -> Option<Value> {
        let known = [CHECK_ACCRUAL, LOOK_AT_ACCRUAL].contains(&activity);
        known.then(|| json!({ "paper": sheet.paper }))
    }

    fn postings(sheet: &Sheet<AccrualPaper>, name: &str) -> Option<Vec<Posting>> {
        sheet.accrual_postings(name)
    }

    fn check_event(event: &str, data: &Value) -> Option<Result<(), FieldError>> {
        course::check_event(event, data)
    }

    fn happened(sheet: &mut Sheet<AccrualPaper>, name: &str, data: &Value, event: &Event, now: Timestamp) {
        sheet.accrual_happened(name, data, event, now);
    }

    fn done(sheet: &mut Sheet<AccrualPaper>, activity: &str, output: &Value, now: Timestamp) {
        sheet.accrual_done(activity, output, now);
    }

    fn failed(sheet: &mut Sheet<AccrualPaper>, activity: &str, _: Timestamp) {
        sheet.accrual_failed(activity);
    }

    fn told(sheet: &Sheet<AccrualPaper>) -> Map<String, Value> {
        let (paper, course) = (&sheet.paper, &sheet.course);
        let mut told = Map::new();
        told.insert("fund".into(), json!(paper.fund));
        told.insert("earned".into(), json!(paper.earned));
        told.insert("window_ends_at".into(), json!(course.window_ends_at));
        told.insert("doubt".into(), json!(course.doubt));
        told.insert("credited".into(), json!(course.credited));
        told.insert("rebate".into(), json!(course.rebate));
        // The partner hears of what stands in the books, and not of drafts.
        if course.booked.is_some() {
            told.insert("tell".into(), json!(course.partners_people));
        }
        told
    }
}
