//! Proof that partners hand in: kept in the vault, with a record in the database of what each file is and whose.

mod claimed;
mod retention;
mod room;
mod scan;
mod usage;

pub use claimed::{NotRead, Unfit, model, read_back, recorded, unfit};
use entente_core::{
    ids::PartyId,
    mdf::model::{Evidence as Proof, MediaType, Scan},
};
use entente_documents::{self as documents, Declared, Digest, Scanner, Vault};
use entente_store::{Store, StoredDocument};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
pub use retention::{Due, Hold, any, due, hold, left_behind, remove, trail};
pub use room::Room;
pub use scan::{Scanned, scan};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use self::{
    scan::found,
    usage::{count, uncount},
};
use crate::offers::DeskError;

const KIND: &str = "evidence";

/// What is known of a file that a party has handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Its SHA-256.
    pub sha256: String,
    /// Whose it is.
    pub party: PartyId,
    /// Its name, as it may be shown.
    pub name: String,
    /// What its bytes say that it is.
    pub media: MediaType,
    /// Its size in bytes.
    pub bytes: u64,
    /// What the scanner found.
    pub scan: Scan,
    /// The day on which it arrived, in UTC.
    pub received_on: Date,
    /// The class of document, for how long it is kept.
    #[serde(default = "proof_class")]
    pub class: String,
    /// Why it is kept whatever its age, where somebody has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// Why it is no longer held, as it was said the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<String>,
    /// The day on which it was removed, because its time was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_on: Option<Date>,
}

fn proof_class() -> String {
    "proof".to_owned()
}

/// The class of document that a proof is of, where nobody has said otherwise: invoices are kept for longer than photos.
pub fn class_of(kind: &str) -> String {
    match kind {
        "invoice" | "receipt" => "invoice".to_owned(),
        _ => proof_class(),
    }
}

