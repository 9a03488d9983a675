//! How long people take to decide: from the moment something is asked of a role to the moment it is answered.

use std::collections::BTreeMap;

use entente_store::TaskRow;
use jiff::SignedDuration;
use serde::Serialize;

use super::{exit::Exit, failure::Failure, session::Session};

/// The decisions of one kind that were asked of one role.
#[derive(Debug, Serialize)]
struct Pace {
    kind: String,
    role: String,
    closed: usize,
    median_seconds: i64,
    longest_seconds: i64,
}

/// Shows the pace of those of these tasks that are closed, by kind and role.
///
/// # Errors
/// When the answer cannot be written.
pub(super) fn show(session: &Session, tasks: &[TaskRow]) -> Result<Exit, Failure> {
    let paces = paces(tasks);
    if session.out.is_json() {
        session.out.json(&paces)?;
        return Ok(Exit::Ok);
    }
    let time = |seconds: i64| format!("{:#}", SignedDuration::from_secs(seconds));
    let cells = paces.iter().map(|pace| {
        let (median, longest) = (time(pace.median_seconds), time(pace.longest_seconds));
        vec![pace.kind.clone(), pace.role.clone(), pace.closed.to_string(), median, longest]
    });
    session.out.table(&["kind", "role", "closed", "median", "longest"], &cells.collect::<Vec<_>>());
    if paces.is_empty() {
        session.out.say("no task has been closed yet");
    }
    Ok(Exit::Ok)
}

fn paces(tasks: &[TaskRow]) -> Vec<Pace> {
    let mut taken: BTreeMap<(String, String), Vec<i64>> = BTreeMap::new();
    for task in tasks {
        let Some(closed) = task.closed_at else { continue };
        let seconds = closed.duration_since(task.opened_at).as_secs();
        taken.entry((task.spec.kind.clone(), task.spec.role.to_string())).or_default().push(seconds);
    }
    let pace = |((kind, role), mut seconds): ((String, String), Vec<i64>)| {
        seconds.sort_unstable();
        let median_seconds = seconds.get((seconds.len() - 1) / 2).copied().unwrap_or(0);
        let longest_seconds = seconds.last().copied().unwrap_or(0);
        Pace { kind, role, closed: seconds.len(), median_seconds, longest_seconds }
    };
    taken.into_iter().map(pace).collect()
}
