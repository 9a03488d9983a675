//! What becomes of a claim: its approval, its payables, disputes and what is claimed back.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Advance, ClaimPaper, Clawback, Dispute, Payable, Proposal, PutOff, Waiver, advance, put_off};
use crate::{
    chart::lint::APPROVALS,
    context::{
        FieldError,
        agreement_request::filled,
        funding::{Sheet, check_at, data},
    },
    event::{Body, Event},
    ids::{FundId, PartyId, PersonId, RoleId},
    mdf::{PackPin, model::ClaimKind},
    money::Money,
};

/// What became of a claim.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimCourse {
    /// When it was submitted the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_at: Option<Timestamp>,
    /// When it was submitted first: whether it came in time is decided by this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_submitted_at: Option<Timestamp>,
    /// When results were in it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results_at: Option<Timestamp>,
    /// When the vendor first answered: people, or rules that returned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// That people, or the time that they had, have sent it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_back: Option<SentBack>,
    /// Times in which it lay with the partner, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with_partner: Vec<WithPartner>,
    /// Who submitted it, who asked for the money that it claims, and the partner's people: none of them may approve it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub submitted_by: BTreeSet<PersonId>,
    /// Who agreed to what is owed, and as what: none of them pays it where rule Y1 keeps the two apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreed: Vec<Agreed>,
    /// The fund that its request draws on, once the rules have looked at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fund: Option<FundId>,
    /// The pack that judges it for its whole life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<PackPin>,
    /// Keys of what it has in common with claims that are like it, as the rules saw it last.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub likeness: BTreeSet<String>,
    /// The revision that people approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_revision: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<Timestamp>,
    /// What was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Money>,
    /// What is owed, payee by payee.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payables: Vec<Payable>,
    /// What was paid before it is proven, and what became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advance: Option<Advance>,
    /// The last instant at which an advance may be proven, as the rules saw it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prove_by: Option<Timestamp>,
    /// Who answers for the fund that pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<PersonId>,
    /// Amounts that are disputed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disputes: Vec<Dispute>,
    /// What somebody wants to claim back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clawback_asked: Option<Clawback>,
    /// What somebody wants to claim back no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver_asked: Option<Waiver>,
    /// How somebody wants a dispute to be settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement_asked: Option<Proposal>,
    /// Until when somebody wants the proof of an advance to be put off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_off_asked: Option<PutOff>,
    /// What is claimed back, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clawbacks: Vec<Clawback>,
    /// What has come twice in all: the payee gave it back, and then the bank returned the payment. It is the payee's, and is owed to
    /// it with what else its payable owes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came_twice: Option<Money>,
    /// What the event at hand does to the books; empty after any other event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) moves: Vec<Move>,
}

/// Somebody who agreed to what a claim is owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreed {
    /// As what he was asked.
    pub role: RoleId,
    /// Who.
    pub person: PersonId,
    /// For whom, where he stood in for somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<PersonId>,
}

/// That a claim was sent back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentBack {
    /// When, the last time.
    pub at: Timestamp,
    /// When what was sent back first had been submitted: whether it came in time is decided by this.
    pub came: Timestamp,
}

/// A time in which a claim lay with the partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithPartner {
    /// Since when.
    pub from: Timestamp,
    /// When it came back; open where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// One movement that an event brings about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Move {
    pub(super) what: MoveKind,
    pub(super) payee: PartyId,
    pub(super) amount: Money,
}

/// What an event does to the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum MoveKind {
    Pay,
    Reopen,
    Withhold,
    OweAgain,
    Refuse,
    ClawBack,
    Recover,
    Waive,
    PayAdvance,
    ReopenAdvance,
    Prove,
    CallIn,
    Return,
    Further,
    TakeBack,
    OweSurplus,
    PaySurplus,
}

/// `schedule`, `unschedule`: a payout run takes a payable, or gives it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::context::funding) struct Scheduled {
    pub(in crate::context::funding) payout: String,
    pub(in crate::context::funding) payee: PartyId,
}

/// `settle`: the bank has paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::context::funding) struct Settle {
    pub(in crate::context::funding) payout: String,
    pub(in crate::context::funding) payee: PartyId,
    /// What of it: what was paid, withheld as tax, and taken off for what is claimed back.
    pub(in crate::context::funding) amount: Money,
    /// What of that was withheld as tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::context::funding) withheld: Option<Money>,
    pub(in crate::context::funding) on: Date,
}

/// `came_back`: the bank has not taken a payment, or has returned it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::context::funding) struct CameBack {
    pub(in crate::context::funding) payout: String,
    pub(in crate::context::funding) payee: PartyId,
    pub(in crate::context::funding) outcome: NotPaid,
    /// What came back; all of it where the bank has not taken it.
    pub(in crate::context::funding) amount: Money,
    #[serde(default)]
    pub(in crate::context::funding) on: Option<Date>,
    #[serde(default)]
    pub(in crate::context::funding) why: String,
}

