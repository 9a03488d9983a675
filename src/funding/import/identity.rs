//! What identifies a file and the way it is read.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use sha2::{Digest as _, Sha256};

/// Hashes of a file and of its mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Of both together.
    pub id: String,
    /// Of the file.
    pub file_sha256: String,
    /// Of the mapping's text.
    pub mapping_sha256: String,
}

/// Hashes a file, piece by piece, and the text of its mapping.
///
/// # Errors
/// When the file cannot be read.
pub fn identify(path: &Path, mapping: &str) -> io::Result<Identity> {
    let mut file = File::open(path)?;
    let (mut hasher, mut piece) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        hasher.update(piece.get(..read).unwrap_or_default());
    }
    let file_sha256 = hex::encode(hasher.finalize());
    let mapping_sha256 = hex::encode(Sha256::digest(mapping.as_bytes()));
    let id = hex::encode(Sha256::digest(format!("{file_sha256}\n{mapping_sha256}").as_bytes()));
    Ok(Identity { id, file_sha256, mapping_sha256 })
}
