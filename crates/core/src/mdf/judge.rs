//! Judging a case under a pack, and what follows from all verdicts together.

use jiff::{Timestamp, civil::Time};
use serde::{Deserialize, Serialize};

use super::{
    figures::Figures,
    model::{Case, Exception},
    pack::{Pack, PackPin},
    rule::{Rule, RuleId},
    rules::{
        budget::G1,
        proposal::Q5,
        request::{Q1, Q2},
        timing::{C1, C2, C3, C4, C5, C6},
    },
    ruling::{Action, Effect, Outcome, Stuck, Told, Verdict},
    view::View,
};
use crate::{calendar::Calendar, ids::RoleId, money::Money};

/// A claim that is pinned to another pack than the one it is to be judged by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("claim `{claim}` is pinned to {pinned} and cannot be judged by {given}; load the pack that it pins")]
pub struct WrongPack {
    /// The claim.
    pub claim: String,
    /// What it pins.
    pub pinned: Box<PackPin>,
    /// What was given.
    pub given: Box<PackPin>,
}

/// What follows from all verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Nothing stands in the way.
    Clear,
    /// People have to approve.
    NeedsApproval,
    /// Something has to be settled first.
    Held,
    /// It cannot go on.
    Refused,
}

/// A case, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The pack.
    pub pack: PackPin,
    /// What follows.
    pub decision: Decision,
    /// What is asked for: by the claim, or else by the request; absent where there is neither.
    pub asked: Option<Money>,
    /// What may be granted of it, never more than any rule allows; zero where it is refused.
    pub payable: Option<Money>,
    /// The rule that sets the amount, where one lowers it.
    pub bound_by: Option<RuleId>,
    /// Who has to approve, in the order in which rules ask.
    pub approvers: Vec<RoleId>,
    /// What is due.
    pub actions: Vec<Action>,
    /// Every verdict, by rule.
    pub verdicts: Vec<Verdict>,
}

impl Judgement {
    /// The verdict of a rule, where the pack enables it.
    pub fn verdict(&self, rule: RuleId) -> Option<&Verdict> {
        self.verdicts.iter().find(|verdict| verdict.rule == rule)
    }
}

/// Judges a case. Working days are those of `calendar`, days begin and end in the pack's zone.
///
/// # Errors
/// When the claim pins another pack.
pub fn judge(case: &Case, pack: &Pack, calendar: &Calendar) -> Result<Judgement, WrongPack> {
    if let Some(claim) = &case.claim
        && let Some(pinned) = claim.pack.as_ref().filter(|pinned| **pinned != pack.pin())
    {
        return Err(WrongPack {
            claim: claim.id.to_string(),
            pinned: Box::new(pinned.clone()),
            given: Box::new(pack.pin()),
        });
    }
    Ok(judge_unpinned(case, pack, calendar))
}

/// The last instant at which a request may be claimed: the end of its last day in the pack's zone. `None` where no rule of
/// the pack sets one.
pub fn claim_by(case: &Case, pack: &Pack, calendar: &Calendar) -> Option<Timestamp> {
    let view = View { case, terms: &pack.terms, zone: &pack.zone, calendar, pack: &pack.name, figures: None };
    let after = super::rules::timing::last_day(&view)?.tomorrow().ok()?;
    pack.zone.to_timestamp(after.to_datetime(Time::midnight())).ok()
}

/// Judges a case under a pack that it need not pin: to compare packs.
pub(super) fn judge_unpinned(case: &Case, pack: &Pack, calendar: &Calendar) -> Judgement {
    let terms = &pack.terms;
    let figures = case.claim.as_ref().map(|claim| Figures::of(case, claim, terms));
    let view = View { case, terms, zone: &pack.zone, calendar, pack: &pack.name, figures };
    let verdicts: Vec<Verdict> = pack.rules().map(|rule| verdict(rule, &view)).collect();
    let asked = view.asked().ok();
    let (payable, bound_by) = granted(asked, &verdicts);
    let decision = verdicts.iter().map(weight).max().unwrap_or(Decision::Clear);
    let refused = |amount: Money| if decision == Decision::Refused { Money::zero(amount.currency) } else { amount };
    Judgement {
        pack: pack.pin(),
        decision,
        asked,
        payable: payable.map(refused),
        bound_by,
        approvers: approvers(&verdicts),
        actions: verdicts.iter().flat_map(actions).cloned().collect(),
        verdicts,
    }
}

/// What one rule says of a case; `None` where the pack does not enable it.
pub fn judge_rule(id: RuleId, case: &Case, pack: &Pack, calendar: &Calendar) -> Option<Verdict> {
    let rule = pack.rules().find(|rule| rule.id == id)?;
    let terms = &pack.terms;
    let figures = case.claim.as_ref().map(|claim| Figures::of(case, claim, terms));
    Some(verdict(rule, &View { case, terms, zone: &pack.zone, calendar, pack: &pack.name, figures }))
}

