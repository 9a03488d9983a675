//! Changes of a request that is granted: what may change, what people are asked, and what became of each.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{RequestCourse, RequestPaper, changes::Changed};
use crate::{
    context::{
        FieldError,
        agreement_request::filled,
        funding::{Assessment, Paper as _, Sheet, data},
    },
    event::{Body, Event},
    ids::PersonId,
    ledger::{Posting, PostingAction},
    mdf::{
        Claimable,
        model::{DeadlineExtension, Vote},
    },
    money::Money,
};

/// How many changes of one request are heard: everything that was proposed is kept.
pub const MOST_AMENDMENTS: usize = 20;

/// A change of a granted request on its way. What is granted stays in force until it is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// The request as it shall be.
    pub paper: Box<RequestPaper>,
    /// The last day on which it shall be claimed, where a later one is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Why.
    pub reason: String,
    /// Who asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<PersonId>,
    /// When.
    pub asked_at: Timestamp,
    /// Who had asked for the request the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<PersonId>,
    /// What the rules said of the request that is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stood: Option<Box<Assessment>>,
    /// Whether people have to agree, as the rules said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub material: Option<bool>,
    /// The last instant at which it may be claimed once it is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_by: Option<Timestamp>,
    /// Whether people are being asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    asking: bool,
    /// That it was given up while people were asked. Its end is noted with the next event: should the paper change in the step
    /// that ends the round, people would be asked once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    over: Option<Over>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Over {
    outcome: AmendmentOutcome,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// What became of a change of a granted request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmendmentOutcome {
    /// It is in force.
    InForce,
    /// The rules or the ledger refused it.
    Refused,
    /// Somebody who was asked did not agree.
    Declined,
    /// Nobody decided in time.
    Overdue,
    /// It was taken back.
    Kept,
    /// The request was over before it was decided.
    Overtaken,
}

impl AmendmentOutcome {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            AmendmentOutcome::InForce => "in force",
            AmendmentOutcome::Refused => "refused",
            AmendmentOutcome::Declined => "not agreed to",
            AmendmentOutcome::Overdue => "not decided in time",
            AmendmentOutcome::Kept => "taken back",
            AmendmentOutcome::Overtaken => "overtaken",
        }
    }
}

/// A change of a granted request that was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amended {
    /// What became of it.
    pub outcome: AmendmentOutcome,
    /// When.
    pub at: Timestamp,
    /// What spoke against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Why it was asked for.
    pub reason: String,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<PersonId>,
    /// When.
    pub asked_at: Timestamp,
    /// What it changes, field by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Changed>,
    /// The last day on which it shall be claimed, where a later one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Whether people had to agree.
    #[serde(default)]
    pub material: bool,
    /// What was granted before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_before: Option<Money>,
    /// What is granted since, where it is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Money>,
}

/// A later last day for claims, which people have agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extended {
    /// As the rules see it.
    pub extension: DeadlineExtension,
    /// The last instant.
    pub claim_by: Timestamp,
}

/// `amend`: the request as it shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Amend {
    paper: RequestPaper,
    reason: String,
}

/// `extend`: a later last day for claims.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Extend {
    until: Date,
    reason: String,
}

/// What judging an amendment tells besides.
pub(super) struct Judged {
    pub claim_by: Option<Timestamp>,
    pub claimable: Option<Claimable>,
    pub material: bool,
    pub votes: Vec<Vote>,
    pub partners_people: BTreeSet<PersonId>,
}

/// Checks the data of an event about an amendment; `None` where it is another event.
pub(super) fn check_event(event: &str, value: &Value) -> Option<Result<(), FieldError>> {
    match event {
        "amend" => Some(data::parse::<Amend>(value).and_then(|amend| {
            filled("/reason", &amend.reason)?;
            let inside = |error: FieldError| FieldError { field: format!("/paper{}", error.field), ..error };
            amend.paper.check().map_err(inside)
        })),
        "extend" => Some(data::parse::<Extend>(value).and_then(|extend| filled("/reason", &extend.reason))),
        "keep" => Some(data::because(value)),
        _ => None,
    }
}

impl Amendment {
    /// What became of it, where it was given up and that is not noted yet.
    pub fn given_up(&self, standing: &RequestPaper, granted: Option<Money>) -> Option<Amended> {
        self.over.clone().map(|over| self.ended(standing, granted, over))
    }

