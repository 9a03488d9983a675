//! Keeping evidence under its hash, and giving back exactly what was kept.

use bytes::Bytes;
use futures::TryStreamExt;
use jiff::civil::Date;
use object_store::{Error as StoreError, GetResult, ObjectStoreExt};
use sha2::{Digest as _, Sha256};

use crate::{
    admit::{Declared, Evidence, LARGEST, Limits},
    digest::Digest,
    error::{Error, Result},
    place::Opened,
    retention::Permit,
    settings::Settings,
};

/// Evidence by its content. Cheap to clone; all clones are one vault.
#[derive(Debug, Clone)]
pub struct Vault {
    place: Opened,
    limits: Limits,
}

/// What [`Vault::put`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// The content is new, and lies in the vault now.
    Stored,
    /// The same content lay there already, whole.
    Known,
}

/// What remains of evidence that was removed: for the caller to record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tombstone {
    /// What was removed.
    pub digest: Digest,
    /// The day on which its time was found to be over.
    pub removed_on: Date,
}

impl Vault {
    /// Opens the vault. A folder is made when it is not there; a bucket is not asked anything yet.
    ///
    /// # Errors
    /// [`Error::Settings`] when they cannot work.
    pub fn open(settings: &Settings) -> Result<Vault> {
        settings.check()?;
        Ok(Vault { place: Opened::open(&settings.place)?, limits: settings.limits })
    }

    /// Judges a file by the limits of the settings: see [`admit`](crate::admit()).
    ///
    /// # Errors
    /// [`Error::Refused`] with the reason and the remedy.
    pub fn admit(&self, bytes: impl Into<Bytes>, declared: &Declared<'_>) -> Result<Evidence> {
        crate::admit::admit(bytes, declared, &self.limits)
    }

    /// Stores evidence under its hash, whole or not at all. The same content is stored once, however often it comes.
    ///
    /// # Errors
    /// [`Error::Changed`] when another content lies under the hash, which is left as it is; [`Error::Storage`].
    pub async fn put(&self, evidence: &Evidence) -> Result<Put> {
        match self.check(&evidence.digest()).await {
            Ok(_) => return Ok(Put::Known),
            Err(Error::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
        let path = self.place.path(&evidence.digest().key());
        // Two that store the same content at once write the same bytes: whoever is last changes nothing.
        let stored = self.place.store.put(&path, evidence.bytes().clone().into()).await;
        stored.map(|_| Put::Stored).map_err(|error| self.place.error("stored", &error))
    }

    /// The content that was stored under this hash.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Changed`] when it is not what was stored, [`Error::Storage`].
    pub async fn get(&self, digest: &Digest) -> Result<Bytes> {
        let found = self.find(digest).await?;
        let bytes = found.bytes().await.map_err(|error| self.place.error("read", &error))?;
        if Digest::of(&bytes) != *digest {
            return Err(Error::Changed { digest: *digest, size: length(&bytes) });
        }
        Ok(bytes)
    }

    /// Whether something lies under this hash; [`Vault::check`] tells whether it is whole.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn exists(&self, digest: &Digest) -> Result<bool> {
        match self.place.store.head(&self.place.path(&digest.key())).await {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound { .. }) => Ok(false),
            Err(error) => Err(self.place.error("read", &error)),
        }
    }

    /// Reads what lies under this hash, piece by piece, and gives its size in bytes when it is what was stored.
    ///
    /// # Errors
    /// As for [`Vault::get`].
    pub async fn check(&self, digest: &Digest) -> Result<u64> {
        let mut pieces = self.find(digest).await?.into_stream();
        let (mut hasher, mut size) = (Sha256::new(), 0);
        while let Some(piece) = pieces.try_next().await.map_err(|error| self.place.error("read", &error))? {
            hasher.update(&piece);
            size += length(&piece);
        }
        if Digest::from_hasher(hasher) != *digest {
            return Err(Error::Changed { digest: *digest, size });
        }
        Ok(size)
    }

    /// Removes a content whose time is over. Removing it again gives the same tombstone, so that a caller that was
    /// interrupted can repeat it. See [`Retention::removable`](crate::Retention::removable) for the permit.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn remove(&self, digest: &Digest, permit: &Permit) -> Result<Tombstone> {
        match self.place.store.delete(&self.place.path(&digest.key())).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => {
                Ok(Tombstone { digest: *digest, removed_on: permit.given_on() })
            }
            Err(error) => Err(self.place.error("removed", &error)),
        }
    }

    /// What lies under the hash, not yet read. More bytes than any evidence has are not read at all.
    async fn find(&self, digest: &Digest) -> Result<GetResult> {
        let found = match self.place.store.get(&self.place.path(&digest.key())).await {
            Ok(found) => found,
            Err(StoreError::NotFound { .. }) => return Err(Error::Missing { digest: *digest }),
            Err(error) => return Err(self.place.error("read", &error)),
        };
        if found.meta.size > LARGEST {
            return Err(Error::Changed { digest: *digest, size: found.meta.size });
        }
        Ok(found)
    }
}

fn length(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
