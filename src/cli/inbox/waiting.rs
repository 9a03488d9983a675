//! What waits for people without a task of a run: claims that rules hold, disputes, claims that somebody calls false; and to a
//! partner's person the partner's own papers.

use entente_core::{
    context::funding::{ClaimPaper, Dispute, Paper as _},
    ids::{PartyId, RoleId},
    scope::Scope,
};
use entente_store::{RunFilter, RunRow};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Task;
use crate::{
    cli::{failure::Failure, session::Session},
    decision::shown_by,
    funding::{
        beside::{audits, falsity},
        stored::{Stored, typed},
    },
    offers::{DeskError, stored},
};

const HELD: &str = "held";
const AUDIT: &str = "audit";
const DISPUTE: &str = "dispute";
const FALSE: &str = "false_claim";
const OWN: &str = "own_paper";

/// Who answers for what is held, disputed or called false.
const FINANCE: &str = "finance_approver";

/// The tag of what waits for its partner.
const WAITS_FOR_PARTNER: &str = "waits_for:partner";

/// What waits for whoever acts beside these tasks, of one kind where that is wanted.
pub(super) async fn of(session: &Session, kind: Option<&str>, beside: &[Task]) -> Result<Vec<Task>, Failure> {
    let mut tasks = match (session.buyer(), session.partner()) {
        (Some(_), _) => Vec::new(),
        (None, Some(partner)) => own_papers(session, partner).await?,
        (None, None) => of_finance(session).await?,
    };
    let is_told = |own: &Task| own.kind == OWN && beside.iter().any(|task| task.label == own.label);
    tasks.retain(|task| kind.is_none_or(|kind| kind == task.kind) && !is_told(task));
    Ok(tasks)
}

async fn claims_with(session: &Session, tag: &str) -> Result<Vec<Stored<ClaimPaper>>, Failure> {
    let filter = RunFilter {
        chart: Some(ClaimPaper::NAME.into()),
        tag: Some(tag.into()),
        ended: Some(false),
        ..RunFilter::default()
    };
    let rows = stored::runs(session.app.store.as_ref(), filter).await?;
    Ok(rows.into_iter().map(typed).collect::<Result<_, DeskError>>()?)
}

async fn of_finance(session: &Session) -> Result<Vec<Task>, Failure> {
    let role: RoleId = FINANCE.parse().map_err(DeskError::from)?;
    let person = session.actor().and_then(|actor| session.app.people.person(actor));
    if person.is_some_and(|person| !person.roles.contains(&role)) {
        return Ok(Vec::new());
    }
    let sees = |row: &RunRow| person.is_none_or(|person| person.holds(&role, &row.snapshot.home.legal_entity));
    let mut tasks = held(session, &role).await?;
    for claim in claims_with(session, "payable").await? {
        // What people are asked to agree to stands in the inboxes of those who have a vote.
        let open = |dispute: &&Dispute| dispute.granted.is_none() && dispute.asked.is_none();
        for dispute in claim.sheet.course.disputes.iter().filter(open) {
            let title =
                format!("settle {} of `{}`: {}{}", dispute.amount, dispute.payee, dispute.reason, not_agreed(dispute));
            tasks.push((claim.row.clone(), task(&claim.row, &role, (DISPUTE, title), dispute.at)));
        }
    }
    for report in falsity::waiting(session.app.store.as_ref()).await? {
        let mine = session.actor() == Some(&report.by);
        let row = session.app.store.run_by_label(&Scope::vendor(), &report.claim).await?;
        let Some(row) = row.filter(|_| !mine) else { continue };
        let title = format!("decide whether it is false, as `{}` says: {}", report.by, report.reason);
        let task = task(&row, &role, (FALSE, title), report.at);
        tasks.push((row, task));
    }
    Ok(tasks.into_iter().filter(|(row, _)| sees(row)).map(|(_, task)| task).collect())
}

