//! How long proof is kept: until the rule D10 of its claims' packs says that its time is over, and longer where it is held.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use entente_core::{
    context::funding::{CLAIM_FILE_KEY, ClaimPaper, ORDER_FILE_KEY, OrderPaper},
    ids::PartyId,
    mdf::{Pack, kept_until},
};
use entente_documents::{Declared, Digest, Permit, Standing, Vault};
use entente_store::{Error as StoreError, Store, StoredDocument};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{KIND, Kept, NotKept, all, class_of, latest, put, read, record_name, usage::uncount};
use crate::{
    funding::{
        packs,
        stored::{self, Stored},
    },
    offers::DeskError,
};

/// A content whose time is over for everybody who has handed it in.
pub struct Due {
    /// Its records, one for each party.
    pub records: Vec<Kept>,
    permit: Permit,
}

/// What a person wants of a legal hold.
pub enum Hold {
    /// Keep the file, whatever its age.
    Begin,
    /// Keep it no longer than the rules say.
    End,
}

/// Whether anybody has handed anything in: without it, nobody needs a vault.
///
/// # Errors
/// When the records cannot be read.
pub async fn any(store: &dyn Store) -> Result<bool, DeskError> {
    Ok(!all(store).await?.is_empty())
}

/// The contents that may be removed: the time of each is over by every pack by which a claim on it was judged, no claim that names
/// it is open, and nobody holds it. What no claim names, and what a pack has no rule for, is kept.
///
/// # Errors
/// When the records, claims or packs cannot be read.
pub async fn due(store: &dyn Store, now: Timestamp) -> Result<Vec<Due>, DeskError> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut contents: BTreeMap<String, Vec<Kept>> = BTreeMap::new();
    for kept in all(store).await?.into_iter().filter(Kept::is_there) {
        contents.entry(kept.sha256.clone()).or_default().push(kept);
    }
    let mut known = BTreeMap::new();
    let mut over = Vec::new();
    for (sha256, records) in contents {
        let claims = stored::by_key::<ClaimPaper>(store, CLAIM_FILE_KEY, &sha256).await?;
        // What a supplier was paid on stays as long as the order does: no pack says for how long.
        if !stored::by_key::<OrderPaper>(store, ORDER_FILE_KEY, &sha256).await?.is_empty() {
            continue;
        }
        let mut permit = None;
        for kept in &records {
            let own: Vec<_> = claims.iter().filter(|claim| claim.sheet.paper.partner == kept.party).collect();
            let until = until(store, kept, &own, &mut known).await?;
            let Standing::Removable(given) = Standing::on(today, until, kept.hold.is_some()) else {
                permit = None;
                break;
            };
            permit = Some(given);
        }
        over.extend(permit.map(|permit| Due { records, permit }));
    }
    Ok(over)
}

/// The day on which the time of a party's file is over; `None` where there is no such day.
async fn until(
    store: &dyn Store,
    kept: &Kept,
    claims: &[&Stored<ClaimPaper>],
    known: &mut BTreeMap<String, Pack>,
) -> Result<Option<Date>, DeskError> {
    let mut latest = None;
    for claim in claims {
        let Some(pin) = claim.sheet.course.pack.as_ref().filter(|_| claim.row.snapshot.ended) else { return Ok(None) };
        let named = format!("{}@{}", pin.name, pin.version);
        if let Entry::Vacant(unread) = known.entry(named.clone()) {
            unread.insert(packs::find(store, &named).await?);
        }
        let Some(pack) = known.get(&named) else { return Ok(None) };
        for class in classes(kept, &claim.sheet.paper) {
            let Some(day) = kept_until(pack, &class, kept.received_on) else { return Ok(None) };
            latest = latest.max(Some(day));
        }
    }
    Ok(latest)
}

/// The classes by which a file is kept: the one that was said when it was handed in, and those of what the claim says that it
/// proves. An invoice that was handed in as a photo is kept as an invoice.
fn classes(kept: &Kept, claim: &ClaimPaper) -> BTreeSet<String> {
    let named = claim.evidence.iter().filter(|proof| proof.file == kept.sha256);
    named.map(|proof| class_of(&proof.kind)).chain([kept.class.clone()]).collect()
}

