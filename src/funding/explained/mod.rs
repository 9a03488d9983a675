//! What is behind an amount: the journals behind a balance, the step and the people behind a journal, the rules and payments behind
//! what is owed.

pub mod balances;
pub mod journal;
pub mod payable;

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    chart::{lint::APPROVALS, step::VOTE},
    event::Body,
    ids::{PersonId, RunId},
    policy::approvals::Verdict,
    run::{Command, Record},
    scope::Scope,
};
use entente_store::Store;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::offers::DeskError;

/// Runs of one read.
const RUNS: usize = 500;

/// What somebody said when asked to agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Who.
    pub who: PersonId,
    /// For whom, where the person stood in for somebody.
    pub on_behalf_of: Option<PersonId>,
    /// What.
    pub verdict: Verdict,
    /// For which requirement, where that was said.
    pub row: Option<String>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// What a vote says, besides what it binds to.
#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    row: Option<String>,
    verdict: Verdict,
    #[serde(default)]
    reason: String,
}

/// What people said in the last round that had begun by a step.
pub fn said(records: &[Record], step: u64) -> Vec<Said> {
    let mut round = Vec::new();
    for record in records.iter().filter(|record| record.seq <= step) {
        round.extend(vote(record));
        let asks = |command: &Command| matches!(command, Command::Invoke { activity, .. } if activity == APPROVALS);
        if record.commands.iter().any(asks) {
            round.clear();
        }
    }
    round
}

fn vote(record: &Record) -> Option<Said> {
    let Body::Named { name, data } = &record.event.body else { return None };
    let actor = record.event.actor.as_ref().filter(|_| name == VOTE)?;
    let Data { row, verdict, reason } = Data::deserialize(data).ok()?;
    let (who, on_behalf_of) = (actor.person.clone(), actor.on_behalf_of.clone());
    Some(Said { who, on_behalf_of, verdict, row, reason, at: record.at })
}

/// The labels of runs.
async fn labels(store: &dyn Store, runs: &BTreeSet<RunId>) -> Result<BTreeMap<RunId, String>, DeskError> {
    let runs: Vec<RunId> = runs.iter().copied().collect();
    let mut labels = BTreeMap::new();
    for some in runs.chunks(RUNS) {
        let rows = store.runs_of(&Scope::vendor(), some).await?;
        labels.extend(rows.into_iter().map(|row| (row.snapshot.run, row.snapshot.label)));
    }
    Ok(labels)
}

/// A journal's number as people write it.
fn named(no: i64) -> String {
    format!("J-{no}")
}

/// The payee of a payable by its key: `payable/CLM-2027-00001/nordlicht`.
fn payee_of(key: &str) -> Option<&str> {
    key.strip_prefix("payable/")?.split_once('/').map(|(_, payee)| payee)
}
