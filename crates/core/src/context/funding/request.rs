//! A request: what a partner wants to do, and what it asks the vendor to pay of it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{ASSESS, Names, Paper, Sheet, check_at, data, names::money};
use crate::{
    chart::lint::APPROVALS,
    context::{FieldError, Key, Type, agreement_request::filled},
    event::Event,
    ids::{FundId, LegalEntityId, PartyId, PersonId},
    ledger::{Posting, PostingAction},
    mdf::{
        BasisPoints, QUEUE,
        model::{Activity, Goal, Hospitality, Item},
    },
    money::Money,
};

/// The kind of key under which the requests on a fund are found.
pub const REQUEST_FUND_KEY: &str = "request.fund";

/// The kind of key under which the requests of a partner are found.
pub const REQUEST_PARTNER_KEY: &str = "request.partner";

/// The kind of key under which the requests of a play are found.
pub const REQUEST_PLAY_KEY: &str = "request.play";

/// The activity that looks whether claims on a request have yet to be decided.
pub const LOOK_AT_REQUEST: &str = "request.look";

/// A request for funds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestPaper {
    /// Who asks.
    pub partner: PartyId,
    /// The legal entity that is asked.
    pub legal_entity: LegalEntityId,
    /// The fund that it is to come out of.
    pub fund: FundId,
    /// What for.
    pub activity: Activity,
    /// The approved go-to-market play that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub play: Option<String>,
    /// The category of the activity, such as `demand_generation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What it is to bring.
    #[serde(default)]
    pub goals: Vec<Goal>,
    /// Whom it addresses, in words.
    #[serde(default)]
    pub target_audience: String,
    /// What it is expected to cost, item by item.
    pub items: Vec<Item>,
    /// The whole expected cost.
    pub cost: Money,
    /// What is asked of the vendor.
    pub amount: Money,
    /// The vendor's part among several vendors, as agreed, in basis points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_split: Option<BasisPoints>,
    /// Whether the money depends on the price at which the partner resells.
    #[serde(default)]
    pub tied_to_resale_price: bool,
    /// Gifts, meals and the like.
    #[serde(default)]
    pub hospitality: Vec<Hospitality>,
    /// Offers that it is to help along, by their labels.
    #[serde(default)]
    pub offers: BTreeSet<String>,
}

/// What became of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestCourse {
    /// When it was submitted the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_at: Option<Timestamp>,
    /// The revision that people approved; void as soon as somebody submits or revises it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_revision: Option<String>,
    /// When it was granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_at: Option<Timestamp>,
    /// What was granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Money>,
    /// What was granted for, exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Box<RequestPaper>>,
    /// The last instant at which it may be claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_by: Option<Timestamp>,
    /// What claims have taken of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Money>,
    /// The claims that have, by their labels.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub claims: BTreeSet<String>,
    /// The claims whose advance is proven or claimed back.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub proven: BTreeSet<String>,
    /// Whether one of them was the last one.
    #[serde(default)]
    pub closed: bool,
    /// Whether claims that came in time have yet to be decided, as it was when they were looked at last.
    #[serde(default)]
    pub claims_under_way: bool,
    /// Since when it waits for money; nothing from the day on which it is granted, or written anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_since: Option<Timestamp>,
    /// Who asked for it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<PersonId>,
    /// The partner's people: none of them may approve it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub partners_people: BTreeSet<PersonId>,
}

/// `claimed`: a claim has been committed out of what is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claimed {
    claim: String,
    amount: Money,
    closing: bool,
    /// Whether it is what the proof of an advance shows beyond it.
    #[serde(default)]
    further: bool,
}

/// What the assessment of a request tells besides.
#[derive(Debug, Default, Deserialize)]
struct Also {
    #[serde(default)]
    claim_by: Option<Timestamp>,
    #[serde(default)]
    partners_people: BTreeSet<PersonId>,
}

/// What looking at its claims returns.
#[derive(Debug, Deserialize)]
struct Looked {
    under_way: bool,
}

/// How many days before the end of the claim's time people are reminded.
const REMINDERS: [(&str, i64); 4] =
    [("request.remind_30", 30), ("request.remind_14", 14), ("request.remind_7", 7), ("request.remind_2", 2)];

impl RequestPaper {
    /// The key under which the ledger holds its money.
    pub fn ledger_key(label: &str) -> String {
        format!("request/{label}")
    }
}

impl Sheet<RequestPaper> {
    fn posting(&self, action: PostingAction, amount: Money) -> Posting {
        Posting::new(action, self.paper.fund.as_str(), RequestPaper::ledger_key(&self.label), amount)
    }

    /// What the rules grant, while nobody has granted it.
    fn grantable(&self) -> Option<Money> {
        self.current_assessment().and_then(|assessment| assessment.payable).filter(|payable| payable.minor > 0)
    }
}

impl Paper for RequestPaper {
    const NAME: &'static str = "mdf_request";
    const OWNER: &'static str = "alliance_manager";
    type Course = RequestCourse;

    fn legal_entity(&self) -> &LegalEntityId {
        &self.legal_entity
    }

