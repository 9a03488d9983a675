//! What payouts and banks say about an order's payable, and credit notes that come after it was paid.

use serde::Deserialize;
use serde_json::Value;

use super::{OrderPaper, course::Booking, course::minor};
use crate::{
    context::funding::{
        Clawback, Payable, PayableStatus, RequestPaper, Sheet,
        claim::{CameBack, NotPaid, Recovered, Scheduled, Settle},
    },
    ledger::{Posting, PostingAction},
    money::Money,
};

impl Sheet<OrderPaper> {
    pub(super) fn book(&mut self, what: PostingAction, amount: Money) {
        if amount.minor > 0 {
            self.course.bookings.push(Booking { what, amount });
        }
    }

    /// Owes the supplier so much more. What goes beyond what is committed comes out of the request, if it holds it.
    pub(super) fn owe(&mut self, amount: Money) {
        let course = &mut self.course;
        let before = course.uninvoiced().map_or(0, |left| left.minor);
        let beyond = Money { minor: amount.minor.saturating_sub(before).max(0), ..amount };
        course.committed = Some(Money { minor: minor(course.committed).saturating_add(beyond.minor), ..amount });
        course.owed = Some(Money { minor: minor(course.owed).saturating_add(amount.minor), ..amount });
        match &mut course.payable {
            Some(payable) => payable.owe_more(amount),
            None => course.payable = Some(Payable::new(self.paper.supplier.party.clone(), amount)),
        }
        self.book(PostingAction::Post, beyond);
        self.book(PostingAction::Owe, amount);
    }

    /// Takes back what was owed by so much: what is not paid yet is owed no longer, the rest is claimed back.
    pub(super) fn credit_owed(&mut self, amount: Money, why: &str) {
        let payee = self.paper.supplier.party.clone();
        let Some(payable) = &mut self.course.payable else { return };
        let open = if payable.status == PayableStatus::Owed { payable.amount.minor } else { 0 };
        let unpaid = amount.minor.min(open);
        payable.amount = Money { minor: payable.amount.minor.saturating_sub(unpaid), ..amount };
        let back = Money { minor: amount.minor.saturating_sub(unpaid), ..amount };
        let unpaid = Money { minor: unpaid, ..amount };
        self.course.owed = Some(Money { minor: minor(self.course.owed).saturating_sub(unpaid.minor), ..amount });
        if back.minor > 0 {
            let (recovered, waived) = (None, None);
            self.course.clawbacks.push(Clawback {
                payee,
                amount: back,
                reason: why.to_owned(),
                recovered,
                waived,
                as_given: false,
            });
        }
        self.book(PostingAction::Withhold, unpaid);
        self.book(PostingAction::ClawBack, back);
    }

    pub(super) fn schedule(&mut self, data: &Value) -> bool {
        let Ok(asked) = Scheduled::deserialize(data) else { return false };
        let Some(payable) = self.course.payable.as_mut().filter(|payable| payable.payee == asked.payee) else {
            return false;
        };
        if payable.status == PayableStatus::Owed && payable.amount.minor > 0 {
            payable.status = PayableStatus::Scheduled;
            payable.payout = Some(asked.payout.clone());
            payable.returned = None;
        }
        payable.is_in(&asked.payout)
    }

    pub(super) fn unschedule(&mut self, data: &Value) -> bool {
        let Ok(asked) = Scheduled::deserialize(data) else { return false };
        let Some(payable) = self.course.payable.as_mut().filter(|payable| payable.payee == asked.payee) else {
            return false;
        };
        if payable.is_in(&asked.payout) {
            payable.owed();
        }
        payable.status == PayableStatus::Owed
    }

    /// The bank has paid; said again, it changes nothing.
    pub(super) fn settle(&mut self, data: &Value) -> bool {
        let Ok(Settle { payout, payee, amount, withheld, on }) = Settle::deserialize(data) else { return false };
        let Some(payable) = self.course.payable.as_mut().filter(|payable| payable.payee == payee) else { return false };
        if payable.pay(&payout, amount, withheld, on) {
            self.book(PostingAction::Pay, amount);
            return true;
        }
        payable.payment_of(&payout).is_some_and(|payment| payment.came_back.is_none())
    }

