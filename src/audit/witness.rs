//! The witness: a note outside the database of how far it had come, by which a restored or rolled-back one is known.

use std::{fs, io::Write as _, path::Path};

use entente_store::Store;
use serde::{Deserialize, Serialize};

use super::{key::with_suffix, last, sends};

/// How far a database had come when it was last seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// The database's epoch.
    pub epoch: String,
    /// Its last seal.
    pub seal: i64,
    /// Signature of that seal.
    pub signature: String,
}

impl Witness {
    /// How far a database has come now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn of(store: &dyn Store) -> entente_store::Result<Witness> {
        let last = last::seal(store).await?;
        let (seal, signature) = last.map_or((0, String::new()), |seal| (seal.no, seal.signature));
        Ok(Witness { epoch: store.epoch().await?, seal, signature })
    }
}

/// What the witness says of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is the one last seen, or a new one.
    Current,
    /// It is older than when it was last seen, another one, or nobody can tell: nothing may be sent until read-back has
    /// matched what the marketplaces hold.
    Behind {
        /// What does not fit.
        reason: String,
    },
}

/// Compares a database with its witness, and with the notes of what was sent since.
///
/// # Errors
/// When the database cannot be read.
pub async fn standing(store: &dyn Store, database: &Path) -> entente_store::Result<Standing> {
    match sealed_standing(store, database).await? {
        Standing::Current => Ok(match sends::unknown(store, database).await? {
            Some(reason) => Standing::Behind { reason },
            None => Standing::Current,
        }),
        behind => Ok(behind),
    }
}

async fn sealed_standing(store: &dyn Store, database: &Path) -> entente_store::Result<Standing> {
    let epoch = store.epoch().await?;
    let behind = |reason: String| Ok(Standing::Behind { reason });
    let text = match fs::read_to_string(with_suffix(database, "witness")) {
        Ok(text) => text,
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return behind(format!("the witness file cannot be read: {error}"));
        }
        Err(_) => {
            let sealed = !store.seals(0, 1).await?.is_empty();
            return if sealed { behind("the witness file is missing".into()) } else { Ok(Standing::Current) };
        }
    };
    let Ok(witness) = serde_json::from_str::<Witness>(&text) else {
        return behind("the witness file cannot be read".into());
    };
    if witness.epoch != epoch {
        return behind(format!("the database has epoch {epoch}, the witness saw {}", witness.epoch));
    }
    if witness.seal == 0 {
        return Ok(Standing::Current);
    }
    let seal = store.seals(witness.seal - 1, 1).await?.into_iter().next();
    match seal {
        Some(seal) if seal.no == witness.seal && seal.signature == witness.signature => Ok(Standing::Current),
        Some(_) => behind(format!("seal {} is not the one that the witness saw", witness.seal)),
        None => behind(format!("the witness saw seal {}, which the database does not have", witness.seal)),
    }
}

/// What the witness has seen and the database does not hold; nothing where there is no witness, as beside a copy.
///
/// # Errors
/// When the database cannot be read.
pub async fn contradiction(store: &dyn Store, database: &Path) -> entente_store::Result<Option<String>> {
    if !with_suffix(database, "witness").exists() {
        return Ok(None);
    }
    Ok(match standing(store, database).await? {
        Standing::Current => None,
        Standing::Behind { reason } => Some(reason),
    })
}

/// Writes the witness: a new file first, so that a crash leaves the old or the new one. A new seal turns the page of what
/// was sent. Processes that share the folder take turns, and none puts an older view into the place of a newer one.
///
/// # Errors
/// When a file cannot be written.
pub fn write(database: &Path, witness: &Witness) -> std::io::Result<()> {
    let turn = fs::File::create(with_suffix(database, "witness.lock"))?;
    turn.lock()?;
    let before = fs::read(with_suffix(database, "witness")).ok();
    let before = before.and_then(|bytes| serde_json::from_slice::<Witness>(&bytes).ok());
    let newer = |before: &Witness| before.epoch == witness.epoch && before.seal > witness.seal;
    if before.as_ref().is_some_and(|before| before == witness || newer(before)) {
        return Ok(());
    }
    let path = with_suffix(database, "witness");
    let fresh = with_suffix(database, "witness.new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(&serde_json::to_vec(witness).map_err(std::io::Error::other)?)?;
    file.sync_all()?;
    fs::rename(&fresh, &path)?;
    if before.is_some() { sends::turn(database) } else { Ok(()) }
}
