//! What partners are entitled to at a month's end and nobody has booked yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Books, Estimate, OpenOrder, OpenRequest, Refusal, Roll};
use crate::{
    ledger::Account,
    mdf::model::FundKind,
    money::{Currency, Money, Rounding},
};

/// How far what is owed has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccrualKind {
    /// Earned by sales, and not claimed.
    EarnedUnclaimed,
    /// The activity is over, and not claimed.
    PerformedUnclaimed,
    /// Claimed, and not approved.
    ClaimedUnapproved,
    /// Approved, not paid, and not yet a liability in the general ledger.
    ApprovedUnpaid,
    /// Received from a supplier, and not invoiced.
    ReceivedUninvoiced,
}

impl AccrualKind {
    /// The word under which it is exported.
    pub fn word(self) -> &'static str {
        match self {
            AccrualKind::EarnedUnclaimed => "earned_unclaimed",
            AccrualKind::PerformedUnclaimed => "performed_unclaimed",
            AccrualKind::ClaimedUnapproved => "claimed_unapproved",
            AccrualKind::ApprovedUnpaid => "approved_unpaid",
            AccrualKind::ReceivedUninvoiced => "received_uninvoiced",
        }
    }

    /// Whether an estimate of what is never claimed lowers it.
    fn may_break(self) -> bool {
        matches!(self, AccrualKind::EarnedUnclaimed | AccrualKind::PerformedUnclaimed)
    }
}

/// How an estimate of what is owed was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accrual {
    /// How far it has come.
    pub kind: AccrualKind,
    /// The fund.
    pub fund: String,
    /// What partners are entitled to.
    pub entitled: Money,
    /// What of it is left out as breakage.
    pub breakage: Money,
    /// What is booked.
    pub accrued: Money,
    /// The estimate behind the breakage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// What it consists of: requests and claims by their labels, or accounts of the ledger, with their part.
    pub of: Vec<(String, Money)>,
}

/// What an entitlement consists of.
type Parts = Vec<(String, Money)>;

/// What partners are entitled to in a fund and currency, and how it is accrued.
///
/// # Errors
/// When the parts do not fit the whole; the fund is named.
pub(super) fn accruals(
    books: &Books<'_>,
    rolls: &[Roll],
    booked: &BTreeMap<(String, Currency), i64>,
) -> Result<Vec<Accrual>, Refusal> {
    let mut funds: Vec<(&str, Currency)> = rolls.iter().map(|roll| (roll.fund.as_str(), roll.currency)).collect();
    funds.dedup();
    let mut all = Vec::new();
    for (fund, currency) in funds {
        let of = Fund { fund, currency, rolls };
        let facts = books.funds.get(fund).ok_or_else(|| Refusal::UnknownFund { fund: fund.to_owned() })?;
        let ours = |request: &&OpenRequest| request.fund == fund && request.held.currency == currency;
        let requests: Vec<&OpenRequest> = books.requests.iter().filter(ours).collect();
        let (claimed, performed) = (of.claimed(&requests), of.performed(&requests));
        let earned = of.earned(facts.kind, &performed, &claimed)?;
        let ours = |order: &&OpenOrder| order.fund == fund && order.committed.currency == currency;
        let orders: Vec<&OpenOrder> = books.orders.iter().filter(ours).collect();
        let approved = of.approved(booked.get(&(fund.to_owned(), currency)).copied().unwrap_or(0), &orders)?;
        for (kind, parts) in [
            (AccrualKind::EarnedUnclaimed, earned),
            (AccrualKind::PerformedUnclaimed, performed),
            (AccrualKind::ClaimedUnapproved, claimed),
            (AccrualKind::ApprovedUnpaid, approved),
            (AccrualKind::ReceivedUninvoiced, of.received(&orders)),
        ] {
            let estimate = books.estimates.get(&facts.programme).filter(|_| kind.may_break());
            all.extend(of.accrual(kind, parts, estimate)?);
        }
    }
    Ok(all)
}

/// One fund in one currency, at the month's end.
struct Fund<'a> {
    fund: &'a str,
    currency: Currency,
    rolls: &'a [Roll],
}

