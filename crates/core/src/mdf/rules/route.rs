//! Who approves a request: Q8, Q11, Q12 and Q13.

use super::{ids, param, play};
use crate::{
    ids::RoleId,
    mdf::{
        cell::{Amounts, Step, Words},
        model::FundKind,
        rule::{Kind, Rule},
        ruling::{Ruling, Stuck, Told},
        view::View,
    },
    money::Money,
};

ids!(Request: Q8 = 8, Q11 = 11, Q12 = 12, Q13 = 13);

param!(ROUTE: Vec<Step> = Q8 "route" (),
    "[{\"role\": \"account_manager\"}, {\"role\": \"marketing\"}, {\"role\": \"technical\"}, {\"role\": \"business\"}, {\"role\": \"finance\"}]",
    "who approves, in this order");
param!(LEGAL: Option<RoleId> = Q11 "role" (), "\"legal\"", "who looks at ties to resale prices");
param!(AUTO_LIMIT: Amounts = Q12 "below" (), "{}", "amounts below it may be approved by the rule alone");
param!(AUTO_PLAYS: Words = Q12 "plays" (), "[]", "plays that are approved beforehand, where none is kept for the programme");
param!(AUTO_ELSE: Option<RoleId> = Q12 "role" (), "\"account_manager\"", "who approves otherwise");
param!(COMPLIANCE: Option<RoleId> = Q13 "role" (), "\"compliance\"", "who approves hospitality");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: Q8,
        title: "everybody on the route has approved, by amount and kind of fund",
        kinds: &[Kind::Approve],
        source: "AWS [A7]",
        parameters: &[&ROUTE],
        exceptable: false,
        judge: route,
    },
    Rule {
        id: Q11,
        title: "the money is not tied to a resale price, or legal counsel has agreed",
        kinds: &[Kind::Approve],
        source: "Blackpoint [X4]",
        parameters: &[&LEGAL],
        exceptable: false,
        judge: no_price_cut,
    },
    Rule {
        id: Q12,
        title: "small requests for known plays by partners in good standing are approved by the rule",
        kinds: &[Kind::Approve],
        source: "ours",
        parameters: &[&AUTO_LIMIT, &AUTO_PLAYS, &AUTO_ELSE],
        exceptable: false,
        judge: automatic,
    },
    Rule {
        id: Q13,
        title: "hospitality, gifts and public officials among the guests are approved by compliance",
        kinds: &[Kind::Approve],
        source: "NetApp [X2], Huawei [H3]",
        parameters: &[&COMPLIANCE],
        exceptable: false,
        judge: no_bribery,
    },
];

/// Satisfied once the role has approved, else a request for it.
fn unless_approved(view: &View<'_>, role: Option<RoleId>, field: &str, because: String) -> Ruling {
    match role {
        Some(role) if view.approved_by(&role) => Ruling::satisfied(format!("{because}, and `{role}` approved it")),
        role => Ruling::approve(role, field, because),
    }
}

fn route(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (asked, request) = (view.asked()?, view.request()?);
    let fund = view.case.fund.as_ref().map(|fund| match fund.kind {
        FundKind::Discretionary => "discretionary",
        FundKind::Accrual => "accrual",
    });
    // Nobody stays below a limit by naming more funds.
    let limited = if view.case.claim.is_some() { asked } else { request.whole_amount() };
    told.input("amount", limited);
    told.input("kind of fund", fund.unwrap_or("none"));
    let needed: Vec<RoleId> =
        ROUTE.of(view.terms).into_iter().filter(|step| needs(step, limited, fund)).map(|step| step.role).collect();
    told.list("route", &needed);
    told.list("votes", request.votes.iter().map(|vote| format!("{} as {}", vote.person, vote.role)));
    let missing: Vec<RoleId> = needed.into_iter().filter(|role| !view.approved_by(role)).collect();
    if missing.is_empty() {
        return Ok(Ruling::satisfied(format!("everybody on the route for {asked} has approved")));
    }
    Ok(Ruling::approve(missing, "/request/votes", format!("{asked} is not approved by everybody on its route")))
}

fn needs(step: &Step, asked: Money, fund: Option<&str>) -> bool {
    let above = step.above.in_currency(asked.currency).is_none_or(|above| asked.minor > above.minor);
    let kind = step.funds.is_empty() || fund.is_none_or(|kind| step.funds.contains(kind));
    above && kind
}

fn no_price_cut(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let tied = view.request()?.tied_to_resale_price;
    told.input("tied to the resale price", tied);
    if !tied {
        return Ok(Ruling::satisfied("the money is not tied to a resale price"));
    }
    let because = "the money is tied to the partner's resale price".to_owned();
    Ok(unless_approved(view, LEGAL.of(view.terms), "/request/tied_to_resale_price", because))
}

fn automatic(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (request, partner) = (view.request()?, &view.case.partner);
    let limit = AUTO_LIMIT.of(view.terms).in_currency(request.amount.currency);
    let plays = AUTO_PLAYS.of(view.terms);
    let (beforehand, limit) = match &request.kept_play {
        None => (request.play.as_ref().is_some_and(|play| plays.contains(play)), limit),
        Some(_) => {
            let own = play::pre_approved(request, &view.case.programme);
            let lower = |own: Money| limit.filter(|limit| limit.minor < own.minor).unwrap_or(own);
            (own.is_some(), own.map(lower).or(limit))
        }
    };
    let checks = [
        (beforehand, "the play is not approved beforehand"),
        (limit.is_some_and(|limit| request.whole_amount().minor < limit.minor), "the amount is not below the limit"),
        (partner.good_standing, "the partner is not in good standing"),
        (partner.overdue_claims == 0, "a claim is overdue"),
    ];
    told.input("amount", request.whole_amount());
    told.list("limit", limit);
    told.list("plays", &plays);
    play::tell(request, told);
    let failed: Vec<&str> = checks.into_iter().filter(|check| !check.0).map(|check| check.1).collect();
    told.list("against it", &failed);
    if failed.is_empty() {
        return Ok(Ruling::satisfied(format!("{} is approved by the rule", request.amount)));
    }
    let because = format!("{} is not approved by the rule alone: {}", request.amount, failed.join(", "));
    Ok(unless_approved(view, AUTO_ELSE.of(view.terms), "/request", because))
}

fn no_bribery(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let hospitality = &view.request()?.hospitality;
    let officials = hospitality.iter().filter(|item| item.government_guests).count();
    told.input("items of hospitality", hospitality.len());
    told.input("with public officials", officials);
    if hospitality.is_empty() {
        return Ok(Ruling::satisfied("there is no hospitality"));
    }
    let because = format!("{} items of hospitality, {officials} with public officials", hospitality.len());
    Ok(unless_approved(view, COMPLIANCE.of(view.terms), "/request/hospitality", because))
}
