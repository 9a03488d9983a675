//! The files that a claim names: what the records say of them, and whether the vault still holds what was handed in.

use entente_core::{
    context::funding::{ClaimPaper, Proof},
    ids::PartyId,
    mdf::model::{Evidence, Scan},
};
use entente_documents::{self as documents, Digest};
use entente_store::Store;

use super::{Kept, Room, find};
use crate::offers::DeskError;

/// Why a claim cannot stand on a file. Of another party's file it says what it says of one that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The party has handed in no such file.
    #[error("`{party}` has handed in no file `{file}`; hand it in with `entente evidence add`")]
    Unknown {
        /// Whose it would be.
        party: PartyId,
        /// The hash that was named.
        file: String,
    },
    /// The scanner found something in it.
    #[error("the scanner found something harmful in `{name}`; hand in a clean copy, and name that")]
    Harmful {
        /// Its name.
        name: String,
    },
    /// Its time was over.
    #[error("`{name}` was removed on {on}, when its time was over; hand it in again")]
    Removed {
        /// Its name.
        name: String,
        /// When.
        on: jiff::civil::Date,
    },
    /// No scanner has seen it.
    #[error("`{name}` is not scanned yet; have it scanned with `entente evidence scan`")]
    Unscanned {
        /// Its name.
        name: String,
    },
}

impl Unfit {
    /// Whether it may become fit without anybody changing the claim.
    pub fn may_pass(&self) -> bool {
        matches!(self, Unfit::Unscanned { .. })
    }
}

/// What the records say of each file that a claim names, in its order; `None` where the party has handed in no such file.
///
/// # Errors
/// When the database or a record cannot be read.
pub async fn recorded(store: &dyn Store, paper: &ClaimPaper) -> Result<Vec<Option<Kept>>, DeskError> {
    let mut records = Vec::new();
    for proof in &paper.evidence {
        records.push(find(store, &paper.partner, &proof.file).await?);
    }
    Ok(records)
}

/// The first file on which a claim cannot stand, by its place; one that can never become fit before one that may.
pub fn unfit(paper: &ClaimPaper, records: &[Option<Kept>]) -> Option<(usize, Unfit)> {
    let found = paper.evidence.iter().zip(records).enumerate().filter_map(|(at, (proof, record))| {
        let why = judged(&paper.partner, proof, record.as_ref())?;
        Some((at, why))
    });
    found.min_by_key(|(at, why)| (why.may_pass(), *at))
}

fn judged(party: &PartyId, proof: &Proof, record: Option<&Kept>) -> Option<Unfit> {
    let Some(kept) = record else {
        return Some(Unfit::Unknown { party: party.clone(), file: proof.file.clone() });
    };
    let name = kept.name.clone();
    match (kept.removed_on, kept.scan) {
        (Some(on), _) => Some(Unfit::Removed { name, on }),
        (None, Scan::Infected) => Some(Unfit::Harmful { name }),
        (None, Scan::Pending) => Some(Unfit::Unscanned { name }),
        (None, Scan::Clean) => None,
    }
}

/// The files of a claim as the rules see them: what each proves is the claim's word, everything else the record's.
pub fn model(paper: &ClaimPaper, records: &[Option<Kept>]) -> Vec<Evidence> {
    let named = paper.evidence.iter().zip(records);
    named.filter_map(|(proof, record)| Some(record.as_ref()?.proof(&proof.kind))).collect()
}

/// Why a file of a claim could not be read back as it was handed in.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// It is missing, was changed, or the vault cannot be read.
    #[error(transparent)]
    Vault(#[from] documents::Error),
    /// The claim names no hash.
    #[error(transparent)]
    Name(#[from] documents::NotADigest),
}

/// Reads every file of a claim back, and holds it against the hash by which the claim names it.
///
/// # Errors
/// When one is missing or was changed, or the vault cannot be read.
pub async fn read_back(room: &Room, paper: &ClaimPaper) -> Result<(), NotRead> {
    if paper.evidence.is_empty() {
        return Ok(());
    }
    let vault = room.vault()?;
    for proof in &paper.evidence {
        let digest: Digest = proof.file.parse()?;
        vault.check(&digest).await?;
    }
    Ok(())
}