    fn party(&self) -> Option<&PartyId> {
        Some(&self.partner)
    }

    fn for_partner(&mut self, course: &mut RequestCourse) {
        course.requested_by = None;
        course.partners_people.clear();
    }

    fn check(&self) -> Result<(), FieldError> {
        let (amount, cost) = (self.amount, self.cost);
        check_at(amount.minor > 0, "/amount", "asks for nothing; write an amount of more than zero")?;
        check_at(cost.minor > 0, "/cost", "costs nothing; write an amount of more than zero")?;
        let same = amount.currency == cost.currency;
        check_at(same, "/cost", format!("is not in {}, the currency that is asked for", amount.currency))?;
        check_at(
            amount.minor <= cost.minor,
            "/amount",
            format!("is more than the whole cost of {cost}; ask for less"),
        )?;
        for (at, item) in self.items.iter().enumerate() {
            filled(&format!("/items/{at}/what"), &item.what)?;
            let field = format!("/items/{at}/amount");
            check_at(item.amount.minor > 0, &field, "costs nothing; leave the item out")?;
            check_at(item.amount.currency == cost.currency, &field, format!("is not in {}", cost.currency))?;
        }
        let sum = Money::sum(cost.currency, self.items.iter().map(|item| item.amount));
        let adds_up = sum.is_ok_and(|sum| sum == cost);
        check_at(adds_up, "/cost", "is not the sum of the items; list everything that it consists of")?;
        let (start, end) = (self.activity.start, self.activity.end);
        check_at(start <= end, "/activity/end", "lies before the first day; correct one of them")
    }

    fn replaces(&self, other: &RequestPaper) -> bool {
        self.partner == other.partner
            && self.legal_entity == other.legal_entity
            && self.fund == other.fund
            && self.amount.currency == other.amount.currency
    }

    fn title(&self) -> String {
        format!("{} for `{}` of partner `{}`", self.amount, self.activity.kind, self.partner)
    }

    fn value(sheet: &Sheet<RequestPaper>) -> Option<Money> {
        Some(sheet.grantable().unwrap_or(sheet.paper.amount))
    }

    fn names() -> Names {
        let names = Names {
            guards: &["stands_as_approved", "nobody_has_to_agree", "request_is_used_up", "claims_are_under_way"],
            deadlines: &[
                "request.claim_by",
                "request.remind_30",
                "request.remind_14",
                "request.remind_7",
                "request.remind_2",
            ],
            requests: &[ASSESS, LOOK_AT_REQUEST],
            postings: &["request.reserve", "request.release", "request.expire"],
            ..Names::default()
        };
        names
            .event("cancel", [("reason", Type::Text)])
            .event("try_again", [])
            .event("claimed", [("claim", Type::Text), ("amount", money()), ("closing", Type::Bool)])
    }

    fn facts(sheet: &Sheet<RequestPaper>) -> Map<String, Value> {
        let mut facts = Map::new();
        facts.insert("fund".into(), json!(sheet.paper.fund));
        facts.insert("activity".into(), json!(sheet.paper.activity.kind));
        facts.insert("play".into(), json!(sheet.paper.play));
        facts
    }

    fn barred(sheet: &Sheet<RequestPaper>) -> BTreeSet<PersonId> {
        sheet.course.partners_people.clone()
    }

    fn keys(sheet: &Sheet<RequestPaper>) -> Vec<Key> {
        let key = |kind: &str, value: String| Key { kind: kind.to_owned(), value, unique: false };
        let play = sheet.paper.play.iter().map(|play| key(REQUEST_PLAY_KEY, play.clone()));
        let own = [
            key(REQUEST_FUND_KEY, sheet.paper.fund.to_string()),
            key(REQUEST_PARTNER_KEY, sheet.paper.partner.to_string()),
        ];
        own.into_iter().chain(play).collect()
    }

    fn guard(sheet: &Sheet<RequestPaper>, name: &str, _: &Event, _: Timestamp) -> Option<bool> {
        match name {
            "nobody_has_to_agree" => Some(sheet.current_assessment().is_some_and(|assessment| assessment.passes)),
            "stands_as_approved" => Some(sheet.stands_as_approved()),
            "request_is_used_up" => Some(sheet.course.closed || sheet.left().is_none()),
            "claims_are_under_way" => Some(sheet.course.claims_under_way),
            _ => None,
        }
    }

    fn deadline(sheet: &Sheet<RequestPaper>, name: &str) -> Option<Option<Timestamp>> {
        if name == "request.claim_by" {
            return Some(sheet.course.claim_by);
        }
        let (_, days) = REMINDERS.iter().find(|(known, _)| *known == name)?;
        let before = |by: Timestamp| by.checked_sub(SignedDuration::from_hours(24 * days)).ok();
        // A reminder whose day was over when the money was granted reminds of nothing.
        let granted = sheet.course.granted_at;
        Some(sheet.course.claim_by.and_then(before).filter(|at| granted.is_none_or(|granted| granted < *at)))
    }

