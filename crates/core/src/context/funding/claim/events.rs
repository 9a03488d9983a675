//! What the events of an approved claim do to its payables.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    ClaimPaper, Payable, PayableStatus,
    course::{Answer, Clawback, Dispute, Disputed, Move, MoveKind, Recovered, Resolved, Scheduled, Settle},
};
use crate::{context::funding::Sheet, event::Event, money::Money};

impl Sheet<ClaimPaper> {
    /// Applies an event of a claim; what does not fit leaves it as it is, and its guard does not hold then.
    pub(super) fn claim_happened(&mut self, name: &str, data: &Value, event: &Event, now: Timestamp) {
        self.course.moves.clear();
        match name {
            "submit" => {
                self.course.submitted_at = Some(now);
                let people =
                    event.actor.iter().flat_map(|actor| std::iter::once(&actor.person).chain(&actor.on_behalf_of));
                self.course.submitted_by.extend(people.cloned());
            }
            "schedule" => self.schedule(data),
            "unschedule" => self.unschedule(data),
            "settle" => self.settle(data),
            "dispute" => self.dispute(data, event, now),
            "resolve_dispute" => self.resolve_dispute(data),
            "claw_back" => self.ask_back(data, event),
            "recovered" => self.recover(data),
            _ => {}
        }
    }

    fn schedule(&mut self, data: &Value) {
        let Ok(asked) = Scheduled::deserialize(data) else { return };
        let owed = self.payable_mut(&asked.payee).filter(|payable| payable.status == PayableStatus::Owed);
        if let Some(payable) = owed.filter(|payable| payable.amount.minor > 0) {
            payable.status = PayableStatus::Scheduled;
            payable.payout = Some(asked.payout);
            payable.returned = None;
        }
    }

    fn unschedule(&mut self, data: &Value) {
        let Ok(asked) = Scheduled::deserialize(data) else { return };
        let there = self.payable_mut(&asked.payee).filter(|payable| {
            payable.status == PayableStatus::Scheduled && payable.payout.as_ref() == Some(&asked.payout)
        });
        if let Some(payable) = there {
            payable.status = PayableStatus::Owed;
            payable.payout = None;
        }
    }

    fn settle(&mut self, data: &Value) {
        let Ok(settle) = Settle::deserialize(data) else { return };
        let there = self.payable_mut(&settle.payee).filter(|payable| payable.payout.as_ref() == Some(&settle.payout));
        let Some(payable) = there else { return };
        let amount = payable.amount;
        let mut moved_back = None;
        let moved = match (settle.outcome, payable.status) {
            (Answer::Paid, PayableStatus::Scheduled) => {
                payable.status = PayableStatus::Paid;
                payable.paid_on = settle.on;
                Some(MoveKind::Pay)
            }
            (Answer::Rejected | Answer::Returned, PayableStatus::Scheduled) => {
                payable.status = PayableStatus::Owed;
                payable.payout = None;
                payable.returned = Some(settle.why);
                None
            }
            (Answer::Returned, PayableStatus::Paid) => {
                // What was taken off for a clawback has not come back with it: that part stays paid.
                let netted = settle.netted.unwrap_or(Money::zero(amount.currency));
                let Ok(back) = amount.minus(netted) else { return };
                if netted.minor > 0 {
                    payable.paid_before = payable.paid_before.unwrap_or(Money::zero(amount.currency)).plus(netted).ok();
                }
                payable.amount = back;
                payable.status = PayableStatus::Owed;
                payable.payout = None;
                payable.paid_on = None;
                payable.returned = Some(settle.why);
                moved_back = Some(back);
                Some(MoveKind::Reopen)
            }
            _ => return,
        };
        let amount = moved_back.unwrap_or(amount);
        self.course.moves = moved.map(|what| Move { what, payee: settle.payee, amount }).into_iter().collect();
    }

    fn dispute(&mut self, data: &Value, event: &Event, now: Timestamp) {
        let (Ok(disputed), Some(actor)) = (Disputed::deserialize(data), &event.actor) else { return };
        let Some(payable) = self.payable_mut(&disputed.payee) else { return };
        let part = payable.amount.minus(disputed.amount).ok().filter(|left| left.minor >= 0);
        let Some(left) = part.filter(|_| payable.status == PayableStatus::Owed) else { return };
        payable.amount = left;
        let (payee, amount) = (disputed.payee.clone(), disputed.amount);
        self.course.moves = vec![Move { what: MoveKind::Withhold, payee, amount }];
        let (payee, amount, reason) = (disputed.payee, disputed.amount, disputed.reason);
        self.course.disputes.push(Dispute { payee, amount, reason, by: actor.person.clone(), at: now, granted: None });
    }

    fn resolve_dispute(&mut self, data: &Value) {
        let Ok(resolved) = Resolved::deserialize(data) else { return };
        let open = self.course.disputes.iter_mut().find(|open| open.payee == resolved.payee && open.granted.is_none());
        let Some(open) = open else { return };
        let Some(refused) = open.amount.minus(resolved.granted).ok().filter(|refused| refused.minor >= 0) else {
            return;
        };
        open.granted = Some(resolved.granted);
        let payee = resolved.payee;
        if let Some(payable) = self.payable_mut(&payee) {
            payable.owe_more(resolved.granted);
        }
        let parts = [(MoveKind::OweAgain, resolved.granted), (MoveKind::Refuse, refused)];
        let moved = parts.into_iter().filter(|(_, amount)| amount.minor > 0);
        self.course.moves = moved.map(|(what, amount)| Move { what, payee: payee.clone(), amount }).collect();
    }

    fn ask_back(&mut self, data: &Value, event: &Event) {
        let Ok(clawback) = Clawback::deserialize(data) else { return };
        let most = self.payable_of(&clawback.payee).map(Payable::paid_in_all);
        let fits = |most: Money| most.currency == clawback.amount.currency && clawback.amount.minor <= most.minor;
        if self.course.clawback.is_none() && most.is_some_and(fits) {
            self.asked_by(event);
            self.course.clawback_asked = Some(Clawback { recovered: None, ..clawback });
        }
    }

    fn recover(&mut self, data: &Value) {
        let Ok(recovered) = Recovered::deserialize(data) else { return };
        let Some(clawback) = &mut self.course.clawback else { return };
        let before = clawback.recovered.unwrap_or(Money::zero(clawback.amount.currency));
        let Ok(after) = before.plus(recovered.amount) else { return };
        if after.minor <= clawback.amount.minor {
            clawback.recovered = Some(after);
            let payee = clawback.payee.clone();
            self.course.moves = vec![Move { what: MoveKind::Recover, payee, amount: recovered.amount }];
        }
    }
}
