//! Money that is paid before it is proven: what the proof makes of it, and what becomes of it without one.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    ClaimCourse, ClaimPaper, Clawback, Payable, PutOff,
    course::{Move, MoveKind, named},
    dispute::{NOBODY_DECIDED, NOT_BOOKED},
};
use crate::{
    context::{
        FieldError,
        funding::{Paper as _, Sheet, check_at, data},
    },
    event::Event,
    mdf::model::ClaimKind,
    money::Money,
};

/// The last instant of the proof.
pub(super) const PROVE_BY: &str = "claim.prove_by";

/// How many days before that people are reminded.
const REMINDERS: [(&str, i64); 3] =
    [("claim.proof_remind_14", 14), ("claim.proof_remind_7", 7), ("claim.proof_remind_2", 2)];

/// How long the partner has after an answer of people, or after the money came, should its time be over by then.
const TIME_TO_ANSWER: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What became of an advance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// What was agreed to.
    pub agreed: Money,
    /// The last instant at which its proof may come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prove_by: Option<Timestamp>,
    /// When proof was handed in the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_in: Option<Timestamp>,
    /// What people have agreed to on the proof that is at hand, of the whole activity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Money>,
    /// What of it was proven, once that is settled; zero where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven: Option<Money>,
    /// What is owed beyond it, for the proof shows more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub further: Option<Money>,
    /// That its proof was put off; it is once at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_off: Option<PutOff>,
    /// When something last happened to it: a reminder of before reminds of nothing.
    pub since: Timestamp,
}

impl Advance {
    /// Whether it has yet to be proven, or to be claimed back.
    pub fn is_open(&self) -> bool {
        self.proven.is_none()
    }

    /// Gives the partner time to answer, where there is none left.
    pub(super) fn give_time(&mut self, now: Timestamp) {
        if let (Some(by), Ok(later)) = (self.prove_by, now.checked_add(TIME_TO_ANSWER)) {
            self.prove_by = Some(by.max(later));
        }
    }
}

/// `prove`: what the activity has cost, and the proof of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prove {
    pub(super) paper: ClaimPaper,
}

/// Checks a proof as far as it can be told alone.
pub(super) fn check_proof(data: &Value) -> Result<(), FieldError> {
    let Prove { paper } = data::parse(data)?;
    let inside = |error: FieldError| FieldError { field: format!("/paper{}", error.field), ..error };
    paper.check().map_err(inside)?;
    let kind = "says no more than what was paid in advance; write `regular`, and what it has cost";
    check_at(paper.kind == ClaimKind::Regular, "/paper/kind", kind)?;
    let alone = "share what was paid to the partner alone; leave them out";
    check_at(paper.payees.is_empty(), "/paper/payees", alone)
}

/// What has to be so of an advance as it is written.
pub(super) fn check_paper(paper: &ClaimPaper) -> Result<(), FieldError> {
    let advance = paper.kind == ClaimKind::Advance;
    let by =
        if advance { "is missing; an advance says until when it is proven" } else { "belongs to an advance alone" };
    check_at(advance == paper.prove_by.is_some(), "/prove_by", by)?;
    let last = "is said of the proof, and not of the advance; leave it out";
    check_at(!(advance && paper.closing), "/closing", last)?;
    let alone = "share an advance, which is paid to the partner alone; leave them out";
    check_at(!advance || paper.payees.is_empty(), "/payees", alone)
}

impl ClaimCourse {
    /// The advance that has yet to be proven, or to be claimed back.
    pub fn open_advance(&self) -> Option<&Advance> {
        self.advance.as_ref().filter(|advance| advance.is_open())
    }

    pub(super) fn open_advance_mut(&mut self) -> Option<&mut Advance> {
        self.advance.as_mut().filter(|advance| advance.is_open())
    }

    /// Which movement something is, before and after an advance is proven.
    pub(super) fn either(&self, before: MoveKind, after: MoveKind) -> MoveKind {
        if self.open_advance().is_some() { before } else { after }
    }

    /// An advance of which nothing is left is proven by nobody. What of it is still owed will be paid, and proven then.
    pub(super) fn close_empty_advance(&mut self) {
        let left = |payable: &Payable| self.kept(payable) > 0 || !payable.is_settled();
        let is_empty = !self.payables.first().is_some_and(left);
        if let Some(advance) = self.open_advance_mut().filter(|_| is_empty) {
            advance.proven = Some(Money::zero(advance.agreed.currency));
        }
    }
}

