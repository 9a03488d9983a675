//! Large files under their hash, beside the evidence: exports of spend, from which figures are made again when rules change.
//!
//! They are nobody's proof and are shown to nobody: what is kept is read by the program alone. They may be of any size, so nothing
//! here holds more than a few pieces of one.

mod local;

use std::{
    fs::File,
    io::{Seek as _, SeekFrom, Write as _},
    path::Path as FilePath,
};

use futures::TryStreamExt;
use object_store::{Error as StoreError, MultipartUpload, ObjectStoreExt, PutPayload};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt;

use self::local::Folder;
use crate::{
    digest::Digest,
    error::{Error, Result},
    place::Opened,
    settings::{Place, Settings},
    vault::Put,
};

/// The folder in the place under which they lie.
const FOLDER: &str = "raw";

/// How much is sent at once; services take no less in all pieces but the last.
const PIECE: usize = 8 * 1024 * 1024;

/// Large files by their content. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Raw {
    place: Opened,
    /// Where they lie, when that is a folder of this machine.
    folder: Option<Folder>,
}

/// A file that was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Its hash.
    pub digest: Digest,
    /// Its bytes.
    pub size: u64,
    /// Whether it is new.
    pub put: Put,
}

impl Raw {
    /// Opens the same place as that of evidence. A bucket is not asked anything yet.
    ///
    /// # Errors
    /// [`Error::Settings`] when they cannot work.
    pub fn open(settings: &Settings) -> Result<Raw> {
        settings.check()?;
        let place = Opened::open(&settings.place)?;
        let folder = match &settings.place {
            Place::Folder(path) => Some(Folder { path: path.join(FOLDER), place: place.clone() }),
            Place::Bucket(_) => None,
        };
        Ok(Raw { place, folder })
    }

    /// The hash and the size of a file.
    ///
    /// # Errors
    /// [`Error::Unreadable`].
    pub async fn digest(file: &FilePath) -> Result<(Digest, u64)> {
        let mut source = Pieces::open(file).await?;
        while source.next().await?.is_some() {}
        Ok(source.digest())
    }

    /// Keeps a file under its hash, whole or not at all, and opens what was kept as [`Raw::get`] does. The same content is kept
    /// once; what was damaged where it lies is stored once more.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when the file cannot be read or changes meanwhile, [`Error::Storage`].
    pub async fn keep(&self, file: &FilePath) -> Result<(Kept, File)> {
        if let Some(folder) = self.folder.clone() {
            let source = file.to_owned();
            return self.apart("stored", move || folder.keep(&source)).await;
        }
        let kept = self.put(file).await?;
        match self.get(&kept.digest).await {
            Err(Error::Changed { .. }) if kept.put == Put::Known => {
                self.store(file, kept.digest).await?;
                Ok((Kept { put: Put::Stored, ..kept }, self.get(&kept.digest).await?))
            }
            open => Ok((kept, open?)),
        }
    }

