//! What a partner earned by sales: E6 and E7.

use jiff::{ToSpan, civil::Date};

use super::{ids, param};
use crate::{
    mdf::{
        cell::{Amounts, BasisPoints, Within},
        model::Accrual,
        rule::{Kind, Rule},
        ruling::{Action, ActionKind, Ruling, Stuck, Told},
        shares::{ROUNDING, shares},
        view::{View, months_after},
    },
    money::Money,
};

ids!(Eligibility: E6 = 6, E7 = 7);

param!(THRESHOLD: Amounts = E6 "threshold" (), "{}", "earnings below it become a rebate as a whole");
param!(REBATE: BasisPoints = E7 "rebate_share" Within(0, 10_000), "60", "the part that is paid as a rebate");
param!(EARNING: u32 = E7 "earning_months" (Within(1, 36), "months"), "6", "how long earnings are counted");
param!(USAGE: u32 = E7 "usage_months" (Within(1, 36), "months"), "6", "how long the fund may be used afterwards");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: E6,
        title: "earnings below the threshold become a rebate",
        kinds: &[Kind::Timer],
        source: "Microsoft [M7][M9]",
        parameters: &[&THRESHOLD],
        exceptable: false,
        judge: threshold,
    },
    Rule {
        id: E7,
        title: "earnings are split into rebate and fund at the end of the earning period",
        kinds: &[Kind::Timer],
        source: "Microsoft [M7]",
        parameters: &[&REBATE, &EARNING, &USAGE],
        exceptable: false,
        judge: split,
    },
];

/// What was earned, and the last day of the earning period, once it is over.
fn ended<'a>(view: &View<'a>, told: &mut Told) -> Result<(&'a Accrual, Date), Stuck> {
    let accrual = view.fund()?.accrual.as_ref().ok_or(Stuck::Nothing("the fund does not accrue"))?;
    let next = months_after(accrual.from, EARNING.of(view.terms))?;
    let last = next.checked_sub(1.day())?;
    told.input("earned", accrual.earned);
    told.input("last day of earning", last);
    if view.today() <= last {
        return Err(Stuck::Nothing("the earning period is not over"));
    }
    Ok((accrual, last))
}

fn threshold(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (accrual, last) = ended(view, told)?;
    let earned = accrual.earned;
    let Some(threshold) = THRESHOLD.of(view.terms).in_currency(earned.currency) else {
        return Ok(Ruling::satisfied(format!("there is no threshold in {}", earned.currency)));
    };
    told.input("threshold", threshold);
    if earned.minor >= threshold.minor {
        return Ok(Ruling::satisfied(format!("{earned} reaches the threshold of {threshold}")));
    }
    let because = format!("{earned} stays below the threshold of {threshold}");
    if accrual.turned_into_rebate {
        return Ok(Ruling::satisfied(format!("{because} and became a rebate")));
    }
    let action = Action { what: ActionKind::PayRebate, due: last.tomorrow()?, amount: Some(earned) };
    Ok(Ruling::act(vec![action], "/fund/accrual", because))
}

fn split(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (accrual, last) = ended(view, told)?;
    if accrual.turned_into_rebate {
        return Err(Stuck::Nothing("the earnings became a rebate as a whole"));
    }
    let rebate_share = REBATE.of(view.terms);
    let weights = [u64::from(rebate_share.0), u64::from(BasisPoints::WHOLE.0.saturating_sub(rebate_share.0))];
    let parts = shares(accrual.earned, &weights).unwrap_or_default();
    let [rebate, fund] = parts.as_slice() else {
        return Err(Stuck::Unknown(format!("{} cannot be split", accrual.earned)));
    };
    told.input("rebate share", rebate_share);
    told.input("rebate", rebate);
    told.input("fund", fund);
    told.input("usable until", months_after(last, USAGE.of(view.terms))?);
    told.rounding = ROUNDING.to_owned();
    let expected = format!("{} splits into a rebate of {rebate} and {fund} for the fund", accrual.earned);
    match &accrual.split {
        Some(split) if split.rebate == *rebate && split.fund == *fund => Ok(Ruling::satisfied(expected)),
        Some(split) => Err(Stuck::Unknown(format!(
            "{expected}, but a rebate of {} and {} for the fund were booked; reverse and book again",
            split.rebate, split.fund
        ))),
        None => {
            let due = last.tomorrow()?;
            let action = |what, amount: Money| Action { what, due, amount: Some(amount) };
            let actions = vec![action(ActionKind::PayRebate, *rebate), action(ActionKind::CreditFund, *fund)];
            Ok(Ruling::act(actions, "/fund/accrual", expected))
        }
    }
}
