//! A fund: a part of a budget that requests are paid out of, for a time.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Names, Paper, Sheet, check_at, data, entity_key,
    names::{money, optional},
};
use crate::{
    chart::lint::APPROVALS,
    context::{FieldError, Key, Type, agreement_request::filled},
    event::Event,
    ids::{FundId, LegalEntityId, PartyId, PersonId, ProgrammeId, RoleId},
    ledger::{Posting, PostingAction},
    mdf::model::FundKind,
    money::Money,
};

/// The kind of key under which the run of a fund is found.
pub const FUND_KEY: &str = "fund";

/// The kind of key under which the funds of a budget are found.
pub const BUDGET_KEY: &str = "fund.budget";

/// The activity that compares a fund with its budget and its programme.
pub const CHECK_FUND: &str = "fund.check";

/// The activity that looks at what a fund still holds.
pub const LOOK_AT_FUND: &str = "fund.look";

/// A fund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FundPaper {
    /// Its id.
    pub fund: FundId,
    /// What it is for, in a line.
    pub title: String,
    /// The legal entity that pays.
    pub legal_entity: LegalEntityId,
    /// The programme that it belongs to.
    pub programme: ProgrammeId,
    /// The pack of rules that the programme follows, as `name@version`.
    pub pack: String,
    /// How it is filled.
    pub kind: FundKind,
    /// The partners who may draw on it; empty means all of the programme.
    #[serde(default)]
    pub partners: BTreeSet<PartyId>,
    /// The budget that it is a part of.
    pub budget: BudgetPart,
    /// What it is given; the most that may be earned, where it is filled by earnings.
    pub amount: Money,
    /// The first day of the period in which it may be used.
    pub from: Date,
    /// The last day of that period.
    pub until: Date,
    /// Who answers for it, and is told before its money lapses.
    pub owner: PersonId,
    /// How what it pays is booked.
    pub treatment: Treatment,
    /// The general ledger's account.
    pub gl_account: String,
    /// The cost centre.
    #[serde(default)]
    pub cost_centre: String,
}

/// The budget that a fund is a part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetPart {
    /// Its name, the same for all its funds.
    pub name: String,
    /// The whole budget.
    pub amount: Money,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub until: Date,
}

/// How what a fund pays is booked: decided per programme, with the evidence of a distinct service at fair value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// It lowers revenue.
    ContraRevenue,
    /// It is an expense for a distinct service.
    Expense,
    /// It is paid before the service.
    Prepaid,
}

impl Treatment {
    /// The word under which it is written.
    pub fn word(self) -> &'static str {
        match self {
            Treatment::ContraRevenue => "contra_revenue",
            Treatment::Expense => "expense",
            Treatment::Prepaid => "prepaid",
        }
    }
}

/// Another amount or another end for an open fund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What it is to be given in all from then on, where that changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The new last day, where that changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// The fund that is given what this one gives up, in the same booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<FundId>,
    /// What it had been given when that was proposed: the proposal is about nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Money>,
    /// Why.
    pub reason: String,
}

/// What became of a fund.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FundCourse {
    /// What it has been given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocated: Option<Money>,
    /// What it was given before the change that was approved last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Money>,
    /// The change that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Change>,
    /// The changes that were approved, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What the fund that is passed money on to would have been given in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver_has: Option<Money>,
    /// The instant at which its last day ends in the programme's zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// The instant at which it would end with the change that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_end_at: Option<Timestamp>,
    /// Who agrees besides to the longer period that is asked for, as the rules of its programme say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_by: Option<RoleId>,
    /// What was free when its accounts were looked at last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free: Option<Money>,
    /// Whether nothing is held, owed, prepaid or claimed back any longer.
    #[serde(default)]
    pub settled: bool,
}

