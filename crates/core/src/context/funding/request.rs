//! A request: what a partner wants to do, and what it asks the vendor to pay of it.

mod amendment;
mod changes;
mod shares;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    ASSESS, JointRequest, Names, Paper, REQUEST_JOINT_KEY, Sheet, check_at, data,
    names::{money, object},
};
use crate::{
    chart::lint::APPROVALS,
    context::{FieldError, Key, Type, agreement_request::filled},
    event::Event,
    ids::{FundId, LegalEntityId, PartyId, PersonId},
    ledger::{Posting, PostingAction},
    mdf::{
        BasisPoints, Claimable, QUEUE,
        model::{Activity, Goal, Hospitality, Item, Vote},
    },
    money::Money,
};

use amendment::Judged;
pub use amendment::{Amended, Amendment, AmendmentOutcome, Extended, MOST_AMENDMENTS};
pub use changes::Changed;
pub use shares::{Percent, Share, Shares};

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
    /// Who bears what of the cost, where several partners do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares: Option<Shares>,
    /// Whether the money depends on the price at which the partner resells.
    #[serde(default)]
    pub tied_to_resale_price: bool,
    /// Gifts, meals and the like.
    #[serde(default)]
    pub hospitality: Vec<Hospitality>,
    /// Offers that it is to help along, by their labels.
    #[serde(default)]
    pub offers: BTreeSet<String>,
    /// Of which whole it is a part, where several funds pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<Box<JointRequest>>,
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
    /// The last day on which it may be claimed without consent to a later one; of what an older program granted, not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimable: Option<Claimable>,
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
    /// A change that is asked for and not decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amendment: Option<Box<Amendment>>,
    /// Every change that was decided, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amendments: Vec<Amended>,
    /// What was granted for at first, where it was amended since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Box<RequestPaper>>,
    /// Who has agreed to what is in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreed: Vec<Vote>,
    /// Later last days for claims.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Extended>,
    /// The version of the request under which each claim was committed, where it was amended.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claimed_under: BTreeMap<String, u32>,
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
    claimable: Option<Claimable>,
    #[serde(default)]
    partners_people: BTreeSet<PersonId>,
    /// Whether people have to agree to a change; nothing where that was not asked.
    #[serde(default)]
    material: Option<bool>,
    /// The votes that count.
    #[serde(default)]
    votes: Vec<Vote>,
}

/// What looking at its claims returns.
#[derive(Debug, Deserialize)]
struct Looked {
    under_way: bool,
}

/// The deadline by which people answer.
const UNANSWERED: &str = "P30D";

/// The last instant for claims.
const CLAIM_BY: &str = "request.claim_by";

