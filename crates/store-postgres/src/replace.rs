//! A copy put into the place of what a database holds: filled and checked in a schema of its own first, then exchanged in
//! one transaction. What stood there before is kept in another schema, so nothing is lost by a mistake.

use std::{path::Path, time::Duration};

use entente_store::{Error, Result};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{
    backup,
    fault::explain,
    open::{self, OpenOptions},
    session::{self, Purpose},
    store::PostgresStore,
    target::Target,
};

/// Where a copy is filled.
const STAGE: &str = "entente_restoring";

/// How long connecting, and waiting for those who read, may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Added to every fence of a copy: whoever held a lease after the copy was made holds an older one.
const FENCES_AHEAD: i64 = 1_000_000;

/// A copy that is filled and not in place yet. Nobody sees it.
#[derive(Debug)]
pub struct Staged {
    target: Target,
    store: PostgresStore,
}

impl PostgresStore {
    /// Fills a schema of its own in the database that `url` names from the copy that `backup` wrote to `from`. What the
    /// database holds stays as it is.
    ///
    /// # Errors
    /// `Decode` for a file that is no whole copy, `SchemaTooNew`, `Busy` while the database cannot be reached.
    pub async fn stage(url: &str, from: &Path) -> Result<Staged> {
        let target = Target::parse(url)?;
        let stage = target.within(STAGE);
        clear(&target).await?;
        let filled = async {
            run(&target, &format!("CREATE SCHEMA {STAGE}")).await?;
            backup::restore(&stage, from).await?;
            run(&stage, &format!("UPDATE leases SET fence = fence + {FENCES_AHEAD}, owner = NULL, expires = 0"))
                .await?;
            open::open_target(stage.clone(), OpenOptions::default()).await
        };
        match filled.await {
            Ok(store) => Ok(Staged { target, store }),
            Err(error) => {
                clear(&target).await?;
                Err(error)
            }
        }
    }
}

impl Staged {
    /// The copy, to be checked and prepared.
    pub fn store(&self) -> &PostgresStore {
        &self.store
    }

    /// Puts it into place. What stood there is kept in the schema `aside`; false when nothing did.
    ///
    /// # Errors
    /// `Conflict` when processes run the database, `Busy` when it is in use for too long. Nothing has changed then.
    pub async fn put_into_place(self, aside: &str) -> Result<bool> {
        self.store.close().await;
        let exchanged = exchange(&self.target, aside).await;
        // After an exchange the stage is empty, before it it is of no use.
        clear(&self.target).await?;
        exchanged
    }

    /// Forgets it.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn discard(self) -> Result<()> {
        self.store.close().await;
        clear(&self.target).await
    }
}

async fn run(target: &Target, sql: &str) -> Result<()> {
    let ran = async {
        let mut conn = session::connect(target, Purpose::Plain, PATIENCE).await?;
        execute(&mut conn, sql.to_owned()).await?;
        conn.close().await
    };
    ran.await.map_err(|error| explain(&error, target.name()))
}

async fn execute(conn: &mut PgConnection, sql: String) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.map(drop)
}

async fn clear(target: &Target) -> Result<()> {
    run(target, &format!("DROP SCHEMA IF EXISTS {STAGE} CASCADE")).await
}

async fn exchange(target: &Target, aside: &str) -> Result<bool> {
    let lost = |error: sqlx::Error| explain(&error, target.name());
    let mut conn = session::connect(target, Purpose::Plain, PATIENCE).await.map_err(lost)?;
    let mut tx = conn.begin().await.map_err(lost)?;
    execute(&mut tx, format!("SET LOCAL lock_timeout = {}", PATIENCE.as_millis())).await.map_err(lost)?;
    let (home, holds): (Option<String>, bool) =
        sqlx::query_as("SELECT current_schema()::text, to_regclass('entente_schema') IS NOT NULL")
            .fetch_one(&mut *tx)
            .await
            .map_err(lost)?;
    let home = home.ok_or_else(|| Error::NotFound { kind: "schema", id: "search_path".to_owned() })?;
    if holds {
        if is_run(&mut tx).await.map_err(lost)? {
            return Err(Error::Conflict { kind: "database", id: target.name().to_owned() });
        }
        let made = format!("CREATE SCHEMA {}", quoted(aside));
        execute(&mut tx, made).await.map_err(lost)?;
        move_all(&mut tx, &home, aside).await.map_err(lost)?;
    }
    move_all(&mut tx, STAGE, &home).await.map_err(lost)?;
    tx.commit().await.map_err(lost)?;
    conn.close().await.map_err(lost)?;
    Ok(holds)
}

/// Whether a process says that it is there. Until the transaction ends, none can begin to.
async fn is_run(conn: &mut PgConnection) -> sqlx::Result<bool> {
    execute(conn, "LOCK TABLE counters, leases IN ACCESS EXCLUSIVE MODE".to_owned()).await?;
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM leases WHERE owner IS NOT NULL AND expires > now_micros())")
        .fetch_one(conn)
        .await
}

/// Moves tables, views, sequences of their own and functions, but those that extensions brought.
async fn move_all(conn: &mut PgConnection, from: &str, to: &str) -> sqlx::Result<()> {
    let moves: Vec<String> = sqlx::query_scalar(
        "SELECT format('ALTER %s %I.%I SET SCHEMA %I',
                       CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                       n.nspname, c.relname, $2::text)
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1::text AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
           AND NOT EXISTS (SELECT 1 FROM pg_depend d
                           WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                             AND (d.deptype = 'e' OR (c.relkind = 'S' AND d.deptype IN ('a', 'i'))))
         UNION ALL
         SELECT format('ALTER ROUTINE %I.%I(%s) SET SCHEMA %I',
                       n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), $2::text)
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname = $1::text
           AND NOT EXISTS (SELECT 1 FROM pg_depend d
                           WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')",
    )
    .bind(from)
    .bind(to)
    .fetch_all(&mut *conn)
    .await?;
    for statement in moves {
        execute(conn, statement).await?;
    }
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
