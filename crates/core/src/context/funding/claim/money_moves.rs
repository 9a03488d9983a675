//! When the events of an approved claim may happen, and what they book.

use super::{
    ClaimPaper, Payable, PayableStatus,
    course::{CameBack, Move, MoveKind, Scheduled, Settle, named},
    in_kind,
};
use crate::{
    context::funding::{RequestPaper, Sheet},
    event::Event,
    ids::PartyId,
    ledger::{Posting, PostingAction},
    mdf::model::ClaimKind,
};

impl Sheet<ClaimPaper> {
    /// Whether an event that has just been applied was one that it may be; guards are asked after `happened`.
    pub(super) fn claim_guard(&self, name: &str, event: &Event) -> Option<bool> {
        let course = &self.course;
        let moved = |what: MoveKind| course.moves.iter().any(|one| one.what == what);
        Some(match name {
            "stands_as_approved" => course.approved_revision.as_ref() == Some(&self.revision),
            "nothing_is_open" => self.is_all_paid() && !course.is_anything_open(),
            "only_a_clawback_is_open" => self.is_all_paid() && course.is_anything_open(),
            "payee_may_be_scheduled" => named::<Scheduled>(event)
                .is_some_and(|asked| self.payable_of(&asked.payee).is_some_and(|payable| payable.is_in(&asked.payout))),
            "payee_is_scheduled_there" => named::<Scheduled>(event).is_some_and(|asked| {
                self.payable_of(&asked.payee).is_some_and(|payable| payable.status == PayableStatus::Owed)
            }),
            "payment_is_noted" => named::<Settle>(event).is_some_and(|settle| {
                let payment = self.payable_of(&settle.payee).and_then(|payable| payable.payment_of(&settle.payout));
                payment.is_some_and(|payment| payment.came_back.is_none())
            }),
            "payment_came_back" => named::<CameBack>(event).is_some_and(|back| self.is_back(&back)),
            "payable_may_be_disputed" => moved(MoveKind::Withhold),
            "dispute_is_open" => moved(MoveKind::OweAgain) || moved(MoveKind::Refuse),
            "settlement_is_asked" => course.settlement_asked.is_some(),
            "put_off_is_asked" => course.put_off_asked.is_some(),
            "may_be_clawed_back" => course.clawback_asked.is_some(),
            "may_be_waived" => course.waiver_asked.is_some(),
            "clawback_is_agreed" => moved(MoveKind::ClawBack) || moved(MoveKind::CallIn) || moved(MoveKind::TakeBack),
            "recovery_fits" => moved(MoveKind::Recover) || moved(MoveKind::Return),
            "advance_waits_for_proof" => self.is_all_paid() && self.unproven().is_some(),
            "proof_is_given" => self.proof_is_given(event),
            _ => return None,
        })
    }

    /// Whether nothing is owed, and nothing is disputed.
    fn is_all_paid(&self) -> bool {
        let disputed = self.course.disputes.iter().any(|dispute| dispute.granted.is_none());
        !disputed && self.course.payables.iter().all(Payable::is_settled)
    }

    /// Whether a payment has come back by now; said again, it changes nothing.
    fn is_back(&self, back: &CameBack) -> bool {
        let Some(payable) = self.payable_of(&back.payee) else { return false };
        match payable.payment_of(&back.payout) {
            Some(payment) => payment.came_back.is_some(),
            None => payable.status == PayableStatus::Owed && payable.returned.is_some(),
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
                let owe = match self.course.open_advance() {
                    Some(_) => PostingAction::OweAdvance,
                    None => PostingAction::Owe,
                };
                let owed = self
                    .course
                    .payables
                    .iter()
                    .map(|owed| post(owe, claim.clone(), owed.amount).to(payable(&owed.payee)));
                let in_kind = self.paper.kind == ClaimKind::InKind;
                let delivered = in_kind.then(|| in_kind::delivered(fund, &claim, approved));
                Some(std::iter::once(commit).chain(owed).chain(delivered).collect())
            }
            "claim.settle" | "claim.dispute" | "claim.resolve" | "claim.claw_back" | "claim.recover"
            | "claim.waive" | "claim.true_up" | "claim.call_in" => {
                let book = |one: &Move| {
                    let Move { what, payee, amount } = one;
                    if self.paper.kind == ClaimKind::InKind {
                        return vec![in_kind::moved(fund, &claim, payable(payee), one)];
                    }
                    let key = payable(payee);
                    let of_payable = match what {
                        MoveKind::Withhold => {
                            return vec![post(PostingAction::Withhold, key, *amount).to(claim.clone())];
                        }
                        MoveKind::OweAgain => return vec![post(PostingAction::Owe, claim.clone(), *amount).to(key)],
                        MoveKind::Refuse => return vec![post(PostingAction::Reverse, claim.clone(), *amount)],
                        MoveKind::Further => {
                            let request = RequestPaper::ledger_key(&self.paper.request);
                            let commit = post(PostingAction::Post, request, *amount).to(claim.clone());
                            return vec![commit, post(PostingAction::Owe, claim.clone(), *amount).to(key)];
                        }
                        MoveKind::Pay => PostingAction::Pay,
                        MoveKind::Reopen => PostingAction::Reopen,
                        MoveKind::ClawBack => PostingAction::ClawBack,
                        MoveKind::Recover => PostingAction::Recover,
                        MoveKind::Waive => PostingAction::Waive,
                        MoveKind::PayAdvance => PostingAction::PayAdvance,
                        MoveKind::ReopenAdvance => PostingAction::ReopenAdvance,
                        MoveKind::Prove => PostingAction::Prove,
                        MoveKind::CallIn => PostingAction::CallIn,
                        MoveKind::Return => PostingAction::Return,
                        MoveKind::TakeBack => PostingAction::TakeBack,
                        MoveKind::OweSurplus => PostingAction::OweSurplus,
                        MoveKind::PaySurplus => PostingAction::PaySurplus,
                    };
                    vec![post(of_payable, key, *amount)]
                };
                Some(self.course.moves.iter().flat_map(book).collect())
            }
            _ => None,
        }
    }
}