/// What the activities of a fund return.
#[derive(Debug, Deserialize)]
struct Looked {
    #[serde(default)]
    ends_at: Option<Timestamp>,
    /// What it has been given by now, transfers from other funds included.
    #[serde(default)]
    given: Option<Money>,
    /// What the fund that is passed money on to would have been given in all.
    #[serde(default)]
    receiver_has: Option<Money>,
    /// Who agrees to a longer period.
    #[serde(default)]
    extended_by: Option<RoleId>,
    #[serde(default)]
    free: Option<Money>,
    #[serde(default)]
    settled: bool,
}

impl FundPaper {
    /// The paper with a change made.
    pub fn changed(&self, change: &Change) -> FundPaper {
        let (amount, until) = (change.amount.unwrap_or(self.amount), change.until.unwrap_or(self.until));
        FundPaper { amount, until, ..self.clone() }
    }

    fn posting(&self, action: PostingAction, amount: Money) -> Posting {
        posting_on(&self.fund, action, amount)
    }
}

fn posting_on(fund: &FundId, action: PostingAction, amount: Money) -> Posting {
    Posting::new(action, fund.as_str(), format!("fund/{fund}"), amount)
}

impl Paper for FundPaper {
    const NAME: &'static str = "fund_period";
    const OWNER: &'static str = "alliance_manager";
    type Course = FundCourse;

    fn legal_entity(&self) -> &LegalEntityId {
        &self.legal_entity
    }

    fn party(&self) -> Option<&PartyId> {
        None
    }

    fn check(&self) -> Result<(), FieldError> {
        filled("/title", &self.title)?;
        filled("/gl_account", &self.gl_account)?;
        filled("/budget/name", &self.budget.name)?;
        let one = self.kind == FundKind::Discretionary || self.partners.len() == 1;
        check_at(one, "/partners", "is not one partner; a fund that is earned belongs to the one who earns it")?;
        let named = self
            .pack
            .split_once('@')
            .is_some_and(|(name, version)| !name.is_empty() && version.parse::<u32>().is_ok_and(|version| version > 0));
        check_at(named, "/pack", "does not name a pack; write its name and version, such as `classic-50-50-45d@1`")?;
        check_at(self.amount.minor > 0, "/amount", "gives nothing; write an amount of more than zero")?;
        let same = self.amount.currency == self.budget.amount.currency;
        check_at(same, "/amount", format!("is not in {}, the currency of the budget", self.budget.amount.currency))?;
        let within = self.amount.minor <= self.budget.amount.minor;
        check_at(within, "/amount", format!("is more than the whole budget of {}; write less", self.budget.amount))?;
        check_at(self.from <= self.until, "/until", "lies before the first day; correct one of them")?;
        check_at(
            self.budget.from <= self.budget.until,
            "/budget/until",
            "lies before the budget's first day; correct one of them",
        )?;
        let inside = self.budget.from <= self.from;
        check_at(inside, "/from", format!("lies before the budget's first day, {}; begin later", self.budget.from))
    }

    fn replaces(&self, other: &FundPaper) -> bool {
        self.fund == other.fund
            && self.legal_entity == other.legal_entity
            && self.amount.currency == other.amount.currency
    }

    fn title(&self) -> String {
        format!("fund `{}` of {}", self.fund, self.amount)
    }

    fn value(sheet: &Sheet<FundPaper>) -> Option<Money> {
        let course = &sheet.course;
        let kept = course.asked.as_ref().and_then(|change| change.amount).unwrap_or(sheet.paper.amount);
        // A transfer is as large as what is kept, what moves or what the other fund then has: whoever agrees to large funds
        // agrees to those that are made by transfers.
        let to = course.asked.as_ref().and_then(|change| change.to.as_ref());
        let passed_on = to.and(course.allocated).and_then(|allocated| allocated.minus(kept).ok());
        let sizes = [Some(kept), passed_on, to.and(course.receiver_has)];
        sizes.into_iter().flatten().filter(|size| size.currency == kept.currency).max_by_key(|size| size.minor)
    }