/// Why a payment did not stay with its payee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::context::funding) enum NotPaid {
    Rejected,
    Returned,
}

/// `claw_back`: a part of what was paid to a payee, or given to it in kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Back {
    pub(super) payee: PartyId,
    pub(super) amount: Money,
    pub(super) reason: String,
    /// Whether it comes back as it was given.
    #[serde(default)]
    pub(super) as_given: bool,
}

/// `dispute`, `waive`: a part of what is owed, or of what is claimed back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub(super) payee: PartyId,
    pub(super) amount: Money,
    pub(super) reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resolved {
    pub(super) payee: PartyId,
    pub(super) granted: Money,
    pub(super) reason: String,
}

/// `recovered`: money that was claimed back has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::context::funding) struct Recovered {
    pub(in crate::context::funding) amount: Money,
    /// How it came: `netted` on a payout, or `paid`.
    pub(in crate::context::funding) how: String,
    /// From whom, where that is not the only one whose money is claimed back.
    #[serde(default)]
    pub(in crate::context::funding) payee: Option<PartyId>,
    #[serde(default)]
    pub(in crate::context::funding) payout: Option<String>,
}

/// What the assessment of a claim tells besides.
#[derive(Debug, Deserialize)]
struct Also {
    fund: FundId,
    requested_by: Option<PersonId>,
    #[serde(default)]
    partners_people: BTreeSet<PersonId>,
    #[serde(default)]
    likeness: BTreeSet<String>,
    #[serde(default)]
    prove_by: Option<Timestamp>,
    #[serde(default)]
    owner: Option<PersonId>,
    #[serde(default)]
    agreed: Vec<Agreed>,
}

/// What the round of approvals says of those who agreed. One of an older program says nothing of them.
#[derive(Default, Deserialize)]
struct Votes {
    #[serde(default)]
    agreed: Vec<Agreed>,
}

/// Checks the data of a claim's own events.
pub(in crate::context::funding) fn check_event(event: &str, data: &Value) -> Option<Result<(), FieldError>> {
    let more_than_nothing = |amount: Money| check_at(amount.minor > 0, "/amount", "is nothing; write more than zero");
    match event {
        "schedule" | "unschedule" => {
            Some(data::parse::<Scheduled>(data).and_then(|scheduled| filled("/payout", &scheduled.payout)))
        }
        "settle" => Some(data::parse::<Settle>(data).and_then(|settle| {
            filled("/payout", &settle.payout)?;
            more_than_nothing(settle.amount)
        })),
        "came_back" => Some(data::parse::<CameBack>(data).and_then(|back| {
            filled("/payout", &back.payout)?;
            more_than_nothing(back.amount)
        })),
        "claw_back" => Some(data::parse::<Back>(data).and_then(|back| {
            filled("/reason", &back.reason)?;
            more_than_nothing(back.amount)
        })),
        "dispute" | "waive" => Some(data::parse::<Part>(data).and_then(|part| {
            filled("/reason", &part.reason)?;
            more_than_nothing(part.amount)
        })),
        "resolve_dispute" | "settle_dispute" => Some(data::parse::<Resolved>(data).and_then(|resolved| {
            filled("/reason", &resolved.reason)?;
            check_at(resolved.granted.minor >= 0, "/granted", "is negative; write zero or more")
        })),
        "prove" => Some(advance::check_proof(data)),
        "put_off" => Some(put_off::check(data)),
        "recovered" => Some(data::parse::<Recovered>(data).and_then(|recovered| {
            filled("/how", &recovered.how)?;
            more_than_nothing(recovered.amount)
        })),
        _ => None,
    }
}

/// The data of a named event, where they are such.
pub(super) fn named<T: serde::de::DeserializeOwned>(event: &Event) -> Option<T> {
    match &event.body {
        Body::Named { data, .. } => T::deserialize(data).ok(),
        _ => None,
    }
}

impl Sheet<ClaimPaper> {
    /// What the rules let be paid, as the paper stands.
    pub fn payable(&self) -> Option<Money> {
        self.current_assessment().and_then(|assessment| assessment.payable).filter(|payable| payable.minor > 0)
    }

    /// What is owed to a payee.
    pub fn payable_of(&self, payee: &PartyId) -> Option<&Payable> {
        self.course.payables.iter().find(|payable| payable.payee == *payee)
    }

    pub(super) fn payable_mut(&mut self, payee: &PartyId) -> Option<&mut Payable> {
        self.course.payables.iter_mut().find(|payable| payable.payee == *payee)
    }