/// Why people did not agree to what was proposed last.
fn not_agreed(dispute: &Dispute) -> String {
    dispute.declined.as_ref().map(|declined| format!("; not agreed to: {}", declined.why)).unwrap_or_default()
}

/// Claims that rules hold: F9 wants an audit, anything else something to be settled.
async fn held(session: &Session, role: &RoleId) -> Result<Vec<(RunRow, Task)>, Failure> {
    let mut tasks = Vec::new();
    for claim in claims_with(session, HELD).await? {
        let wanted = audits::is_wanted(&claim);
        let audited = match wanted {
            true => audits::in_force(session.app.store.as_ref(), &claim).await?,
            false => None,
        };
        let obstacle = claim.sheet.current_assessment().and_then(|assessment| assessment.obstacle());
        let because = obstacle.map(|reason| format!("{}: {}", reason.rule, reason.because));
        let because = because.or_else(|| claim.sheet.refusal.as_ref().map(|refusal| refusal.message.clone()));
        let because = because.unwrap_or_default();
        let what = match wanted && audited.is_none() {
            true => (AUDIT, format!("audit it; {because}")),
            false => (HELD, format!("settle what holds it; {because}")),
        };
        let since = claim.sheet.current_assessment().map_or(claim.row.updated_at, |assessment| assessment.at);
        tasks.push((claim.row.clone(), task(&claim.row, role, what, since)));
    }
    Ok(tasks)
}

/// What waits for a partner, of its own.
async fn own_papers(session: &Session, party: &PartyId) -> Result<Vec<Task>, Failure> {
    let role: RoleId = "partner_user".parse().map_err(DeskError::from)?;
    let person = session.actor().and_then(|actor| session.app.people.person(actor));
    let filter = RunFilter { tag: Some(WAITS_FOR_PARTNER.into()), ended: Some(false), ..RunFilter::default() };
    let rows = stored::runs(session.app.store.as_ref(), filter).await?;
    let theirs = rows.into_iter().filter(|row| {
        let home = &row.snapshot.home;
        home.party == *party && person.is_some_and(|person| person.holds(&role, &home.legal_entity))
    });
    let own = theirs.map(|row| {
        let (title, due) = asked_of_partner(&row);
        let title = format!("{title}: see `{}`", shown_by(&row.snapshot.label));
        Task { due, ..task(&row, &role, (OWN, title), row.updated_at) }
    });
    Ok(own.collect())
}

/// What a partner is to do with a paper of its own, and until when.
fn asked_of_partner(row: &RunRow) -> (&'static str, Option<Timestamp>) {
    let has = |tag: &str| row.snapshot.tags.iter().any(|known| known == tag);
    let at = |pointer: &str| row.snapshot.context.pointer(pointer);
    let instant = |pointer: &str| at(pointer).and_then(Value::as_str).and_then(|at| at.parse().ok());
    if has("editable") {
        let returned = at("/course/submitted_at").is_some_and(|at| !at.is_null());
        return (if returned { "correct it, and submit it again" } else { "submit it, or withdraw it" }, None);
    }
    if has("money_reserved") {
        let put_off = at("/course/extensions/0").is_some();
        let until = instant("/course/claimable/ends").filter(|_| !put_off).or_else(|| instant("/course/claim_by"));
        return ("claim what it holds, once the activity is over", until);
    }
    if has("advanced") {
        return ("prove what was paid in advance", instant("/course/advance/prove_by"));
    }
    if has("recovering") {
        return ("give back what is claimed back", None);
    }
    ("it waits for you", None)
}

fn task(row: &RunRow, role: &RoleId, (kind, title): (&str, String), opened_at: Timestamp) -> Task {
    Task {
        label: row.snapshot.label.clone(),
        key: kind.to_owned(),
        kind: kind.to_owned(),
        title,
        role: role.clone(),
        assignee: None,
        row: None,
        revision: None,
        requester: None,
        authors: Vec::new(),
        opened_at,
        due: None,
        detail: json!({}),
        external_refs: std::collections::BTreeMap::new(),
    }
}
