//! A request as the rules see it.

use entente_core::{
    context::funding::{AmendmentOutcome, RequestPaper},
    ids::{ProgrammeId, RequestId},
    ledger::Account,
    mdf::{
        Pack,
        model::{Approval, Edit, JointPart, Request, RequestStatus, StatusChange, Vote},
    },
    money::Money,
    policy::approvals::Verdict,
    run::Snapshot,
    scope::Scope,
};
use entente_store::{BalanceFilter, Store};
use jiff::Timestamp;

use crate::{
    funding::{import::past, plays, stored::Stored},
    offers::DeskError,
};

/// A request as it stands.
pub(super) async fn model(
    store: &dyn Store,
    asked: &Stored<RequestPaper>,
    (pack, programme): (&Pack, &ProgrammeId),
    now: Timestamp,
) -> Result<Request, DeskError> {
    let (paper, course) = (&asked.sheet.paper, &asked.sheet.course);
    // A request that was taken over was asked for when its list says so.
    let taken_over = past::requested_at(store, asked.row.snapshot.run, paper, &pack.zone).await?;
    let submitted_at = course.submitted_at.unwrap_or(now);
    let submitted_at = taken_over.map_or(submitted_at, |before| before.min(submitted_at));
    let zero = Money::zero(paper.amount.currency);
    let nobody = || DeskError::Unreadable { what: format!("`{}`", asked.label()), why: "nobody asked for it".into() };
    let id: RequestId = asked.label().parse()?;
    // Cost is judged as a whole, and each fund pays its part of what that comes to.
    let whole = paper.whole();
    let joint = paper.joint.as_ref().map(|joint| JointPart {
        label: joint.label.clone(),
        amount: joint.amount,
        weights: joint.weights(),
        part: joint.part,
    });
    Ok(Request {
        id,
        requested_by: course.requested_by.clone().or_else(|| asked.sheet.requester.clone()).ok_or_else(nobody)?,
        submitted_at,
        activity: paper.activity.clone(),
        play: paper.play.clone(),
        kept_play: plays::of_request(store, asked, programme, now).await?,
        category: paper.category.clone(),
        goals: paper.goals.clone(),
        target_audience: paper.target_audience.clone(),
        items: whole.items,
        cost: whole.cost,
        amount: paper.amount,
        points: None,
        vendor_split: paper.vendor_split,
        vendor_share: paper.shares.as_ref().map(|shares| shares.vendor.0),
        tied_to_resale_price: paper.tied_to_resale_price,
        hospitality: paper.hospitality.clone(),
        history: history(asked, submitted_at),
        edits: edits(asked),
        votes: agreed(asked),
        approval: approval(asked, pack, taken_over),
        version: Some(asked.sheet.version()).filter(|version| *version > 1),
        reserved: held(store, asked).await?.unwrap_or(zero),
        consumed: course.claimed.unwrap_or(zero),
        joint,
    })
}

/// What a request takes of a cap: what it was granted while it can be claimed, and what claims have taken of it once it has ended,
/// however it did.
pub(super) fn takes(asked: &Stored<RequestPaper>) -> Option<Money> {
    let course = &asked.sheet.course;
    let granted = course.granted?;
    Some(if asked.row.snapshot.ended { course.claimed.unwrap_or(Money::zero(granted.currency)) } else { granted })
}

fn history(asked: &Stored<RequestPaper>, submitted_at: Timestamp) -> Vec<StatusChange> {
    let change = |at, to| StatusChange { at, to, missing: String::new() };
    let granted = asked.sheet.course.granted_at.map(|at| change(at, RequestStatus::Approved));
    std::iter::once(change(submitted_at, RequestStatus::Submitted)).chain(granted).collect()
}

/// What was changed since it was granted: each time a new version.
fn edits(asked: &Stored<RequestPaper>) -> Vec<Edit> {
    let in_force = asked.sheet.course.amendments.iter().filter(|one| one.outcome == AmendmentOutcome::InForce);
    in_force.map(|one| Edit { at: one.at, new_version: true }).collect()
}

/// Who has agreed to what is in force; before it is granted, who has agreed so far.
fn agreed(asked: &Stored<RequestPaper>) -> Vec<Vote> {
    match asked.sheet.course.agreed.is_empty() {
        true => votes(&asked.row.snapshot),
        false => asked.sheet.course.agreed.clone(),
    }
}

/// Makes of a request what an amendment of it makes of it: beside what was approved, with the votes for exactly this.
pub(super) fn amend(request: &mut Request, asked: &Stored<RequestPaper>, proposed: &RequestPaper) {
    let standing = &asked.sheet.paper;
    if let Some(approval) = &mut request.approval {
        approval.asked = Some(standing.amount);
        approval.changed = proposed.changes_besides(standing);
    }
    let round = asked.row.snapshot.approvals.as_ref();
    let is_asked = round.is_some_and(|round| round.subject.revision == asked.sheet.revision);
    request.votes = if is_asked { votes(&asked.row.snapshot) } else { Vec::new() };
}

/// The votes that count in the round that was decided last.
pub(super) fn votes(snapshot: &Snapshot) -> Vec<Vote> {
    let Some(round) = &snapshot.approvals else { return Vec::new() };
    let counting = round.votes.iter().filter(|vote| !vote.void && vote.verdict == Verdict::Approve);
    let with_role = counting.filter_map(|vote| {
        let requirement = round.requirements.iter().find(|requirement| requirement.row == vote.row)?;
        Some(Vote { role: requirement.role.clone(), person: vote.person.clone(), at: vote.at })
    });
    with_role.collect()
}

/// What was granted. Cost counts from the day of the grant to the end of the activity; of what was taken over, from the day
/// on which it was asked for.
fn approval(asked: &Stored<RequestPaper>, pack: &Pack, taken_over: Option<Timestamp>) -> Option<Approval> {
    let course = &asked.sheet.course;
    let (at, amount, paper) = (course.granted_at?, course.granted?, course.approved.as_ref()?);
    Some(Approval {
        at,
        amount,
        cost: paper.whole().cost,
        activity: paper.activity.clone(),
        window_from: pack.zone.to_datetime(taken_over.map_or(at, |before| before.min(at))).date(),
        window_until: paper.activity.end,
        changed: Vec::new(),
        asked: None,
    })
}

/// What the ledger still holds for it.
async fn held(store: &dyn Store, asked: &Stored<RequestPaper>) -> Result<Option<Money>, DeskError> {
    let paper = &asked.sheet.paper;
    let currency = paper.amount.currency;
    let filter =
        BalanceFilter { fund: Some(paper.fund.to_string()), currency: Some(currency), as_of: None, by_key: true };
    let key = RequestPaper::ledger_key(asked.label());
    let stands = store.balances(&Scope::vendor(), &filter).await?;
    let held = stands.into_iter().find(|at| at.account == Account::Reserved && at.key == key);
    Ok(held.map(|at| Money { minor: at.minor, currency }))
}
