//! What becomes of earnings: the time in which the partner may doubt them, the decision on a doubt, and where they go.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AccrualPaper, CHECK_ACCRUAL, LOOK_AT_ACCRUAL};
use crate::{
    chart::lint::APPROVALS,
    context::{
        FieldError,
        agreement_request::filled,
        funding::{Sheet, data},
    },
    event::{Body, Event},
    ids::PersonId,
    ledger::{Posting, PostingAction},
    mdf::{
        earnings::EarningTerms,
        model::{Accrual, EarnedSplit},
    },
    money::Money,
};

/// What became of an accrual run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccrualCourse {
    /// How earnings are divided, as the fund's pack said when people were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<EarningTerms>,
    /// The most that the fund may still earn by it, as its limit stood when people were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<Money>,
    /// The partner's people: none of them may approve it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub partners_people: BTreeSet<PersonId>,
    /// The most that was ever booked as earned; nothing where returns outweigh sales.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked: Option<Money>,
    /// Until when the partner may doubt it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_ends_at: Option<Timestamp>,
    /// What the partner says it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
    /// What somebody proposes to decide on a doubt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Decided>,
    /// What was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// What the fund was given of it; negative where it was taken from the fund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credited: Option<Money>,
    /// What goes to the partner beside the fund, once all is decided; negative where the partner owes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rebate: Option<Money>,
    /// That this was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement: Option<Settlement>,
    /// What the step at hand books.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    moves: Vec<(PostingAction, Money)>,
}

impl AccrualCourse {
    /// Takes out what the vendor's people have yet to agree to, and what else the partner's are not told.
    pub(super) fn for_partner(&mut self) {
        self.room = None;
        self.asked = None;
        self.partners_people.clear();
        self.moves.clear();
    }
}

/// A partner's doubt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Doubt {
    /// What it should be in all.
    pub should_be: Money,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// `decide`: what was earned after all, between what was booked and what the partner says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// In all.
    pub earned: Money,
    /// Why.
    pub reason: String,
}

/// `rebate_settled`: what goes to the partner beside the fund was paid, credited or, where the partner owes it, received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// The credit note, payment or invoice.
    pub reference: String,
    /// Its day.
    pub on: Date,
}

/// `dispute`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Disputed {
    should_be: Money,
    reason: String,
}

/// What the check returns.
#[derive(Debug, Deserialize)]
struct Checked {
    terms: EarningTerms,
    #[serde(default)]
    room: Option<Money>,
    #[serde(default)]
    partners_people: BTreeSet<PersonId>,
}

/// What looking at the fund returns.
#[derive(Debug, Deserialize)]
struct Looked {
    /// Whether the fund takes what was earned.
    open: bool,
}

/// Checks the data of an event of an accrual run; `None` where it has none of this name.
pub(super) fn check_event(event: &str, data: &Value) -> Option<Result<(), FieldError>> {
    match event {
        "dispute" => Some(data::parse::<Disputed>(data).and_then(|doubt| filled("/reason", &doubt.reason))),
        "decide" => Some(data::parse::<Decided>(data).and_then(|decided| filled("/reason", &decided.reason))),
        "rebate_settled" => {
            Some(data::parse::<Settlement>(data).and_then(|settled| filled("/reference", &settled.reference)))
        }
        "try_again" => Some(data::nothing(data)),
        _ => None,
    }
}

fn told<T: serde::de::DeserializeOwned>(event: &Event) -> Option<T> {
    match &event.body {
        Body::Named { data, .. } => T::deserialize(data).ok(),
        _ => None,
    }
}

/// Of two amounts the part that nobody doubts: the smaller one where both have the same sign, else nothing.
fn undoubted(a: Money, b: Money) -> Money {
    match a.minor.signum() == b.minor.signum() {
        true if a.minor.saturating_abs() <= b.minor.saturating_abs() => a,
        true => b,
        false => Money::zero(a.currency),
    }
}

impl Sheet<AccrualPaper> {
    pub(super) fn accrual_guard(&self, name: &str, event: &Event) -> Option<bool> {
        let course = &self.course;
        match name {
            // The event has been applied: what it says stands there only where it was taken.
            "may_be_doubted" => Some(told::<Disputed>(event).is_some_and(|told| {
                let same = |doubt: &Doubt| doubt.should_be == told.should_be && doubt.reason == told.reason;
                course.doubt.as_ref().is_some_and(same)
            })),
            "doubt_is_open" => Some(self.doubt_is_open()),
            "decision_fits" => Some(told::<Decided>(event).is_some_and(|told| course.asked.as_ref() == Some(&told))),
            "rebate_is_due" => {
                Some(course.rebate.is_some_and(|rebate| rebate.minor != 0) && course.settlement.is_none())
            }
            "rebate_is_settled" => {
                Some(told::<Settlement>(event).is_some_and(|told| course.settlement.as_ref() == Some(&told)))
            }
            _ => None,
        }
    }

    fn doubt_is_open(&self) -> bool {
        self.course.doubt.is_some() && self.course.decided.is_none()
    }

    /// What it comes to as far as nobody doubts it: all of it, once a doubt is decided or nobody has one.
    fn certain(&self) -> Money {
        let earned = self.paper.earned;
        match (&self.course.decided, &self.course.doubt) {
            (Some(decided), _) => decided.earned,
            (None, Some(doubt)) => undoubted(earned, doubt.should_be),
            (None, None) => earned,
        }
    }