/// The contents of which the records say that they were removed, and which lie in the vault: whoever removed them did not come to
/// their end. Removing them is safe as long as nobody has handed them in again.
///
/// # Errors
/// When records or vault cannot be read.
pub async fn left_behind(store: &dyn Store, vault: &Vault, now: Timestamp) -> Result<Vec<Due>, NotKept> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut contents: BTreeMap<String, Vec<Kept>> = BTreeMap::new();
    for kept in all(store).await? {
        contents.entry(kept.sha256.clone()).or_default().push(kept);
    }
    let mut left = Vec::new();
    for records in contents.into_values().filter(|records| !records.iter().any(Kept::is_there)) {
        let removed_on = records.iter().filter_map(|kept| kept.removed_on).max();
        let Standing::Removable(permit) = Standing::on(today, removed_on, false) else { continue };
        let Some(digest) = digest_of(&records) else { continue };
        if vault.exists(&digest).await? {
            left.push(Due { records, permit });
        }
    }
    Ok(left)
}

fn digest_of(records: &[Kept]) -> Option<Digest> {
    records.iter().find_map(|kept| kept.sha256.parse().ok())
}

/// Removes a content. What remains is its records, with the day: they are written first, so that no claim is judged by a file that
/// is about to go. What somebody has handed in meanwhile stays.
///
/// # Errors
/// When records or vault cannot be written; removing it again is safe.
pub async fn remove(store: &dyn Store, vault: &Vault, due: &Due, by: &str, at: Timestamp) -> Result<(), NotKept> {
    for kept in &due.records {
        let Some((current, version)) = latest(store, &kept.party, &kept.sha256).await? else { continue };
        if current != *kept {
            let id = format!("{}/{}", kept.party, kept.sha256);
            return Err(DeskError::from(StoreError::Conflict { kind: "evidence", id }).into());
        }
        if current.is_there() {
            let gone = Kept { removed_on: Some(due.permit.given_on()), ..current };
            put(store, &gone, version + 1, by, at).await?;
        }
        uncount(store, &kept.party, &kept.sha256, kept.bytes).await?;
    }
    match digest_of(&due.records) {
        Some(digest) => take_out(store, vault, &digest, &due.permit).await,
        None => Ok(()),
    }
}

/// Takes a content out of the vault that nobody keeps. Whoever hands it in writes the record and looks after the content once more:
/// a record that comes while it is taken out is seen here, and it is put back, or comes later, and its writer stores it again.
async fn take_out(store: &dyn Store, vault: &Vault, digest: &Digest, permit: &Permit) -> Result<(), NotKept> {
    if keeper(store, digest).await?.is_some() {
        return Ok(());
    }
    // What is missing or was changed cannot be put back.
    let bytes = vault.get(digest).await.ok();
    vault.remove(digest, permit).await?;
    if let (Some(kept), Some(bytes)) = (keeper(store, digest).await?, bytes) {
        vault.put(&vault.admit(bytes, &Declared { name: &kept.name, media_type: None })?).await?;
    }
    Ok(())
}

/// A record of somebody who keeps a content.
async fn keeper(store: &dyn Store, digest: &Digest) -> Result<Option<Kept>, DeskError> {
    let sha256 = digest.to_string();
    Ok(all(store).await?.into_iter().find(|kept| kept.sha256 == sha256 && kept.is_there()))
}

/// Holds a party's file, or holds it no longer; its record, and the hash of that. Every version of it stays, with who wrote it and
/// when.
///
/// # Errors
/// When there is no such file, or somebody else changes its record at the same time.
pub async fn hold(
    store: &dyn Store,
    (party, sha256): (&PartyId, &str),
    hold: Hold,
    (by, because): (&str, &str),
    at: Timestamp,
) -> Result<(Kept, String), DeskError> {
    let known = latest(store, party, sha256).await?;
    let missing = || StoreError::NotFound { kind: "file", id: sha256.to_owned() };
    let (kept, version) = known.filter(|(kept, _)| kept.is_there()).ok_or_else(missing)?;
    let because = Some(because.to_owned());
    let changed = match hold {
        Hold::Begin => Kept { hold: because, released: None, ..kept.clone() },
        Hold::End => Kept { hold: None, released: because, ..kept.clone() },
    };
    let record = put(store, &changed, if changed == kept { version } else { version + 1 }, by, at).await?;
    Ok((changed, record))
}

/// Every version of the record of a party's file, the first one first.
///
/// # Errors
/// When the database or a record cannot be read.
pub async fn trail(store: &dyn Store, party: &PartyId, sha256: &str) -> Result<Vec<(StoredDocument, Kept)>, DeskError> {
    let name = record_name(party, sha256);
    let versions = store.documents(KIND).await?.into_iter().filter(|document| document.name == name);
    versions.map(|document| read(&document).map(|kept| (document, kept))).collect()
}
