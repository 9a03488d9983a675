//! History that proves itself: every run's records form a chain of hashes, seals sign what the chains had become.
//!
//! A chain finds an entry that was edited, removed or moved and says which; a seal finds a tail that was cut off and a chain
//! that was written anew. Everything here works on rows and seals alone, so that an export can be verified anywhere. What
//! has left the database for an archive is vouched for by the archive's manifest.

mod archive;
mod chain;
mod finding;
mod fingerprint;
mod merkle;
mod seal;
mod verify;

pub use archive::{ArchiveAudit, ArchiveFault, ArchivedRun, Manifest};
pub use chain::{Chain, row_hash};
pub use finding::{Finding, SealFault};
pub use fingerprint::Fingerprint;
pub use merkle::merkle_root;
pub use seal::{Head, Seal, Verifier};
pub use verify::{Audit, Report, StoredRow};
