//! The world in a file, so that it survives kill -9 together with the process that embeds it.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use crate::world::World;

/// The state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be read or written.
    #[error("the fake's state file `{}` cannot be used: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It holds something else.
    #[error("`{}` is not a state file of the fake ({source}); name another file or remove it", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
}

pub(crate) fn load(path: &Path) -> Result<World, StateError> {
    match fs::read(path) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).map_err(|source| StateError::Malformed { path: path.to_owned(), source })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(World::default()),
        Err(source) => Err(StateError::Io { path: path.to_owned(), source }),
    }
}

/// Writes beside the file and renames: a reader sees the old world or the new one, never half of one.
pub(crate) fn save(path: &Path, world: &World) -> Result<(), StateError> {
    let bytes = serde_json::to_vec(world).map_err(|source| StateError::Malformed { path: path.to_owned(), source })?;
    let beside = path.with_extension("next");
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(&bytes)?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&beside, path)).map_err(|source| StateError::Io { path: path.to_owned(), source })
}