impl Fund<'_> {
    fn stands(&self, account: Account) -> i64 {
        let at = |roll: &&Roll| roll.fund == self.fund && roll.currency == self.currency && roll.account == account;
        self.rolls.iter().find(at).map_or(0, |roll| roll.closing)
    }

    fn money(&self, minor: i64) -> Money {
        Money { minor, currency: self.currency }
    }

    fn sum(&self, parts: &[(String, Money)]) -> Result<i64, Refusal> {
        let sum = parts.iter().try_fold(0_i64, |sum, (_, part)| sum.checked_add(part.minor));
        sum.ok_or_else(|| Refusal::Overflow { fund: self.fund.to_owned() })
    }

    /// What is claimed of what is held: never more than that, for nothing beyond it is paid.
    fn claimed(&self, requests: &[&OpenRequest]) -> Parts {
        let mut parts = Parts::new();
        for request in requests {
            let mut left = request.held.minor;
            for (claim, asked) in &request.claims {
                let taken = asked.minor.clamp(0, left);
                left -= taken;
                parts.push((claim.clone(), self.money(taken)));
            }
        }
        parts
    }

    /// What is held for activities that are over and is in no claim.
    fn performed(&self, requests: &[&OpenRequest]) -> Parts {
        let over = requests.iter().filter(|request| request.performed);
        let rest = over.map(|request| {
            let asked = request.claims.iter().fold(0_i64, |sum, (_, asked)| sum.saturating_add(asked.minor.max(0)));
            (request.request.clone(), self.money(request.held.minor.saturating_sub(asked).max(0)))
        });
        rest.collect()
    }

    /// What sales have earned. A fund that is filled by them owes its partners all that is not claimed; any other only
    /// what is not usable yet.
    fn earned(&self, kind: FundKind, performed: &Parts, claimed: &Parts) -> Result<Parts, Refusal> {
        let account = |account: Account| (account.word().to_owned(), self.money(self.stands(account)));
        if kind == FundKind::Discretionary {
            return Ok(vec![account(Account::Earned)]);
        }
        let elsewhere = self.sum(performed)?.checked_add(self.sum(claimed)?);
        let elsewhere = elsewhere.ok_or_else(|| Refusal::Overflow { fund: self.fund.to_owned() })?;
        let held = self.stands(Account::Reserved).checked_sub(elsewhere).filter(|held| *held >= 0);
        let held = held.ok_or_else(|| Refusal::HeldBeyond { fund: self.fund.to_owned(), currency: self.currency })?;
        let reserved = (Account::Reserved.word().to_owned(), self.money(held));
        Ok(vec![account(Account::Earned), account(Account::Free), reserved])
    }

    /// What was received on orders and is not invoiced: no more than is committed to them.
    fn received(&self, orders: &[&OpenOrder]) -> Parts {
        let part = |order: &&OpenOrder| order.received.minor.clamp(0, order.committed.minor.max(0));
        orders.iter().map(|order| (order.order.clone(), self.money(part(order)))).collect()
    }

    /// What is approved and not paid, as far as it is no liability in the general ledger yet. What is only ordered is owed to nobody.
    fn approved(&self, booked: i64, orders: &[&OpenOrder]) -> Result<Parts, Refusal> {
        let overflow = || Refusal::Overflow { fund: self.fund.to_owned() };
        let ordered = orders.iter().try_fold(0_i64, |sum, order| sum.checked_add(order.committed.minor));
        let ordered = ordered.ok_or_else(overflow)?;
        let (posted, payable) = (self.stands(Account::Posted), self.stands(Account::Payable));
        let owed = posted.checked_add(payable).and_then(|owed| owed.checked_sub(ordered)).ok_or_else(overflow)?;
        if booked > owed || booked < 0 {
            let (owed, booked) = (self.money(owed), self.money(booked));
            return Err(Refusal::LiabilityBeyond { fund: self.fund.to_owned(), owed, booked });
        }
        let parts = [("posted", posted), ("payable", payable), ("ordered", -ordered), ("booked", -booked)];
        Ok(parts.into_iter().map(|(what, minor)| (what.to_owned(), self.money(minor))).collect())
    }

    fn accrual(
        &self,
        kind: AccrualKind,
        parts: Parts,
        estimate: Option<&Estimate>,
    ) -> Result<Option<Accrual>, Refusal> {
        let entitled = self.sum(&parts)?;
        if entitled == 0 {
            return Ok(None);
        }
        // Rounded down: never more is left out than was approved.
        let part = estimate.map(|estimate| estimate.percent.of(self.money(entitled), Rounding::Down)).transpose();
        let part = part.map_err(|_| Refusal::Overflow { fund: self.fund.to_owned() })?;
        let breakage = part.map_or(0, |part| part.minor.min(entitled));
        let of = parts.into_iter().filter(|(_, part)| part.minor != 0).collect();
        let (fund, estimate) = (self.fund.to_owned(), estimate.cloned());
        let accrued = self.money(entitled - breakage);
        Ok(Some(Accrual {
            kind,
            fund,
            entitled: self.money(entitled),
            breakage: self.money(breakage),
            accrued,
            estimate,
            of,
        }))
    }
}