    fn names() -> Names {
        let names = Names {
            guards: &["change_may_be_made", "fund_is_settled", "something_is_free"],
            deadlines: &["fund.end"],
            requests: &[CHECK_FUND, LOOK_AT_FUND],
            postings: &["fund.allocate", "fund.change", "fund.lapse"],
            changes: &["change", CHECK_FUND],
            ..Names::default()
        };
        let change = [
            ("amount", optional(money())),
            ("until", optional(Type::Text)),
            ("to", optional(Type::Text)),
            ("given", optional(money())),
            ("reason", Type::Text),
        ];
        names.event("change", change).event("close", [("reason", Type::Text)])
    }

    fn shown(sheet: &Sheet<FundPaper>) -> Value {
        json!({ "asked": sheet.course.asked })
    }

    fn facts(sheet: &Sheet<FundPaper>) -> Map<String, Value> {
        let mut facts = Map::new();
        facts.insert("programme".into(), json!(sheet.paper.programme));
        facts.insert("changes".into(), json!(sheet.course.asked.is_some()));
        facts.extend(sheet.course.extended_by.iter().map(|role| ("rules_ask".into(), json!([role]))));
        facts
    }

    fn keys(sheet: &Sheet<FundPaper>) -> Vec<Key> {
        let budget = Key { kind: BUDGET_KEY.into(), value: sheet.paper.budget.name.clone(), unique: false };
        vec![entity_key(FUND_KEY, &sheet.paper.fund), budget]
    }

    fn guard(sheet: &Sheet<FundPaper>, name: &str, _: &Event, _: Timestamp) -> Option<bool> {
        let free = sheet.course.free.is_some_and(|free| free.minor > 0);
        match name {
            "change_may_be_made" => Some(sheet.course.asked.is_some()),
            // What is free may be reserved at any moment, so nothing is settled before it has lapsed.
            "fund_is_settled" => Some(sheet.course.settled && !free),
            "something_is_free" => Some(free),
            _ => None,
        }
    }

    fn deadline(sheet: &Sheet<FundPaper>, name: &str) -> Option<Option<Timestamp>> {
        (name == "fund.end").then_some(sheet.course.ends_at)
    }

    fn request(sheet: &Sheet<FundPaper>, activity: &str) -> Option<Value> {
        let paper = match &sheet.course.asked {
            Some(change) => sheet.paper.changed(change),
            None => sheet.paper.clone(),
        };
        let allocated = sheet.course.allocated;
        [CHECK_FUND, LOOK_AT_FUND]
            .contains(&activity)
            .then(|| json!({ "paper": paper, "allocated": allocated, "change": sheet.course.asked }))
    }

    fn postings(sheet: &Sheet<FundPaper>, name: &str) -> Option<Vec<Posting>> {
        let (paper, course) = (&sheet.paper, &sheet.course);
        let earned = paper.kind == FundKind::Accrual;
        match name {
            // What is earned is booked by the runs that it is earned by; the fund's amount is the most that may be.
            "fund.allocate" | "fund.change" if earned => Some(Vec::new()),
            "fund.allocate" => Some(vec![paper.posting(PostingAction::Allocate, paper.amount)]),
            "fund.change" => {
                let before = course.before.map_or(paper.amount.minor, |before| before.minor);
                let more = Money { minor: paper.amount.minor.saturating_sub(before).saturating_abs(), ..paper.amount };
                let action = match paper.amount.minor.cmp(&before) {
                    std::cmp::Ordering::Greater => PostingAction::Allocate,
                    std::cmp::Ordering::Less => PostingAction::Withdraw,
                    std::cmp::Ordering::Equal => return Some(Vec::new()),
                };
                let given_up =
                    (action == PostingAction::Withdraw).then(|| course.changes.last()?.to.as_ref()).flatten();
                let passed_on = given_up.map(|to| posting_on(to, PostingAction::Allocate, more));
                Some(std::iter::once(paper.posting(action, more)).chain(passed_on).collect())
            }
            "fund.lapse" => {
                let free = course.free.filter(|free| free.minor > 0);
                Some(free.map(|free| paper.posting(PostingAction::Lapse, free)).into_iter().collect())
            }
            _ => None,
        }
    }

