//! When a claim may be made: C1 to C6.

use jiff::civil::Date;

use super::{ids, param};
use crate::{
    ids::RoleId,
    mdf::{
        cell::Within,
        model::{Claim, ClaimKind},
        rule::{Kind, Rule, RuleId},
        rules::deadline::{C9, EXTENSIONS},
        ruling::{Ruling, Stuck, Told},
        view::{View, days_after, months_after},
    },
};

ids!(Timing: C1 = 1, C2 = 2, C3 = 3, C4 = 4, C5 = 5, C6 = 6);

const DAYS: (Within, &str) = (Within(0, 730), "days");

param!(AFTER_USAGE: u32 = C1 "days" DAYS, "45", "how long after the usage period a claim may come");
param!(AFTER_PROJECT: u32 = C2 "months" (Within(0, 24), "months"), "1", "how long after the activity a claim may come");
param!(AFTER_ACTIVITY: u32 = C3 "days" DAYS, "90", "how long after the activity a claim may come");
param!(WITH_CONSENT: u32 = C3 "consent_days" DAYS, "180", "how long after it a claim may come with consent");
param!(CONSENT: Option<RoleId> = C3 "role" (), "\"programme_director\"", "who consents to a late claim");
param!(RESULTS: u32 = C4 "days" DAYS, "7", "how long after the activity the results are due");
param!(ADVANCES: bool = C5 "advances" (), "true", "whether advances may be claimed before the activity");
param!(MILESTONES: bool = C5 "milestones" (), "true", "whether milestones may be claimed during the activity");
param!(RESUBMIT: u32 = C6 "days" DAYS, "45", "how long after a rejection a claim may come again");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: C1,
        title: "the claim comes soon enough after the end of the usage period",
        kinds: &[Kind::Block],
        source: "Microsoft [M7]",
        parameters: &[&AFTER_USAGE],
        exceptable: true,
        judge: after_usage,
    },
    Rule {
        id: C2,
        title: "the claim comes within months of the end of the activity",
        kinds: &[Kind::Block],
        source: "AWS [A10]",
        parameters: &[&AFTER_PROJECT],
        exceptable: true,
        judge: after_project,
    },
    Rule {
        id: C3,
        title: "the claim comes within days of the end of the activity, later only with consent",
        kinds: &[Kind::Block, Kind::Approve],
        source: "Huawei [H1][H2]",
        parameters: &[&AFTER_ACTIVITY, &WITH_CONSENT, &CONSENT],
        exceptable: true,
        judge: after_activity,
    },
    Rule {
        id: C4,
        title: "the results are handed in within days, before payment is asked for",
        kinds: &[Kind::Block],
        source: "monday.com [X7]",
        parameters: &[&RESULTS],
        exceptable: true,
        judge: results,
    },
    Rule {
        id: C5,
        title: "a claim comes after the activity, unless it is an advance or a milestone",
        kinds: &[Kind::Block],
        source: "Magentrix [P9], AWS [A10]",
        parameters: &[&ADVANCES, &MILESTONES],
        exceptable: true,
        judge: not_early,
    },
    Rule {
        id: C6,
        title: "a rejected claim comes again within days",
        kinds: &[Kind::Block],
        source: "Huawei [H2]",
        parameters: &[&RESUBMIT],
        exceptable: true,
        judge: resubmitted,
    },
];

/// The last day for a claim by one rule, without extensions; `None` where the rule sets none.
fn base(view: &View<'_>, rule: RuleId) -> Result<Date, Stuck> {
    match rule {
        C1 => days_after(view.fund()?.usage_until, AFTER_USAGE.of(view.terms)),
        C2 => months_after(view.request()?.activity.end, AFTER_PROJECT.of(view.terms)),
        _ => days_after(view.request()?.activity.end, AFTER_ACTIVITY.of(view.terms)),
    }
}

/// The last day of approved extensions, as many as C9 allows; none counts where C9 is inactive.
fn extended(view: &View<'_>, claim: &Claim) -> Option<Date> {
    let most = if view.enables(C9) { EXTENSIONS.of(view.terms) as usize } else { 0 };
    let counts = claim.extensions.iter().take(most);
    let granted = counts.filter(|one| one.approved_by.as_ref().is_some_and(|person| *person != one.asked_by));
    granted.map(|one| one.until).max()
}

/// The last day by a rule, extensions counted.
fn last_by(view: &View<'_>, claim: &Claim, rule: RuleId) -> Result<Date, Stuck> {
    let last = base(view, rule)?;
    Ok(extended(view, claim).map_or(last, |until| last.max(until)))
}

/// The first of the last days that the enabled rules set, with the rule.
pub(super) fn deadline(view: &View<'_>, claim: &Claim) -> Result<(Date, RuleId), Stuck> {
    let mut first: Option<(Date, RuleId)> = None;
    for rule in [C1, C2, C3].into_iter().filter(|rule| view.enables(*rule)) {
        let last = last_by(view, claim, rule)?;
        first = Some(first.map_or((last, rule), |found| found.min((last, rule))));
    }
    first.ok_or(Stuck::Nothing("no rule of the pack sets a deadline"))
}

/// The first of the last days that the enabled rules set for any claim on the request, without consent to a later one.
pub(in crate::mdf) fn ordinary_last_day(view: &View<'_>) -> Option<Date> {
    let enabled = [C1, C2, C3].into_iter().filter(|rule| view.enables(*rule));
    enabled.filter_map(|rule| base(view, rule).ok()).min()
}