/// The reminders of a chart, and how many days before the end of the claim's time they come where no more is known.
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
        if let Some(joint) = &self.joint {
            return self.check_part(joint);
        }
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
        if let Some(shares) = &self.shares {
            shares.check(&self.partner, cost, amount)?;
        }
        let (start, end) = (self.activity.start, self.activity.end);
        check_at(start <= end, "/activity/end", "lies before the first day; correct one of them")
    }

    fn replaces(&self, other: &RequestPaper) -> bool {
        self.partner == other.partner
            && self.legal_entity == other.legal_entity
            && self.fund == other.fund
            && self.joint.as_ref().map(|joint| &joint.label) == other.joint.as_ref().map(|joint| &joint.label)
            && self.amount.currency == other.amount.currency
    }

    fn title(&self) -> String {
        let whole = self.joint.as_ref().map(|joint| format!(" of {} of `{}`", joint.amount, joint.label));
        let whole = whole.unwrap_or_default();
        format!("{}{whole} for `{}` of partner `{}`", self.amount, self.activity.kind, self.partner)
    }

    fn value(sheet: &Sheet<RequestPaper>) -> Option<Money> {
        Some(sheet.grantable().unwrap_or(Self::at_hand(sheet).amount))
    }

    fn limited_by(sheet: &Sheet<RequestPaper>) -> Option<Money> {
        let whole = Self::at_hand(sheet).joint.as_ref().map(|joint| joint.amount);
        whole.or_else(|| Self::value(sheet))
    }

    fn names() -> Names {
        let names = Names {
            guards: &[
                "stands_as_approved",
                "nobody_has_to_agree",
                "request_is_used_up",
                "claims_are_under_way",
                "amendment_is_taken",
                "amendment_is_open",
                "amendment_is_in_force",
            ],
            deadlines: &[CLAIM_BY, "request.remind_30", "request.remind_14", "request.remind_7", "request.remind_2"],
            requests: &[ASSESS, LOOK_AT_REQUEST],
            postings: &["request.reserve", "request.amend", "request.release", "request.expire"],
            changes: &["amend", "extend"],
            ..Names::default()
        };
        names
            .event("cancel", [("reason", Type::Text)])
            .event("try_again", [])
            .event("claimed", [("claim", Type::Text), ("amount", money()), ("closing", Type::Bool)])
            .event("amend", [("paper", object([])), ("reason", Type::Text)])
            .event("extend", [("until", Type::Text), ("reason", Type::Text)])
            .event("keep", [("reason", Type::Text)])
    }

    fn at_hand(sheet: &Sheet<RequestPaper>) -> &RequestPaper {
        sheet.course.amendment.as_deref().map_or(&sheet.paper, |amendment| amendment.paper.as_ref())
    }

    fn shown(sheet: &Sheet<RequestPaper>) -> Value {
        sheet.amendment_shown()
    }

    fn facts(sheet: &Sheet<RequestPaper>) -> Map<String, Value> {
        let paper = Self::at_hand(sheet);
        let mut facts = Map::new();
        facts.insert("fund".into(), json!(paper.fund));
        facts.insert("activity".into(), json!(paper.activity.kind));
        facts.insert("play".into(), json!(paper.play));
        if let Some(amendment) = sheet.open_amendment() {
            facts.insert("amends".into(), json!(true));
            facts.insert("extends".into(), json!(amendment.until.is_some()));
        }
        facts
    }

    fn barred(sheet: &Sheet<RequestPaper>) -> BTreeSet<PersonId> {
        sheet.course.partners_people.clone()
    }

    fn keys(sheet: &Sheet<RequestPaper>) -> Vec<Key> {
        let key = |kind: &str, value: String| Key { kind: kind.to_owned(), value, unique: false };
        let play = sheet.paper.play.iter().map(|play| key(REQUEST_PLAY_KEY, play.clone()));
        let joint = sheet.paper.joint.iter().map(|joint| key(REQUEST_JOINT_KEY, joint.label.clone()));
        let own = [
            key(REQUEST_FUND_KEY, sheet.paper.fund.to_string()),
            key(REQUEST_PARTNER_KEY, sheet.paper.partner.to_string()),
        ];
        own.into_iter().chain(play).chain(joint).collect()
    }

    fn guard(sheet: &Sheet<RequestPaper>, name: &str, event: &Event, _: Timestamp) -> Option<bool> {
        match name {
            "nobody_has_to_agree" => Some(sheet.current_assessment().is_some_and(|assessment| assessment.passes)),
            "stands_as_approved" => Some(sheet.stands_as_approved()),
            "request_is_used_up" => Some(sheet.course.closed || sheet.left().is_none()),
            "claims_are_under_way" => Some(sheet.course.claims_under_way),
            name => sheet.amendment_guard(name, event),
        }
    }

    fn deadline(sheet: &Sheet<RequestPaper>, name: &str) -> Option<Option<Timestamp>> {
        if name == CLAIM_BY {
            return Some(sheet.course.claim_by);
        }
        let number = REMINDERS.iter().position(|(known, _)| *known == name)?;
        // A reminder whose day was over when the money was granted, or a change of it decided, reminds of nothing.
        let since = sheet.stands_since();
        Some(sheet.reminder(number).filter(|at| since.is_none_or(|since| since < *at)))
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
            "request.amend" => Some(sheet.amendment_postings()),
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
            event => amendment::check_event(event, data),
        }
    }

    fn happened(sheet: &mut Sheet<RequestPaper>, name: &str, data: &Value, event: &Event, now: Timestamp) {
        sheet.note_given_up();
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
        if name == "claimed"
            && let Ok(claimed) = Claimed::deserialize(data)
        {
            sheet.claimed(claimed);
        }
        sheet.amendment_happened(name, data, event, now);
    }

    fn done(sheet: &mut Sheet<RequestPaper>, activity: &str, output: &Value, now: Timestamp) {
        sheet.note_given_up();
        match activity {
            APPROVALS => {
                sheet.people_were_asked();
                sheet.course.approved_revision = Some(sheet.revision.clone());
            }
            ASSESS => sheet.judged(Also::deserialize(output).unwrap_or_default(), now),
            LOOK_AT_REQUEST => {
                // What cannot be read counts as under way: nothing expires by mistake.
                let under_way = Looked::deserialize(output).map_or(true, |looked| looked.under_way);
                sheet.course.claims_under_way = under_way;
            }
            _ => {}
        }
    }

    fn failed(sheet: &mut Sheet<RequestPaper>, activity: &str, now: Timestamp) {
        sheet.note_given_up();
        let why = sheet.refusal.as_ref().map(|refusal| refusal.message.clone());
        match activity {
            ASSESS if sheet.course.amendment.is_some() => {
                return sheet.give_up(AmendmentOutcome::Refused, why, now);
            }
            APPROVALS => {
                sheet.people_were_asked();
                sheet.give_up(AmendmentOutcome::Declined, why, now);
            }
            _ => {}
        }
        let held = sheet.current_assessment().filter(|assessment| activity == ASSESS && !assessment.goes_on());
        let queued = held.filter(|assessment| assessment.reasons.iter().any(|reason| reason.rule == QUEUE));
        if let Some(at) = queued.map(|assessment| assessment.at) {
            sheet.course.waits_since.get_or_insert(at);
        }
    }

    fn came(sheet: &mut Sheet<RequestPaper>, deadline: &str, due: Timestamp) {
        sheet.note_given_up();
        match deadline {
            UNANSWERED => sheet.give_up(AmendmentOutcome::Overdue, None, due),
            CLAIM_BY => sheet.give_up(AmendmentOutcome::Overtaken, None, due),
            _ => {}
        }
    }

    fn ledger_refused(sheet: &mut Sheet<RequestPaper>, now: Timestamp) {
        sheet.note_given_up();
        let why = sheet.refusal.as_ref().map(|refusal| refusal.message.clone());
        if !sheet.asks_people() {
            sheet.give_up(AmendmentOutcome::Refused, why, now);
        }
        if sheet.course.claims.is_empty() && sheet.course.claim_by.is_some() {
            sheet.course.waits_since.get_or_insert(now);
        }
    }

    fn told(sheet: &Sheet<RequestPaper>) -> Map<String, Value> {
        let mut told = Map::new();
        told.insert("fund".into(), json!(sheet.paper.fund));
        if let Some(joint) = &sheet.paper.joint {
            told.insert("joint".into(), json!(joint.label));
        }
        told.insert("granted".into(), json!(sheet.course.granted));
        told.insert("claim_by".into(), json!(sheet.reminded_of().or(sheet.course.claim_by)));
        if let Some(amended) = sheet.course.amendments.last().filter(|_| sheet.course.amendment.is_none()) {
            told.insert("amended".into(), json!(amended));
        }
        told
    }
}

