//! How long proof is kept: until the rule D10 of its claims' packs says that its time is over, and longer where it is held.

use std::collections::{BTreeMap, btree_map::Entry};

use entente_core::{
    context::funding::{CLAIM_FILE_KEY, ClaimPaper},
    ids::PartyId,
    mdf::{Pack, kept_until},
};
use entente_documents::{Digest, Permit, Standing, Vault};
use entente_store::{Error as StoreError, Store, StoredDocument};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{KIND, Kept, NotKept, all, latest, put, read, record_name, uncount};
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
        let day = known.get(&named).and_then(|pack| kept_until(pack, &kept.class, kept.received_on));
        let Some(day) = day else { return Ok(None) };
        latest = latest.max(Some(day));
    }
    Ok(latest)
}

/// Removes a content. What remains is its records, with the day: they are written first, so that no claim is judged by a file that
/// is about to go.
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
        let gone = Kept { removed_on: Some(due.permit.given_on()), ..current };
        put(store, &gone, version + 1, by, at).await?;
        uncount(store, &kept.party, kept.bytes).await?;
    }
    let digest = due.records.iter().find_map(|kept| kept.sha256.parse::<Digest>().ok());
    if let Some(digest) = digest {
        vault.remove(&digest, &due.permit).await?;
    }
    Ok(())
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