/// Why a file is not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// The vault refuses it, or cannot be reached.
    #[error(transparent)]
    Vault(#[from] documents::Error),
    /// The party keeps too much already.
    #[error(transparent)]
    Quota(#[from] documents::QuotaExceeded),
    /// The records could not be written.
    #[error(transparent)]
    Records(#[from] DeskError),
}

impl Kept {
    /// The file as the rules see it, where it proves this.
    pub(in crate::funding) fn proof(&self, kind: &str) -> Proof {
        Proof {
            sha256: self.sha256.clone(),
            name: self.name.clone(),
            kind: kind.to_owned(),
            refers_to: None,
            bytes: self.bytes,
            media: self.media,
            scan: self.scan,
            picture_hash: None,
            class: self.class.clone(),
            received_on: self.received_on,
            legal_hold: self.hold.is_some(),
            removed_on: self.removed_on,
        }
    }

    fn is_there(&self) -> bool {
        self.removed_on.is_none()
    }
}

/// A file that somebody hands in.
pub struct File<'a> {
    /// Its name.
    pub name: &'a str,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// The class of document that it is.
    pub class: &'a str,
}

/// Judges a file, keeps it, and records whose it is. The same file of the same party is kept and counted once; where the vault
/// has lost it, it is put back, and where no scanner has seen it yet, it is scanned again.
///
/// # Errors
/// When the file is refused, the party keeps too much, or vault or database cannot be written.
pub async fn keep(
    store: &dyn Store,
    vault: &Vault,
    scanner: &dyn Scanner,
    party: &PartyId,
    file: File<'_>,
    at: Timestamp,
) -> Result<Kept, NotKept> {
    let admitted = vault.admit(file.bytes, &Declared { name: file.name, media_type: None })?;
    let sha256 = admitted.digest().to_string();
    let known = latest(store, party, &sha256).await?;
    let version = known.as_ref().map_or(0, |(_, version)| *version);
    let Some(kept) = known.map(|(kept, _)| kept).filter(Kept::is_there) else {
        let kept = Kept {
            sha256,
            party: party.clone(),
            name: admitted.name().to_owned(),
            media: media(admitted.kind()),
            bytes: admitted.size(),
            scan: found(scanner.scan(&admitted).await?),
            received_on: at.to_zoned(TimeZone::UTC).date(),
            class: file.class.to_owned(),
            hold: None,
            released: None,
            removed_on: None,
        };
        add(store, vault, &admitted, (&kept, version + 1), at).await?;
        return Ok(kept);
    };
    vault.put(&admitted).await?;
    if kept.scan != Scan::Pending {
        return Ok(kept);
    }
    let scan = found(scanner.scan(&admitted).await?);
    if scan == kept.scan {
        return Ok(kept);
    }
    let kept = Kept { scan, ..kept };
    put(store, &kept, version + 1, party.as_str(), at).await?;
    Ok(kept)
}

/// Counts and keeps a file that its party does not have. What is not kept does not count.
async fn add(
    store: &dyn Store,
    vault: &Vault,
    admitted: &documents::Evidence,
    (kept, version): (&Kept, u32),
    at: Timestamp,
) -> Result<(), NotKept> {
    let Kept { party, sha256, bytes, .. } = kept;
    count(store, party, sha256, *bytes).await?;
    let written = async {
        vault.put(admitted).await?;
        put(store, kept, version, party.as_str(), at).await?;
        Ok(())
    };
    if let Err(error) = written.await {
        // Where somebody else has handed it in at the same time, it is kept and counts.
        if !find(store, party, sha256).await?.is_some_and(|known| known.is_there()) {
            uncount(store, party, sha256, *bytes).await?;
        }
        return Err(error);
    }
    // Whoever removed the content before the record was there did not know that it is wanted again.
    vault.put(admitted).await?;
    Ok(())
}

/// What is known of a party's file; nothing of another party's.
///
/// # Errors
/// When the database or the record cannot be read.
pub async fn find(store: &dyn Store, party: &PartyId, sha256: &str) -> Result<Option<Kept>, DeskError> {
    Ok(latest(store, party, sha256).await?.map(|(kept, _)| kept))
}

/// The record in force of a party's file, and its version.
async fn latest(store: &dyn Store, party: &PartyId, sha256: &str) -> Result<Option<(Kept, u32)>, DeskError> {
    let document = store.document(KIND, &record_name(party, sha256)).await?;
    document.map(|document| Ok((read(&document)?, document.version))).transpose()
}

/// Puts a version of a record in force, and gives its hash. What somebody else has written meanwhile is not written over.
async fn put(store: &dyn Store, kept: &Kept, version: u32, by: &str, at: Timestamp) -> Result<String, DeskError> {
    let name = record_name(&kept.party, &kept.sha256);
    let text = serde_json::to_string(kept)
        .map_err(|error| DeskError::Unreadable { what: format!("evidence `{name}`"), why: error.to_string() })?;
    let sha256 = hex::encode(sha2::Sha256::digest(text.as_bytes()));
    let (kind, by, hash) = (KIND.into(), by.to_owned(), sha256.clone());
    store.put_document(&StoredDocument { kind, name, version, sha256: hash, text, by, at, active: true }).await?;
    Ok(sha256)
}

/// Every record.
///
/// # Errors
/// When the database or a record cannot be read.
pub async fn all(store: &dyn Store) -> Result<Vec<Kept>, DeskError> {
    store.documents(KIND).await?.iter().filter(|document| document.active).map(read).collect()
}

/// The files that are missing from the vault or were changed in it, each with what is wrong.
///
/// # Errors
/// When the records cannot be read.
pub async fn unsound(store: &dyn Store, vault: &Vault) -> Result<Vec<(Kept, documents::Error)>, DeskError> {
    let mut wrong = Vec::new();
    for kept in all(store).await?.into_iter().filter(Kept::is_there) {
        let Ok(digest) = kept.sha256.parse::<Digest>() else { continue };
        if let Err(error) = vault.check(&digest).await {
            wrong.push((kept, error));
        }
    }
    Ok(wrong)
}

fn read(document: &StoredDocument) -> Result<Kept, DeskError> {
    serde_json::from_str(&document.text).map_err(|error| DeskError::Unreadable {
        what: format!("evidence `{}`", document.name),
        why: error.to_string(),
    })
}

fn record_name(party: &PartyId, sha256: &str) -> String {
    format!("{party}/{sha256}")
}

fn media(kind: documents::MediaType) -> MediaType {
    match kind {
        documents::MediaType::Pdf => MediaType::Pdf,
        documents::MediaType::Png => MediaType::Png,
        documents::MediaType::Jpeg => MediaType::Jpeg,
        documents::MediaType::Csv => MediaType::Csv,
        documents::MediaType::Xlsx => MediaType::Xlsx,
    }
}
