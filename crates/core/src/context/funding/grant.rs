//! A grant: what a marketplace is asked to pay towards the vendor's own marketing, and what it grants.
//!
//! Nothing of it is booked: the money is the marketplace's until it pays, and it pays into the vendor's bank account, not into a
//! fund. A grant may name the fund whose activities it helps to pay, and is shown beside it.

mod rules;

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub use rules::{FundingRules, Objection};

use super::{Names, Paper, Sheet, check_at, data};
use crate::{
    chart::lint::APPROVALS,
    context::{FieldError, Key, Type, agreement_request::filled},
    event::Event,
    ids::{ConnectorId, FundId, LegalEntityId, PartyId},
    money::Money,
};

/// The kind of key under which the grants that help to pay a fund's activities are found.
pub const GRANT_FUND_KEY: &str = "grant.fund";

/// The kind of key under which the grants that draw on the same money are found.
pub const GRANT_SOURCE_KEY: &str = "grant.source";

/// The kind of key under which the grant of an application is found.
pub const GRANT_APPLICATION_KEY: &str = "grant.application";

/// The activity that compares a grant with what the marketplace holds.
pub const CHECK_GRANT: &str = "funding.check";

/// The activity that waits until something about an application has changed.
pub const AWAIT_GRANT: &str = "marketplace.await_funding";

const APPLY: &str = "marketplace.apply_for_funding";
const UPDATE: &str = "marketplace.update_funding";
const SUBMIT: &str = "marketplace.submit_funding";
const AMEND: &str = "marketplace.amend_funding";
const RECALL: &str = "marketplace.recall_funding";
const CANCEL: &str = "marketplace.cancel_funding";

/// The deadline at which people are reminded of a claim.
const SOON: &str = "grant.claim_soon";

/// The last instant of a claim.
const CLAIM_BY: &str = "grant.claim_by";

/// The deadline of approvals, after which an amendment is given up.
const UNANSWERED: &str = "P30D";

/// How long before its last day people are reminded of a claim.
const CLAIM_SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A grant as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantPaper {
    /// The marketplace that is asked.
    pub marketplace: ConnectorId,
    /// The legal entity that asks.
    pub legal_entity: LegalEntityId,
    /// The marketplace's id of the benefit that is applied for.
    pub benefit: String,
    /// In which form it is given, in the marketplace's words: `cash`, `credits`.
    pub kind: String,
    /// What the application is called.
    pub name: String,
    /// What the marketplace is told about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How much is asked for; the details say the same.
    pub amount: Money,
    /// The first day of the activity; the details say the same.
    pub start: Date,
    /// Its last day.
    pub end: Date,
    /// What the benefit's form asks for.
    pub details: Value,
    /// The marketplace's reference of what it draws on: a wallet, or the grant that is claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draws_on: Option<String>,
    /// The marketplace's references of what else it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Files that go with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<GrantFile>,
    /// The label of the grant that it claims, where it claims one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<String>,
    /// The fund whose activities it helps to pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fund: Option<FundId>,
}

/// A file that goes with an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantFile {
    /// Where the marketplace reads it.
    pub uri: String,
    /// What it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}

/// How an application stands at the marketplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantStatus {
    /// It has not been handed in, or was taken back.
    Draft,
    /// It is being reviewed.
    InReview,
    /// The marketplace waits for something from its partner.
    ActionRequired,
    /// It is granted.
    Approved,
    /// It is refused.
    Rejected,
    /// It was given up.
    Cancelled,
    /// A word that the connector does not know.
    #[serde(untagged)]
    Unrecognised(String),
}

impl std::fmt::Display for GrantStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            GrantStatus::Draft => "draft",
            GrantStatus::InReview => "in review",
            GrantStatus::ActionRequired => "action required",
            GrantStatus::Approved => "approved",
            GrantStatus::Rejected => "rejected",
            GrantStatus::Cancelled => "cancelled",
            GrantStatus::Unrecognised(word) => word,
        })
    }
}

/// Where an application stands at the marketplace, as it was read last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantStanding {
    /// How it stands.
    pub status: GrantStatus,
    /// The stage of its review, in the marketplace's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Why it stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The same in the marketplace's codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// By which claims refer to what was granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allocations: Vec<String>,
    /// How much was granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Money>,
    /// How much of it was used, paid or issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Money>,
    /// Until when it may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Whether all of it is used.
    #[serde(default)]
    pub fulfilled: bool,
    /// Whether nothing of it can be used any more, although something is left.
    #[serde(default)]
    pub over: bool,
}

