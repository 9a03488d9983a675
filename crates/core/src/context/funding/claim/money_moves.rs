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
            "payables_are_paid" => {
                let open_dispute = course.disputes.iter().any(|dispute| dispute.granted.is_none());
                let all_paid = course.payables.iter().all(|payable| payable.status == PayableStatus::Paid);
                all_paid && !open_dispute
            }
            "payee_may_be_scheduled" => named::<Scheduled>(event).is_some_and(|asked| {
                self.payable_of(&asked.payee).is_some_and(|payable| {
                    payable.status == PayableStatus::Scheduled && payable.payout.as_ref() == Some(&asked.payout)
                })
            }),
            "payee_is_scheduled_there" => named::<Scheduled>(event).is_some_and(|asked| {
                self.payable_of(&asked.payee).is_some_and(|payable| payable.status == PayableStatus::Owed)
            }),
            "payable_answers" => named::<Settle>(event).is_some_and(|settle| {
                self.payable_of(&settle.payee).is_some_and(|payable| match settle.outcome {
                    Answer::Paid => {
                        payable.status == PayableStatus::Paid && payable.payout.as_ref() == Some(&settle.payout)
                    }
                    Answer::Rejected | Answer::Returned => {
                        payable.status == PayableStatus::Owed && payable.returned.is_some()
                    }
                })
            }),
            "payable_may_be_disputed" => moved(MoveKind::Withhold),
            "dispute_is_open" => moved(MoveKind::OweAgain) || moved(MoveKind::Refuse),
            "may_be_clawed_back" => course.clawback_asked.is_some(),
            "recovery_fits" => moved(MoveKind::Recover),
            "clawback_is_recovered" => {
                course.clawback.as_ref().is_some_and(|clawback| clawback.recovered == Some(clawback.amount))
            }
            _ => return None,
        })
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
            "claim.settle" | "claim.dispute" | "claim.resolve" | "claim.claw_back" | "claim.recover" => {
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
                    }
                };
                Some(self.course.moves.iter().map(book).collect())
            }
            _ => None,
        }
    }
}
