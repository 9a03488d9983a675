//! The snapshot file: written whole beside the old one and moved over it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::world::{FORMAT, World};

/// Why a snapshot could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file system refused.
    #[error("cannot {action} the sandbox state `{path}`")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The file is not a snapshot.
    #[error("the sandbox state `{path}` is not readable; move it away to start with a fresh world")]
    Form {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: serde_json::Error,
    },
    /// The snapshot was written by another version.
    #[error(
        "the sandbox state `{path}` has form {found}, this version reads {expected}; move it away to start with a fresh world"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The form found.
        found: u32,
        /// The form that this version reads.
        expected: u32,
    },
}

/// Reads the world, or `None` when there is no file yet.
pub(crate) fn load(path: &Path) -> Result<Option<World>, SnapshotError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(SnapshotError::File { action: "read", path: path.to_owned(), source }),
    };
    let world: World =
        serde_json::from_slice(&bytes).map_err(|source| SnapshotError::Form { path: path.to_owned(), source })?;
    if world.format == FORMAT {
        Ok(Some(world))
    } else {
        Err(SnapshotError::Version { path: path.to_owned(), found: world.format, expected: FORMAT })
    }
}

/// Writes the world. A kill at any moment leaves the old or the new snapshot, never a part: the
/// kernel keeps written pages, so no fsync is needed to survive the death of the process.
pub(crate) fn save(path: &Path, world: &World) -> Result<(), SnapshotError> {
    let bytes = serde_json::to_vec(world).map_err(|source| SnapshotError::Form { path: path.to_owned(), source })?;
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    fs::write(&fresh, bytes).and_then(|()| fs::rename(&fresh, path)).map_err(|source| SnapshotError::File {
        action: "write",
        path: path.to_owned(),
        source,
    })
}
