//! The vault of proof: invoices, photos and lists that show that an activity took place, kept for years.
//!
//! A file enters through [`admit`], which judges its bytes without unpacking or decoding them, and gives an [`Evidence`]
//! or a [`Refusal`] with its remedy. A [`Vault`] keeps evidence under the SHA-256 of its content, in a folder or in a
//! bucket of an S3-compatible service, and verifies it whenever it is read. Who may see or remove what, and which records
//! name which file, is the caller's affair; this crate makes sure that no file does harm, changes unseen, or leaves
//! before its time. See `docs/evidence.md`. A [`Raw`] keeps large files of figures in the same place.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

mod admit;
mod digest;
mod download;
mod error;
mod media;
mod name;
mod place;
mod quota;
mod raw;
mod refusal;
mod remote;
mod retention;
mod scan;
mod settings;
mod vault;

pub use admit::{Declared, Evidence, Limits, admit, admit_stream};
pub use digest::{Digest, NotADigest};
pub use download::{content_disposition, download_headers};
pub use error::{Error, Result};
pub use media::MediaType;
pub use name::shown_name;
pub use quota::{Quota, QuotaExceeded, Usage};
pub use raw::{Kept, Raw};
pub use refusal::Refusal;
pub use remote::{Object, Remote};
pub use retention::{Class, Permit, Retention, Standing};
pub use scan::{CommandScanner, NoScanner, Scan, Scanner};
pub use settings::{Bucket, Credentials, Place, Settings};
pub use vault::{Put, Tombstone, Vault};
