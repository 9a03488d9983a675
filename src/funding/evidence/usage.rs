//! What each party keeps, counted file by file.

use entente_core::ids::PartyId;
use entente_documents::{Quota, QuotaExceeded, Usage};
use entente_store::Store;

use super::NotKept;
use crate::offers::DeskError;

/// What one party may keep.
const QUOTA: Quota = Quota { bytes: 5 * 1024 * 1024 * 1024, files: 20_000 };

/// What a file's mark says while it counts, and when it does no longer.
const COUNTS: &str = "counts";
const FREE: &str = "free";

/// Counts a file of a party, as long as it may keep that much. A file that counts already is not counted again.
pub(super) async fn count(store: &dyn Store, party: &PartyId, sha256: &str, size: u64) -> Result<(), NotKept> {
    if !mark(store, party, sha256, COUNTS).await? {
        return Ok(());
    }
    let counted = recount(store, party, |used| QUOTA.with(party.as_str(), used, size)).await;
    if counted.is_err() {
        mark(store, party, sha256, FREE).await?;
    }
    counted
}

/// Counts a file of a party no longer. What does not count is left alone, so that it can be repeated.
pub(super) async fn uncount(store: &dyn Store, party: &PartyId, sha256: &str, size: u64) -> Result<(), NotKept> {
    if !mark(store, party, sha256, FREE).await? {
        return Ok(());
    }
    let less = |used: Usage| Usage { bytes: used.bytes.saturating_sub(size), files: used.files.saturating_sub(1) };
    recount(store, party, |used| Ok(less(used))).await
}

/// Marks a file; false where its mark says so already, or somebody else changes it at the same time.
async fn mark(store: &dyn Store, party: &PartyId, sha256: &str, says: &str) -> Result<bool, NotKept> {
    let setting = format!("evidence.counted/{party}/{sha256}");
    let said = store.setting(&setting).await.map_err(DeskError::from)?;
    if said.as_deref() == Some(says) {
        return Ok(false);
    }
    Ok(store.replace_setting(&setting, said.as_deref(), says).await.map_err(DeskError::from)?)
}

fn read(said: Option<&str>) -> Usage {
    let numbers = said.and_then(|said| said.split_once(' '));
    let used =
        numbers.and_then(|(bytes, files)| Some(Usage { bytes: bytes.parse().ok()?, files: files.parse().ok()? }));
    used.unwrap_or_default()
}

async fn recount(
    store: &dyn Store,
    party: &PartyId,
    next: impl Fn(Usage) -> Result<Usage, QuotaExceeded>,
) -> Result<(), NotKept> {
    let setting = format!("evidence.kept/{party}");
    loop {
        let said = store.setting(&setting).await.map_err(DeskError::from)?;
        let next = next(read(said.as_deref()))?;
        let value = format!("{} {}", next.bytes, next.files);
        if store.replace_setting(&setting, said.as_deref(), &value).await.map_err(DeskError::from)? {
            return Ok(());
        }
    }
}