    /// The bank has not paid, or has returned a payment: what is not claimed back is owed again.
    pub(super) fn came_back(&mut self, data: &Value) -> bool {
        let Ok(CameBack { payout, payee, outcome, amount, why, .. }) = CameBack::deserialize(data) else {
            return false;
        };
        let open_back = self.course.open_back();
        let kept = self.course.payable_of(&payee).map_or(0, Payable::paid_in_all).saturating_sub(self.claimed_back());
        let Some(payable) = self.course.payable.as_mut().filter(|payable| payable.payee == payee) else { return false };
        if payable.is_in(&payout) {
            payable.owed();
            payable.returned = Some(why);
            return true;
        }
        if outcome == NotPaid::Returned {
            let recovered = amount.minor.min(open_back);
            let reopened = amount.minor.saturating_sub(recovered).min(kept);
            let twice = amount.minor.saturating_sub(recovered).saturating_sub(reopened);
            if payable.come_back(&payout, amount, (reopened, 0), why) {
                self.take_back(recovered);
                self.course.came_twice =
                    Some(Money { minor: minor(self.course.came_twice).saturating_add(twice), ..amount })
                        .filter(|twice| twice.minor > 0);
                self.book(PostingAction::Recover, Money { minor: recovered, ..amount });
                self.book(PostingAction::Reopen, Money { minor: reopened, ..amount });
                return true;
            }
        }
        let Some(payable) = self.course.payable_of(&payee) else { return false };
        match payable.payment_of(&payout) {
            Some(payment) => payment.came_back.is_some(),
            None => payable.status == PayableStatus::Owed && payable.returned.is_some(),
        }
    }

    /// What was claimed back has come: taken off a payment, or paid.
    pub(super) fn recover(&mut self, data: &Value) -> bool {
        let Ok(Recovered { amount, payee, .. }) = Recovered::deserialize(data) else { return false };
        let theirs = payee.is_none_or(|payee| payee == self.paper.supplier.party);
        if !theirs || amount.currency != self.paper.currency || amount.minor > self.course.open_back() {
            return false;
        }
        self.take_back(amount.minor);
        self.book(PostingAction::Recover, amount);
        true
    }

    /// What credit notes have claimed back in all.
    fn claimed_back(&self) -> i64 {
        self.course.clawbacks.iter().fold(0_i64, |sum, back| sum.saturating_add(back.amount.minor))
    }

    fn take_back(&mut self, mut minor: i64) {
        for back in &mut self.course.clawbacks {
            back.take(&mut minor, |back| &mut back.recovered);
        }
    }

    /// What a posting of this name books.
    pub(super) fn order_postings(&self, name: &str) -> Option<Vec<Posting>> {
        let Some(fund) = self.course.fund.as_ref() else { return Some(Vec::new()) };
        let order = OrderPaper::ledger_key(&self.label);
        let request = RequestPaper::ledger_key(&self.paper.request);
        let payable = Payable::ledger_key(&self.label, &self.paper.supplier.party);
        let post = |action, key: &String, amount| Posting::new(action, fund.as_str(), key, amount);
        match name {
            "order.book" => {
                let book = |one: &Booking| match one.what {
                    PostingAction::Post => post(one.what, &request, one.amount).to(order.clone()),
                    PostingAction::Owe => post(one.what, &order, one.amount).to(payable.clone()),
                    PostingAction::Withhold => post(one.what, &payable, one.amount).to(order.clone()),
                    PostingAction::Reverse => post(one.what, &order, one.amount),
                    what => post(what, &payable, one.amount),
                };
                Some(self.course.bookings.iter().map(book).collect())
            }
            _ => None,
        }
    }
}