/// A change of a few fields while the marketplace reviews an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// Why.
    pub reason: String,
    /// Which fields.
    pub fields: Vec<AmendedField>,
}

/// One field of an amendment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmendedField {
    /// The field of the details, as a JSON pointer.
    pub field: String,
    /// Its new value.
    pub value: String,
}

/// What became of a grant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantCourse {
    /// The marketplace's id of the application, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// Where it stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<GrantStanding>,
    /// When it was handed in the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// The last instant at which what is granted is to be claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_by: Option<Timestamp>,
    /// The reminder of the claim that went out last, by the instant it was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded: Option<Timestamp>,
    /// A change that is asked for, and has not been made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amendment: Option<Amendment>,
    /// The details as they were before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// That an amendment was given up: people or rules spoke against it, nobody agreed in time, or the marketplace did not take it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unmade: bool,
    /// Whether nobody decided on the last amendment in time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lapsed: bool,
    /// Why it is taken back from its review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Begun {
    #[serde(default)]
    change_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Checked {
    #[serde(default)]
    claim_by: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
struct Awaited {
    standing: GrantStanding,
}

impl GrantPaper {
    /// The application as it is written at the marketplace.
    pub fn application(&self) -> Value {
        let resources: Vec<&String> = self.draws_on.iter().chain(&self.resources).collect();
        let mut application = Map::new();
        application.insert("benefit".into(), json!(self.benefit));
        application.insert("kinds".into(), json!([self.kind]));
        application.insert("name".into(), json!(self.name));
        application.extend(self.description.as_ref().map(|text| ("description".into(), json!(text))));
        application.insert("details".into(), self.details.clone());
        application.insert("resources".into(), json!(resources));
        application.insert("files".into(), json!(self.files));
        Value::Object(application)
    }
}

impl Sheet<GrantPaper> {
    /// Whether the application stands so at the marketplace.
    fn is_there(&self, status: &GrantStatus) -> bool {
        self.has(|standing| standing.status == *status)
    }

    fn has(&self, what: impl Fn(&GrantStanding) -> bool) -> bool {
        self.course.standing.as_ref().is_some_and(what)
    }

    /// What is done to the application.
    fn change(&self, activity: &str) -> Option<Value> {
        let given_up = || self.withdrawal.as_ref().map_or("no longer wanted", |withdrawal| withdrawal.reason.as_str());
        Some(match activity {
            UPDATE => json!({ "kind": "update", "application": self.paper.application() }),
            SUBMIT => json!({ "kind": "submit" }),
            AMEND => {
                let amendment = self.course.amendment.as_ref()?;
                json!({ "kind": "amend", "reason": amendment.reason, "fields": amendment.fields })
            }
            RECALL => json!({ "kind": "recall", "reason": self.course.recall.as_ref()? }),
            CANCEL => json!({ "kind": "cancel", "reason": given_up() }),
            _ => return None,
        })
    }

    /// Writes an amendment into the details. A field that is not there stays away: the check before approvals says so.
    fn amend(&mut self, amendment: Amendment) {
        let before = self.course.before.take().unwrap_or_else(|| self.paper.details.clone());
        self.paper.details = before.clone();
        for change in &amendment.fields {
            let Some(place) = self.paper.details.pointer_mut(&change.field) else { continue };
            *place = match place {
                Value::Number(_) => change.value.parse::<i64>().map_or_else(|_| json!(change.value), Value::from),
                _ => json!(change.value),
            };
        }
        self.course.before = Some(before);
        self.course.amendment = Some(amendment);
        self.course.unmade = false;
    }

    /// Notes that nobody decided on an amendment in time. The paper says so with the next event: should it change in the step that
    /// ends the round, people would be asked once more.
    fn lapse(&mut self) {
        if self.course.amendment.is_some() {
            (self.course.lapsed, self.course.unmade, self.course.standing) = (true, true, None);
        }
    }

    fn undo_lapsed(&mut self) {
        if std::mem::take(&mut self.course.lapsed) {
            self.undo_amendment();
        }
    }

    /// Takes back an amendment that was not made: the paper says again what the marketplace reviews. Deciding took days, so that
    /// it is read anew where the application stands.
    fn undo_amendment(&mut self) {
        if self.course.amendment.take().is_some() {
            (self.course.unmade, self.course.standing) = (true, None);
        }
        if let Some(before) = self.course.before.take() {
            self.paper.details = before;
        }
    }
}

impl Paper for GrantPaper {
    const NAME: &'static str = "partner_funding";
    const OWNER: &'static str = "alliance_manager";
    type Course = GrantCourse;

    fn legal_entity(&self) -> &LegalEntityId {
        &self.legal_entity
    }

    /// The vendor's own: no partner of the vendor's hears of it.
    fn party(&self) -> Option<&PartyId> {
        None
    }

    fn check(&self) -> Result<(), FieldError> {
        filled("/benefit", &self.benefit)?;
        filled("/kind", &self.kind)?;
        filled("/name", &self.name)?;
        check_at(self.amount.minor > 0, "/amount", "asks for nothing; write an amount of more than zero")?;
        check_at(self.start <= self.end, "/end", "lies before the first day; correct one of them")?;
        check_at(
            self.details.is_object(),
            "/details",
            "is no form; see what it asks for with `entente funding schema`",
        )?;
        for (at, file) in self.files.iter().enumerate() {
            filled(&format!("/files/{at}/uri"), &file.uri)?;
        }
        Ok(())
    }

    fn replaces(&self, other: &GrantPaper) -> bool {
        self.marketplace == other.marketplace
            && self.legal_entity == other.legal_entity
            && self.benefit == other.benefit
            && self.kind == other.kind
            && self.claims == other.claims
    }

    fn title(&self) -> String {
        format!("{} of `{}` for `{}`", self.amount, self.benefit, self.name)
    }

    /// The largest amount that the form names: which of them the marketplace pays, only the marketplace knows.
    fn value(sheet: &Sheet<GrantPaper>) -> Option<Money> {
        Some(sheet.paper.most())
    }

    fn names() -> Names {
        let names = Names {
            guards: &[
                "is_applied_for",
                "is_amended",
                "was_amended",
                "is_approved",
                "is_rejected",
                "is_given_up_there",
                "is_draft_there",
                "is_under_review",
                "needs_an_answer",
                "is_all_paid",
                "has_lapsed",
            ],
            deadlines: &[SOON, CLAIM_BY],
            requests: &[CHECK_GRANT, APPLY, UPDATE, SUBMIT, AMEND, RECALL, CANCEL, AWAIT_GRANT],
            changes: &["amend"],
            ..Names::default()
        };
        let fields = Type::List(Box::new(super::names::object([("field", Type::Text), ("value", Type::Text)])));
        names.event("amend", [("reason", Type::Text), ("fields", fields)]).event("recall", [("reason", Type::Text)])
    }

    fn shown(sheet: &Sheet<GrantPaper>) -> Value {
        json!(sheet.course.amendment)
    }

    fn facts(sheet: &Sheet<GrantPaper>) -> Map<String, Value> {
        let paper = &sheet.paper;
        let mut facts = Map::new();
        facts.insert("marketplace".into(), json!(paper.marketplace));
        facts.insert("benefit".into(), json!(paper.benefit));
        facts.insert("kind".into(), json!(paper.kind));
        facts.insert("is_claim".into(), json!(paper.claims.is_some()));
        facts
    }

    fn keys(sheet: &Sheet<GrantPaper>) -> Vec<Key> {
        let key = |kind: &str, value: String| Key { kind: kind.to_owned(), value, unique: false };
        let fund = sheet.paper.fund.iter().map(|fund| key(GRANT_FUND_KEY, fund.to_string()));
        let source = sheet.paper.draws_on.iter().map(|source| key(GRANT_SOURCE_KEY, source.clone()));
        let application = sheet.course.application.iter().map(|id| key(GRANT_APPLICATION_KEY, id.clone()));
        fund.chain(source).chain(application).collect()
    }

    fn guard(sheet: &Sheet<GrantPaper>, name: &str, _: &Event, _: Timestamp) -> Option<bool> {
        Some(match name {
            "is_applied_for" => sheet.course.application.is_some(),
            "is_amended" => sheet.course.amendment.is_some(),
            "was_amended" => sheet.course.unmade,
            "is_approved" => sheet.is_there(&GrantStatus::Approved),
            "is_rejected" => sheet.is_there(&GrantStatus::Rejected),
            "is_given_up_there" => sheet.is_there(&GrantStatus::Cancelled),
            "is_draft_there" => sheet.is_there(&GrantStatus::Draft),
            "is_under_review" => sheet.is_there(&GrantStatus::InReview) || sheet.is_there(&GrantStatus::ActionRequired),
            "needs_an_answer" => sheet.is_there(&GrantStatus::ActionRequired),
            "is_all_paid" => sheet.has(|standing| standing.fulfilled),
            "has_lapsed" => sheet.has(|standing| standing.over),
            _ => return None,
        })
    }

    fn deadline(sheet: &Sheet<GrantPaper>, name: &str) -> Option<Option<Timestamp>> {
        let by = sheet.course.claim_by;
        let due = match name {
            CLAIM_BY => by,
            SOON => by.and_then(|by| by.checked_sub(CLAIM_SOON).ok()),
            _ => return None,
        };
        Some(due.filter(|due| sheet.course.reminded < Some(*due)))
    }

    fn request(sheet: &Sheet<GrantPaper>, activity: &str) -> Option<Value> {
        let marketplace = &sheet.paper.marketplace;
        let id = &sheet.course.application;
        Some(match activity {
            CHECK_GRANT => json!({
                "marketplace": marketplace,
                "label": sheet.label,
                "paper": sheet.paper,
                "amendment": sheet.course.amendment,
                "applied": id.is_some(),
            }),
            APPLY => json!({ "marketplace": marketplace, "application": sheet.paper.application() }),
            AWAIT_GRANT => {
                json!({ "marketplace": marketplace, "application_id": id, "seen": sheet.course.standing })
            }
            activity => {
                json!({ "marketplace": marketplace, "application_id": id, "change": sheet.change(activity)? })
            }
        })
    }

    fn check_event(event: &str, data: &Value) -> Option<Result<(), FieldError>> {
        match event {
            "recall" => Some(data::because(data)),
            "amend" => Some(data::parse::<Amendment>(data).and_then(|amendment| {
                filled("/reason", &amendment.reason)?;
                check_at(!amendment.fields.is_empty(), "/fields", "changes nothing; name at least one field")
            })),
            _ => None,
        }
    }

    fn happened(sheet: &mut Sheet<GrantPaper>, name: &str, data: &Value, event: &Event, _: Timestamp) {
        sheet.undo_lapsed();
        match name {
            "amend" => {
                let Ok(amendment) = Amendment::deserialize(data) else { return };
                sheet.asked_by(event);
                sheet.refusal = None;
                sheet.amend(amendment);
            }
            // The whole paper takes the place of what was to be amended.
            "revise" => (sheet.course.amendment, sheet.course.before, sheet.course.unmade) = (None, None, false),
            "submit" => sheet.course.unmade = false,
            "recall" => {
                let Ok(because) = data::Because::deserialize(data) else { return };
                sheet.course.recall = Some(because.reason);
            }
            _ => {}
        }
    }

    fn done(sheet: &mut Sheet<GrantPaper>, activity: &str, output: &Value, now: Timestamp) {
        sheet.undo_lapsed();
        let course = &mut sheet.course;
        match activity {
            CHECK_GRANT => course.claim_by = Checked::deserialize(output).unwrap_or_default().claim_by,
            APPLY => {
                let begun = Begun::deserialize(output).unwrap_or_default();
                course.application = begun.change_id.or_else(|| course.application.take());
            }
            AWAIT_GRANT => {
                let awaited = Awaited::deserialize(output).ok();
                course.standing = awaited.map(|awaited| awaited.standing).or_else(|| course.standing.take());
            }
            // Where it stands now has to be read again.
            SUBMIT => (course.standing, course.sent_at) = (None, Some(now)),
            AMEND => (course.standing, course.amendment, course.before) = (None, None, None),
            RECALL => {
                (course.standing, course.recall) = (None, None);
                sheet.undo_amendment();
            }
            _ => {}
        }
    }

    /// A change that the marketplace did not take is not made here either. Why it did not may be that the application stands elsewhere
    /// by now: that is read anew.
    fn failed(sheet: &mut Sheet<GrantPaper>, activity: &str, _: Timestamp) {
        match activity {
            AMEND | CANCEL => sheet.course.standing = None,
            RECALL => (sheet.course.standing, sheet.course.recall) = (None, None),
            APPROVALS | CHECK_GRANT => {}
            _ => return,
        }
        sheet.undo_amendment();
    }

    fn came(sheet: &mut Sheet<GrantPaper>, deadline: &str, due: Timestamp) {
        match deadline {
            SOON | CLAIM_BY => sheet.course.reminded = sheet.course.reminded.max(Some(due)),
            UNANSWERED => sheet.lapse(),
            _ => {}
        }
    }

    fn told(sheet: &Sheet<GrantPaper>) -> Map<String, Value> {
        let standing = sheet.course.standing.as_ref();
        let mut told = Map::new();
        told.insert("application".into(), json!(sheet.course.application));
        told.insert("stage".into(), json!(standing.and_then(|standing| standing.stage.as_ref())));
        told.insert("reason".into(), json!(standing.and_then(|standing| standing.reason.as_ref())));
        told.insert("granted".into(), json!(standing.and_then(|standing| standing.granted)));
        told.insert("claim_by".into(), json!(sheet.course.claim_by));
        told
    }
}
