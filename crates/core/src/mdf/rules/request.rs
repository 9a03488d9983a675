//! Before an activity: Q1, Q2, Q7, Q9 and Q10.

use jiff::ToSpan;

use super::{ids, param, quoted};
use crate::{
    ids::RoleId,
    mdf::{
        cell::{BasisPoints, Within, choices},
        model::{Change, RequestStatus},
        rule::{Kind, Rule},
        ruling::{Effect, Ruling, Stuck, Told},
        view::View,
    },
    money::Rounding,
};

ids!(Request: Q1 = 1, Q2 = 2, Q7 = 7, Q9 = 9, Q10 = 10);

choices! {
    /// In which days a lead time is counted.
    LeadUnit {
        Days = "days": "Days of the calendar.",
        WorkingDays = "working_days": "Working days of the programme's calendar.",
    }
}

param!(LEAD: u32 = Q2 "lead" (Within(0, 180), "days"), "14", "how long before the activity a request comes at the latest");
param!(LEAD_UNIT: LeadUnit = Q2 "unit" (), "\"days\"", "in which days the lead is counted");
param!(DRIFT: BasisPoints = Q7 "cost_change" Within(0, 10_000), "10", "by how much the cost may change without a new approval");
param!(REAPPROVER: Option<RoleId> = Q7 "role" (), "\"marketing\"", "who approves a change");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: Q1,
        title: "the request is approved before the activity begins",
        kinds: &[Kind::Block],
        source: "Huawei [H4], Blackpoint [X4]",
        parameters: &[],
        exceptable: true,
        judge: approved_first,
    },
    Rule {
        id: Q2,
        title: "the request comes long enough before the activity",
        kinds: &[Kind::Block],
        source: "Huawei [H4], AWS [A8]",
        parameters: &[&LEAD, &LEAD_UNIT],
        exceptable: true,
        judge: lead_time,
    },
    Rule {
        id: Q7,
        title: "a change of date, place, audience, form or cost is approved before the activity",
        kinds: &[Kind::Block, Kind::Approve],
        source: "Huawei [H4]",
        parameters: &[&DRIFT, &REAPPROVER],
        exceptable: true,
        judge: unchanged,
    },
    Rule {
        id: Q9,
        title: "rejected may be corrected, declined is final, returned says what is missing",
        kinds: &[Kind::Define],
        source: "Magentrix [P9]",
        parameters: &[],
        exceptable: false,
        judge: statuses,
    },
    Rule {
        id: Q10,
        title: "a submitted request is changed only when it was returned, or as a new version",
        kinds: &[Kind::Block],
        source: "PartnerStack [P8]",
        parameters: &[],
        exceptable: true,
        judge: frozen,
    },
];

fn approved_first(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let request = view.request()?;
    let start = request.activity.start;
    told.input("activity begins", start);
    let approved = request.approval.as_ref().map(|approval| view.day(approval.at));
    told.list("approved on", approved);
    let because = match approved {
        Some(day) if day < start => return Ok(Ruling::satisfied(format!("approved on {day}, before {start}"))),
        Some(day) => format!("approved on {day}, when the activity of {start} had begun"),
        None if view.today() < start => {
            return Ok(Ruling::satisfied(format!("nothing has begun; the activity begins on {start}")));
        }
        None => format!("the activity began on {start} without approval"),
    };
    Ok(Ruling::block("/request/approval", because, "an activity that began without approval is never paid"))
}

fn lead_time(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let request = view.request()?;
    let (lead, unit) = (LEAD.of(view.terms), LEAD_UNIT.of(view.terms));
    let (start, asked) = (request.activity.start, view.day(request.submitted_at));
    let (latest, days) = match unit {
        LeadUnit::Days => (start.checked_sub(i64::from(lead).days())?, "days"),
        LeadUnit::WorkingDays => (view.working_days_before(start, lead)?, "working days"),
    };
    told.input("activity begins", start);
    told.input("submitted on", asked);
    told.input("lead", format!("{lead} {days}"));
    told.input("at the latest", latest);
    if asked <= latest {
        return Ok(Ruling::satisfied(format!("submitted on {asked}, {lead} {days} before {start} being {latest}")));
    }
    let because = format!("submitted on {asked}; {lead} {days} before {start} is {latest}");
    Ok(Ruling::block("/request/submitted_at", because, "move the activity, and submit the request again"))
}

fn unchanged(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (request, approval) = (view.request()?, view.approval()?);
    let mut changes = request.activity.changes_from(&approval.activity);
    let drift = DRIFT.of(view.terms);
    let allowed = drift.of(approval.cost, Rounding::Down)?;
    let moved = request.cost.minus(approval.cost)?;
    told.input("cost approved", approval.cost);
    told.input("cost now", request.cost);
    told.input("may change by", allowed);
    if moved.minor.unsigned_abs() > allowed.minor.unsigned_abs() {
        changes.push(Change::Cost);
    }
    let words: Vec<&str> =
        changes.iter().map(|change| change.word()).chain(approval.changed.iter().map(String::as_str)).collect();
    told.list("changed", &words);
    if words.is_empty() {
        return Ok(Ruling::satisfied("the activity is the one that was approved"));
    }
    let words = quoted(words);
    // An activity that has begun as it was approved is not moved to a later day.
    let begins = request.activity.start.min(approval.activity.start);
    if view.today() < begins {
        let because = format!("{words} changed since the approval");
        return Ok(Ruling::approve(REAPPROVER.of(view.terms), "/request/activity", because));
    }
    let because = format!("{words} changed since the approval, and the activity began on {begins}");
    Ok(Ruling::block("/request/activity", because, "what was not approved in time is not paid"))
}

fn statuses(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let history = &view.request()?.history;
    told.input("changes of status", history.len());
    let contradict = |at: usize, because: &str| {
        Ok(Ruling::found(
            Effect::Contradict,
            format!("/request/history/{at}"),
            because,
            "open a new request instead, or say what is missing",
        ))
    };
    for (at, change) in history.iter().enumerate() {
        if change.to == RequestStatus::Declined && at + 1 < history.len() {
            return contradict(at + 1, "the request goes on after it was declined, which is final");
        }
        if change.to == RequestStatus::Returned && change.missing.trim().is_empty() {
            return contradict(at, "the request was returned without a word on what is missing");
        }
    }
    Ok(Ruling::satisfied("the request was corrected only where it may be"))
}

fn frozen(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let request = view.request()?;
    told.input("edits", request.edits.len());
    for (at, edit) in request.edits.iter().enumerate() {
        let status = request.status_at(edit.at);
        let open = matches!(status, None | Some(RequestStatus::Returned | RequestStatus::Rejected));
        if !(open || edit.new_version) {
            let because = format!("the request was changed on {} while it lay with the vendor", view.day(edit.at));
            let field = format!("/request/edits/{at}");
            return Ok(Ruling::block(field, because, "have it returned, or submit a new version"));
        }
    }
    Ok(Ruling::satisfied("the request was changed only where it may be"))
}