    fn request(sheet: &Sheet<RequestPaper>, activity: &str) -> Option<Value> {
        let claim_by = sheet.course.claim_by;
        (activity == LOOK_AT_REQUEST).then(|| json!({ "request": sheet.label, "claim_by": claim_by }))
    }

    fn postings(sheet: &Sheet<RequestPaper>, name: &str) -> Option<Vec<Posting>> {
        let (granted, left) = (sheet.course.granted, sheet.left());
        let of = |action: PostingAction, amount: Option<Money>| {
            Some(amount.map(|amount| sheet.posting(action, amount)).into_iter().collect())
        };
        match name {
            "request.reserve" => of(PostingAction::Reserve, granted),
            "request.release" => of(PostingAction::Void, left),
            "request.expire" => of(PostingAction::Expire, left),
            _ => None,
        }
    }

    fn check_event(event: &str, data: &Value) -> Option<Result<(), FieldError>> {
        match event {
            "cancel" => Some(data::because(data)),
            "try_again" => Some(data::nothing(data)),
            "claimed" => Some(data::parse::<Claimed>(data).map(drop)),
            _ => None,
        }
    }

    fn happened(sheet: &mut Sheet<RequestPaper>, name: &str, data: &Value, event: &Event, now: Timestamp) {
        if ["submit", "revise"].contains(&name) {
            sheet.course.approved_revision = None;
            sheet.course.waits_since = None;
        }
        if name == "submit" {
            let since = sheet.course.submitted_at.filter(|_| sheet.is_held_as_it_stands());
            sheet.course.submitted_at = since.or(Some(now));
            let who = event.actor.as_ref().map(|actor| actor.person.clone());
            sheet.course.requested_by = sheet.course.requested_by.take().or(who);
        }
        if name != "claimed" {
            return;
        }
        let Ok(claimed) = Claimed::deserialize(data) else { return };
        let known = if claimed.further { &mut sheet.course.proven } else { &mut sheet.course.claims };
        if !known.insert(claimed.claim) {
            return;
        }
        let before = sheet.course.claimed.unwrap_or(Money::zero(claimed.amount.currency));
        sheet.course.claimed = before.plus(claimed.amount).ok().or(sheet.course.claimed);
        sheet.course.closed |= claimed.closing;
    }

    fn done(sheet: &mut Sheet<RequestPaper>, activity: &str, output: &Value, now: Timestamp) {
        if activity == ASSESS {
            let also = Also::deserialize(output).unwrap_or_default();
            sheet.course.claim_by = also.claim_by;
            sheet.course.partners_people = also.partners_people;
        }
        match activity {
            APPROVALS => sheet.course.approved_revision = Some(sheet.revision.clone()),
            ASSESS => {
                let passes = sheet.current_assessment().is_some_and(|assessment| assessment.passes);
                sheet.revise();
                if passes || sheet.stands_as_approved() {
                    sheet.grant(now);
                }
            }
            LOOK_AT_REQUEST => {
                // What cannot be read counts as under way: nothing expires by mistake.
                let under_way = Looked::deserialize(output).map_or(true, |looked| looked.under_way);
                sheet.course.claims_under_way = under_way;
            }
            _ => {}
        }
    }

    fn failed(sheet: &mut Sheet<RequestPaper>, activity: &str, _: Timestamp) {
        let held = sheet.current_assessment().filter(|assessment| activity == ASSESS && !assessment.goes_on());
        let queued = held.filter(|assessment| assessment.reasons.iter().any(|reason| reason.rule == QUEUE));
        if let Some(at) = queued.map(|assessment| assessment.at) {
            sheet.course.waits_since.get_or_insert(at);
        }
    }

    fn ledger_refused(sheet: &mut Sheet<RequestPaper>, now: Timestamp) {
        if sheet.course.claims.is_empty() && sheet.course.claim_by.is_some() {
            sheet.course.waits_since.get_or_insert(now);
        }
    }

    fn told(sheet: &Sheet<RequestPaper>) -> Map<String, Value> {
        let mut told = Map::new();
        told.insert("fund".into(), json!(sheet.paper.fund));
        told.insert("granted".into(), json!(sheet.course.granted));
        told.insert("claim_by".into(), json!(sheet.course.claim_by));
        told
    }
}

impl Sheet<RequestPaper> {
    /// Whether people have agreed to exactly this.
    fn stands_as_approved(&self) -> bool {
        self.course.approved_revision.as_ref() == Some(&self.revision)
    }

    /// What claims have not taken of what was granted.
    fn left(&self) -> Option<Money> {
        let claimed = self.course.claimed.map_or(0, |claimed| claimed.minor);
        let left = self.course.granted.map(|granted| Money { minor: granted.minor.saturating_sub(claimed), ..granted });
        left.filter(|left| left.minor > 0)
    }

    /// Notes what is granted, for what and until when it may be claimed.
    fn grant(&mut self, now: Timestamp) {
        self.course.granted = self.grantable();
        self.course.granted_at = Some(now);
        self.course.waits_since = None;
        self.course.approved = Some(Box::new(self.paper.clone()));
    }
}
