//! What is owed to one payee.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{ids::PartyId, money::Money};

/// One payee's part of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payee {
    /// Who is paid.
    pub payee: PartyId,
    /// The weight of the part, as agreed: parts add up to the whole, to the last minor unit.
    pub weight: u64,
}

/// What is owed to one payee of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payable {
    /// Who is paid.
    pub payee: PartyId,
    /// How much of it is owed, scheduled or was paid last; disputed parts are taken off.
    pub amount: Money,
    /// How it stands.
    pub status: PayableStatus,
    /// The payout run that it is in, or was paid by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payout: Option<String>,
    /// When the bank paid it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_on: Option<Date>,
    /// Why the bank last refused or returned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<String>,
    /// What of it is owed again after tax was withheld of it: none is withheld a second time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taxed: Option<Money>,
    /// What of it came twice: the payee's own money, which no fund pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twice: Option<Money>,
    /// Every payment that was made of it, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
}

/// One payment of a payable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// The payout run that made it.
    pub payout: String,
    /// How much of the payable it settled: what the bank paid, and what was taken off for what is claimed back.
    pub amount: Money,
    /// When.
    pub on: Date,
    /// What of it was withheld as tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Money>,
    /// What of it came back from the bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came_back: Option<Money>,
    /// What of that is owed again; the rest settled what is claimed back from the same payee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owed_again: Option<Money>,
    /// What of it was the payee's own money, which had come twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twice: Option<Money>,
}

/// How a payable stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayableStatus {
    /// Owed, and in no payout run.
    Owed,
    /// In a payout run.
    Scheduled,
    /// Paid.
    Paid,
}

impl Payable {
    /// What is owed to a payee from the beginning.
    pub(super) fn new(payee: PartyId, amount: Money) -> Payable {
        let (payout, paid_on, returned, taxed, twice) = (None, None, None, None, None);
        let (status, payments) = (PayableStatus::Owed, Vec::new());
        Payable { payee, amount, status, payout, paid_on, returned, taxed, twice, payments }
    }

    /// What has been paid of it in all and is not owed again, in minor units. The payee's own money is no part of it.
    pub fn paid_in_all(&self) -> i64 {
        let minor = |part: Option<Money>| part.map_or(0, |part| part.minor);
        let stands =
            |one: &Payment| one.amount.minor.saturating_sub(minor(one.owed_again)).saturating_sub(minor(one.twice));
        self.payments.iter().fold(0_i64, |sum, payment| sum.saturating_add(stands(payment)))
    }

    /// What of it tax is still to be withheld of.
    pub fn untaxed(&self) -> Money {
        let taxed = self.taxed.map_or(0, |taxed| taxed.minor);
        Money { minor: self.own().saturating_sub(taxed).max(0), ..self.amount }
    }

    /// What of it the claim owes, in minor units: without what came twice.
    pub(super) fn own(&self) -> i64 {
        self.amount.minor.saturating_sub(self.twice.map_or(0, |twice| twice.minor))
    }

    /// Whether nothing of it is owed: it was paid, or nothing is left of it.
    pub fn is_settled(&self) -> bool {
        match self.status {
            PayableStatus::Paid => true,
            PayableStatus::Owed => self.amount.minor == 0,
            PayableStatus::Scheduled => false,
        }
    }

    /// Whether it is in this payout run.
    pub(super) fn is_in(&self, payout: &str) -> bool {
        self.status == PayableStatus::Scheduled && self.payout.as_deref() == Some(payout)
    }

    /// What a payout run has paid of it.
    pub(super) fn payment_of(&self, payout: &str) -> Option<&Payment> {
        self.payments.iter().find(|payment| payment.payout == payout)
    }

    /// Notes what the run that it is in has paid of it: what is left stays owed. Says whether that fits.
    pub(super) fn pay(&mut self, payout: &str, amount: Money, withheld: Option<Money>, on: Date) -> bool {
        let left = self.amount.minus(amount).ok().filter(|left| left.minor >= 0 && amount.minor > 0);
        let Some(left) = left.filter(|_| self.is_in(payout)) else { return false };
        let (came_back, owed_again) = (None, None);
        // What the claim owes is paid first, and what came twice after it.
        let own = amount.minor.min(self.own());
        let part = |minor: i64| Some(Money { minor, ..amount }).filter(|part| part.minor > 0);
        let twice = part(amount.minor.saturating_sub(own));
        self.taxed = self.taxed.and_then(|taxed| part(taxed.minor.saturating_sub(own)));
        self.twice = self.twice.and_then(|all| part(all.minor.saturating_sub(twice.map_or(0, |twice| twice.minor))));
        self.payments.push(Payment { payout: payout.to_owned(), amount, on, withheld, came_back, owed_again, twice });
        if left.minor > 0 {
            self.amount = left;
            self.owed();
        } else {
            self.amount = amount;
            self.status = PayableStatus::Paid;
            self.paid_on = Some(on);
        }
        true
    }

    /// Notes what of a payment came back, how much of that is owed again, and how much came twice; says whether that fits.
    pub(super) fn come_back(&mut self, payout: &str, amount: Money, (again, twice): (i64, i64), why: String) -> bool {
        let payment = self.payments.iter_mut().find(|payment| payment.payout == payout && payment.came_back.is_none());
        let fits = |payment: &&mut Payment| payment.amount.minus(amount).is_ok_and(|left| left.minor >= 0);
        let Some(payment) = payment.filter(fits).filter(|_| amount.minor > 0) else { return false };
        let again = Money { minor: again, ..amount };
        payment.came_back = Some(amount);
        payment.owed_again = Some(again);
        if payment.withheld.is_some() {
            let before = self.taxed.map_or(0, |taxed| taxed.minor);
            self.taxed = Some(Money { minor: before.saturating_add(again.minor), ..again }).filter(|all| all.minor > 0);
        }
        self.returned = Some(why);
        let before = self.twice.map_or(0, |before| before.minor);
        self.owe_more(Money { minor: again.minor.saturating_add(twice), ..again });
        self.twice = Some(Money { minor: before.saturating_add(twice), ..again }).filter(|all| all.minor > 0);
        true
    }

    /// Is in no payout run any longer.
    pub(super) fn owed(&mut self) {
        self.status = PayableStatus::Owed;
        self.payout = None;
        self.paid_on = None;
    }

    /// Owes more: beside what is owed, or anew once that was paid.
    pub(super) fn owe_more(&mut self, more: Money) {
        match self.status {
            PayableStatus::Paid if more.minor > 0 => {
                self.amount = more;
                self.owed();
            }
            PayableStatus::Paid => {}
            PayableStatus::Owed | PayableStatus::Scheduled => {
                self.amount = self.amount.plus(more).unwrap_or(self.amount)
            }
        }
    }

    /// The key under which the ledger keeps it.
    pub fn ledger_key(claim: &str, payee: &PartyId) -> String {
        format!("payable/{claim}/{payee}")
    }
}
