//! The schema's steps, each applied in one transaction, by whichever process comes first.
//!
//! The table `entente_schema` holds the number of the last step applied. A database that is further than this binary is
//! left untouched.

use entente_store::{Error, Result};
use sqlx::{Connection, Executor, PgConnection, migrate::Migration};

use crate::fault::Fault;

static STEPS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/postgres");

/// `Ente`: the advisory lock under which the schema is changed.
const LOCK: i64 = 0x456e_7465;

/// The schema's steps of this binary, ascending.
pub(crate) fn steps() -> &'static [Migration] {
    &STEPS.migrations
}

fn newest(steps: &[Migration]) -> i64 {
    steps.last().map_or(0, |step| step.version)
}

/// Whether the database has exactly the schema of this binary. Writes nothing.
pub(crate) async fn check(conn: &mut PgConnection, name: &str) -> Result<()> {
    let known = newest(steps());
    let found = stands(conn, known, name).await.map_err(|fault| fault.into_error(name))?;
    if found < known {
        return Err(Error::Database(format!(
            "`{name}` has schema {found}, reading needs {known}: open it once for writing"
        )));
    }
    Ok(())
}

/// Applies the steps that the database lacks.
pub(crate) async fn apply(conn: &mut PgConnection, steps: &[Migration], name: &str) -> Result<()> {
    loop {
        match next(conn, steps, name).await {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err((_, fault @ Fault::Content(_))) => return Err(fault.into_error(name)),
            Err((version, fault)) => {
                return Err(match fault.into_error(name) {
                    Error::Database(detail) => Error::Database(format!(
                        "step {version} of the schema failed and was undone ({detail}): `{name}` is as before, keep using the binary that worked"
                    )),
                    other => other,
                });
            }
        }
    }
}

/// Brings an empty database to the schema `version`; one that holds anything is left alone.
pub(crate) async fn apply_to_empty(conn: &mut PgConnection, version: i64, name: &str) -> Result<()> {
    let known = newest(steps());
    if version > known {
        return Err(Error::SchemaTooNew { found: version, known });
    }
    if stands(conn, known, name).await.map_err(|fault| fault.into_error(name))? > 0 {
        return Err(Error::Conflict { kind: "database", id: name.to_owned() });
    }
    let until: Vec<Migration> = steps().iter().filter(|step| step.version <= version).cloned().collect();
    apply(conn, &until, name).await
}

/// Applies the next step in its own transaction; false when there is none. Another process may have been faster, so
/// the number is read under the lock, which the transaction's end gives back.
async fn next(conn: &mut PgConnection, steps: &[Migration], name: &str) -> std::result::Result<bool, (i64, Fault)> {
    let at = |version: i64| move |error: sqlx::Error| (version, Fault::from(error));
    let mut tx = conn.begin().await.map_err(at(0))?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await.map_err(at(0))?;
    let found = stands(&mut tx, newest(steps), name).await.map_err(|fault| (0, fault))?;
    let Some(step) = steps.iter().find(|step| step.version > found) else {
        return Ok(false);
    };
    let version = step.version;
    tx.execute(sqlx::raw_sql(step.sql.clone())).await.map_err(at(version))?;
    mark(&mut tx, version).await.map_err(at(version))?;
    tx.commit().await.map_err(at(version))?;
    Ok(true)
}

async fn mark(conn: &mut PgConnection, version: i64) -> sqlx::Result<()> {
    conn.execute(
        "CREATE TABLE IF NOT EXISTS entente_schema
           (one boolean PRIMARY KEY DEFAULT true CHECK (one), version bigint NOT NULL)",
    )
    .await?;
    sqlx::query(
        "INSERT INTO entente_schema (version) VALUES ($1) ON CONFLICT (one) DO UPDATE SET version = excluded.version",
    )
    .bind(version)
    .execute(conn)
    .await?;
    Ok(())
}

/// The database's schema number, 0 when it is empty. Refuses a newer one, and another program's database.
async fn stands(conn: &mut PgConnection, known: i64, name: &str) -> std::result::Result<i64, Fault> {
    let ours: bool =
        sqlx::query_scalar("SELECT to_regclass('entente_schema') IS NOT NULL").fetch_one(&mut *conn).await?;
    if !ours {
        return match tables(conn).await? {
            0 => Ok(0),
            _ => Err(Fault::refused(format!("`{name}` is the database of another program: name an empty one"))),
        };
    }
    let found: i64 = sqlx::query_scalar("SELECT version FROM entente_schema").fetch_one(conn).await?;
    if found > known {
        return Err(Error::SchemaTooNew { found, known }.into());
    }
    Ok(found)
}

/// Tables in the schema where ours would be, those of extensions left out.
async fn tables(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')
           AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')",
    )
    .fetch_one(conn)
    .await
}
