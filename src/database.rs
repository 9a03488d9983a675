//! Where the data lives: the embedded file, or a PostgreSQL server that any number of processes share.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use entente_store::Store;
use entente_store_postgres::{PostgresStore, Staged};
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};
use serde::Deserialize;

use crate::config::ConfigError;

/// The field of the configuration that says where.
const FIELD: &str = "database";

/// How the configuration names the database: a path, `postgres://…` without a password, or `env:NAME`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseName(String);

impl Default for DatabaseName {
    fn default() -> Self {
        DatabaseName("entente.db".into())
    }
}

impl From<&str> for DatabaseName {
    fn from(name: &str) -> Self {
        DatabaseName(name.into())
    }
}

impl fmt::Display for DatabaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The database of an installation, found.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// One file on this machine, served by one process.
    File(PathBuf),
    /// A server.
    Server {
        /// Where it is, with whatever is needed to be let in.
        url: Url,
        /// The name beside which this machine's key, witness and notes lie.
        beside: PathBuf,
    },
}

/// An address that may hold a password: it is shown without.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(String);

/// What a command does with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Runs the engine.
    Run,
    /// Reads and submits beside a running engine.
    Beside,
}

impl Database {
    /// Finds what the configuration names; paths are seen from its folder.
    ///
    /// # Errors
    /// When a password stands in the configuration, or an environment variable is not set.
    pub fn find(name: &DatabaseName, folder: &Path, state: &Path) -> Result<Database, ConfigError> {
        let (text, inline) = match name.0.strip_prefix("env:") {
            Some(variable) => (environment(variable)?, false),
            None => (name.0.clone(), true),
        };
        if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Ok(Database::File(folder.join(text)));
        }
        let url = Url(text);
        if inline && url.has_password() {
            return Err(unusable(
                "a password may not stand in the configuration: leave it out and set PGPASSWORD or a password file, \
                 or write `env:NAME` and put the address into that environment variable",
            ));
        }
        Ok(Database::Server { url, beside: folder.join(state).join("entente") })
    }

    /// The name beside which the seal key, the witness and the notes of what was sent lie.
    pub fn beside(&self) -> &Path {
        match self {
            Database::File(path) => path,
            Database::Server { beside, .. } => beside,
        }
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Database::File(path) => Some(path),
            Database::Server { .. } => None,
        }
    }

    /// Opens it, and brings it to this binary's schema where that is older.
    ///
    /// # Errors
    /// When it cannot be opened, is newer than this binary, or another process runs the embedded one.
    pub async fn open(&self, purpose: Use) -> anyhow::Result<Arc<dyn Store>> {
        match self {
            Database::File(path) => {
                let mode = match purpose {
                    Use::Run => Mode::Runner,
                    Use::Beside => Mode::Beside,
                };
                Ok(Arc::new(SqliteStore::open(path, OpenOptions::new(mode)).await?))
            }
            Database::Server { url, beside } => {
                if let Some(folder) = beside.parent() {
                    std::fs::create_dir_all(folder).map_err(|error| {
                        unusable_state(&format!("the folder `{}` cannot be made: {error}", folder.display()))
                    })?;
                }
                let readers = match purpose {
                    Use::Run => entente_store_postgres::OpenOptions::default().readers,
                    Use::Beside => 1,
                };
                let options = entente_store_postgres::OpenOptions { readers, ..Default::default() };
                Ok(Arc::new(PostgresStore::open(&url.0, options).await?))
            }
        }
    }
}

impl Url {
    /// Fills a backup into a place of its own beside what the database holds.
    ///
    /// # Errors
    /// As [`PostgresStore::stage`].
    pub async fn stage(&self, from: &Path) -> entente_store::Result<Staged> {
        PostgresStore::stage(&self.0, from).await
    }

    /// `user:password@` before the host, or a `password` parameter.
    fn has_password(&self) -> bool {
        let authority = self.0.split("://").nth(1).unwrap_or_default();
        let authority = authority.split(['/', '?']).next().unwrap_or_default();
        let inline = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
        inline || self.0.split(['?', '&']).skip(1).any(|parameter| parameter.starts_with("password="))
    }
}

impl fmt::Display for Url {
    /// Host and database only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("postgres", &self.0));
        let rest = rest.split('?').next().unwrap_or_default();
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        write!(f, "{scheme}://{host}/{path}")
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Database::File(path) => write!(f, "{}", path.display()),
            Database::Server { url, .. } => write!(f, "{url}"),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({self})")
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self})")
    }
}

fn environment(name: &str) -> Result<String, ConfigError> {
    let named = std::env::var(name).ok().filter(|text| !text.is_empty());
    named.ok_or_else(|| unusable(&format!("it names the environment variable `{name}`, which is not set")))
}

fn unusable(reason: &str) -> ConfigError {
    ConfigError::Unusable { field: FIELD, reason: reason.to_owned() }
}

fn unusable_state(reason: &str) -> ConfigError {
    ConfigError::Unusable { field: "state", reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> Result<Database, ConfigError> {
        Database::find(&DatabaseName(name.into()), Path::new("/srv"), Path::new("state"))
    }

    #[test]
    fn a_path_is_a_file_seen_from_the_configuration() {
        assert_eq!(found("e.db").unwrap().file(), Some(Path::new("/srv/e.db")));
        assert_eq!(found("/var/e.db").unwrap().beside(), Path::new("/var/e.db"));
    }

    #[test]
    fn a_server_keeps_its_companions_in_the_state_folder() {
        let server = found("postgres://entente@db.acme.example:5433/entente?sslmode=require").unwrap();
        assert_eq!((server.file(), server.beside()), (None, Path::new("/srv/state/entente")));
        assert_eq!(server.to_string(), "postgres://db.acme.example:5433/entente");
    }

    #[test]
    fn a_password_may_not_stand_in_the_configuration() {
        for name in ["postgres://u:secret@h/d", "postgresql://h/d?user=u&password=secret"] {
            let refused = found(name).unwrap_err().to_string();
            assert!(refused.contains("field `database`") && refused.contains("PGPASSWORD"), "{refused}");
            assert!(!refused.contains("secret"), "{refused}");
        }
    }

    #[test]
    fn what_is_shown_never_holds_the_password() {
        let server =
            Database::Server { url: Url("postgres://u:secret@h:1/d?password=secret".into()), beside: PathBuf::new() };
        assert_eq!(format!("{server} {server:?}"), "postgres://h:1/d Database(postgres://h:1/d)");
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let refused = found("env:ENTENTE_NO_SUCH_VARIABLE").unwrap_err().to_string();
        assert!(refused.contains("`ENTENTE_NO_SUCH_VARIABLE`, which is not set"), "{refused}");
    }
}
