//! Tasks and notices of a batch.

use entente_core::run::TaskSpec;
use serde_json::Value;
use sqlx::SqliteConnection;

use crate::{
    commit::{Step, packed::rows},
    fault::Fault,
    values::micros,
};

/// Closes tasks, opens tasks, adds notices.
pub(super) async fn write(conn: &mut SqliteConnection, steps: &[Step<'_>]) -> Result<(), Fault> {
    close_tasks(conn, steps).await?;
    open_tasks(conn, steps).await?;
    add_notices(conn, steps).await
}

async fn close_tasks(conn: &mut SqliteConnection, steps: &[Step<'_>]) -> Result<(), Fault> {
    let closed: Vec<(i64, &str, i64)> = steps
        .iter()
        .flat_map(|step| step.member.closed_tasks.iter().map(|key| (step.rid, key.as_str(), micros(step.member.at))))
        .collect();
    if closed.is_empty() {
        return Ok(());
    }
    let values = rows(&closed)?;
    sqlx::query!(
        "WITH given (v) AS MATERIALIZED (SELECT value FROM jsonb_each(?1))
         UPDATE tasks SET status = 1, closed_at = v ->> 2
         FROM given
         WHERE rid = v ->> 0 AND key = v ->> 1 AND status = 0",
        values
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A key that was closed may be opened again: a second round of approvals, another incident.
async fn open_tasks(conn: &mut SqliteConnection, steps: &[Step<'_>]) -> Result<(), Fault> {
    let opened: Vec<(i64, i64, Option<i64>, &TaskSpec)> = steps
        .iter()
        .flat_map(|step| {
            step.member.tasks.iter().map(|task| (step.rid, micros(step.member.at), task.due.map(micros), task))
        })
        .collect();
    if opened.is_empty() {
        return Ok(());
    }
    let values = rows(&opened)?;
    sqlx::query!(
        "WITH given (v, spec) AS MATERIALIZED (SELECT value, value ->> 3 FROM jsonb_each(?1))
         INSERT INTO tasks (rid, key, kind, role, assignee, due, status, opened_at, spec)
         SELECT v ->> 0, spec ->> 'key', spec ->> 'kind', spec ->> 'role', spec ->> 'assignee', v ->> 2, 0, v ->> 1, spec
         FROM given WHERE true
         ON CONFLICT (rid, key) DO UPDATE
         SET kind = excluded.kind, role = excluded.role, assignee = excluded.assignee, due = excluded.due, status = 0,
             opened_at = excluded.opened_at, closed_at = NULL, snoozed_until = NULL, spec = excluded.spec",
        values
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A notice's id: the same for every attempt, and for the same step told twice.
async fn add_notices(conn: &mut SqliteConnection, steps: &[Step<'_>]) -> Result<(), Fault> {
    let mut added: Vec<(String, String, &str, &Value, i64)> = Vec::new();
    for step in steps {
        let snapshot = &step.member.snapshot;
        for (n, name, data) in &step.member.notices {
            let id = format!("{}/{}/{n}", snapshot.run, snapshot.seq);
            added.push((id, snapshot.run.0.simple().to_string(), name, data, micros(step.member.at)));
        }
    }
    if added.is_empty() {
        return Ok(());
    }
    let values = rows(&added)?;
    sqlx::query!(
        "INSERT INTO notices (id, run, name, data, status, attempts, not_before)
         SELECT value ->> 0, unhex(value ->> 1), value ->> 2, value -> 3, 0, 0, value ->> 4 FROM jsonb_each(?1) WHERE true
         ON CONFLICT (id) DO NOTHING",
        values
    )
    .execute(conn)
    .await?;
    Ok(())
}