    /// Does something long on a thread of its own.
    async fn apart<T: Send + 'static>(
        &self,
        action: &'static str,
        task: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let done = tokio::task::spawn_blocking(task).await;
        done.unwrap_or_else(|broken| Err(self.place.error(action, &generic(std::io::Error::other(broken)))))
    }

    /// Puts a file into the bucket under its hash, unless it is there. Until it is whole it lies under another name.
    async fn put(&self, file: &FilePath) -> Result<Kept> {
        let (digest, size) = Raw::digest(file).await?;
        let path = self.path(&digest);
        match self.place.store.head(&path).await {
            // What was damaged since is found when it is read; see [`Raw::keep`].
            Ok(there) if there.size == size => return Ok(Kept { digest, size, put: Put::Known }),
            Ok(_) | Err(StoreError::NotFound { .. }) => {}
            Err(error) => return Err(self.place.error("read", &error)),
        }
        self.store(file, digest).await?;
        Ok(Kept { digest, size, put: Put::Stored })
    }

    /// Stores a file under its hash, in place of what lies there.
    async fn store(&self, file: &FilePath, digest: Digest) -> Result<()> {
        let stored = |error: StoreError| self.place.error("stored", &error);
        let mut upload = self.place.store.put_multipart(&self.path(&digest)).await.map_err(stored)?;
        match self.send(file, digest, upload.as_mut()).await {
            Ok(()) => upload.complete().await.map(drop).map_err(stored),
            Err(error) => {
                // What was sent so far lies where nobody looks for it; that it cannot be removed changes nothing about the error.
                let _ = upload.abort().await;
                Err(error)
            }
        }
    }

    async fn send(&self, file: &FilePath, digest: Digest, upload: &mut dyn MultipartUpload) -> Result<()> {
        let mut source = Pieces::open(file).await?;
        while let Some(piece) = source.next().await? {
            let sent = upload.put_part(PutPayload::from(piece)).await;
            sent.map_err(|error| self.place.error("stored", &error))?;
        }
        if source.digest().0 != digest {
            return Err(unreadable(file, "it changed while it was read"));
        }
        Ok(())
    }

    /// The content that was kept under this hash, as a file open at its beginning that has been read and found whole.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Changed`] when it is not what was kept, [`Error::Storage`].
    pub async fn get(&self, digest: &Digest) -> Result<File> {
        if let Some(folder) = self.folder.clone() {
            let digest = *digest;
            return self.apart("read", move || folder.open(&digest)).await;
        }
        let mut pieces = match self.place.store.get(&self.path(digest)).await {
            Ok(found) => found.into_stream(),
            Err(StoreError::NotFound { .. }) => return Err(Error::Missing { digest: *digest }),
            Err(error) => return Err(self.place.error("read", &error)),
        };
        // It is brought here, into a file without a name.
        let failed = |error: std::io::Error| self.place.error("read", &generic(error));
        let mut file = tempfile::tempfile().map_err(failed)?;
        let (mut hasher, mut size) = (Sha256::new(), 0);
        while let Some(piece) = pieces.try_next().await.map_err(|error| self.place.error("read", &error))? {
            hasher.update(&piece);
            size += u64::try_from(piece.len()).unwrap_or(u64::MAX);
            file.write_all(&piece).map_err(failed)?;
        }
        if Digest::from_hasher(hasher) != *digest {
            return Err(Error::Changed { digest: *digest, size });
        }
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Ok(file)
    }

    fn path(&self, digest: &Digest) -> object_store::path::Path {
        self.place.path(&format!("{FOLDER}/{}", digest.key()))
    }
}

fn generic(error: std::io::Error) -> StoreError {
    StoreError::Generic { store: "file", source: Box::new(error) }
}

fn unreadable(file: &FilePath, reason: impl ToString) -> Error {
    Error::Unreadable { file: file.display().to_string(), reason: reason.to_string() }
}

/// A file, piece by piece, and the hash of what was read of it.
struct Pieces<'f> {
    name: &'f FilePath,
    file: tokio::fs::File,
    hasher: Sha256,
    size: u64,
}

impl<'f> Pieces<'f> {
    async fn open(name: &'f FilePath) -> Result<Pieces<'f>> {
        let file = tokio::fs::File::open(name).await.map_err(|error| unreadable(name, error))?;
        Ok(Pieces { name, file, hasher: Sha256::new(), size: 0 })
    }

    /// The next piece, which is a whole one unless it is the last.
    async fn next(&mut self) -> Result<Option<bytes::Bytes>> {
        let mut piece = Vec::with_capacity(PIECE);
        let most = u64::try_from(PIECE).unwrap_or(u64::MAX);
        let read = (&mut self.file).take(most).read_to_end(&mut piece).await;
        read.map_err(|error| unreadable(self.name, error))?;
        self.hasher.update(&piece);
        self.size += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        Ok((!piece.is_empty()).then(|| piece.into()))
    }

    fn digest(self) -> (Digest, u64) {
        (Digest::from_hasher(self.hasher), self.size)
    }
}