    fn ended(&self, standing: &RequestPaper, granted: Option<Money>, over: Over) -> Amended {
        Amended {
            outcome: over.outcome,
            at: over.at,
            why: over.why,
            reason: self.reason.clone(),
            asked_by: self.asked_by.clone(),
            asked_at: self.asked_at,
            changes: Changed::between(standing, &self.paper),
            until: self.until,
            material: self.material.unwrap_or(false),
            granted_before: granted,
            granted: None,
        }
    }
}

impl RequestCourse {
    /// The amendment that is neither decided nor given up.
    pub fn open_amendment(&self) -> Option<&Amendment> {
        self.amendment.as_deref().filter(|amendment| amendment.over.is_none())
    }
}

impl RequestPaper {
    /// What differs from the paper in force besides date, place, audience, form and cost, by the names of the fields: people agree to
    /// these whatever the rule on changes compares. More money is one of them; less money, other items at like cost and the offers
    /// that it helps along are not.
    pub fn changes_besides(&self, standing: &RequestPaper) -> Vec<String> {
        let (new, old) = (&self.activity, &standing.activity);
        let found = [
            ("amount", self.amount.minor > standing.amount.minor),
            ("kind", new.kind != old.kind),
            ("sponsoring", new.sponsoring != old.sponsoring),
            ("play", self.play != standing.play),
            ("category", self.category != standing.category),
            ("goals", self.goals != standing.goals),
            ("target_audience", self.target_audience != standing.target_audience),
            ("vendor_split", self.vendor_split != standing.vendor_split),
            ("shares", self.shares != standing.shares),
            ("funding", {
                let funding = |paper: &RequestPaper| paper.joint.as_ref().map(|joint| joint.funding.clone());
                funding(self) != funding(standing)
            }),
            ("tied_to_resale_price", self.tied_to_resale_price != standing.tied_to_resale_price),
            ("hospitality", self.hospitality != standing.hospitality),
        ];
        found.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field.to_owned()).collect()
    }
}

impl Sheet<RequestPaper> {
    /// The amendment that is neither decided nor given up.
    pub fn open_amendment(&self) -> Option<&Amendment> {
        self.course.open_amendment()
    }

