//! What the calendar does to a claim: C7 to C10.

use std::collections::BTreeSet;

use jiff::{
    Timestamp,
    civil::{Date, Time},
};

use super::{ids, param, timing::deadline};
use crate::{
    ids::RoleId,
    mdf::{
        cell::Within,
        pack::Pack,
        rule::{Kind, Rule},
        ruling::{Action, ActionKind, Ruling, Stuck, Told},
        view::{View, days_after, months_after},
    },
};

ids!(Timing: C7 = 7, C8 = 8, C9 = 9, C10 = 10);

param!(PROOF: u32 = C7 "days" (Within(0, 365), "days"), "44", "how long after the claim its proof may come");
param!(REMINDERS: BTreeSet<u32> = C8 "days_before" (Within(0, 365), "days"), "[30, 14, 7, 2]", "how long before the deadline the partner is reminded");
param!(EXTENDER: Option<RoleId> = C9 "role" (), "\"programme_manager\"", "who approves a later deadline");
param!(EXTENSIONS: u32 = C9 "most" (Within(0, 10), "extensions"), "1", "how many extensions one claim may have");
param!(CUT_OFF: u32 = C10 "day" (Within(1, 28), "day of the month"), "14", "what is approved before it joins the run of its month");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: C7,
        title: "proof is complete by its own, later date",
        kinds: &[Kind::Timer],
        source: "365 Talent Portal on Microsoft co-op [M10]",
        parameters: &[&PROOF],
        exceptable: false,
        judge: proof,
    },
    Rule {
        id: C8,
        title: "the partner is reminded, and the claim closes at the end of the last day in the programme's zone",
        kinds: &[Kind::Timer],
        source: "ours",
        parameters: &[&REMINDERS],
        exceptable: false,
        judge: reminded,
    },
    Rule {
        id: C9,
        title: "a later deadline has a reason, is approved by somebody else, and is the only one",
        kinds: &[Kind::Approve],
        source: "ZINFI [P1]",
        parameters: &[&EXTENDER, &EXTENSIONS],
        exceptable: false,
        judge: extensions,
    },
    Rule {
        id: C10,
        title: "what is approved before the cut-off joins the payment run of its month, else of the next",
        kinds: &[Kind::Timer],
        source: "Microsoft [M11]",
        parameters: &[&CUT_OFF],
        exceptable: false,
        judge: cut_off,
    },
];

/// A later last day for claims, as far as a pack allows one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaterDay {
    /// The last instant: the end of the day in the pack's zone.
    pub claim_by: Timestamp,
    /// Who approves it besides everybody whom the policy asks.
    pub role: Option<RoleId>,
}

/// Why there is no later last day for claims.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoLaterDay {
    /// The pack does not enable the rule.
    #[error("pack `{0}` allows no later last day (C9 is not enabled); claim in time, or ask for an exception")]
    NotAllowed(String),
    /// There were as many as there may be.
    #[error("its last day was put off {0} times, and C9 allows no more; claim by then")]
    TooOften(usize),
    /// It is no later day.
    #[error("{until} is not after the last day that it has now, until {last}; name a later day")]
    NotLater {
        /// The day.
        until: Date,
        /// The last instant as it stands.
        last: Timestamp,
    },
    /// No rule sets a last day.
    #[error("no rule of the pack sets a last day, so that there is none to put off")]
    NoLastDay,
    /// It cannot be counted.
    #[error("{0} is beyond the calendar; name an earlier day")]
    Beyond(Date),
}

/// What a pack says of a later last day for the claims on a request that may be claimed until `last`, after `before` such days.
///
/// # Errors
/// Why there is none.
pub fn later_day(pack: &Pack, until: Date, last: Option<Timestamp>, before: usize) -> Result<LaterDay, NoLaterDay> {
    if !pack.terms.enables(C9) {
        return Err(NoLaterDay::NotAllowed(pack.name.to_string()));
    }
    if before >= EXTENSIONS.of(&pack.terms) as usize {
        return Err(NoLaterDay::TooOften(before));
    }
    let last = last.ok_or(NoLaterDay::NoLastDay)?;
    let after = until.tomorrow().map_err(|_| NoLaterDay::Beyond(until))?.to_datetime(Time::midnight());
    let claim_by = pack.zone.to_timestamp(after).map_err(|_| NoLaterDay::Beyond(until))?;
    if claim_by <= last {
        return Err(NoLaterDay::NotLater { until, last });
    }
    Ok(LaterDay { claim_by, role: EXTENDER.of(&pack.terms) })
}

