//! Having files scanned that no scanner has seen.

use entente_core::mdf::model::Scan;
use entente_documents::{self as documents, Declared, Digest, Scanner, Vault};
use entente_store::Store;
use jiff::Timestamp;

use super::{Kept, NotKept, all, latest, put};
use crate::offers::DeskError;

/// What became of the files that no scanner had seen.
#[derive(Debug, Default)]
pub struct Scanned {
    /// What was found in each.
    pub found: Vec<Kept>,
    /// Those that could not be scanned, each with why.
    pub failed: Vec<(Kept, NotKept)>,
}

/// Has every file scanned that no scanner has seen. One that cannot be scanned stands in no other's way.
///
/// # Errors
/// When the records cannot be read.
pub async fn scan(
    store: &dyn Store,
    vault: &Vault,
    scanner: &dyn Scanner,
    by: &str,
    at: Timestamp,
) -> Result<Scanned, DeskError> {
    let mut scanned = Scanned::default();
    for kept in all(store).await?.into_iter().filter(unseen) {
        match one(store, vault, scanner, &kept, (by, at)).await {
            Ok(found) => scanned.found.extend(found),
            Err(why) => scanned.failed.push((kept, why)),
        }
    }
    Ok(scanned)
}

fn unseen(kept: &Kept) -> bool {
    kept.is_there() && kept.scan == Scan::Pending
}

/// Has a file scanned, unless that was done or it was removed meanwhile.
async fn one(
    store: &dyn Store,
    vault: &Vault,
    scanner: &dyn Scanner,
    kept: &Kept,
    (by, at): (&str, Timestamp),
) -> Result<Option<Kept>, NotKept> {
    let Some((kept, version)) = latest(store, &kept.party, &kept.sha256).await?.filter(|(kept, _)| unseen(kept)) else {
        return Ok(None);
    };
    let Ok(digest) = kept.sha256.parse::<Digest>() else { return Ok(None) };
    let bytes = vault.get(&digest).await?;
    let admitted = vault.admit(bytes, &Declared { name: &kept.name, media_type: None })?;
    let kept = Kept { scan: found(scanner.scan(&admitted).await?), ..kept };
    if kept.scan != Scan::Pending {
        put(store, &kept, version + 1, by, at).await?;
    }
    Ok(Some(kept))
}

/// The scanner's word, as the rules know it.
pub(super) fn found(scan: documents::Scan) -> Scan {
    match scan {
        documents::Scan::Clean => Scan::Clean,
        documents::Scan::Infected => Scan::Infected,
        documents::Scan::Pending => Scan::Pending,
    }
}
