//! Months of legal entities: what was prepared, the chain of what is locked, what was exported and acknowledged.

use entente_core::{
    close::{Batch, json_lines, sha256},
    ids::{LegalEntityId, PersonId},
};
use entente_store::{Store, StoredDocument};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    CloseError,
    kept::{self, Author},
    table,
};

const PREPARED: &str = "close_batch";
const LOCK: &str = "close_lock";
const EXPORTED: &str = "close_export";
const ACKNOWLEDGED: &str = "close_acknowledgement";

/// The least characters of a hash that name it.
const HASH_LEAST: usize = 6;

/// A month that was prepared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Prepared {
    /// The SHA-256 of the batch.
    pub sha256: String,
    /// Who prepared it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The batch.
    pub batch: Batch,
}

/// The lock of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The legal entity.
    pub entity: LegalEntityId,
    /// The month.
    pub period: String,
    /// The SHA-256 of the batch.
    pub batch: String,
    /// The SHA-256 of the lock before this one; the first one has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// Everybody who prepared this batch.
    pub prepared_by: Vec<String>,
    /// Who locked it: somebody else.
    pub locked_by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// A locked month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Locked {
    /// The lock.
    pub lock: Lock,
    /// The SHA-256 of the lock.
    pub sha256: String,
    /// The batch.
    pub batch: Batch,
}

/// The bytes of a batch, and their hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// As a table.
    pub csv: String,
    /// As lines of JSON.
    pub json_lines: String,
    /// What both are, in hashes.
    pub manifest: Manifest,
}

/// What was exported of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The SHA-256 of the batch.
    pub batch: String,
    /// The SHA-256 of the table.
    pub csv: String,
    /// The SHA-256 of the lines of JSON.
    pub json_lines: String,
}

/// What somebody has said about a batch, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said<T> {
    /// What.
    pub what: T,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// The general ledger has taken a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledged {
    /// The SHA-256 of the batch.
    pub batch: String,
    /// The general ledger's own reference.
    pub reference: String,
}

/// Keeps what was prepared, and says its hash. What is the same as the newest preparation of the same person is kept once.
///
/// # Errors
/// When somebody prepared or locked the month at the same time, or the database cannot be written.
pub async fn keep(store: &dyn Store, batch: &Batch, by: &PersonId, at: Timestamp) -> Result<String, CloseError> {
    let text = kept::written(batch)?;
    let hash = sha256(text.as_bytes());
    let mut wanted = 0;
    loop {
        let series = series(store, &batch.id).await?;
        // The same bytes at the same instant are one document, of whoever was first: it takes another one to have prepared them.
        let own = |made: &StoredDocument| made.sha256 == hash && made.by == by.as_str();
        let kept = series.made.iter().any(|made| own(made) && made.version == wanted);
        if kept || series.made.last().is_some_and(own) {
            return Ok(hash);
        }
        if series.settled {
            let (month, entity) = (&batch.period, &batch.entity);
            return Err(CloseError::Done(format!("somebody locks {month} of `{entity}`; see `entente close list`")));
        }
        wanted = series.next;
        let taken = || format!("somebody else prepared {} of `{}` just now; look at it", batch.period, batch.entity);
        kept::put(store, (PREPARED, &batch.id, wanted), text.clone(), Author { by: by.as_str(), at }, taken).await?;
    }
}

/// What was prepared for a month, oldest first.
///
/// # Errors
/// When the database cannot be read, or what it holds is not what was kept.
pub async fn prepared(store: &dyn Store, entity: &LegalEntityId, month: &str) -> Result<Vec<Prepared>, CloseError> {
    series(store, &Batch::id_of(entity, month)).await?.made.iter().map(preparation).collect()
}

/// The preparations of a month, and what came after them.
struct Series {
    /// They themselves, oldest first.
    made: Vec<StoredDocument>,
    /// Whether somebody has begun to lock the last one: none comes after it.
    settled: bool,
    /// The version of what comes next.
    next: u32,
}

async fn series(store: &dyn Store, id: &str) -> Result<Series, CloseError> {
    let all = kept::named(store, PREPARED, id).await?;
    let next = all.last().map_or(1, |last| last.version.saturating_add(1));
    let settled = all.iter().any(is_settlement);
    Ok(Series { made: all.into_iter().filter(|document| !is_settlement(document)).collect(), settled, next })
}

/// The end of the preparations of a month, in the place of the next one: whoever prepares at the same time finds it taken.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settled {
    /// The SHA-256 of the batch that is locked.
    settled: String,
    /// Who locks it.
    by: String,
}

fn is_settlement(document: &StoredDocument) -> bool {
    kept::read::<Settled>(document).is_ok()
}

fn preparation(document: &StoredDocument) -> Result<Prepared, CloseError> {
    let batch: Batch = kept::read(document)?;
    if batch.format != Batch::FORMAT {
        return Err(kept::broken(document, format!("this program does not know form {}", batch.format)));
    }
    Ok(Prepared { sha256: document.sha256.clone(), by: document.by.clone(), at: document.at, batch })
}

