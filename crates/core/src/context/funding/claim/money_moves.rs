//! When the events of an approved claim may happen, and what they book.

use super::{
    ClaimPaper, Payable, PayableStatus,
    course::{Answer, Move, MoveKind, Scheduled, Settle, named},
};
use crate::{
    context::funding::{RequestPaper, Sheet},
    event::Event,
    ids::PartyId,
    ledger::{Posting, PostingAction},
};

impl Sheet<ClaimPaper> {
    /// Whether an event that has just been applied was one that it may be; guards are asked after `happened`.
    pub(super) fn claim_guard(&self, name: &str, event: &Event) -> Option<bool> {
        let course = &self.course;
        let moved = |what: MoveKind| course.moves.iter().any(|one| one.what == what);
        Some(match name {
            "stands_as_approved" => course.approved_revision.as_ref() == Some(&self.revision),
            "payables_are_paid" => self.is_all_paid(),
            "something_is_owed" => !self.is_all_paid(),
            "payee_may_be_scheduled" => named::<Scheduled>(event)
                .is_some_and(|asked| self.payable_of(&asked.payee).is_some_and(|payable| payable.is_in(&asked.payout))),
            "payee_is_scheduled_there" => named::<Scheduled>(event).is_some_and(|asked| {
                self.payable_of(&asked.payee).is_some_and(|payable| payable.status == PayableStatus::Owed)
            }),
            "payable_answers" => named::<Settle>(event).is_some_and(|settle| self.answers(&settle)),
            "payment_came_back" => {
                named::<Settle>(event).is_some_and(|settle| settle.outcome != Answer::Paid && self.answers(&settle))
            }
            "payable_may_be_disputed" => moved(MoveKind::Withhold),
            "dispute_is_open" => moved(MoveKind::OweAgain) || moved(MoveKind::Refuse),
            "may_be_clawed_back" => course.clawback_asked.is_some(),
            "may_be_waived" => course.waiver_asked.is_some(),
            "clawback_is_agreed" => moved(MoveKind::ClawBack),
            "recovery_fits" => moved(MoveKind::Recover),
            "clawback_is_open" => course.is_anything_open(),
            "clawback_is_settled" => !course.is_anything_open(),
            _ => return None,
        })
    }

    /// Whether nothing is owed, and nothing is disputed.
    fn is_all_paid(&self) -> bool {
        let disputed = self.course.disputes.iter().any(|dispute| dispute.granted.is_none());
        !disputed && self.course.payables.iter().all(Payable::is_settled)
    }

    /// Whether what a bank says of a payable is so by now; said again, it changes nothing.
    fn answers(&self, settle: &Settle) -> bool {
        let Some(payable) = self.payable_of(&settle.payee) else { return false };
        match (settle.outcome, payable.payment_of(&settle.payout)) {
            (Answer::Paid, payment) => payment.is_some(),
            (Answer::Rejected | Answer::Returned, Some(payment)) => payment.came_back.is_some(),
            (Answer::Rejected | Answer::Returned, None) => {
                payable.status == PayableStatus::Owed && payable.returned.is_some()
            }
        }
    }

    /// What a posting of this name books.
    pub(super) fn claim_postings(&self, name: &str) -> Option<Vec<Posting>> {
        let Some(fund) = self.course.fund.as_ref() else { return Some(Vec::new()) };
        let claim = ClaimPaper::ledger_key(&self.label);
        let payable = |payee: &PartyId| Payable::ledger_key(&self.label, payee);
        let post = |action, key: String, amount| Posting::new(action, fund.as_str(), key, amount);
        match name {
            "claim.commit" => {
                let approved = self.course.approved?;
                let request = RequestPaper::ledger_key(&self.paper.request);
                let commit = post(PostingAction::Post, request, approved).to(claim.clone());
                let owed = self
                    .course
                    .payables
                    .iter()
                    .map(|owed| post(PostingAction::Owe, claim.clone(), owed.amount).to(payable(&owed.payee)));
                Some(std::iter::once(commit).chain(owed).collect())
            }
            "claim.settle" | "claim.dispute" | "claim.resolve" | "claim.claw_back" | "claim.recover"
            | "claim.waive" => {
                let book = |one: &Move| {
                    let Move { what, payee, amount } = one;
                    let key = payable(payee);
                    match what {
                        MoveKind::Pay => post(PostingAction::Pay, key, *amount),
                        MoveKind::Reopen => post(PostingAction::Reopen, key, *amount),
                        MoveKind::Withhold => post(PostingAction::Withhold, key, *amount).to(claim.clone()),
                        MoveKind::OweAgain => post(PostingAction::Owe, claim.clone(), *amount).to(key),
                        MoveKind::Refuse => post(PostingAction::Reverse, claim.clone(), *amount),
                        MoveKind::ClawBack => post(PostingAction::ClawBack, key, *amount),
                        MoveKind::Recover => post(PostingAction::Recover, key, *amount),
                        MoveKind::Waive => post(PostingAction::Waive, key, *amount),
                    }
                };
                Some(self.course.moves.iter().map(book).collect())
            }
            _ => None,
        }
    }
}