    pub(super) fn claim_done(&mut self, activity: &str, output: &Value, now: Timestamp) {
        self.course.moves.clear();
        if activity == crate::context::funding::ASSESS {
            if let Ok(also) = Also::deserialize(output) {
                self.course.fund = Some(also.fund);
                self.course.submitted_by.extend(also.requested_by.into_iter().chain(also.partners_people));
                self.course.likeness = also.likeness;
                self.course.owner = also.owner.or_else(|| self.course.owner.take());
                self.course.prove_by = also.prove_by;
                self.note_agreed(also.agreed);
            }
            let pack = self.assessment.as_ref().map(|assessment| assessment.pack.clone());
            self.course.pack = self.course.pack.take().or(pack);
            self.revise();
            // Another amount, or other proof, asks people again: until then nothing is approved.
            if self.course.approved_revision.as_ref() != Some(&self.revision) {
                self.forget_approval();
            }
            self.true_up();
        }
        if activity == APPROVALS {
            self.course.answered_at.get_or_insert(now);
            self.approved(Votes::deserialize(output).unwrap_or_default(), now);
        }
        self.note_time(now);
    }

    /// People have agreed: to the claim, to how a dispute is settled, to more time for a proof, or, once it is paid, to claim money back
    /// or to do so no longer.
    fn approved(&mut self, votes: Votes, now: Timestamp) {
        if let Some(settlement) = self.course.settlement_asked.take() {
            return self.settle_dispute(settlement, votes.agreed);
        }
        if let Some(put_off) = self.course.put_off_asked.take() {
            return self.put_off(put_off, now);
        }
        if let Some(Waiver { payee, amount, .. }) = self.course.waiver_asked.take() {
            // What has come while they were asked is waived no more.
            let minor = amount.minor.min(self.course.open_back(&payee));
            self.course.note_waived(&payee, minor);
            let waived = Some(Money { minor, ..amount }).filter(|waived| waived.minor > 0);
            self.course.moves =
                waived.map(|amount| Move { what: MoveKind::Waive, payee, amount }).into_iter().collect();
            return;
        }
        if let Some(mut clawback) = self.course.clawback_asked.take() {
            let (payee, amount) = (clawback.payee.clone(), clawback.amount);
            let mut what = self.course.either(MoveKind::CallIn, MoveKind::ClawBack);
            if clawback.as_given {
                (what, clawback.recovered) = (MoveKind::TakeBack, Some(amount));
            }
            self.course.moves = vec![Move { what, payee, amount }];
            self.course.clawbacks.push(clawback);
            self.course.close_empty_advance();
            self.answered(now);
            return;
        }
        if self.is_proving() {
            return self.accept_proof(now);
        }
        self.course.approved_revision = Some(self.revision.clone());
        self.course.approved_at = Some(now);
        self.course.approved = self.payable();
        let in_kind = self.paper.kind == ClaimKind::InKind;
        let payees = if in_kind { Vec::new() } else { self.paper.shared_among() };
        let weights: Vec<u64> = payees.iter().map(|payee| payee.weight).collect();
        let parts = self.course.approved.and_then(|approved| approved.split(&weights)).unwrap_or_default();
        let owed = payees.into_iter().zip(parts).filter(|(_, part)| part.minor > 0);
        self.course.payables = owed.map(|(payee, part)| Payable::new(payee.payee, part)).collect();
        self.course.advance = self.agreed_advance(now);
    }

    /// Notes who has agreed to what is about to be owed: to the claim, and, of an advance, to its proof as well.
    fn note_agreed(&mut self, agreed: Vec<Agreed>) {
        if !self.is_proving() {
            self.course.agreed.clear();
        }
        for one in agreed {
            if !self.course.agreed.contains(&one) {
                self.course.agreed.push(one);
            }
        }
    }

    pub(super) fn claim_failed(&mut self, activity: &str, now: Timestamp) {
        self.course.moves.clear();
        self.returned(activity, now);
        if activity == APPROVALS {
            self.answered(now);
            let why = self.refusal.as_ref().map_or_else(String::new, |refusal| refusal.message.clone());
            self.settlement_declined(&why, now);
            self.ask_anew();
        } else if activity == crate::context::funding::ASSESS {
            self.refused_by_rules(now);
            self.forget_approval();
        }
        self.note_time(now);
    }

    /// What people agreed to is not booked after all, and nothing of it is owed; nothing happens to what is booked.
    pub(super) fn forget_approval(&mut self) {
        if !self.is_undecided() {
            return;
        }
        let course = &mut self.course;
        (course.approved_revision, course.approved_at, course.approved) = (None, None, None);
        course.payables.clear();
        course.agreed.clear();
        course.advance = None;
    }

    /// Whether people have agreed, and the rules have not looked at it since: nothing of it is booked yet.
    pub(super) fn is_unconfirmed(&self) -> bool {
        let judged = self.assessment.as_ref().map(|assessment| assessment.at);
        self.course.approved_at.is_some_and(|approved| judged.is_none_or(|judged| judged < approved))
    }
}