fn verdict(rule: &Rule, view: &View<'_>) -> Verdict {
    let mut told = Told::default();
    let (outcome, field, because, remedy) = match (rule.judge)(view, &mut told) {
        Ok(ruling) => (ruling.outcome, ruling.field, ruling.because, ruling.remedy),
        Err(Stuck::Nothing(because)) => (Outcome::Silent, String::new(), because.to_owned(), String::new()),
        Err(Stuck::Unknown(because)) => {
            (Outcome::Undecided, String::new(), because, "supply or correct what the rule needs".to_owned())
        }
    };
    let mut verdict = Verdict { rule: rule.id, outcome, field, because, remedy, told, source: rule.source };
    if let Some(exception) = excepted(rule, &verdict, view.case) {
        let lifted = format!("; lifted until {} by `{}`: {}", exception.until, exception.approved_by, exception.reason);
        verdict.because.push_str(&lifted);
        verdict.remedy.clear();
        if let Outcome::Found(effect) = verdict.outcome {
            verdict.outcome = Outcome::Excepted(effect);
        }
    }
    verdict
}

/// Rules that say since when or by how much: their words go on changing with the day and with other requests, and what they
/// found stays the same.
const MOVING: [RuleId; 10] = [Q1, Q2, Q5, G1, C1, C2, C3, C4, C5, C6];

/// Whether an exception is from what the rule found here, and not from something else that it looks at.
fn is_from(exception: &Exception, verdict: &Verdict) -> bool {
    let same_words = exception.because == verdict.because || MOVING.contains(&verdict.rule);
    exception.rule == verdict.rule && exception.field == verdict.field && same_words
}

/// The exception that lifts a verdict: from what was found, in force, reasoned, reported, and approved by somebody who did not
/// ask. One that was in force when the request was granted holds for what was granted by it.
fn excepted<'a>(rule: &Rule, verdict: &Verdict, case: &'a Case) -> Option<&'a Exception> {
    let liftable = matches!(verdict.outcome, Outcome::Found(Effect::Block | Effect::Hold));
    if !(liftable && rule.exceptable) {
        return None;
    }
    let requester = case.request.as_ref().map(|request| &request.requested_by);
    let granted = case.request.as_ref().and_then(|request| request.approval.as_ref()).map(|approval| approval.at);
    let at = |exception: &Exception, at| at <= exception.until && exception.reported_at.is_some_and(|told| told <= at);
    case.exceptions.iter().find(|exception| {
        is_from(exception, verdict)
            && !exception.reason.trim().is_empty()
            && (at(exception, case.now) || granted.is_some_and(|granted| at(exception, granted)))
            && Some(&exception.approved_by) != requester
    })
}

/// What may be granted, and the rule that lowers it: the lowest bound, among equals the first rule.
fn granted(asked: Option<Money>, verdicts: &[Verdict]) -> (Option<Money>, Option<RuleId>) {
    let Some(asked) = asked else { return (None, None) };
    let bounds = verdicts.iter().filter_map(|verdict| match &verdict.outcome {
        Outcome::Found(Effect::Reduce { to }) if to.currency == asked.currency => Some((to.minor, verdict.rule)),
        _ => None,
    });
    match bounds.min().filter(|(minor, _)| *minor < asked.minor) {
        Some((minor, rule)) => (Some(Money { minor: minor.max(0), ..asked }), Some(rule)),
        None => (Some(Money { minor: asked.minor.max(0), ..asked }), None),
    }
}

fn weight(verdict: &Verdict) -> Decision {
    match &verdict.outcome {
        Outcome::Found(Effect::Block | Effect::Contradict) => Decision::Refused,
        Outcome::Found(Effect::Hold) | Outcome::Undecided => Decision::Held,
        Outcome::Found(Effect::Approve { .. }) => Decision::NeedsApproval,
        _ => Decision::Clear,
    }
}

fn approvers(verdicts: &[Verdict]) -> Vec<RoleId> {
    let mut asked: Vec<RoleId> = Vec::new();
    for verdict in verdicts {
        let Outcome::Found(Effect::Approve { roles }) = &verdict.outcome else { continue };
        for role in roles {
            if !asked.contains(role) {
                asked.push(role.clone());
            }
        }
    }
    asked
}

fn actions(verdict: &Verdict) -> &[Action] {
    match &verdict.outcome {
        Outcome::Found(Effect::Act { actions }) => actions,
        _ => &[],
    }
}
