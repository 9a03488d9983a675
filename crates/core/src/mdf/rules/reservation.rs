//! What is held, for how long: G2, G4 and G5.

use jiff::{ToSpan, civil::Date};

use super::{ids, param};
use crate::{
    ids::RoleId,
    mdf::{
        cell::Within,
        model::{Fund, PeriodChangeKind, RequestStatus},
        rule::{Kind, Rule},
        ruling::{Action, ActionKind, Ruling, Stuck, Told},
        view::{View, months_after},
    },
    money::Money,
};

ids!(Budget: G2 = 2, G4 = 4, G5 = 5);

param!(LIFE: u32 = G4 "months" (Within(1, 60), "months"), "12", "how long after its opening a fund may be used");
param!(EXTENDS: Option<RoleId> = G5 "extend_role" (), "\"fund_manager\"", "who approves a longer period before its end");
param!(RENEWS: Option<RoleId> = G5 "renew_role" (), "\"finance\"", "who approves a longer period after its end");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: G2,
        title: "an approved request holds its money at once, any other holds none",
        kinds: &[Kind::Timer],
        source: "PartnerStack [P8], Channeltivity [P4], Relevize [P10]",
        parameters: &[],
        exceptable: false,
        judge: reserved,
    },
    Rule {
        id: G4,
        title: "what is not used in time expires; what is reserved does not",
        kinds: &[Kind::Timer],
        source: "SAP [P12], Channeltivity [P5], Cisco [X3]",
        parameters: &[&LIFE],
        exceptable: false,
        judge: expires,
    },
    Rule {
        id: G5,
        title: "a period is extended before its end and renewed after it, each by its approver",
        kinds: &[Kind::Approve],
        source: "SAP [P12], ZINFI [P1]",
        parameters: &[&EXTENDS, &RENEWS],
        exceptable: false,
        judge: extended,
    },
];

fn reserved(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let request = view.request()?;
    let status = request.status().ok_or(Stuck::Nothing("the request is not submitted"))?;
    let due = match (&request.approval, status) {
        (Some(approval), RequestStatus::Approved) => approval.amount.minus(request.consumed)?,
        _ => Money::zero(request.reserved.currency),
    };
    let missing = due.minus(request.reserved)?;
    told.input("to be held", due);
    told.input("held", request.reserved);
    told.input("paid already", request.consumed);
    let action = |what, amount| Action { what, due: view.today(), amount: Some(amount) };
    let actions = match missing.minor {
        0 => return Ok(Ruling::satisfied(format!("{due} is to be held and {} is", request.reserved))),
        1.. => vec![action(ActionKind::Reserve, missing)],
        _ => vec![action(ActionKind::Release, Money::zero(due.currency).minus(missing)?)],
    };
    let because = format!("{due} is to be held for the request and {} is", request.reserved);
    Ok(Ruling::act(actions, "/request/reserved", because))
}

/// The last day of a fund, approved extensions and renewals counted.
fn last_day(view: &View<'_>, fund: &Fund) -> Result<Date, Stuck> {
    let first = months_after(fund.opened_on, LIFE.of(view.terms))?.checked_sub(1.day())?;
    let approved = fund.changes.iter().filter(|change| change.approved_by.is_some()).map(|change| change.until);
    Ok(approved.fold(first, Date::max))
}

fn expires(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let fund = view.fund()?;
    let (last, free) = (last_day(view, fund)?, fund.free()?);
    told.input("last day", last);
    told.input("unused", free);
    told.input("reserved, which stays", fund.reserved);
    if view.today() <= last {
        return Ok(Ruling::satisfied(format!("fund `{}` may be used until {last}", fund.id)));
    }
    if free.minor <= 0 {
        return Ok(Ruling::satisfied(format!("fund `{}` ended on {last} with nothing unused", fund.id)));
    }
    let action = Action { what: ActionKind::Expire, due: last.tomorrow()?, amount: Some(free) };
    let because = format!("fund `{}` ended on {last} with {free} unused; {} stays reserved", fund.id, fund.reserved);
    Ok(Ruling::act(vec![action], "/fund", because))
}

fn extended(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let fund = view.fund()?;
    told.input("changes", fund.changes.len());
    if fund.changes.is_empty() {
        return Err(Stuck::Nothing("nobody asked for a longer period"));
    }
    for (at, change) in fund.changes.iter().enumerate() {
        let late = change.asked_on > change.was_until;
        told.input("asked on", format!("{} for a period until {}", change.asked_on, change.was_until));
        let field = format!("/fund/changes/{at}");
        if late && change.kind == PeriodChangeKind::Extend {
            let because =
                format!("on {} the period had ended on {}: it is a renewal", change.asked_on, change.was_until);
            return Ok(Ruling::approve(RENEWS.of(view.terms), field, because));
        }
        if change.approved_by.is_none() {
            let (role, word) = match change.kind {
                PeriodChangeKind::Extend => (EXTENDS.of(view.terms), "extension"),
                PeriodChangeKind::Renew => (RENEWS.of(view.terms), "renewal"),
            };
            return Ok(Ruling::approve(role, field, format!("the {word} to {} is not approved", change.until)));
        }
    }
    Ok(Ruling::satisfied("every longer period was approved"))
}