/// Every month that was prepared, by legal entity and month; the newest preparation of each.
///
/// # Errors
/// As [`prepared`].
pub async fn newest(store: &dyn Store) -> Result<Vec<Prepared>, CloseError> {
    let mut all: Vec<Prepared> = Vec::new();
    for document in store.documents(PREPARED).await?.iter().filter(|document| !is_settlement(document)) {
        let made = preparation(document)?;
        if all.last().is_some_and(|last| last.batch.id == made.batch.id) {
            all.pop();
        }
        all.push(made);
    }
    Ok(all)
}

/// The locked months of a legal entity, oldest first. Each lock is checked against what it locks and the one before it.
///
/// # Errors
/// When the database cannot be read, or the chain is broken.
pub async fn locked(store: &dyn Store, entity: &LegalEntityId) -> Result<Vec<Locked>, CloseError> {
    let mut chain: Vec<Locked> = Vec::new();
    for (document, version) in kept::named(store, LOCK, entity.as_str()).await?.iter().zip(1..) {
        let lock: Lock = kept::read(document)?;
        let before = chain.last().map(|last| last.sha256.clone());
        let follows = document.version == version && lock.previous == before && lock.entity == *entity;
        if !follows {
            return Err(kept::broken(document, "it does not follow the lock before it"));
        }
        let made = store.document_by_hash(PREPARED, &lock.batch).await?;
        let made = made.ok_or_else(|| kept::broken(document, "the batch that it locks is gone"))?;
        let batch = preparation(&made)?.batch;
        let of_lock = batch.previous == before && batch.period == lock.period && batch.entity == lock.entity;
        if !of_lock {
            return Err(kept::broken(document, "the batch that it locks is of another month or chain"));
        }
        chain.push(Locked { lock, sha256: document.sha256.clone(), batch });
    }
    Ok(chain)
}

/// A locked month by its batch's id.
///
/// # Errors
/// When there is none, or the chain is broken.
pub async fn by_id(store: &dyn Store, id: &str) -> Result<Locked, CloseError> {
    let unknown = || CloseError::NotLocked(id.chars().take(160).collect());
    let entity = entity_of(id).ok_or_else(unknown)?;
    let chain = locked(store, &entity).await?;
    chain.into_iter().find(|month| month.batch.id == id).ok_or_else(unknown)
}

/// The legal entity of a batch's id.
pub fn entity_of(id: &str) -> Option<LegalEntityId> {
    let (entity, month) = id.split_at_checked(id.len().checked_sub("-2027-03".len())?)?;
    month.strip_prefix('-').and_then(|_| entity.parse().ok())
}

/// A month that a person may lock, as it was found.
#[derive(Debug)]
pub struct Lockable {
    /// The lock.
    pub lock: Lock,
    /// Its place in the chain.
    place: u32,
    /// The version of the end of the preparations; `None` where somebody has set it before and did not come to the lock.
    end: Option<u32>,
}

/// The lock that a person would put on a month.
///
/// # Errors
/// When the month is locked, not next, not what was prepared last, or was prepared by the same person.
pub async fn lockable(
    store: &dyn Store,
    (entity, month): (&LegalEntityId, &str),
    hash: &str,
    by: &PersonId,
    at: Timestamp,
) -> Result<Lockable, CloseError> {
    let chain = locked(store, entity).await?;
    if chain.iter().any(|known| known.lock.period == month) {
        return Err(CloseError::Locked { entity: entity.clone(), month: month.to_owned() });
    }
    let series = series(store, &Batch::id_of(entity, month)).await?;
    let all = series.made.iter().map(preparation).collect::<Result<Vec<_>, _>>()?;
    let named = |made: &&Prepared| hash.len() >= HASH_LEAST && made.sha256.starts_with(hash);
    let (entity, month, hash) = (entity.clone(), month.to_owned(), hash.chars().take(64).collect());
    let Some(made) = all.iter().rfind(named) else {
        return Err(CloseError::NotPrepared { entity, month, hash });
    };
    let previous = chain.last().map(|last| last.sha256.clone());
    if all.last().is_some_and(|last| last.sha256 != made.sha256) || made.batch.previous != previous {
        return Err(CloseError::Outdated { entity, month, hash });
    }
    let same = all.iter().filter(|other| other.sha256 == made.sha256);
    let mut prepared_by: Vec<String> = same.map(|other| other.by.clone()).collect();
    prepared_by.sort();
    prepared_by.dedup();
    if prepared_by.iter().any(|person| person == by.as_str()) {
        let (person, did) = (by.clone(), "prepared this month");
        return Err(CloseError::SamePerson { person, did, approve: "lock it" });
    }
    let batch = made.sha256.clone();
    let lock = Lock { entity, period: month, batch, previous, prepared_by, locked_by: by.clone(), at };
    let place = u32::try_from(chain.len()).unwrap_or(u32::MAX).saturating_add(1);
    Ok(Lockable { lock, place, end: (!series.settled).then_some(series.next) })
}