    fn check_event(event: &str, data: &Value) -> Option<Result<(), FieldError>> {
        match event {
            "change" => Some(data::parse::<Change>(data).and_then(|change| {
                filled("/reason", &change.reason)?;
                let some = change.amount.is_some() || change.until.is_some();
                check_at(some, "", "changes nothing; name an amount or a last day")?;
                let positive = change.amount.is_none_or(|amount| amount.minor > 0);
                check_at(positive, "/amount", "gives nothing; close the fund instead")?;
                let whole = change.to.is_none() || (change.amount.is_some() && change.given.is_some());
                check_at(whole, "/to", "says nothing of how much; name the amount that this fund keeps")
            })),
            "close" => Some(data::because(data)),
            _ => None,
        }
    }

    fn happened(sheet: &mut Sheet<FundPaper>, name: &str, data: &Value, event: &Event, _: Timestamp) {
        if name != "change" {
            return;
        }
        sheet.nothing_asked();
        let Ok(change) = Change::deserialize(data) else { return };
        let same_currency = change.amount.is_none_or(|amount| amount.currency == sheet.paper.amount.currency);
        if same_currency {
            sheet.asked_by(event);
            sheet.course.asked = Some(change);
        }
    }

    fn done(sheet: &mut Sheet<FundPaper>, activity: &str, output: &Value, _: Timestamp) {
        match activity {
            APPROVALS => {
                sheet.course.before = sheet.course.allocated;
                if let Some(change) = sheet.course.asked.take() {
                    sheet.paper = sheet.paper.changed(&change);
                    sheet.course.changes.push(change);
                    sheet.course.ends_at = sheet.course.would_end_at.take().or(sheet.course.ends_at);
                }
                sheet.nothing_asked();
                sheet.course.allocated = Some(sheet.paper.amount);
            }
            CHECK_FUND => {
                if let Ok(looked) = Looked::deserialize(output) {
                    // Nobody has agreed to the change yet.
                    let ends_at = match sheet.course.asked {
                        Some(_) => &mut sheet.course.would_end_at,
                        None => &mut sheet.course.ends_at,
                    };
                    *ends_at = looked.ends_at.or(*ends_at);
                    sheet.course.receiver_has = looked.receiver_has;
                    let until = sheet.course.asked.as_ref().and_then(|change| change.until);
                    let longer = until.is_some_and(|until| until > sheet.paper.until);
                    sheet.course.extended_by = looked.extended_by.filter(|_| longer);
                    // What other funds passed on to it was booked by them; what may be earned at most is not booked at all.
                    let given = looked.given.filter(|_| sheet.paper.kind == FundKind::Discretionary);
                    if let Some(given) = given.filter(|_| sheet.course.allocated.is_some()) {
                        sheet.course.allocated = Some(given);
                        sheet.paper.amount = given;
                    }
                }
            }
            LOOK_AT_FUND => {
                if let Ok(looked) = Looked::deserialize(output) {
                    sheet.course.free = looked.free;
                    sheet.course.settled = looked.settled;
                }
            }
            _ => {}
        }
    }

    fn failed(sheet: &mut Sheet<FundPaper>, activity: &str, _: Timestamp) {
        if [APPROVALS, CHECK_FUND].contains(&activity) {
            sheet.nothing_asked();
        }
    }

    fn told(sheet: &Sheet<FundPaper>) -> Map<String, Value> {
        let mut told = Map::new();
        told.insert("fund".into(), json!(sheet.paper.fund));
        told.insert("owner".into(), json!(sheet.paper.owner));
        told.insert("free".into(), json!(sheet.course.free));
        told.insert("until".into(), json!(sheet.paper.until));
        told
    }
}

impl Sheet<FundPaper> {
    /// Forgets the change that was asked for, and what was found out about it.
    fn nothing_asked(&mut self) {
        self.course.asked = None;
        self.course.would_end_at = None;
        self.course.receiver_has = None;
        self.course.extended_by = None;
    }
}
