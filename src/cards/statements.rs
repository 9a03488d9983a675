//! What was said about commitments: kept apart from every history, under its hash.
//!
//! A salt keeps anybody who sees the hash from trying out what it could stand for.

use entente_core::{context::commitment_card::Statement, ids::PartyId};
use entente_store::{Store, StoredDocument};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::offers::DeskError;

const KIND: &str = "commitment_statement";

/// A statement as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    salt: [Uuid; 2],
    party: PartyId,
    statement: Statement,
}

/// Puts what a party has said aside, and says under which hash. Where `earlier` is the hash of the same statement, it stays.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn put(
    store: &dyn Store,
    party: &PartyId,
    statement: &Statement,
    earlier: Option<&str>,
    (by, at): (&str, Timestamp),
) -> Result<String, DeskError> {
    if let Some(hash) = earlier
        && get(store, party, hash).await?.as_ref() == Some(statement)
    {
        return Ok(hash.to_owned());
    }
    let kept = Kept { salt: [Uuid::now_v7(), Uuid::now_v7()], party: party.clone(), statement: statement.clone() };
    let text = serde_json::to_string(&kept)
        .map_err(|error| DeskError::Unreadable { what: "a statement".into(), why: error.to_string() })?;
    let sha256 = hex::encode(Sha256::digest(text.as_bytes()));
    let (kind, name, version) = (KIND.into(), sha256.clone(), 1);
    let document =
        StoredDocument { kind, name, version, sha256: sha256.clone(), text, by: by.into(), at, active: false };
    store.put_document(&document).await?;
    Ok(sha256)
}

/// What a party has said, by its hash; `None` where this party has said nothing of this hash.
///
/// # Errors
/// When the database, or the statement in it, cannot be read.
pub async fn get(store: &dyn Store, party: &PartyId, hash: &str) -> Result<Option<Statement>, DeskError> {
    let Some(stored) = store.document_by_hash(KIND, hash).await? else { return Ok(None) };
    let kept: Kept = serde_json::from_str(&stored.text)
        .map_err(|error| DeskError::Unreadable { what: format!("statement `{hash}`"), why: error.to_string() })?;
    Ok((kept.party == *party).then_some(kept.statement))
}