impl Sheet<RequestPaper> {
    /// Whether people have agreed to exactly this.
    fn stands_as_approved(&self) -> bool {
        self.course.approved_revision.as_ref() == Some(&self.revision)
    }

    /// What people are reminded of: the last day without consent, or the later one to which it was put off.
    fn reminded_of(&self) -> Option<Timestamp> {
        let put_off = self.course.extensions.iter().map(|extended| extended.claim_by).max();
        put_off.or(self.course.claimable.as_ref().map(|claimable| claimable.ends))
    }

    /// The instant at which claims end that need nobody's consent.
    pub fn claims_end(&self) -> Option<Timestamp> {
        self.reminded_of().or(self.course.claim_by)
    }

    /// When a reminder of the chart is due: as the pack says of the last day without consent.
    fn reminder(&self, number: usize) -> Option<Timestamp> {
        if let Some(claimable) = &self.course.claimable {
            return claimable.reminder(self.reminded_of()?, number, REMINDERS.len());
        }
        let (_, days) = REMINDERS.get(number)?;
        self.course.claim_by?.checked_sub(SignedDuration::from_hours(24 * days)).ok()
    }

    /// What claims have not taken of what was granted.
    fn left(&self) -> Option<Money> {
        let claimed = self.course.claimed.map_or(0, |claimed| claimed.minor);
        let left = self.course.granted.map(|granted| Money { minor: granted.minor.saturating_sub(claimed), ..granted });
        left.filter(|left| left.minor > 0)
    }

    /// The rules have judged it: as a change of what is granted, or before it is granted.
    fn judged(&mut self, also: Also, now: Timestamp) {
        let Also { claim_by, claimable, partners_people, material, votes } = also;
        if self.course.amendment.is_some() {
            let material = material.unwrap_or(true);
            return self.amendment_judged(Judged { claim_by, claimable, material, votes, partners_people }, now);
        }
        (self.course.claim_by, self.course.claimable) = (claim_by, claimable);
        self.course.partners_people = partners_people;
        let passes = self.current_assessment().is_some_and(|assessment| assessment.passes);
        self.revise();
        if passes || self.stands_as_approved() {
            self.grant(votes, now);
        }
    }

    /// Notes what a claim has taken. One that was committed while an amendment was decided is never undercut by it: what it took is
    /// granted all the same.
    fn claimed(&mut self, claimed: Claimed) {
        let known = if claimed.further { &mut self.course.proven } else { &mut self.course.claims };
        if !known.insert(claimed.claim.clone()) {
            return;
        }
        let version = self.version();
        let before = self.course.claimed.unwrap_or(Money::zero(claimed.amount.currency));
        self.course.claimed = before.plus(claimed.amount).ok().or(self.course.claimed);
        self.course.closed |= claimed.closing;
        if version > 1 {
            self.course.claimed_under.insert(claimed.claim, version);
            self.course.granted = self.course.granted.map(|granted| match self.course.claimed {
                Some(claimed) if claimed.minor > granted.minor => claimed,
                _ => granted,
            });
        }
    }

    /// Notes what is granted, for what, by whom and until when it may be claimed.
    fn grant(&mut self, votes: Vec<Vote>, now: Timestamp) {
        self.course.agreed = votes;
        self.course.granted = self.grantable();
        self.course.granted_at = Some(now);
        self.course.waits_since = None;
        self.course.approved = Some(Box::new(self.paper.clone()));
    }
}