impl Sheet<ClaimPaper> {
    /// The advance that people have just agreed to; nothing where they agreed to another claim.
    pub(super) fn agreed_advance(&self, now: Timestamp) -> Option<Advance> {
        let agreed = self.course.approved.filter(|_| self.paper.kind == ClaimKind::Advance)?;
        let prove_by = self.course.prove_by;
        let (handed_in, accepted, proven, further, put_off) = (None, None, None, None, None);
        Some(Advance { agreed, prove_by, handed_in, accepted, proven, further, put_off, since: now })
    }

    /// What the request is told: what is committed out of it, and after the proof of an advance what is beside that.
    pub(super) fn told_to_request(&self) -> Value {
        let settled = self.course.advance.as_ref().filter(|advance| !advance.is_open());
        let further = settled.map(|advance| advance.further.unwrap_or(Money::zero(advance.agreed.currency)));
        json!({
            "request": self.paper.request,
            "claim": self.label,
            "amount": further.or(self.course.approved),
            "closing": self.paper.closing,
            "further": further.is_some(),
        })
    }

    /// What was paid in advance, has yet to be proven and is not claimed back. Nothing of what is not an advance.
    pub fn unproven(&self) -> Option<Money> {
        let (advance, payable) = (self.course.open_advance()?, self.course.payables.first()?);
        let left = Money { minor: self.course.kept(payable), ..advance.agreed };
        Some(left).filter(|left| left.minor > 0)
    }

    /// Whether the paper at hand is the proof of an advance.
    pub fn is_proving(&self) -> bool {
        self.course.open_advance().is_some() && self.paper.kind != ClaimKind::Advance
    }

    /// Whether what an event brought is the proof at hand.
    pub(super) fn proof_is_given(&self, event: &Event) -> bool {
        self.is_proving() && named::<Prove>(event).is_some_and(|prove| prove.paper == self.paper)
    }

    /// Takes a proof in the place of what was written before.
    pub(super) fn prove(&mut self, data: &Value, event: &Event, now: Timestamp) {
        let Ok(Prove { paper }) = Prove::deserialize(data) else { return };
        if self.unproven().is_none() || !paper.is_about_the_same(&self.paper) {
            return;
        }
        // People are asked about the proof: what they did not answer in time before is off.
        self.ask_anew();
        self.asked_by(event);
        self.submitted_by(event);
        (self.paper, self.refusal) = (paper, None);
        (self.course.submitted_at, self.course.approved_revision) = (Some(now), None);
        if let Some(advance) = self.course.open_advance_mut() {
            (advance.handed_in, advance.accepted) = (Some(now), None);
        }
    }

    /// The proof at hand counts no longer, whatever is still said of it: another one has to be handed in.
    pub(super) fn drop_proof(&mut self) {
        if let Some(advance) = self.course.open_advance_mut() {
            advance.accepted = None;
            self.course.approved_revision = None;
        }
    }

    /// People have agreed to the proof: what it shows is settled once the rules have looked at it again.
    pub(super) fn accept_proof(&mut self, now: Timestamp) {
        let payable = self.payable();
        self.answered(now);
        (self.course.approved_revision, self.course.approved_at) = (Some(self.revision.clone()), Some(now));
        if let Some(advance) = self.course.open_advance_mut() {
            advance.accepted = payable;
        }
    }

    /// Settles an advance by what was agreed to: so much of it is proven, the rest is claimed back, and what the proof shows
    /// beyond it is owed.
    pub(super) fn true_up(&mut self) {
        let agreed = self.course.approved_revision.as_ref() == Some(&self.revision);
        let accepted = self.course.open_advance().and_then(|advance| advance.accepted).filter(|_| agreed);
        if let Some(accepted) = accepted {
            self.settle_advance(accepted, "it was not proven");
            self.course.approved = Some(accepted);
        }
    }

    /// No proof came in time.
    pub(super) fn call_in(&mut self) {
        if let Some(advance) = self.course.open_advance() {
            let nothing = Money::zero(advance.agreed.currency);
            self.settle_advance(nothing, "no proof came in time");
        }
    }

