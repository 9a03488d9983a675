//! Proof that partners hand in: kept in the vault, with a record in the database of what each file is and whose.

use entente_core::{
    ids::PartyId,
    mdf::model::{Evidence as Proof, MediaType, Scan},
};
use entente_documents::{self as documents, Declared, Digest, Quota, Scanner, Usage, Vault};
use entente_store::{Store, StoredDocument};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::offers::DeskError;

const KIND: &str = "evidence";

/// What one party may keep.
const QUOTA: Quota = Quota { bytes: 5 * 1024 * 1024 * 1024, files: 20_000 };

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
    /// The file as a claim names it.
    pub fn proof(&self, kind: &str, class: &str) -> Proof {
        Proof {
            sha256: self.sha256.clone(),
            name: self.name.clone(),
            kind: kind.to_owned(),
            refers_to: None,
            bytes: self.bytes,
            media: self.media,
            scan: self.scan,
            picture_hash: None,
            class: class.to_owned(),
            received_on: self.received_on,
            legal_hold: false,
            removed_on: None,
        }
    }
}

/// Judges a file, keeps it, and records whose it is. The same file of the same party is kept and counted once.
///
/// # Errors
/// When the file is refused, the party keeps too much, or vault or database cannot be written.
pub async fn keep(
    store: &dyn Store,
    vault: &Vault,
    scanner: &dyn Scanner,
    party: &PartyId,
    (name, bytes): (&str, Vec<u8>),
    at: Timestamp,
) -> Result<Kept, NotKept> {
    let admitted = vault.admit(bytes, &Declared { name, media_type: None })?;
    let sha256 = admitted.digest().to_string();
    if let Some(known) = find(store, party, &sha256).await? {
        return Ok(known);
    }
    let scan = match scanner.scan(&admitted).await? {
        documents::Scan::Clean => Scan::Clean,
        documents::Scan::Infected => Scan::Infected,
        documents::Scan::Pending => Scan::Pending,
    };
    count(store, party, admitted.size()).await?;
    vault.put(&admitted).await?;
    let kept = Kept {
        sha256: sha256.clone(),
        party: party.clone(),
        name: admitted.name().to_owned(),
        media: media(admitted.kind()),
        bytes: admitted.size(),
        scan,
        received_on: at.to_zoned(TimeZone::UTC).date(),
    };
    let text = serde_json::to_string(&kept).unwrap_or_default();
    let document = StoredDocument {
        kind: KIND.into(),
        name: record_name(party, &sha256),
        version: 1,
        sha256: hex::encode(sha2::Sha256::digest(text.as_bytes())),
        text,
        by: party.to_string(),
        at,
        active: true,
    };
    store.put_document(&document).await.map_err(DeskError::from)?;
    Ok(kept)
}

/// What is known of a party's file; nothing of another party's.
///
/// # Errors
/// When the database or the record cannot be read.
pub async fn find(store: &dyn Store, party: &PartyId, sha256: &str) -> Result<Option<Kept>, DeskError> {
    let name = record_name(party, sha256);
    let all = store.documents(KIND).await?;
    let found = all.into_iter().find(|document| document.name == name);
    found.map(|document| read(&document)).transpose()
}

/// Every record.
///
/// # Errors
/// When the database or a record cannot be read.
pub async fn all(store: &dyn Store) -> Result<Vec<Kept>, DeskError> {
    store.documents(KIND).await?.iter().map(read).collect()
}

/// The files that are missing from the vault or were changed in it, each with what is wrong.
///
/// # Errors
/// When the records cannot be read.
pub async fn unsound(store: &dyn Store, vault: &Vault) -> Result<Vec<(Kept, documents::Error)>, DeskError> {
    let mut wrong = Vec::new();
    for kept in all(store).await? {
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

/// Counts one more file of a party, as long as it may keep that much.
async fn count(store: &dyn Store, party: &PartyId, size: u64) -> Result<(), NotKept> {
    let setting = format!("evidence.kept/{party}");
    loop {
        let said = store.setting(&setting).await.map_err(DeskError::from)?;
        let numbers = said.as_deref().and_then(|said| said.split_once(' '));
        let used =
            numbers.and_then(|(bytes, files)| Some(Usage { bytes: bytes.parse().ok()?, files: files.parse().ok()? }));
        let next = QUOTA.with(party.as_str(), used.unwrap_or_default(), size)?;
        let value = format!("{} {}", next.bytes, next.files);
        if store.replace_setting(&setting, said.as_deref(), &value).await.map_err(DeskError::from)? {
            return Ok(());
        }
    }
}
