//! P11 on what the story left: a copy of it is restored, verified and thrown away.

use std::path::Path;

use entente_core::scope::Scope;
use entente_store::{RunFilter, Store};

use super::Promise;
use crate::{
    audit::{
        key::{SealKey, with_suffix},
        sound, verify,
    },
    demo::{summary::Row, teller::Teller},
    restore::{place, state},
};

/// What a restored copy is like.
struct Seen {
    runs: usize,
    steps: u64,
    findings: usize,
    sends: u64,
    holds: bool,
}

/// A backup restores to a state in which histories and seals verify, and nothing is sent before it has been read back.
pub async fn copy(teller: &Teller, rows: &[&Row]) -> anyhow::Result<Promise> {
    let app = teller.app();
    let copy = with_suffix(app.database.beside(), "demo-copy");
    remove(&copy)?;
    app.store.backup(&copy).await?;
    let public = SealKey::beside(app.database.beside())?.public();
    let seen = place::rehearse(&copy, &app.database, app.clock.now(), async |store| look(store, public).await).await;
    remove(&copy)?;
    let seen = seen?;
    let sent: u64 = rows.iter().map(|row| u64::from(row.attempts)).sum();
    Ok(Promise {
        name: "P11 backup restores",
        held: seen.runs == rows.len() && seen.findings == 0 && seen.sends == sent && seen.holds,
        figures: format!(
            "{} steps in a restored copy, {} findings, its {} sends known, {}",
            seen.steps,
            seen.findings,
            seen.sends,
            if seen.holds { "none repeated before a read-back" } else { "and it would send at once" }
        ),
    })
}

async fn look(store: &dyn Store, key: String) -> anyhow::Result<Seen> {
    let report = verify::verify_stored(store, Some(key)).await?;
    let unsound = sound::findings(store, RunFilter::default()).await?;
    let runs = store.runs(&Scope::vendor(), &RunFilter { limit: 1_000, ..RunFilter::default() }).await?.rows;
    let mut sends = 0;
    for row in &runs {
        let intents = store.intents(&Scope::vendor(), row.snapshot.run).await?;
        let written = intents.iter().filter(|intent| intent.intent.entity.is_some());
        sends += written.map(|intent| u64::from(intent.attempts)).sum::<u64>();
    }
    Ok(Seen {
        runs: runs.len(),
        steps: runs.iter().map(|row| row.snapshot.seq).sum(),
        findings: report.findings.len() + unsound.len(),
        sends,
        holds: state::pending(store).await?.is_some(),
    })
}

/// Removes a copy that may be there.
fn remove(copy: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(copy) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
