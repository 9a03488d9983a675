//! `entente inbox`.

mod waiting;

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::{commitment_card::ASK_AGAIN, private_offer::carried_refs},
    ids::{RoleId, RunId},
    run::Snapshot,
};
use entente_store::{RunFilter, RunRow, TaskFilter, TaskRow};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    decided,
    exit::Exit,
    failure::Failure,
    output::instant,
    session::{Globals, Session},
};
use crate::{
    cards::CHART,
    decision::shown_by,
    offers::{DeskError, stored},
};

/// The kind of task that a run which stands still is.
const INCIDENT: &str = "incident";

/// Runs that one read brings.
const RUNS_AT_ONCE: usize = 500;

/// List what waits for people
///
/// With --actor: what this person may act on. Without: everything that is open, but for what is asked again about commitment cards.
#[derive(Debug, clap::Args)]
pub struct Inbox {
    /// Only tasks of this kind, such as approval or incident
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Those that were put off as well
    #[arg(long)]
    snoozed: bool,
    /// Instead: how long decisions took, from the moment they were asked for
    #[arg(long, conflicts_with = "snoozed")]
    decided: bool,
}

#[derive(Debug, Serialize)]
struct Task {
    label: String,
    key: String,
    kind: String,
    title: String,
    role: RoleId,
    assignee: Option<entente_core::ids::PersonId>,
    row: Option<String>,
    revision: Option<String>,
    requester: Option<String>,
    authors: Vec<String>,
    opened_at: jiff::Timestamp,
    due: Option<jiff::Timestamp>,
    detail: Value,
    external_refs: BTreeMap<String, String>,
}

impl Inbox {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let now = session.app.clock.now();
        let filter = TaskFilter {
            roles: roles(&session)?,
            assignee: session.actor().cloned(),
            kind: self.kind,
            run: None,
            open_only: !self.decided,
        };
        if self.decided {
            let tasks = session.app.store.tasks(&session.scope(), &filter).await?;
            let own: Vec<TaskRow> = tasks.into_iter().filter(|row| concerns(&session, row, false)).collect();
            return decided::show(&session, &own);
        }
        let rows = session.app.store.tasks(&session.scope(), &filter).await?;
        let awake = |row: &TaskRow| self.snoozed || row.snoozed_until.is_none_or(|until| until <= now);
        let rows: Vec<TaskRow> = rows.into_iter().filter(awake).filter(|row| concerns(&session, row, true)).collect();
        let refs = refs(&session, &rows).await?;
        let mut tasks: Vec<Task> = rows.into_iter().map(|row| task(row, &refs)).collect();
        if session.partner().is_some() {
            tasks.iter_mut().for_each(|task| for_partner(&session, task));
        }
        tasks.extend(incidents(&session, filter.kind.as_deref()).await?);
        let more = waiting::of(&session, filter.kind.as_deref(), &tasks).await?;
        tasks.extend(more);
        if session.out.is_json() {
            session.out.json(&tasks)?;
            return Ok(Exit::Ok);
        }
        let cells = tasks.iter().map(|task| {
            let revision: String = task.revision.iter().flat_map(|revision| revision.chars().take(12)).collect();
            vec![
                task.label.clone(),
                task.kind.clone(),
                task.row.clone().unwrap_or_else(|| task.key.clone()),
                task.role.to_string(),
                task.due.map_or_else(|| "-".to_owned(), instant),
                revision,
                task.title.clone(),
            ]
        });
        session
            .out
            .table(&["about", "kind", "task", "role", "due", "revision", "what to do"], &cells.collect::<Vec<_>>());
        if tasks.is_empty() {
            session.out.say("nothing waits");
        }
        Ok(Exit::Ok)
    }
}

/// The roles whose tasks the acting person sees: those held, a superset of those lent.
fn roles(session: &Session) -> Result<Option<Vec<RoleId>>, Failure> {
    let Some(actor) = session.actor() else { return Ok(None) };
    let person = session.app.people.person(actor).ok_or_else(|| {
        Failure::new(
            Exit::Forbidden,
            format!("there is no person `{actor}`; add them to the people file or correct the id"),
        )
    })?;
    Ok(Some(person.roles.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect()))
}

