//! Keeping a large file in a folder of this machine. The system copies it, and it is read and hashed once: what was copied is what
//! is hashed, and what is read later through the same handle.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read as _, Seek as _},
    path::{Path, PathBuf},
    time::Duration,
};

use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::{Kept, generic, unreadable};
use crate::{
    digest::Digest,
    error::{Error, Result},
    place::Opened,
    vault::Put,
};

/// How much is read and hashed at once: what the processor's cache holds beside everything else.
const PIECE: usize = 256 * 1024;

/// How the names of copies begin that are not whole yet.
const UNFINISHED: &str = "unfinished-";
/// Nobody writes any more to a copy that has not been written to for so long.
const FORSAKEN: Duration = Duration::from_hours(24);

/// A folder of kept files.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    /// Where they lie.
    pub path: PathBuf,
    /// The place that it is part of.
    pub place: Opened,
}

impl Folder {
    /// Keeps a file under its hash, whole or not at all, and opens what was kept at its beginning. The same content is kept once;
    /// what was damaged where it lies is replaced.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when it cannot be read or changes meanwhile, [`Error::Storage`].
    pub fn keep(&self, source: &Path) -> Result<(Kept, File)> {
        let mut from = File::open(source).map_err(|error| unreadable(source, error))?;
        let before = from.metadata().map_err(|error| unreadable(source, error))?;
        if !before.is_file() {
            return Err(unreadable(source, "it is no file"));
        }
        // Only what may be here already is hashed before it is copied.
        if self.holds_any_of(before.len()) {
            let (digest, size) = hash(&mut from).map_err(|error| unreadable(source, error))?;
            if let Ok(file) = self.open(&digest) {
                return Ok((Kept { digest, size, put: Put::Known }, file));
            }
            from.rewind().map_err(|error| unreadable(source, error))?;
        }
        let mut copy = self.copy(&mut from)?;
        let after = from.metadata().map_err(|error| unreadable(source, error))?;
        if changed(&before, &after) {
            return Err(unreadable(source, "it changed while it was read"));
        }
        let hashed = copy.rewind().and_then(|()| hash(copy.as_file_mut()));
        let (digest, size) = hashed.map_err(|error| self.not("stored", error))?;
        let file = self.give(copy, &digest)?;
        Ok((Kept { digest, size, put: Put::Stored }, file))
    }

    /// The content with this digest, open at its beginning, read once and found whole.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Changed`] when it is not what was kept, [`Error::Storage`].
    pub fn open(&self, digest: &Digest) -> Result<File> {
        let mut file = File::open(self.file(digest)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::Missing { digest: *digest },
            _ => self.not("read", error),
        })?;
        let (found, size) = hash(&mut file).map_err(|error| self.not("read", error))?;
        if found != *digest {
            return Err(Error::Changed { digest: *digest, size });
        }
        file.rewind().map_err(|error| self.not("read", error))?;
        Ok(file)
    }

    fn file(&self, digest: &Digest) -> PathBuf {
        self.path.join(digest.key())
    }

    /// A copy under a name that nobody looks for, gone when it is not given its own.
    fn copy(&self, from: &mut File) -> Result<NamedTempFile> {
        let mut copied = || {
            make(&self.path)?;
            self.tidy();
            let mut copy = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.path)?;
            io::copy(from, copy.as_file_mut())?;
            Ok(copy)
        };
        copied().map_err(|error| self.not("stored", error))
    }

    /// Takes away what processes that were killed have left of copies. Whether it works concerns nobody who keeps a file now.
    fn tidy(&self) {
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            let unfinished = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
            let touched = entry.metadata().and_then(|found| found.modified());
            if unfinished && touched.is_ok_and(|at| at.elapsed().is_ok_and(|since| since > FORSAKEN)) {
                let _stays = fs::remove_file(entry.path());
            }
        }
    }

    /// Gives a copy its name, once it is on the disk.
    fn give(&self, copy: NamedTempFile, digest: &Digest) -> Result<File> {
        let path = self.file(digest);
        let given = || {
            let folder = path.parent().unwrap_or(&self.path);
            make(folder)?;
            copy.as_file().sync_all()?;
            let mut file = copy.persist(&path)?;
            // So that its name is on the disk as well.
            File::open(folder)?.sync_all()?;
            file.rewind()?;
            Ok(file)
        };
        given().map_err(|error| self.not("stored", error))
    }

    /// Whether anything here has so many bytes.
    fn holds_any_of(&self, size: u64) -> bool {
        let files = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
        let mut all = files(&self.path).flat_map(|entry| files(&entry.path()));
        all.any(|entry| entry.metadata().is_ok_and(|found| found.len() == size))
    }

    fn not(&self, what: &'static str, error: io::Error) -> Error {
        self.place.error(what, &generic(error))
    }
}

/// Makes a folder, readable by its owner alone.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn changed(before: &Metadata, after: &Metadata) -> bool {
    before.len() != after.len() || before.modified().ok() != after.modified().ok()
}

/// The hash of what comes, and how many bytes that were.
fn hash(file: &mut File) -> io::Result<(Digest, u64)> {
    let (mut piece, mut hasher, mut size) = (vec![0; PIECE], Sha256::new(), 0);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((Digest::from_hasher(hasher), size)),
            read => {
                hasher.update(piece.get(..read).unwrap_or_default());
                size += u64::try_from(read).unwrap_or(u64::MAX);
            }
        }
    }
}
