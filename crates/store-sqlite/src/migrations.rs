//! The schema's steps, each applied in one transaction, by whichever process comes first.
//!
//! The file's `user_version` is the number of the last step applied. A file that is further than this binary is left
//! untouched.

use std::path::Path;

use entente_store::{Error, Result};
use sqlx::{Connection, SqliteConnection, migrate::Migration};

use crate::fault::{Fault, explain_opening};

static STEPS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/sqlite");

/// `Ente`, in the file's header: tells our files from those of other programs.
const APPLICATION_ID: i64 = 0x456e_7465;

/// The schema's steps of this binary, ascending.
pub(crate) fn steps() -> &'static [Migration] {
    &STEPS.migrations
}

/// The schema that this binary works with.
pub(crate) fn known() -> i64 {
    newest(steps())
}

fn newest(steps: &[Migration]) -> i64 {
    steps.last().map_or(0, |step| step.version)
}

/// Reads the file's schema number, and refuses a newer one and another program's file. Writes nothing.
pub(crate) async fn check(conn: &mut SqliteConnection, path: &Path) -> Result<i64> {
    let (found, application, objects) = header(conn).await.map_err(|error| explain_opening(&error, path))?;
    if found > known() {
        return Err(Error::SchemaTooNew { found, known: known() });
    }
    if objects > 0 && application != APPLICATION_ID {
        let path = path.display();
        return Err(Error::Database(format!("`{path}` is the database of another program: name another file")));
    }
    Ok(found)
}

/// Applies the steps that the file lacks.
pub(crate) async fn apply(conn: &mut SqliteConnection, steps: &[Migration], path: &Path) -> Result<()> {
    loop {
        match next(conn, steps).await {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err((_, fault @ Fault::Content(_))) => return Err(fault.into_error(path)),
            Err((version, fault)) => {
                return Err(match fault.into_error(path) {
                    Error::Database(detail) => Error::Database(format!(
                        "step {version} of the schema failed and was undone ({detail}): the file is as before, keep using the binary that worked"
                    )),
                    other => other,
                });
            }
        }
    }
}

/// Applies the next step in its own transaction; false when there is none. Another process may have been faster, so
/// the number is read again under the write lock.
async fn next(conn: &mut SqliteConnection, steps: &[Migration]) -> std::result::Result<bool, (i64, Fault)> {
    let at = |version: i64| move |error: sqlx::Error| (version, Fault::from(error));
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await.map_err(at(0))?;
    let found = user_version(&mut tx).await.map_err(at(0))?;
    if found > newest(steps) {
        return Err((found, Error::SchemaTooNew { found, known: newest(steps) }.into()));
    }
    let Some(step) = steps.iter().find(|step| step.version > found) else {
        return Ok(false);
    };
    let version = step.version;
    sqlx::raw_sql(step.sql.clone()).execute(&mut *tx).await.map_err(at(version))?;
    let mark = format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(mark)).execute(&mut *tx).await.map_err(at(version))?;
    tx.commit().await.map_err(at(version))?;
    Ok(true)
}

/// Schema number, application and number of objects, as one commit left them: another process may be creating the file.
async fn header(conn: &mut SqliteConnection) -> sqlx::Result<(i64, i64, i64)> {
    let mut snapshot = conn.begin().await?;
    let objects = pragma(&mut snapshot, "SELECT count(*) FROM sqlite_master").await?;
    let application = pragma(&mut snapshot, "PRAGMA application_id").await?;
    Ok((user_version(&mut snapshot).await?, application, objects))
}

async fn user_version(conn: &mut SqliteConnection) -> sqlx::Result<i64> {
    pragma(conn, "PRAGMA user_version").await
}

/// The one value that a pragma or count answers.
pub(crate) async fn pragma<T>(conn: &mut SqliteConnection, text: &'static str) -> sqlx::Result<T>
where
    T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    sqlx::query_scalar(text).fetch_one(conn).await
}

#[cfg(test)]
mod tests {
    use sqlx::{
        ConnectOptions,
        migrate::{Migration, MigrationType},
        sqlite::SqliteConnectOptions,
    };

    use super::*;

    fn step(version: i64, sql: &'static str) -> Migration {
        Migration::new(version, "a step".into(), MigrationType::Simple, sqlx::SqlStr::from_static(sql), false)
    }

    async fn tables(conn: &mut SqliteConnection) -> Vec<String> {
        sqlx::query_scalar("SELECT name FROM sqlite_master ORDER BY name").fetch_all(conn).await.expect("a read")
    }

    #[tokio::test]
    async fn row_49_a_step_that_fails_half_way_is_undone_and_the_steps_before_it_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("entente.db");
        let mut conn =
            SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.expect("a file");
        let good = step(1, "CREATE TABLE one (x INTEGER); CREATE TABLE two (x INTEGER);");
        let bad = step(2, "CREATE TABLE three (x INTEGER); INSERT INTO nowhere VALUES (1);");
        let failed = apply(&mut conn, &[good.clone(), bad], &path).await;
        assert!(matches!(&failed, Err(Error::Database(words)) if words.contains("step 2")), "{failed:?}");
        assert_eq!(tables(&mut conn).await, ["one", "two"]);
        assert_eq!(user_version(&mut conn).await.expect("a read"), 1);
        let mended = step(2, "CREATE TABLE three (x INTEGER);");
        apply(&mut conn, &[good, mended], &path).await.expect("the mended step");
        assert_eq!(tables(&mut conn).await, ["one", "three", "two"]);
    }
}