/// The first of the last days that the enabled rules set for any claim on the request, consent to a later one included.
pub(in crate::mdf) fn last_day(view: &View<'_>) -> Option<Date> {
    let enabled = [C1, C2, C3].into_iter().filter(|rule| view.enables(*rule));
    let last = enabled.filter_map(|rule| {
        let last = base(view, rule).ok()?;
        match rule {
            C3 => days_after(view.request().ok()?.activity.end, WITH_CONSENT.of(view.terms))
                .ok()
                .map(|late| late.max(last)),
            _ => Some(last),
        }
    });
    last.min()
}

/// The day on which a claim came, or today while it has not.
fn claimed_on(view: &View<'_>, claim: &Claim) -> Date {
    claim.came_at().map_or(view.today(), |at| view.day(at))
}

/// A claim against the last day by a rule.
fn in_time(view: &View<'_>, told: &mut Told, rule: RuleId) -> Result<Ruling, Stuck> {
    let claim = view.claim()?;
    let (last, day) = (last_by(view, claim, rule)?, claimed_on(view, claim));
    told.input("last day, until its end", last);
    told.input(if claim.submitted_at.is_some() { "claimed on" } else { "today" }, day);
    if day <= last {
        return Ok(Ruling::satisfied(format!("{day} is not after {last}")));
    }
    let because = format!("the last day for the claim was {last}, and it is {day}");
    Ok(Ruling::block("/claim/submitted_at", because, "ask for an exception, if there is a reason for one"))
}

fn after_usage(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    told.input("usage period until", view.fund()?.usage_until);
    in_time(view, told, C1)
}

fn after_project(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    told.input("activity until", view.request()?.activity.end);
    in_time(view, told, C2)
}

fn after_activity(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, end) = (view.claim()?, view.request()?.activity.end);
    let (last, day) = (last_by(view, claim, C3)?, claimed_on(view, claim));
    let latest = days_after(end, WITH_CONSENT.of(view.terms))?.max(last);
    told.input("activity until", end);
    told.input("last day", last);
    told.input("last day with consent", latest);
    told.input("claimed on", day);
    if day <= last {
        return Ok(Ruling::satisfied(format!("{day} is not after {last}")));
    }
    let field = "/claim/submitted_at";
    if day > latest {
        let because = format!("the last day for the claim was {last}, with consent {latest}, and it is {day}");
        return Ok(Ruling::block(field, because, "nothing; the reservation is forfeited"));
    }
    let because = format!("the last day for the claim was {last}, and it is {day}");
    match CONSENT.of(view.terms) {
        Some(role) if view.approved_by(&role) => Ok(Ruling::satisfied(format!("{because}; `{role}` consented"))),
        role => Ok(Ruling::approve(role, field, because)),
    }
}

fn results(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let claim = view.done()?;
    let last = days_after(view.request()?.activity.end, RESULTS.of(view.terms))?;
    let given = claim.results_at.map(|at| view.day(at));
    told.input("results due", last);
    told.list("results on", given);
    let because = match given {
        Some(day) if day <= last => return Ok(Ruling::satisfied(format!("the results came on {day}, due {last}"))),
        Some(day) => format!("the results came on {day}, due {last}"),
        None if claim.submitted_at.is_some() => "payment is asked for without results".to_owned(),
        None if view.today() > last => format!("the results were due {last}"),
        None => return Err(Stuck::Nothing("there is time for the results")),
    };
    Ok(Ruling::block("/claim/results_at", because, "hand in the results form first, and in time"))
}

fn not_early(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, day) = (view.claim()?, view.day(view.submitted()?));
    let end = view.request()?.activity.end;
    told.input("activity until", end);
    told.input("claimed on", day);
    let (early, kind) = match claim.kind {
        ClaimKind::Regular => (false, "a regular claim"),
        ClaimKind::InKind => (false, "a claim in kind"),
        ClaimKind::Advance => (ADVANCES.of(view.terms), "an advance"),
        ClaimKind::Milestone => (MILESTONES.of(view.terms), "a milestone"),
    };
    told.input("kind", kind);
    if early || day > end {
        return Ok(Ruling::satisfied(format!("{kind} may come on {day}; the activity ends on {end}")));
    }
    let because = format!("{kind} came on {day}, before the activity had ended on {end}");
    Ok(Ruling::block("/claim/submitted_at", because, "claim once the activity is over"))
}

fn resubmitted(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let claim = view.claim()?;
    let rejected = claim.rejected_at.ok_or(Stuck::Nothing("the claim was not rejected"))?;
    let last = days_after(view.day(rejected), RESUBMIT.of(view.terms))?;
    let again = claim.submitted_at.filter(|at| *at > rejected).map(|at| view.day(at));
    told.input("rejected on", view.day(rejected));
    told.input("last day", last);
    told.list("again on", again);
    let day = again.unwrap_or_else(|| view.today());
    if day <= last {
        return Ok(Ruling::satisfied(format!("{day} is not after {last}")));
    }
    let because = format!("rejected on {}, the claim could come again until {last}", view.day(rejected));
    Ok(Ruling::block("/claim/submitted_at", because, "nothing; the rejection stands"))
}
