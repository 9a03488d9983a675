//! Asking the runs' owners for the moves, and waiting for their verdicts.

use std::collections::BTreeMap;

use entente_core::{chart::migration::Asked, event::Actor, ids::LegalEntityId, scope::Scope};
use entente_store::{Appended, StoredDocument, Verdict};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::{
    Read,
    judged::{Judged, Outcome, body},
};
use crate::{
    authz::Action,
    cli::{failure::Failure, session::Session, submit::Sending},
    runner::moving::{KIND, Way},
};

/// So many runs are asked for before the verdicts of the first are waited for.
const AT_ONCE: usize = 100;

/// Has every run moved that can be. Each is a message of its own, and each has a verdict of its own.
///
/// # Errors
/// When nobody acts, who acts may not, or the database cannot be written.
pub(super) async fn apply(
    session: &Session,
    sending: &Sending,
    way: &Way,
    read: &Read,
    rows: &mut [Judged],
) -> Result<(), Failure> {
    session.person()?;
    let mut rows: Vec<&mut Judged> = rows.iter_mut().filter(|row| row.result == Outcome::Movable).collect();
    let mut actors: BTreeMap<LegalEntityId, Actor> = BTreeMap::new();
    for row in &rows {
        if !actors.contains_key(&row.legal_entity) {
            let actor = session.act_for(Action::MigrateRuns, "chart", &way.migration.chart, &row.legal_entity)?;
            actors.insert(row.legal_entity.clone(), actor);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let migration = keep(session, way, read).await?;
    let asked = Asked { from: way.migration.from, to: way.migration.to, migration };
    for rows in rows.chunks_mut(AT_ONCE) {
        ask(session, sending, &asked, &actors, rows).await?;
    }
    Ok(())
}

/// Keeps the migration's text: histories name it by its hash, and whoever owns a run reads it from the database.
async fn keep(session: &Session, way: &Way, read: &Read) -> Result<String, Failure> {
    let store = session.app.store.as_ref();
    let sha256 = hex::encode(Sha256::digest(read.text.as_bytes()));
    let name = format!("{}/v{}-to-v{}", way.migration.chart, way.migration.from, way.migration.to);
    let kept = store.documents(KIND).await?;
    let kept: Vec<&StoredDocument> = kept.iter().filter(|kept| kept.name == name).collect();
    if kept.iter().any(|kept| kept.sha256 == sha256) {
        return Ok(sha256);
    }
    let document = StoredDocument {
        kind: KIND.into(),
        name,
        version: kept.iter().map(|kept| kept.version).max().unwrap_or(0).saturating_add(1),
        sha256: sha256.clone(),
        text: read.text.clone(),
        by: session.person()?.to_string(),
        at: session.app.clock.now(),
        active: false,
    };
    store.put_document(&document).await?;
    Ok(sha256)
}

async fn ask(
    session: &Session,
    sending: &Sending,
    asked: &Asked,
    actors: &BTreeMap<LegalEntityId, Actor>,
    rows: &mut [&mut Judged],
) -> Result<(), Failure> {
    let mut messages = Vec::new();
    for row in rows.iter() {
        let Some(actor) = actors.get(&row.legal_entity) else { continue };
        let sender = sending.clone().of(&row.label).sender(session, actor.clone());
        messages.push(sender.message(row.run, body(asked)));
    }
    let keys: Vec<(String, String)> =
        messages.iter().map(|message| (message.event.source.clone(), message.event.id.clone())).collect();
    let appended = session.app.store.append(&Scope::vendor(), messages).await?;
    for ((row, (source, id)), appended) in rows.iter_mut().zip(keys).zip(appended) {
        if appended == Appended::KeyReused {
            row.refuse(format!("the key `{id}` was used for another request"));
            continue;
        }
        row.result = match session.verdict(&source, &id, Instant::now() + sending.wait).await? {
            Some(Verdict::Accepted { .. }) => Outcome::Moved,
            Some(Verdict::Noted { .. }) => Outcome::Already,
            Some(Verdict::Refused { reason, .. }) => {
                row.refuse(reason);
                continue;
            }
            None => Outcome::Undecided,
        };
    }
    Ok(())
}
