//! Where the database is: to connect there, and to name it without its secrets.

use std::{fmt, str::FromStr};

use entente_store::{Error, Result};
use sqlx::postgres::PgConnectOptions;

/// A database, as its URL names it. Shown, it has neither user nor password.
#[derive(Clone)]
pub(crate) struct Target {
    options: PgConnectOptions,
    name: String,
}

impl Target {
    /// Reads a URL such as `postgres://user:password@host/database`. What it lacks comes from the usual variables
    /// (`PGHOST`, `PGPASSWORD`, ...) and the password file.
    pub(crate) fn parse(url: &str) -> Result<Target> {
        let scheme = url.split_once("://").map(|(scheme, _)| scheme);
        if !matches!(scheme, Some("postgres" | "postgresql")) {
            return Err(unusable("it does not begin with `postgres://`"));
        }
        // The parser's words may repeat parts of the URL.
        let options = PgConnectOptions::from_str(url).map_err(|_| unusable("it cannot be parsed"))?;
        let database = options.get_database().unwrap_or(options.get_username());
        let name = match options.get_socket() {
            Some(socket) => format!("postgres://{}/{database}", socket.display()),
            None => format!("postgres://{}:{}/{database}", options.get_host(), options.get_port()),
        };
        Ok(Target { options, name })
    }

    pub(crate) fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// The same database, seen from another schema than the usual one.
    pub(crate) fn within(&self, schema: &str) -> Target {
        Target { options: self.options.clone().options([("search_path", schema)]), name: self.name.clone() }
    }

    /// Host and database.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

fn unusable(why: &str) -> Error {
    Error::Database(format!("the database's URL is not usable, {why}: write `postgres://user@host:5432/database`"))
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_database_has_no_secrets() {
        let target = Target::parse("postgres://anna:hunter2@db.example:6543/entente?sslmode=disable").expect("a URL");
        assert_eq!(
            format!("{target} {target:?}"),
            "postgres://db.example:6543/entente postgres://db.example:6543/entente"
        );
    }

    #[test]
    fn an_unusable_url_is_refused_without_its_secrets() {
        for url in ["mysql://anna:hunter2@db", "hunter2", "postgres://anna:hunter2@db:port/x", "postgres://[hunter2"] {
            let refused = Target::parse(url).expect_err(url).to_string();
            assert!(!refused.contains("hunter2") && refused.contains("postgres://user@host"), "{refused}");
        }
    }
}
