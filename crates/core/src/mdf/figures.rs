//! What a claim's cost comes to, step by step. Every rule about amounts reads the same figures, so that the order in
//! which rules are judged cannot matter.

use serde::Serialize;

use super::{
    cell::BasisPoints,
    model::{Case, Claim, JointPart},
    parameter::Terms,
    rules::amounts::{INELIGIBLE, INELIGIBLE_BY_ACTIVITY, ROUNDING, V2, V3, V6, V8, V9},
    rules::funding::{Q6, agreed_share, share_of},
};
use crate::money::{Money, MoneyError, Rounding};

/// A line of cost that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// The line's place, from 0.
    pub line: usize,
    /// What it is.
    pub what: String,
    /// Its kind, which is not eligible.
    pub kind: String,
    /// How much.
    pub amount: Money,
}

/// The way from cost to what may be paid at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// The sum of all lines.
    pub cost: Money,
    /// Lines that do not count.
    pub cuts: Vec<Cut>,
    /// The cost without them.
    pub eligible_lines: Money,
    /// What others paid.
    pub income: Money,
    /// The cost without that, never below zero.
    pub after_income: Money,
    /// The same, at most the cost that was approved.
    pub within_budget: Money,
    /// The vendor's part among several vendors.
    pub vendor_part: Money,
    /// The share that the vendor pays of it.
    pub share: BasisPoints,
    /// Which part of it is the fund's, where several funds pay.
    #[serde(skip)]
    pub joint: Option<JointPart>,
    /// How amounts are rounded.
    #[serde(skip)]
    pub rounding: Rounding,
}

impl Figures {
    /// Computes the figures by the enabled rules alone.
    pub(super) fn of(case: &Case, claim: &Claim, terms: &Terms) -> Result<Figures, MoneyError> {
        let rounding = rounding(terms);
        let cost = claim.cost()?;
        let cuts = if terms.enables(V3) { cuts(case, claim, terms) } else { Vec::new() };
        let cut = Money::sum(claim.currency, cuts.iter().map(|cut| cut.amount))?;
        let eligible_lines = cost.minus(cut)?;
        let counted = if terms.enables(V8) { claim.income.as_slice() } else { &[] };
        let income = Money::sum(claim.currency, counted.iter().map(|income| income.amount))?;
        let after_income = not_below_zero(eligible_lines.minus(income)?);
        let approved = case.request.as_ref().and_then(|request| request.approval.as_ref());
        let within_budget = match approved {
            Some(approval) if terms.enables(V2) => lower(after_income, approval.cost)?,
            _ => after_income,
        };
        let split = case.request.as_ref().and_then(|request| request.vendor_split).filter(|_| terms.enables(V9));
        let vendor_part = match split {
            Some(split) => split.of(within_budget, rounding)?,
            None => within_budget,
        };
        let share = if terms.enables(Q6) { share_of(case, terms) } else { agreed_share(case) };
        let joint = case.request.as_ref().and_then(|request| request.joint.clone());
        Ok(Figures {
            cost,
            cuts,
            eligible_lines,
            income,
            after_income,
            within_budget,
            vendor_part,
            share,
            joint,
            rounding,
        })
    }

    /// The vendor's share of an amount, rounded once; where several funds pay, this fund's part of that.
    pub(super) fn shared(&self, amount: Money) -> Result<Money, MoneyError> {
        of_fund(self.joint.as_ref(), self.share.of(amount, self.rounding)?)
    }

    /// How a share of an amount came about, in words.
    pub(super) fn told(&self, amount: Money, to: Money) -> Result<String, MoneyError> {
        let all = self.share.of(amount, self.rounding)?;
        Ok(rounded(self.share, amount, all, to))
    }

    /// The most that may be paid for the cost alone.
    ///
    /// # Errors
    /// When the amount is too large.
    pub fn payable_cost(&self) -> Result<Money, MoneyError> {
        self.shared(self.vendor_part)
    }
}

/// What one fund pays of what all of them do.
pub(super) fn of_fund(joint: Option<&JointPart>, all: Money) -> Result<Money, MoneyError> {
    joint.map_or(Ok(all), |joint| joint.of(all))
}

/// That a share was rounded once, and what of it is one fund's, in words.
pub(super) fn rounded(share: BasisPoints, amount: Money, all: Money, to: Money) -> String {
    let part = if all == to { String::new() } else { format!(", of which {to} are this fund's") };
    format!("{share} of {amount} is rounded once, to {all}{part}")
}

/// How amounts are rounded: as V6 says where it is enabled.
pub(super) fn rounding(terms: &Terms) -> Rounding {
    if terms.enables(V6) { ROUNDING.of(terms).rule() } else { Rounding::HalfEven }
}

fn cuts(case: &Case, claim: &Claim, terms: &Terms) -> Vec<Cut> {
    let mut kinds = INELIGIBLE.of(terms);
    let activity = case.request.as_ref().map(|request| request.activity.kind.as_str()).unwrap_or_default();
    kinds.extend(INELIGIBLE_BY_ACTIVITY.of(terms).remove(activity).unwrap_or_default());
    let lines = claim.lines.iter().enumerate().filter(|(_, line)| kinds.contains(&line.kind));
    lines
        .map(|(at, line)| Cut { line: at, what: line.what.clone(), kind: line.kind.clone(), amount: line.amount })
        .collect()
}

/// The lower of two amounts of one currency.
pub(super) fn lower(left: Money, right: Money) -> Result<Money, MoneyError> {
    Ok(if left.minus(right)?.minor <= 0 { left } else { right })
}

/// The amount, or zero where it is negative.
pub(super) fn not_below_zero(amount: Money) -> Money {
    Money { minor: amount.minor.max(0), ..amount }
}
