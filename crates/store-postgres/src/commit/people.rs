//! Tasks and notices of a batch.

use std::collections::BTreeMap;

use entente_core::run::TaskSpec;
use uuid::Uuid;

use crate::{
    commit::Step,
    fault::Fault,
    values::{micros, to_json},
    work::Work,
};

/// Closes tasks, opens tasks, adds notices.
pub(super) async fn write(work: &mut Work<'_>, steps: &[Step<'_>]) -> Result<(), Fault> {
    close_tasks(work, steps).await?;
    open_tasks(work, steps).await?;
    add_notices(work, steps).await
}

async fn close_tasks(work: &mut Work<'_>, steps: &[Step<'_>]) -> Result<(), Fault> {
    let (mut rids, mut keys, mut ats) = (Vec::new(), Vec::new(), Vec::new());
    for step in steps {
        for key in &step.member.closed_tasks {
            rids.push(step.rid);
            keys.push(key.as_str());
            ats.push(micros(step.member.at));
        }
    }
    if rids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE tasks SET status = 1, closed_at = given.at
         FROM UNNEST($1::bigint[], $2::text[], $3::bigint[]) AS given (rid, key, at)
         WHERE tasks.rid = given.rid AND tasks.key = given.key AND tasks.status = 0",
        &rids,
        &keys as &[&str],
        &ats
    )
    .execute(&mut *work.conn)
    .await?;
    Ok(())
}

/// A value per task in each column.
#[derive(Default)]
struct Opened<'a> {
    rids: Vec<i64>,
    keys: Vec<&'a str>,
    kinds: Vec<&'a str>,
    roles: Vec<&'a str>,
    assignees: Vec<Option<&'a str>>,
    dues: Vec<Option<i64>>,
    ats: Vec<i64>,
    specs: Vec<String>,
}

/// A key that was closed may be opened again: a second round of approvals, another incident.
async fn open_tasks(work: &mut Work<'_>, steps: &[Step<'_>]) -> Result<(), Fault> {
    let mut opened = Opened::default();
    for step in steps {
        // Of two tasks with one key the step means the last.
        let tasks: BTreeMap<&str, &TaskSpec> = step.member.tasks.iter().map(|task| (task.key.as_str(), task)).collect();
        for (key, task) in tasks {
            opened.rids.push(step.rid);
            opened.keys.push(key);
            opened.kinds.push(&task.kind);
            opened.roles.push(task.role.as_str());
            opened.assignees.push(task.assignee.as_ref().map(|person| person.as_str()));
            opened.dues.push(task.due.map(micros));
            opened.ats.push(micros(step.member.at));
            opened.specs.push(to_json("task", task)?);
        }
    }
    if opened.rids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO tasks (rid, key, kind, role, assignee, due, status, opened_at, spec)
         SELECT rid, key, kind, role, assignee, due, 0, at, spec
         FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::text[])
           AS given (rid, key, kind, role, assignee, due, at, spec)
         ON CONFLICT (rid, key) DO UPDATE
         SET kind = excluded.kind, role = excluded.role, assignee = excluded.assignee, due = excluded.due, status = 0,
             opened_at = excluded.opened_at, closed_at = NULL, snoozed_until = NULL, spec = excluded.spec",
        &opened.rids,
        &opened.keys as &[&str],
        &opened.kinds as &[&str],
        &opened.roles as &[&str],
        &opened.assignees as &[Option<&str>],
        &opened.dues as &[Option<i64>],
        &opened.ats,
        &opened.specs
    )
    .execute(&mut *work.conn)
    .await?;
    Ok(())
}

/// A notice's id: the same for every attempt, and for the same step told twice.
async fn add_notices(work: &mut Work<'_>, steps: &[Step<'_>]) -> Result<(), Fault> {
    let (mut ids, mut runs, mut names) = (Vec::new(), Vec::<Uuid>::new(), Vec::new());
    let (mut data, mut ats) = (Vec::new(), Vec::new());
    for step in steps {
        let snapshot = &step.member.snapshot;
        for (n, name, value) in &step.member.notices {
            ids.push(format!("{}/{}/{n}", snapshot.run, snapshot.seq));
            runs.push(snapshot.run.0);
            names.push(name.as_str());
            data.push(to_json("notice", value)?);
            ats.push(micros(step.member.at));
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO notices (id, run, name, data, status, attempts, not_before)
         SELECT id, run, name, data, 0, 0, at
         FROM UNNEST($1::text[], $2::uuid[], $3::text[], $4::text[], $5::bigint[]) AS given (id, run, name, data, at)
         ON CONFLICT (id) DO NOTHING",
        &ids,
        &runs,
        &names as &[&str],
        &data,
        &ats
    )
    .execute(&mut *work.conn)
    .await?;
    Ok(())
}
