//! `entente fleet`: which processes run the database, and who owns what.

use std::collections::BTreeMap;

use entente_store::Lease;
use serde::Serialize;

use super::{
    exit::Exit,
    failure::Failure,
    session::{Globals, Session},
};
use crate::runner::{fleet, left};

/// Show the processes that run the database, what each owns, and under which fences
#[derive(Debug, clap::Args)]
pub struct Fleet {
    /// Every lease by itself, with its fence
    #[arg(long)]
    leases: bool,
}

#[derive(Debug, Serialize)]
struct Process {
    process: String,
    version: String,
    shards: usize,
    accounts: Vec<String>,
    /// Milliseconds for which its word still counts, by the database's clock.
    remaining_ms: u128,
}

#[derive(Debug, Serialize)]
struct Held {
    lease: String,
    owner: String,
    fence: i64,
    remaining_ms: u128,
}

impl Fleet {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let leases = session.app.store.leases().await?;
        warn_of_left(&session).await?;
        match self.leases {
            true => show_leases(&session, &leases),
            false => show_processes(&session, &leases),
        }
    }
}

/// Warns of runs that no process of this binary's version moves.
pub(super) async fn warn_of_left(session: &Session) -> Result<(), Failure> {
    for left in left::all(session.app.store.as_ref(), &session.app.definitions).await? {
        session.out.warn(&left.words());
    }
    Ok(())
}

fn show_leases(session: &Session, leases: &[Lease]) -> Result<Exit, Failure> {
    let held: Vec<Held> = leases
        .iter()
        .map(|lease| Held {
            lease: lease.key.0.clone(),
            owner: lease.owner.to_string(),
            fence: lease.fence.0,
            remaining_ms: lease.remaining.as_millis(),
        })
        .collect();
    if session.out.is_json() {
        session.out.json(&held)?;
        return Ok(Exit::Ok);
    }
    let cells =
        held.into_iter().map(|row| vec![row.lease, row.owner, row.fence.to_string(), seconds(row.remaining_ms)]);
    session.out.table(&["lease", "owner", "fence", "runs for"], &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

fn show_processes(session: &Session, leases: &[Lease]) -> Result<Exit, Failure> {
    let versions: BTreeMap<String, String> =
        fleet::members(leases).into_iter().map(|member| (member.process.to_string(), member.version)).collect();
    let mut processes: BTreeMap<String, Process> = BTreeMap::new();
    for lease in leases.iter().filter(|lease| !lease.remaining.is_zero()) {
        let owner = lease.owner.to_string();
        let process = processes.entry(owner.clone()).or_insert_with(|| Process {
            version: versions.get(&owner).cloned().unwrap_or_default(),
            process: owner,
            shards: 0,
            accounts: Vec::new(),
            remaining_ms: 0,
        });
        process.remaining_ms = process.remaining_ms.max(lease.remaining.as_millis());
        if lease.key.0.starts_with("shard/") {
            process.shards += 1;
        }
        process.accounts.extend(lease.key.0.strip_prefix("account/").map(str::to_owned));
    }
    let processes: Vec<Process> = processes.into_values().collect();
    if session.out.is_json() {
        session.out.json(&processes)?;
        return Ok(Exit::Ok);
    }
    if processes.is_empty() {
        session.out.say("no process runs this database: start one with `entente serve`");
        return Ok(Exit::Ok);
    }
    let cells = processes.into_iter().map(|row| {
        vec![row.process, row.version, row.shards.to_string(), row.accounts.join(", "), seconds(row.remaining_ms)]
    });
    session.out.table(&["process", "version", "shards", "delivers for", "runs for"], &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

fn seconds(milliseconds: u128) -> String {
    format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}