impl Lockable {
    /// Locks the month as it was found. First the preparations end, so that none comes in between.
    ///
    /// # Errors
    /// When somebody prepared it or locked a month of the legal entity at the same time.
    pub async fn lock(self, store: &dyn Store) -> Result<Lock, CloseError> {
        let Lockable { lock, place, end } = self;
        let (by, at) = (lock.locked_by.as_str(), lock.at);
        if let Some(version) = end {
            let id = Batch::id_of(&lock.entity, &lock.period);
            let text = kept::written(&Settled { settled: lock.batch.clone(), by: by.to_owned() })?;
            let taken = || format!("somebody else prepared or locked `{id}` just now; look at it");
            kept::put(store, (PREPARED, &id, version), text, Author { by, at }, taken).await?;
        }
        let taken = || format!("somebody else locked a month of `{}` just now; look at it", lock.entity);
        let text = kept::written(&lock)?;
        kept::put(store, (LOCK, lock.entity.as_str(), place), text, Author { by, at }, taken).await?;
        Ok(lock)
    }
}

/// Locks a month.
///
/// # Errors
/// As [`lockable`], and when somebody prepared it or locked a month at the same time.
pub async fn lock(
    store: &dyn Store,
    month: (&LegalEntityId, &str),
    hash: &str,
    by: &PersonId,
    at: Timestamp,
) -> Result<Lock, CloseError> {
    lockable(store, month, hash, by, at).await?.lock(store).await
}

/// The bytes of a locked month: always the same.
///
/// # Errors
/// When they cannot be written.
pub fn bytes(month: &Locked) -> Result<Exported, CloseError> {
    let wrong = |why: String| CloseError::Broken { what: format!("batch `{}`", month.batch.id), why };
    let json_lines = json_lines(&month.batch).map_err(|error| wrong(error.to_string()))?;
    let csv = table::csv(&month.batch).map_err(|error| wrong(error.to_string()))?;
    let (table, lines) = (sha256(csv.as_bytes()), sha256(json_lines.as_bytes()));
    let manifest = Manifest { batch: month.lock.batch.clone(), csv: table, json_lines: lines };
    Ok(Exported { csv, json_lines, manifest })
}

/// The bytes of a locked month, noting that they were given out. Given out again they are the same, or it is refused.
///
/// # Errors
/// When they are not those that were given out before, or the database cannot be written.
pub async fn export(store: &dyn Store, month: &Locked, by: &PersonId, at: Timestamp) -> Result<Exported, CloseError> {
    let made = bytes(month)?;
    let text = kept::written(&made.manifest)?;
    let id = &month.batch.id;
    let taken = || format!("batch `{id}` was exported with other bytes by another version of the program; use those");
    kept::put(store, (EXPORTED, id, 1), text, Author { by: by.as_str(), at }, taken).await?;
    Ok(made)
}

/// Who gave a batch out first, and what.
///
/// # Errors
/// When the database cannot be read.
pub async fn exported(store: &dyn Store, id: &str) -> Result<Option<Said<Manifest>>, CloseError> {
    said(store, EXPORTED, id).await
}

/// The general ledger's acknowledgement of a batch.
///
/// # Errors
/// When the database cannot be read.
pub async fn acknowledged(store: &dyn Store, id: &str) -> Result<Option<Said<Acknowledged>>, CloseError> {
    said(store, ACKNOWLEDGED, id).await
}

async fn said<T: serde::de::DeserializeOwned>(
    store: &dyn Store,
    kind: &str,
    id: &str,
) -> Result<Option<Said<T>>, CloseError> {
    let kept = kept::named(store, kind, id).await?;
    let first = kept.first().map(|first| Ok(Said { what: kept::read(first)?, by: first.by.clone(), at: first.at }));
    first.transpose()
}

/// Whether a batch may be acknowledged under a reference: it was exported, and under no other.
///
/// # Errors
/// When it may not.
pub async fn acknowledgeable(store: &dyn Store, month: &Locked, reference: &str) -> Result<(), CloseError> {
    let id = &month.batch.id;
    if exported(store, id).await?.is_none() {
        return Err(CloseError::Done(format!("batch `{id}` was never exported; export it first")));
    }
    match acknowledged(store, id).await? {
        Some(known) if known.what.reference != reference => Err(acknowledged_as(id, &known.what.reference)),
        _ => Ok(()),
    }
}

fn acknowledged_as(id: &str, reference: &str) -> CloseError {
    CloseError::Done(format!("batch `{id}` was acknowledged as `{reference}`; a correction goes into the open month"))
}

/// Notes that the general ledger has taken a batch. The same reference again changes nothing.
///
/// # Errors
/// When it was never exported, or acknowledged under another reference.
pub async fn acknowledge(
    store: &dyn Store,
    month: &Locked,
    reference: &str,
    by: &PersonId,
    at: Timestamp,
) -> Result<(), CloseError> {
    acknowledgeable(store, month, reference).await?;
    let text = kept::written(&Acknowledged { batch: month.lock.batch.clone(), reference: reference.to_owned() })?;
    let taken = || format!("batch `{}` was acknowledged under another reference just now", month.batch.id);
    kept::put(store, (ACKNOWLEDGED, &month.batch.id, 1), text, Author { by: by.as_str(), at }, taken).await?;
    Ok(())
}