    /// How it was divided in the end, for rules E6 and E7 to look at. Nothing where it was settled otherwise: because the fund
    /// was over, or returns outweighed sales.
    pub fn divided(&self) -> Option<Accrual> {
        let (terms, fund, rebate) = (self.course.terms?, self.course.credited?, self.course.rebate?);
        let earned = self.certain();
        if earned.minor < 0 || fund != terms.for_fund(earned) {
            return None;
        }
        let below = terms.threshold.is_some_and(|threshold| earned.minor < threshold.minor);
        let split = (!below).then_some(EarnedSplit { rebate, fund });
        Some(Accrual { earned, from: self.paper.from, split, turned_into_rebate: below })
    }

    pub(super) fn accrual_happened(&mut self, name: &str, data: &Value, event: &Event, now: Timestamp) {
        self.course.moves.clear();
        let currency = self.paper.earned.currency;
        match name {
            "dispute" => {
                let (Ok(doubt), Some(actor)) = (Disputed::deserialize(data), &event.actor) else { return };
                let differs = doubt.should_be.currency == currency && doubt.should_be != self.paper.earned;
                if differs && self.course.doubt.is_none() {
                    let Disputed { should_be, reason } = doubt;
                    self.course.doubt = Some(Doubt { should_be, reason, by: actor.person.clone(), at: now });
                }
            }
            "decide" => {
                self.course.asked = None;
                let (Ok(decided), Some(doubt)) = (Decided::deserialize(data), &self.course.doubt) else { return };
                let (least, most) = (
                    self.paper.earned.minor.min(doubt.should_be.minor),
                    self.paper.earned.minor.max(doubt.should_be.minor),
                );
                let between = (least..=most).contains(&decided.earned.minor) && decided.earned.currency == currency;
                let fits = self.course.room.is_none_or(|room| decided.earned.minor <= room.minor);
                if between && fits && self.course.decided.is_none() {
                    self.asked_by(event);
                    self.course.asked = Some(decided);
                }
            }
            "rebate_settled" => {
                let due = self.course.rebate.is_some_and(|rebate| rebate.minor != 0);
                if let Some(settled) = Settlement::deserialize(data).ok().filter(|_| due) {
                    self.course.settlement.get_or_insert(settled);
                }
            }
            _ => {}
        }
    }

    pub(super) fn accrual_done(&mut self, activity: &str, output: &Value, now: Timestamp) {
        self.course.moves.clear();
        match activity {
            CHECK_ACCRUAL => {
                if let Ok(checked) = Checked::deserialize(output) {
                    self.course.terms = Some(checked.terms);
                    self.course.room = checked.room;
                    self.course.partners_people = checked.partners_people;
                }
            }
            APPROVALS => self.approved(now),
            LOOK_AT_ACCRUAL => self.settle(Looked::deserialize(output).is_ok_and(|looked| looked.open)),
            _ => {}
        }
    }

    pub(super) fn accrual_failed(&mut self, activity: &str) {
        self.course.moves.clear();
        if activity == APPROVALS {
            self.course.asked = None;
        }
    }

    /// People have agreed: to what was earned, or to a decision on a doubt.
    fn approved(&mut self, now: Timestamp) {
        if let Some(decided) = self.course.asked.take() {
            self.course.decided = Some(decided);
        } else {
            let window = SignedDuration::from_hours(24 * i64::from(self.paper.dispute_days));
            self.course.window_ends_at = now.checked_add(window).ok();
        }
        let total = self.course.decided.as_ref().map_or(self.paper.earned, |decided| decided.earned);
        let before = self.course.booked.map_or(0, |booked| booked.minor);
        let more = total.minor.saturating_sub(before).max(0);
        self.course.booked = Some(Money { minor: before.saturating_add(more), ..total });
        self.moved(PostingAction::Earn, more);
    }

    /// What is certain goes to the fund, as far as it takes it. Once everything is, the rest is the rebate.
    fn settle(&mut self, open: bool) {
        let (certain, currency) = (self.certain(), self.paper.earned.currency);
        let before = self.course.credited.unwrap_or(Money::zero(currency));
        let part = self.course.terms.map_or(certain, |terms| terms.for_fund(certain));
        let credited = if open { part } else { before };
        self.course.credited = Some(credited);
        let more = credited.minor.saturating_sub(before.minor);
        self.moved(if more > 0 { PostingAction::Credit } else { PostingAction::Withdraw }, more.saturating_abs());
        if self.doubt_is_open() {
            return;
        }
        self.course.rebate = certain.minus(credited).ok();
        // What was booked as earned and does not go to the fund leaves the books of the fund.
        let kept = self.course.booked.map_or(0, |booked| booked.minor).saturating_sub(credited.minor.max(0));
        self.moved(PostingAction::Unearn, kept);
    }

    fn moved(&mut self, action: PostingAction, minor: i64) {
        if minor > 0 {
            self.course.moves.push((action, Money { minor, ..self.paper.earned }));
        }
    }

    pub(super) fn accrual_postings(&self, name: &str) -> Option<Vec<Posting>> {
        let fits = |action: PostingAction| match name {
            "accrual.earn" | "accrual.correct" => Some(action == PostingAction::Earn),
            "accrual.settle" => Some(action != PostingAction::Earn),
            _ => None,
        };
        fits(PostingAction::Earn)?;
        let key = AccrualPaper::ledger_key(&self.label);
        let moves = self.course.moves.iter().filter(|(action, _)| fits(*action) == Some(true));
        Some(moves.map(|(action, amount)| Posting::new(*action, self.paper.fund.as_str(), &key, *amount)).collect())
    }
}