    fn settle_advance(&mut self, shown: Money, why: &str) {
        let Some(payable) = self.course.payables.first() else { return };
        let (payee, kept) = (payable.payee.clone(), self.course.kept(payable));
        let money = |minor: i64| Money { minor, ..shown };
        let proven = money(shown.minor.min(kept));
        let (rest, further) =
            (money(kept.saturating_sub(proven.minor)), money(shown.minor.saturating_sub(proven.minor)));
        if let Some(advance) = self.course.open_advance_mut() {
            (advance.proven, advance.further) = (Some(proven), Some(further).filter(|further| further.minor > 0));
        }
        if rest.minor > 0 {
            let (payee, reason) = (payee.clone(), why.to_owned());
            let (as_given, recovered, waived) = (false, None, None);
            self.course.clawbacks.push(Clawback { payee, amount: rest, reason, as_given, recovered, waived });
        }
        if let Some(payable) = self.payable_mut(&payee).filter(|_| further.minor > 0) {
            payable.owe_more(further);
        }
        let parts = [(MoveKind::Prove, proven), (MoveKind::CallIn, rest), (MoveKind::Further, further)];
        let moved = parts.into_iter().filter(|(_, amount)| amount.minor > 0);
        self.course.moves = moved.map(|(what, amount)| Move { what, payee: payee.clone(), amount }).collect();
    }

    /// The partner gives back a part of what it has not proven.
    pub(super) fn give_back(&mut self, amount: Money) {
        let Some(left) = self.unproven().filter(|left| left.currency == amount.currency) else { return };
        let Some(payee) = self.course.payables.first().map(|payable| payable.payee.clone()) else { return };
        if amount.minor > left.minor {
            return;
        }
        let (reason, recovered) = ("it was given back before it was proven".to_owned(), Some(amount));
        let (as_given, waived) = (false, None);
        self.course.clawbacks.push(Clawback { payee: payee.clone(), amount, reason, as_given, recovered, waived });
        self.course.moves = vec![Move { what: MoveKind::Return, payee, amount }];
        self.course.close_empty_advance();
    }

    /// A deadline of a claim; `None` where there is none of this name.
    pub(super) fn claim_deadline(&self, name: &str) -> Option<Option<Timestamp>> {
        let advance = self.course.open_advance();
        let by = advance.and_then(|advance| advance.prove_by);
        if name == PROVE_BY {
            return Some(by);
        }
        let (_, days) = REMINDERS.iter().find(|(known, _)| *known == name)?;
        let before = |by: Timestamp| by.checked_sub(SignedDuration::from_hours(24 * days)).ok();
        Some(by.and_then(before).filter(|at| advance.is_some_and(|advance| advance.since < *at)))
    }

    /// A deadline has come: of the proof, or of those who were to decide on it.
    pub(super) fn claim_came(&mut self, deadline: &str, due: Timestamp) {
        self.course.moves.clear();
        if deadline == PROVE_BY {
            self.call_in();
        } else if deadline == super::UNANSWERED {
            self.unanswered(due);
            self.answered(due);
            self.settlement_declined(NOBODY_DECIDED, due);
        }
        self.note_time(due);
    }

    /// Whatever is answered about a proof, or about money that is claimed back meanwhile, there is time to hand in a better one.
    pub(super) fn answered(&mut self, now: Timestamp) {
        if let Some(advance) = self.course.open_advance_mut() {
            advance.give_time(now);
        }
    }

    /// The rules refuse a proof. Where they do so at once there is time left as there was; where it lay until the time was over,
    /// nobody could hand in a better one.
    pub(super) fn refused_by_rules(&mut self, now: Timestamp) {
        let by = self.course.open_advance().and_then(|advance| advance.prove_by);
        if self.is_proving() && by.is_some_and(|by| by <= now) {
            self.answered(now);
        }
    }

    /// The ledger refuses what people have agreed to, or were asked about: there is time to answer.
    pub(super) fn refused_by_ledger(&mut self, now: Timestamp) {
        let accepted = self.course.open_advance().is_some_and(|advance| advance.accepted.is_some());
        if accepted || self.course.clawback_asked.is_some() || self.course.waiver_asked.is_some() {
            self.answered(now);
        }
        self.settlement_declined(NOT_BOOKED, now);
        self.drop_proof();
        if self.is_unconfirmed() {
            self.forget_approval();
        }
    }

    pub(super) fn note_time(&mut self, now: Timestamp) {
        if let Some(advance) = self.course.open_advance_mut() {
            advance.since = advance.since.max(now);
        }
    }
}
