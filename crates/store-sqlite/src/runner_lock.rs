//! One runner per file: an advisory lock of the operating system that a crash releases by itself.

use std::{
    fs::{File, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

use entente_store::{Error, Result};

use crate::open::private_file;

/// Held for as long as this process runs the database: dropped, the next one may.
#[derive(Debug)]
pub struct RunnerLock {
    _file: File,
}

impl RunnerLock {
    /// Takes `<database>.lock` and writes this process's id into it.
    ///
    /// # Errors
    /// `RunnerLocked` when another process holds it, `ReadOnly` when the file cannot be written.
    pub fn take(database: &Path) -> Result<RunnerLock> {
        let path = lock_path(database);
        let unwritable =
            |error: std::io::Error| Error::ReadOnly { path: path.display().to_string(), detail: error.to_string() };
        let mut file = private_file(&path).map_err(unwritable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let read = file.read_to_string(&mut text).is_ok();
                let pid = if read { text.trim().parse().unwrap_or(0) } else { 0 };
                return Err(Error::RunnerLocked { pid, path: database.display().to_string() });
            }
            Err(TryLockError::Error(error)) => return Err(unwritable(error)),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(unwritable)?;
        writeln!(file, "{}", std::process::id()).and_then(|()| file.flush()).map_err(unwritable)?;
        Ok(RunnerLock { _file: file })
    }
}

fn lock_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