/// Whether the acting person holds the task's role for the legal entity that it belongs to. An approval of what they asked for
/// or wrote themselves is for others `to_decide`.
fn concerns(session: &Session, row: &TaskRow, to_decide: bool) -> bool {
    // Cards are not for everybody: whoever does not say who they are is shown none.
    if row.spec.kind == ASK_AGAIN && (session.actor().is_none() || !session.in_sight(CHART, &row.home)) {
        return false;
    }
    // Whatever roles a partner's person holds, they are for what is the partner's own.
    if session.partner().is_some_and(|partner| *partner != row.home.party) {
        return false;
    }
    let person = session.actor().and_then(|actor| session.app.people.person(actor));
    person.is_none_or(|person| {
        let holds = person.holds(&row.spec.role, &row.home.legal_entity)
            && !(to_decide && authors(row).any(|author| author == person.id.as_str()));
        holds || row.spec.assignee.as_ref() == Some(&person.id)
    })
}

/// Who may not decide an approval: whoever asks for it, and whoever has a hand in it.
fn authors(row: &TaskRow) -> impl Iterator<Item = &str> {
    let detail = &row.spec.detail;
    let written = detail.get("authors").and_then(Value::as_array).into_iter().flatten();
    let asked = detail.get("requester").filter(|asked| !written.clone().any(|author| author == *asked));
    written.chain(asked).filter_map(Value::as_str)
}

/// What stands still and needs an operator, where the acting person is one.
async fn incidents(session: &Session, kind: Option<&str>) -> Result<Vec<Task>, Failure> {
    if kind.is_some_and(|kind| kind != INCIDENT) {
        return Ok(Vec::new());
    }
    let role: RoleId = "operator".parse().map_err(DeskError::from)?;
    let filter = RunFilter { parked: Some(true), ..RunFilter::default() };
    let person = session.actor().and_then(|actor| session.app.people.person(actor));
    if session.party().is_some() {
        return Ok(Vec::new());
    }
    let parked = stored::runs(session.app.store.as_ref(), filter).await?.into_iter().filter(|row| {
        let Snapshot { home, chart, .. } = &row.snapshot;
        person.map_or_else(|| session.in_sight(&chart.name, home), |person| person.holds(&role, &home.legal_entity))
    });
    let task = |row: RunRow| {
        let incident = row.snapshot.incident?;
        Some(Task {
            label: row.snapshot.label,
            key: INCIDENT.into(),
            kind: INCIDENT.into(),
            title: incident.message,
            external_refs: refs_in(&row.snapshot.context),
            role: role.clone(),
            assignee: None,
            row: None,
            revision: None,
            requester: None,
            authors: Vec::new(),
            opened_at: incident.since,
            due: None,
            detail: json!({ "code": incident.code }),
        })
    };
    Ok(parked.filter_map(task).collect())
}

/// The ids in other systems that the tasks' runs carry.
async fn refs(session: &Session, tasks: &[TaskRow]) -> Result<BTreeMap<RunId, BTreeMap<String, String>>, Failure> {
    let runs: BTreeSet<RunId> = tasks.iter().map(|task| task.run).collect();
    let runs: Vec<RunId> = runs.into_iter().collect();
    let mut refs = BTreeMap::new();
    for some in runs.chunks(RUNS_AT_ONCE) {
        let rows = session.app.store.runs_of(&session.scope(), some).await?;
        refs.extend(rows.into_iter().map(|row| (row.snapshot.run, refs_in(&row.snapshot.context))));
    }
    Ok(refs)
}

/// The ids that the document in a run's context carries.
fn refs_in(context: &Value) -> BTreeMap<String, String> {
    context.get("offer").map(carried_refs).unwrap_or_default()
}

/// Takes out of a task what people of a partner are not told: what it is about is shown, and redacted, by its own command.
fn for_partner(session: &Session, task: &mut Task) {
    let known = |person: &String| person.parse().is_ok_and(|person| session.is_of_ones_own(&person));
    task.title = format!("{}: see `{}`", task.kind.replace(['_', '.'], " "), shown_by(&task.label));
    task.requester = task.requester.take().filter(known);
    task.authors.retain(known);
    task.detail = Value::Null;
}

fn task(row: TaskRow, refs: &BTreeMap<RunId, BTreeMap<String, String>>) -> Task {
    let text = |field: &str| row.spec.detail.get(field).and_then(Value::as_str).map(str::to_owned);
    Task {
        external_refs: refs.get(&row.run).cloned().unwrap_or_default(),
        row: text("row"),
        requester: text("requester"),
        authors: authors(&row).map(str::to_owned).collect(),
        label: row.label,
        key: row.spec.key,
        kind: row.spec.kind,
        title: row.spec.title,
        role: row.spec.role,
        assignee: row.spec.assignee,
        revision: row.spec.revision,
        opened_at: row.opened_at,
        due: row.spec.due,
        detail: row.spec.detail,
    }
}