    /// How many times the request has been amended since it was granted, plus one: which version of it is in force.
    pub fn version(&self) -> u32 {
        let in_force = self.course.amendments.iter().filter(|one| one.outcome == AmendmentOutcome::InForce);
        u32::try_from(in_force.count()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// Why a paper cannot take the place of the one in force, whatever people say, with the field.
    pub fn amendment_refused(&self, paper: &RequestPaper) -> Option<FieldError> {
        let refuse = |field: &str, message: String| Some(FieldError { field: field.to_owned(), message });
        let standing = &self.paper;
        if self.course.granted.is_none() {
            return refuse("", "it is not granted; revise it, or submit it first".to_owned());
        }
        let stays = [
            ("/partner", paper.partner == standing.partner),
            ("/legal_entity", paper.legal_entity == standing.legal_entity),
            ("/fund", paper.fund == standing.fund),
            ("/amount/currency", paper.amount.currency == standing.amount.currency),
            ("/funding", {
                let label = |paper: &RequestPaper| paper.joint.as_ref().map(|joint| joint.label.clone());
                label(paper) == label(standing)
            }),
            ("/activity/id", paper.activity.id == standing.activity.id),
        ];
        if let Some((field, _)) = stays.into_iter().find(|(_, same)| !same) {
            return refuse(field, "stays as it was granted; cancel the request and make another one".to_owned());
        }
        if let Some(claimed) = self.course.claimed.filter(|claimed| paper.amount.minor < claimed.minor) {
            return refuse(
                "/amount",
                format!("is less than the {claimed} that claims have taken; ask for at least that"),
            );
        }
        self.amends_too_often().then(|| FieldError {
            field: String::new(),
            message: format!("{MOST_AMENDMENTS} changes of it were proposed already; cancel it and make another one"),
        })
    }

    fn amends_too_often(&self) -> bool {
        self.course.amendments.len() >= MOST_AMENDMENTS
    }

    pub(super) fn amendment_guard(&self, name: &str, event: &Event) -> Option<bool> {
        Some(match name {
            "amendment_is_taken" => self.is_what_was_said(event),
            "amendment_is_open" => self.open_amendment().is_some(),
            "amendment_is_in_force" => {
                let last = self.course.amendments.last();
                self.course.amendment.is_none() && last.is_some_and(|one| one.outcome == AmendmentOutcome::InForce)
            }
            _ => return None,
        })
    }

    /// Whether the open amendment is the one that an event asks for: what cannot be taken changes nothing.
    fn is_what_was_said(&self, event: &Event) -> bool {
        let (Body::Named { name, data }, Some(open)) = (&event.body, self.open_amendment()) else { return false };
        match name.as_str() {
            "amend" => Amend::deserialize(data)
                .is_ok_and(|said| said.paper == *open.paper && said.reason == open.reason && open.until.is_none()),
            "extend" => {
                Extend::deserialize(data).is_ok_and(|said| Some(said.until) == open.until && said.reason == open.reason)
            }
            _ => false,
        }
    }

    pub(super) fn amendment_happened(&mut self, name: &str, data: &Value, event: &Event, now: Timestamp) {
        match name {
            "amend" => {
                let Ok(Amend { paper, reason }) = Amend::deserialize(data) else { return };
                if paper != self.paper && self.amendment_refused(&paper).is_none() {
                    self.propose(paper, None, reason, event, now);
                }
            }
            "extend" => {
                let Ok(Extend { until, reason }) = Extend::deserialize(data) else { return };
                if self.course.granted.is_some() && !self.amends_too_often() {
                    self.propose(self.paper.clone(), Some(until), reason, event, now);
                }
            }
            "keep" => {
                let why = data::Because::deserialize(data).ok().map(|because| because.reason);
                self.give_up(AmendmentOutcome::Kept, why, now);
            }
            "cancel" => self.give_up(AmendmentOutcome::Overtaken, None, now),
            "claimed" if self.asks_people() && (self.course.closed || self.left().is_none()) => {
                self.give_up(AmendmentOutcome::Overtaken, None, now);
            }
            _ => {}
        }
    }

    fn propose(&mut self, paper: RequestPaper, until: Option<Date>, reason: String, event: &Event, now: Timestamp) {
        if self.course.amendment.is_some() {
            return;
        }
        let asked_by = event.actor.as_ref().map(|actor| actor.person.clone());
        let amendment = Amendment { until, asked_by, reason, ..self.amendment(paper, now) };
        self.asked_by(event);
        self.refusal = None;
        self.course.approved_revision = None;
        self.course.amendment = Some(Box::new(amendment));
    }

    fn amendment(&self, paper: RequestPaper, now: Timestamp) -> Amendment {
        Amendment {
            paper: Box::new(paper),
            until: None,
            reason: String::new(),
            asked_by: None,
            asked_at: now,
            before: self.requester.clone(),
            stood: self.assessment.clone().map(Box::new),
            material: None,
            claim_by: None,
            asking: false,
            over: None,
        }
    }

    /// The request as if this were proposed now: to have it judged before anybody is asked.
    #[must_use]
    pub fn with_amendment(&self, paper: RequestPaper, now: Timestamp) -> Sheet<RequestPaper> {
        let mut sheet = self.clone();
        sheet.course.amendment = Some(Box::new(self.amendment(paper, now)));
        sheet.course.approved_revision = None;
        sheet.revise();
        sheet
    }

    /// What approvers agree to beside the request that is in force.
    pub(super) fn amendment_shown(&self) -> Value {
        let shown = |amendment: &Amendment| json!({ "paper": amendment.paper, "until": amendment.until, "reason": amendment.reason });
        self.course.amendment.as_deref().map_or(Value::Null, shown)
    }

    /// The rules have judged it: it goes on to people, or is in force, or is given up.
    pub(super) fn amendment_judged(&mut self, judged: Judged, now: Timestamp) {
        self.revise();
        let agreed = self.stands_as_approved();
        self.course.partners_people = judged.partners_people;
        if self.course.agreed.is_empty() && !agreed {
            self.course.agreed.clone_from(&judged.votes);
        }
        let claimed = self.course.claimed.map_or(0, |claimed| claimed.minor);
        let extends = self.open_amendment().is_some_and(|amendment| amendment.until.is_some());
        if self.course.closed {
            return self.give_up(AmendmentOutcome::Overtaken, None, now);
        }
        let Some(granted) = self.grantable() else {
            return self.give_up(AmendmentOutcome::Refused, None, now);
        };
        if !extends && granted.minor < claimed {
            let taken = Money { minor: claimed, ..granted };
            let why = format!("{granted} may be granted of it, which is less than the {taken} that claims have taken");
            return self.give_up(AmendmentOutcome::Refused, Some(why), now);
        }
        let Some(amendment) = self.course.amendment.as_deref_mut() else { return };
        amendment.claim_by = judged.claim_by;
        amendment.material = Some(judged.material || extends);
        if agreed {
            self.course.agreed = judged.votes;
        }
        match agreed || !(judged.material || extends) {
            true => {
                self.course.claimable = judged.claimable;
                self.put_in_force(if extends { None } else { Some(granted) }, now);
            }
            false => amendment.asking = true,
        }
    }

    /// From now on the request is what was proposed.
    fn put_in_force(&mut self, granted: Option<Money>, now: Timestamp) {
        let Some(amendment) = self.course.amendment.take() else { return };
        let before = self.course.granted;
        let over = Over { outcome: AmendmentOutcome::InForce, at: now, why: None };
        let amended = Amended { granted: granted.or(before), ..amendment.ended(&self.paper, before, over) };
        self.course.granted = amended.granted;
        if self.paper != *amendment.paper {
            let planned = std::mem::replace(&mut self.paper, *amendment.paper);
            self.course.planned.get_or_insert_with(|| Box::new(planned));
        }
        self.course.approved = Some(Box::new(self.paper.clone()));
        let extension = amendment.until.zip(amendment.claim_by).zip(amendment.asked_by);
        if let Some(((until, claim_by), asked_by)) = extension {
            let approved_by = self.course.agreed.iter().map(|vote| &vote.person).find(|person| **person != asked_by);
            let approved_by = approved_by.cloned();
            let extension = DeadlineExtension { asked_by, reason: amendment.reason, until, approved_by };
            self.course.extensions.push(Extended { extension, claim_by });
        }
        let later = self.course.extensions.iter().map(|extended| extended.claim_by).max();
        self.course.claim_by = amendment.claim_by.or(self.course.claim_by).max(later);
        self.course.amendments.push(amended);
        self.revise();
    }

    /// The request stays as it is. While people are asked, that is noted with the next event.
    pub(super) fn give_up(&mut self, outcome: AmendmentOutcome, why: Option<String>, now: Timestamp) {
        let Some(amendment) = self.course.amendment.as_deref_mut().filter(|amendment| amendment.over.is_none()) else {
            return;
        };
        amendment.over = Some(Over { outcome, at: now, why });
        if !amendment.asking {
            self.note_given_up();
        }
    }

    /// Whether people are being asked about it.
    pub(super) fn asks_people(&self) -> bool {
        self.open_amendment().is_some_and(|amendment| amendment.asking)
    }

    /// When the request last began to stand as it does: nobody is reminded again of what was due before.
    pub(super) fn stands_since(&self) -> Option<Timestamp> {
        let amendment = self.course.amendment.as_deref();
        let under_way = amendment.map(|amendment| amendment.over.as_ref().map_or(amendment.asked_at, |over| over.at));
        let decided = self.course.amendments.last().map(|one| one.at);
        self.course.granted_at.max(decided).max(under_way)
    }

    /// The round of people is over, whichever way.
    pub(super) fn people_were_asked(&mut self) {
        if let Some(amendment) = self.course.amendment.as_deref_mut() {
            amendment.asking = false;
        }
    }

    /// Notes an amendment that was given up: the request is what it was before.
    pub(super) fn note_given_up(&mut self) {
        let given_up = |amendment: &Amendment| amendment.given_up(&self.paper, self.course.granted);
        let Some(amended) = self.course.amendment.as_deref().and_then(given_up) else { return };
        let Some(amendment) = self.course.amendment.take() else { return };
        self.course.amendments.push(amended);
        self.course.approved_revision = None;
        self.requester = amendment.before.or_else(|| self.requester.take());
        self.assessment = amendment.stood.map(|stood| *stood);
    }

    /// What the change in force books: what is held beside what was held before, or what is free again.
    pub(super) fn amendment_postings(&self) -> Vec<Posting> {
        let amended = self.course.amendments.last().filter(|one| one.outcome == AmendmentOutcome::InForce);
        let Some((before, granted)) = amended.and_then(|one| one.granted_before.zip(one.granted)) else {
            return Vec::new();
        };
        let more = granted.minor.saturating_sub(before.minor);
        let amount = Money { minor: more.saturating_abs(), ..granted };
        let key = RequestPaper::ledger_key(&self.label);
        let fund = self.paper.fund.as_str();
        match more.signum() {
            0 => Vec::new(),
            1 => {
                let change = format!("{key}/{}", self.version());
                vec![Posting::new(PostingAction::Reserve, fund, change, amount).to(key)]
            }
            _ => vec![Posting::new(PostingAction::Void, fund, key, amount)],
        }
    }
}
