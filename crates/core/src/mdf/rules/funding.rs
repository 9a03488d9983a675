//! How much of the cost the vendor pays: Q6.

use super::{Table, ids, param};
use crate::{
    mdf::{
        cell::{Amounts, BasisPoints, Within},
        figures::{not_below_zero, of_fund, rounded, rounding},
        model::Case,
        parameter::Terms,
        rule::{Kind, Rule},
        ruling::{Effect, Ruling, Stuck, Told},
        view::View,
    },
    money::{Currency, Money, MoneyError},
};

ids!(Request: Q6 = 6);

const PERCENT: Within = Within(0, 10_000);

param!(SHARE: BasisPoints = Q6 "vendor_share" PERCENT, "50", "the share of the eligible cost that the vendor pays");
param!(SHARE_BY_TIER: Table<BasisPoints> = Q6 "share_by_tier" PERCENT, "{}", "the share for partners of a tier");
param!(SHARE_BY_PLAY: Table<BasisPoints> = Q6 "share_by_play" PERCENT, "{}", "the share for a play; it goes before the tier's");
param!(ACTIVITY_CAP: Table<Amounts> = Q6 "activity_cap" (), "{}", "the most for one activity of a kind");
param!(PERIOD_CAP: Amounts = Q6 "period_cap" (), "{}", "the most for one partner in a period");

pub(super) const RULES: &[Rule] = &[Rule {
    id: Q6,
    title: "the vendor pays its share of the eligible cost, at most the caps of activity and period",
    kinds: &[Kind::Reduce],
    source: "ZINFI [P2], Magentrix [P9]",
    parameters: &[&SHARE, &SHARE_BY_TIER, &SHARE_BY_PLAY, &ACTIVITY_CAP, &PERIOD_CAP],
    exceptable: false,
    judge: share,
}];

/// The vendor's share: the play's, else the tier's on the day of the activity, else everybody's; never more than was agreed with the
/// request.
pub(in crate::mdf) fn share_of(case: &Case, terms: &Terms) -> BasisPoints {
    let request = case.request.as_ref();
    let play = request.and_then(|request| request.play.as_deref());
    let tier = request.and_then(|request| case.partner.tier_on(request.activity.start));
    let by_play = play.and_then(|play| SHARE_BY_PLAY.of(terms).get(play).copied());
    let by_tier = || tier.and_then(|tier| SHARE_BY_TIER.of(terms).get(tier).copied());
    let by_pack = by_play.or_else(by_tier).unwrap_or_else(|| SHARE.of(terms));
    by_pack.min(agreed_share(case))
}

/// What the vendor bears at most by the shares that were agreed with the request; the whole where there are none.
pub(in crate::mdf) fn agreed_share(case: &Case) -> BasisPoints {
    case.request.as_ref().and_then(|request| request.vendor_share).unwrap_or(BasisPoints::WHOLE)
}

/// The caps that apply, by name: of the activity, and what is left of the period's.
pub(super) fn caps(view: &View<'_>, currency: Currency) -> Result<Vec<(&'static str, Money)>, MoneyError> {
    let mut caps = Vec::new();
    let kind = view.case.request.as_ref().map(|request| request.activity.kind.as_str()).unwrap_or_default();
    let of_activity = ACTIVITY_CAP.of(view.terms).get(kind).and_then(|cap| cap.in_currency(currency));
    caps.extend(of_activity.map(|cap| ("the cap of the activity", cap)));
    if let Some(cap) = PERIOD_CAP.of(view.terms).in_currency(currency) {
        let granted = view.case.partner.granted_in_period.get(&currency).copied();
        let left = cap.minus(granted.unwrap_or(Money::zero(currency)))?;
        caps.push(("what is left of the cap of the period", not_below_zero(left)));
    }
    Ok(caps)
}

fn share(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let asked = view.asked()?;
    let share = share_of(view.case, view.terms);
    let (base, payable) = match &view.case.claim {
        Some(_) => {
            let figures = view.figures()?;
            (figures.vendor_part, figures.payable_cost()?)
        }
        None => {
            let request = view.request()?;
            let all = share.of(request.cost, rounding(view.terms))?;
            (request.cost, of_fund(request.joint.as_ref(), all)?)
        }
    };
    let all = share.of(base, rounding(view.terms))?;
    told.input("asked", asked);
    told.input("eligible cost", base);
    told.input("share", share);
    told.rounding = rounded(share, base, all, payable);
    let mut bounds = vec![("the share of the eligible cost", payable)];
    bounds.extend(caps(view, asked.currency)?);
    let lowest = told.lowest(bounds);
    let Some((name, to)) = lowest else { return Err(Stuck::Nothing("nothing bounds it")) };
    if asked.minus(to)?.minor <= 0 {
        return Ok(Ruling::satisfied(format!("{asked} stays within {name}, {to}")));
    }
    let field = if view.case.claim.is_some() { "/claim/amount" } else { "/request/amount" };
    let because = format!("{asked} exceeds {name}, {to}");
    Ok(Ruling::found(Effect::Reduce { to }, field, because, "the rest is the partner's own cost"))
}
