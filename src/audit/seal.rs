//! Sealing: a signed root over the history rows that no seal covers yet.

use std::{collections::BTreeMap, path::Path};

use entente_core::{
    audit::{Fingerprint, Head, Seal},
    ids::RunId,
};
use entente_store::{SealRow, Store};
use jiff::Timestamp;

use super::{
    key::SealKey,
    last,
    witness::{self, Witness},
};
use crate::restore::state;

/// Rows in one seal, at most.
const ROWS_MAX: u32 = 1000;

/// Why a seal could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The database could not be read or written.
    #[error(transparent)]
    Store(#[from] entente_store::Error),
    /// A stored seal cannot be read.
    #[error("seal {no} cannot be read: {detail}")]
    Unreadable {
        /// The seal.
        no: i64,
        /// Why.
        detail: String,
    },
    /// The witness could not be written.
    #[error("the witness file could not be written: {0}")]
    Witness(#[from] std::io::Error),
}

/// Seals everything that is unsealed; returns how many rows that were. What somebody else seals at the same time is left to
/// them.
///
/// # Errors
/// When the database or the witness cannot be written. Nothing is lost: the next call seals the same rows.
pub async fn seal(store: &dyn Store, key: &SealKey, database: &Path, now: Timestamp) -> Result<u64, SealError> {
    let mut sealed = 0;
    loop {
        let rows = store.unsealed(ROWS_MAX).await?;
        let (Some(first), Some(last)) = (rows.first().map(|row| row.no), rows.last().map(|row| row.no)) else { break };
        let (no, previous) = follow(last::seal(store).await?.as_ref())?;
        let mut heads: BTreeMap<RunId, Head> = BTreeMap::new();
        for row in &rows {
            let head = Head { run: row.run, seq: row.seq, hash: Fingerprint(row.hash) };
            let furthest = heads.entry(row.run).or_insert(head);
            if furthest.seq < row.seq {
                *furthest = head;
            }
        }
        let hashes = rows.iter().map(|row| (row.run, row.seq, Fingerprint(row.hash))).collect();
        let mut seal = Seal::unsigned(no, previous, hashes, heads.into_values().collect(), now);
        seal.key = key.public();
        seal.signature = key.sign(&seal.signed_bytes());
        let no = i64::try_from(no).unwrap_or(i64::MAX);
        let body = serde_json::to_string(&seal).map_err(|error| unreadable(no, &error))?;
        match store.add_seal(&SealRow { no, first, last, body, signature: seal.signature }).await {
            Ok(()) => sealed += rows.len() as u64,
            Err(entente_store::Error::Conflict { .. }) => break,
            Err(error) => return Err(error.into()),
        }
        if rows.len() < ROWS_MAX as usize {
            break;
        }
    }
    remember(store, database).await?;
    Ok(sealed)
}

/// Notes outside the database how far it has come; while a restored one is still read back, the note stays as it is.
///
/// # Errors
/// When the database cannot be read or the file cannot be written.
pub async fn remember(store: &dyn Store, database: &Path) -> Result<(), SealError> {
    if state::pending(store).await?.is_some() {
        return Ok(());
    }
    witness::write(database, &Witness::of(store).await?)?;
    Ok(())
}

fn follow(last: Option<&SealRow>) -> Result<(u64, Fingerprint), SealError> {
    let Some(last) = last else { return Ok((1, Fingerprint::ZERO)) };
    let seal: Seal = serde_json::from_str(&last.body).map_err(|error| unreadable(last.no, &error))?;
    Ok((seal.no + 1, seal.hash()))
}

fn unreadable(no: i64, error: &serde_json::Error) -> SealError {
    SealError::Unreadable { no, detail: error.to_string() }
}
