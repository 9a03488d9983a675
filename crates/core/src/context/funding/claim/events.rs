//! What the events of an approved claim do to its payables.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    ClaimPaper, Clawback, PayableStatus, Waiver,
    course::{Back, CameBack, Move, MoveKind, NotPaid, Part, Recovered, Scheduled, Settle},
};
use crate::{context::funding::Sheet, event::Event, ids::PartyId, mdf::model::ClaimKind, money::Money};

impl Sheet<ClaimPaper> {
    /// Applies an event of a claim; what does not fit leaves it as it is, and its guard does not hold then.
    pub(super) fn claim_happened(&mut self, name: &str, data: &Value, event: &Event, now: Timestamp) {
        self.course.moves.clear();
        match name {
            "submit" => {
                self.comes(now, self.is_held_as_it_stands());
                self.submitted_by(event);
            }
            // A draft that is written anew is not handed in by that.
            "revise" if self.course.submitted_at.is_some() => self.comes(now, self.was_held()),
            "schedule" => self.schedule(data),
            "unschedule" => self.unschedule(data),
            "prove" => self.prove(data, event, now),
            "settle" => self.settle(data, now),
            "came_back" => self.came_back(data),
            "dispute" => self.dispute(data, event, now),
            "resolve_dispute" => self.resolve_dispute(data),
            "settle_dispute" => self.ask_to_settle(data, event, now),
            "put_off" => self.ask_to_put_off(data, event),
            "claw_back" => self.ask_back(data, event),
            "waive" => self.ask_to_waive(data, event),
            "recovered" => self.recover(data),
            _ => {}
        }
        self.note_time(now);
    }

    /// Notes who has handed something in: none of them may approve it.
    pub(super) fn submitted_by(&mut self, event: &Event) {
        let people = event.actor.iter().flat_map(|actor| std::iter::once(&actor.person).chain(&actor.on_behalf_of));
        self.course.submitted_by.extend(people.cloned());
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
        if let Some(payable) = self.payable_mut(&asked.payee).filter(|payable| payable.is_in(&asked.payout)) {
            payable.owed();
        }
    }

    fn settle(&mut self, data: &Value, now: Timestamp) {
        let Ok(Settle { payout, payee, amount, withheld, on }) = Settle::deserialize(data) else { return };
        let Some(payable) = self.payable_mut(&payee) else { return };
        if payable.pay(&payout, amount, withheld, on) {
            let twice = payable.payment_of(&payout).and_then(|payment| payment.twice).map_or(0, |twice| twice.minor);
            let what = self.course.either(MoveKind::PayAdvance, MoveKind::Pay);
            let parts = [(what, amount.minor.saturating_sub(twice)), (MoveKind::PaySurplus, twice)];
            self.move_parts(&payee, amount, parts);
            self.answered(now);
        }
    }

    fn came_back(&mut self, data: &Value) {
        let Ok(CameBack { payout, payee, outcome, amount, why, .. }) = CameBack::deserialize(data) else { return };
        self.drop_proof();
        let Some(payable) = self.payable_mut(&payee) else { return };
        if payable.is_in(&payout) {
            payable.owed();
            payable.returned = Some(why);
        } else if outcome == NotPaid::Returned {
            self.come_back(&payout, payee, amount, why);
        }
    }

    /// The bank has returned a payment. What is claimed back from the same payee has come with it; of the rest is owed again what was
    /// paid and kept. What was paid back already has come twice: it is the payee's, and is owed to it as well.
    fn come_back(&mut self, payout: &str, payee: PartyId, amount: Money, why: String) {
        let Some(payable) = self.payable_of(&payee) else { return };
        let kept = self.course.kept(payable);
        let own = payable.payment_of(payout).and_then(|payment| payment.twice).map_or(0, |own| own.minor);
        let recovered = amount.minor.min(self.course.open_back(&payee));
        let reopened = amount.minor.saturating_sub(recovered).min(kept);
        let twice = amount.minor.saturating_sub(recovered).saturating_sub(reopened);
        let Some(payable) = self.payable_mut(&payee) else { return };
        if !payable.come_back(payout, amount, (reopened, twice), why) {
            return;
        }
        self.course.note_recovered(&payee, recovered);
        // What had come twice before, and comes back once more, came no third time.
        let first = twice.saturating_sub(own).max(0);
        if first > 0 {
            let before = self.course.came_twice.map_or(0, |before| before.minor);
            self.course.came_twice = Some(Money { minor: before.saturating_add(first), ..amount });
        }
        let reopen = self.course.either(MoveKind::ReopenAdvance, MoveKind::Reopen);
        let parts = [(MoveKind::Recover, recovered), (reopen, reopened), (MoveKind::OweSurplus, twice)];
        self.move_parts(&payee, amount, parts);
    }