fn proof(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, submitted) = (view.claim()?, view.day(view.submitted()?));
    let last = days_after(submitted, PROOF.of(view.terms))?;
    told.input("claimed on", submitted);
    told.input("proof due", last);
    told.list("proof complete on", claim.proof_complete_on);
    match claim.proof_complete_on {
        Some(day) if day <= last => Ok(Ruling::satisfied(format!("the proof was complete on {day}, due {last}"))),
        None if view.today() <= last => Err(Stuck::Nothing("there is time for the proof")),
        late => {
            let because = match late {
                Some(day) => format!("the proof was complete on {day}, due {last}"),
                None => format!("the proof was due {last} and is not complete"),
            };
            let action = Action { what: ActionKind::CloseForProof, due: last.tomorrow()?, amount: None };
            Ok(Ruling::act(vec![action], "/claim/proof_complete_on", because))
        }
    }
}

fn reminded(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let claim = view.claim()?;
    let (last, rule) = deadline(view, claim)?;
    told.input("last day", format!("{last} by {rule}"));
    told.input("closes at", view.zone.to_timestamp(last.tomorrow()?.to_datetime(jiff::civil::Time::midnight()))?);
    if claim.submitted_at.is_some() {
        return Ok(Ruling::satisfied("the claim is submitted"));
    }
    let left = last.since(view.today())?.get_days();
    told.input("days left", left);
    if left < 0 {
        let action = Action { what: ActionKind::CloseUnclaimed, due: last.tomorrow()?, amount: None };
        return Ok(Ruling::act(vec![action], "/claim/submitted_at", format!("nothing was claimed until {last}")));
    }
    // Of several reminders that are due, the partner gets the latest alone.
    let left = u32::try_from(left).unwrap_or(0);
    let Some(due) = REMINDERS.of(view.terms).into_iter().find(|days| *days >= left) else {
        return Ok(Ruling::satisfied(format!("{left} days are left, and no reminder is due")));
    };
    told.list("reminders sent", &claim.reminders_sent);
    if claim.reminders_sent.iter().any(|sent| *sent <= due) {
        return Ok(Ruling::satisfied(format!("{left} days are left, and the reminder of {due} days was sent")));
    }
    let action = Action { what: ActionKind::Remind, due: view.today(), amount: None };
    Ok(Ruling::act(vec![action], "/claim/reminders_sent", format!("{left} days are left until {last}")))
}

fn extensions(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let claim = view.claim()?;
    let most = EXTENSIONS.of(view.terms);
    told.input("extensions", claim.extensions.len());
    told.input("at most", most);
    if claim.extensions.is_empty() {
        return Err(Stuck::Nothing("nobody asked for a later deadline"));
    }
    for (at, one) in claim.extensions.iter().enumerate() {
        let because = if at >= most as usize {
            format!("extension {} is beyond the {most} that a claim may have; it does not count", at + 1)
        } else if one.reason.trim().is_empty() {
            format!("the extension to {} has no reason", one.until)
        } else if one.approved_by.is_none() {
            format!("the extension to {} is not approved", one.until)
        } else if one.approved_by.as_ref() == Some(&one.asked_by) {
            format!("`{}` approved the extension that they asked for; it does not count", one.asked_by)
        } else {
            continue;
        };
        return Ok(Ruling::approve(EXTENDER.of(view.terms), format!("/claim/extensions/{at}"), because));
    }
    Ok(Ruling::satisfied("the later deadline has its reason and its approval"))
}

/// The first day of the month whose run something joins that was approved on a day.
pub(in crate::mdf) fn run_month(approved: Date, cut_off: u32) -> Result<Date, Stuck> {
    let month = approved.first_of_month();
    if u32::try_from(approved.day()).is_ok_and(|day| day < cut_off) { Ok(month) } else { months_after(month, 1) }
}

fn cut_off(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let approved = view.claim()?.approved_at.ok_or(Stuck::Nothing("the claim is not approved"))?;
    let (payout, approved, day) = (view.payout()?, view.day(approved), CUT_OFF.of(view.terms));
    let month = run_month(approved, day)?;
    told.input("approved on", approved);
    told.input("cut-off day", day);
    told.input("run of the month from", month);
    told.list("joined", payout.run_month);
    if payout.run_month == Some(month) {
        return Ok(Ruling::satisfied(format!("approved on {approved}, it joined the run of {month}")));
    }
    let action = Action { what: ActionKind::JoinRun, due: month.max(approved), amount: Some(payout.approved) };
    let because = format!("approved on {approved}, with the cut-off on day {day}, it joins the run of {month}");
    Ok(Ruling::act(vec![action], "/payout/run_month", because))
}
