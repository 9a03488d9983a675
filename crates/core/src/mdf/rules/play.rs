//! What the rules take from the play that a request names: from what was approved, never from the request's own words.

use super::quoted;
use crate::{
    ids::ProgrammeId,
    mdf::{
        model::{ApprovedPlay, KeptPlay, Request},
        ruling::Told,
    },
    money::Money,
};

/// A field, what is wrong with it, and what to do.
pub(super) type Defect = (&'static str, String, String);

/// Notes which play was looked at.
pub(super) fn tell(request: &Request, told: &mut Told) {
    told.input("play", request.play.as_deref().unwrap_or("none"));
    if let Some(KeptPlay::Approved(play)) = &request.kept_play {
        let short: String = play.sha256.chars().take(12).collect();
        told.input("approved play", format!("{}@{} ({short}) by `{}`", play.play, play.version, play.approved_by));
        told.input("granted of it", play.granted);
    }
}

/// Why a request does not fit the play that it names, where plays are kept for the programme.
pub(super) fn defect(request: &Request, programme: &ProgrammeId) -> Option<Defect> {
    let named = request.play.as_deref().unwrap_or_default();
    let wrong = |because: String, remedy: &str| Some(("/request/play", because, remedy.to_owned()));
    match request.kept_play.as_ref()? {
        KeptPlay::Unknown => wrong(format!("there is no play `{named}`"), "name one that `entente play list` shows"),
        KeptPlay::Unapproved(version) => wrong(
            format!("version {version} of play `{named}` is not approved"),
            "have somebody approve it who did not bring it in",
        ),
        KeptPlay::Approved(play) => misfit(request, play, programme),
    }
}

fn misfit(request: &Request, play: &ApprovedPlay, programme: &ProgrammeId) -> Option<Defect> {
    let (named, day) = (format!("play `{}@{}`", play.play, play.version), request.activity.start);
    if day < play.from || play.until < day {
        let because =
            format!("{named} is in force from {} to {}, and the activity begins on {day}", play.from, play.until);
        return Some(("/request/play", because, "name a play that is in force on that day".into()));
    }
    if !play.programmes.contains(programme) {
        let because = format!("{named} is not for programme `{programme}`");
        return Some(("/request/play", because, format!("it is for {}", quoted(&play.programmes))));
    }
    if !play.activities.contains(&request.activity.kind) {
        let because = format!("`{}` is no activity of {named}", request.activity.kind);
        return Some(("/request/activity/kind", because, format!("choose one of {}", quoted(&play.activities))));
    }
    let aims = |name: &&String| request.goals.iter().any(|goal| goal.name == **name && goal.target > 0);
    let missing: Vec<&String> = play.goals.iter().filter(|name| !aims(name)).collect();
    if !missing.is_empty() {
        let because = format!("{named} aims at {}, and the request does not", quoted(missing));
        return Some(("/request/goals", because, "write a number above 0 for each".into()));
    }
    beyond_budget(request, play, &named)
}

/// Whether a request that is not granted yet would take more of the play's budget than is left.
fn beyond_budget(request: &Request, play: &ApprovedPlay, named: &str) -> Option<Defect> {
    if request.approval.is_some() {
        return None;
    }
    let currency = play.budget.currency;
    if request.amount.currency != currency {
        let because = format!("{} is not in {currency}, the currency of the budget of {named}", request.amount);
        return Some(("/request/amount", because, "ask for another play, or out of a fund in that currency".into()));
    }
    let left = play.budget.minus(play.granted).unwrap_or(Money::zero(play.budget.currency));
    (request.amount.minor > left.minor).then(|| {
        let because = format!("{} is more than what is left of the budget of {named}, {left}", request.amount);
        ("/request/amount", because, "ask for less, or for another play".to_owned())
    })
}

/// The amount below which the play was approved beforehand, where the request fits it.
pub(super) fn pre_approved(request: &Request, programme: &ProgrammeId) -> Option<Money> {
    let Some(KeptPlay::Approved(play)) = &request.kept_play else { return None };
    let below = play.pre_approved_below.filter(|below| below.currency == request.amount.currency)?;
    misfit(request, play, programme).is_none().then_some(below)
}
