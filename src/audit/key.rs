//! The Ed25519 key that signs seals, in a file of its own beside the database, and the check of signatures.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use entente_core::audit::Verifier;

/// What can be wrong with the key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("the seal key `{path}` cannot be used: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a key.
    #[error("the seal key `{path}` is not 64 hexadecimal digits: restore it from where you keep your secrets")]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// The machine gives no randomness.
    #[error("the machine gives no randomness to make a key from: {0}")]
    Randomness(String),
}

/// The key that signs this installation's seals.
pub struct SealKey(SigningKey);

impl SealKey {
    /// Reads the key beside the database, or makes one that only this user may read.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not a key.
    pub fn beside(database: &Path) -> Result<SealKey, KeyError> {
        match SealKey::existing(database)? {
            Some(key) => Ok(key),
            None => SealKey::make(with_suffix(database, "seal-key")),
        }
    }

    /// Reads the key beside the database, if there is one.
    ///
    /// # Errors
    /// When the file cannot be read, or is not a key.
    pub fn existing(database: &Path) -> Result<Option<SealKey>, KeyError> {
        SealKey::read(&with_suffix(database, "seal-key"))
    }

    fn read(path: &Path) -> Result<Option<SealKey>, KeyError> {
        let path = path.to_owned();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(KeyError::File { path, source }),
        };
        let bytes = hex::decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes.map(|bytes| Some(SealKey(SigningKey::from_bytes(&bytes)))).ok_or(KeyError::NotAKey { path })
    }

    fn make(path: PathBuf) -> Result<SealKey, KeyError> {
        let mut secret = [0u8; 32];
        getrandom::fill(&mut secret).map_err(|error| KeyError::Randomness(error.to_string()))?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file_error = |source| KeyError::File { path: path.clone(), source };
        // Whole before it has its name: a process that starts at the same time finds this key or none.
        let fresh = with_suffix(&path, &std::process::id().to_string());
        let written = options.open(&fresh).and_then(|mut file| {
            file.write_all(hex::encode(secret).as_bytes())?;
            file.sync_all()?;
            fs::hard_link(&fresh, &path)
        });
        fs::remove_file(&fresh).map_err(file_error)?;
        match written {
            Ok(()) => Ok(SealKey(SigningKey::from_bytes(&secret))),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                SealKey::read(&path)?.ok_or_else(|| file_error(error))
            }
            Err(error) => Err(file_error(error)),
        }
    }

    /// The public key, in hexadecimal: what a verifier is told to trust.
    pub fn public(&self) -> String {
        hex::encode(self.0.verifying_key().to_bytes())
    }

    /// Signs, in hexadecimal.
    pub fn sign(&self, message: &[u8]) -> String {
        hex::encode(self.0.sign(message).to_bytes())
    }
}

/// Accepts signatures of one public key only; with `None`, of whatever key a seal names.
#[derive(Debug, Clone, Default)]
pub struct Trust(pub Option<String>);

impl Verifier for Trust {
    fn verifies(&self, key: &str, message: &[u8], signature: &str) -> bool {
        if self.0.as_ref().is_some_and(|trusted| trusted != key) {
            return false;
        }
        let key = hex::decode(key).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let key = key.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
        let signature = hex::decode(signature).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
        key.zip(signature).is_some_and(|(key, signature)| key.verify_strict(message, &signature).is_ok())
    }
}

/// A file beside the database: `entente.db` and `witness` give `entente.db.witness`.
pub fn with_suffix(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}