    /// The event at hand moves these parts of an amount, of which some may be nothing.
    fn move_parts<const N: usize>(&mut self, payee: &PartyId, amount: Money, parts: [(MoveKind, i64); N]) {
        let moved = parts.into_iter().filter(|(_, minor)| *minor > 0);
        let moved = moved.map(|(what, minor)| Move { what, payee: payee.clone(), amount: Money { minor, ..amount } });
        self.course.moves = moved.collect();
    }

    fn ask_back(&mut self, data: &Value, event: &Event) {
        self.ask_anew();
        let Ok(Back { payee, amount, reason, as_given }) = Back::deserialize(data) else { return };
        let fits = |most: Money| most.currency == amount.currency && amount.minor <= most.minor;
        if self.may_come_back(&payee, as_given).is_some_and(fits) {
            self.asked_by(event);
            let (recovered, waived) = (None, None);
            self.course.clawback_asked = Some(Clawback { payee, amount, reason, as_given, recovered, waived });
        }
    }

    /// The most that a payee may have to give back: what it was paid and keeps, or was given in kind. Only what was given in kind
    /// comes back as it was given.
    fn may_come_back(&self, payee: &PartyId, as_given: bool) -> Option<Money> {
        if self.paper.kind == ClaimKind::InKind {
            let given = self.course.approved.filter(|_| *payee == self.paper.partner)?;
            return Some(Money { minor: given.minor.saturating_sub(self.course.taken_back(payee)), ..given });
        }
        let payable = self.payable_of(payee).filter(|_| !as_given)?;
        Some(Money { minor: self.course.kept(payable), ..payable.amount })
    }

    fn ask_to_waive(&mut self, data: &Value, event: &Event) {
        self.ask_anew();
        let Ok(Part { payee, amount, reason }) = Part::deserialize(data) else { return };
        if self.paper.currency == amount.currency && amount.minor <= self.course.open_back(&payee) {
            self.asked_by(event);
            self.course.waiver_asked = Some(Waiver { payee, amount, reason });
        }
    }

    /// What was asked for before, and not agreed to, is asked for no longer: no later agreement is about it.
    pub(super) fn ask_anew(&mut self) {
        self.course.clawback_asked = None;
        self.course.waiver_asked = None;
        self.course.settlement_asked = None;
        self.course.put_off_asked = None;
    }

    fn recover(&mut self, data: &Value) {
        let Ok(Recovered { amount, payee, payout, .. }) = Recovered::deserialize(data) else { return };
        let of = |payee: &PartyId, back: &&Clawback| back.payee == *payee;
        let open = self.course.clawbacks.iter().filter(|back| back.open().minor > 0);
        let mut theirs = open.filter(|back| payee.as_ref().is_none_or(|payee| of(payee, back)));
        let Some(first) = theirs.next().filter(|first| first.amount.currency == amount.currency) else {
            // What was to be taken off a payment was meant for a clawback: where none is open, it stays owed.
            let theirs = payee.is_none_or(|payee| self.payable_of(&payee).is_some());
            if payout.is_none() && theirs {
                self.give_back(amount);
            }
            return;
        };
        let payee = first.payee.clone();
        if amount.minor <= self.course.open_back(&payee) {
            self.course.note_recovered(&payee, amount.minor);
            self.course.moves = vec![Move { what: MoveKind::Recover, payee, amount }];
        }
    }
}
