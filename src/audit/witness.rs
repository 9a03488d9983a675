//! The witness: a note outside the database of how far it had come, by which a restored or rolled-back one is known.

use std::{fs, path::Path};

use entente_store::Store;
use serde::{Deserialize, Serialize};

use super::{key::with_suffix, last};

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

/// Compares a database with its witness.
///
/// # Errors
/// When the database cannot be read.
pub async fn standing(store: &dyn Store, database: &Path) -> entente_store::Result<Standing> {
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

/// Writes the witness: a new file first, so that a crash leaves the old or the new one.
///
/// # Errors
/// When the file cannot be written.
pub fn write(database: &Path, witness: &Witness) -> std::io::Result<()> {
    let path = with_suffix(database, "witness");
    let fresh = with_suffix(database, "witness.new");
    fs::write(&fresh, serde_json::to_vec(witness).map_err(std::io::Error::other)?)?;
    fs::File::open(&fresh)?.sync_all()?;
    fs::rename(&fresh, &path)
}
