//! A database with a history of any length, and hands that change it behind the program's back.

use std::path::{Path, PathBuf};

use entente::audit::{key::SealKey, seal, verify};
use entente_core::{
    audit::{Chain, Finding, Fingerprint, Report, row_hash},
    ids::RunId,
};
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};
use jiff::Timestamp;
use serde_json::json;
use sqlx::{Connection as _, Row as _, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

use crate::kit;

/// A database under attack.
pub struct Forger {
    folder: TempDir,
    /// Its runs, in the order of their labels.
    pub runs: Vec<RunId>,
}

impl Forger {
    /// A database with so many runs of so many steps, not sealed yet.
    pub async fn new(runs: usize, steps: u64) -> Forger {
        let folder = tempfile::tempdir().unwrap();
        let mut forger = Forger { folder, runs: Vec::new() };
        let bench = kit::start(&forger.database(), &[kit::SIGNAL], kit::settings()).await;
        let template = kit::run_id();
        bench.submit(kit::started(template, "kit_signal", "TEMPLATE", json!({}))).await;
        let (store, engine) = (bench.store, bench.engine);
        engine.stop().await;
        drop(store);
        let mut conn = forger.open().await;
        let mut tx = conn.begin().await.unwrap();
        for n in 0..runs {
            let run = kit::run_id();
            write_run(&mut tx, template, run, &format!("R-{n:05}"), steps).await;
            forger.runs.push(run);
        }
        tx.commit().await.unwrap();
        forger
    }

    /// The file.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("entente.db")
    }

    /// A second one that stands where this one does.
    pub async fn copy(&self) -> Forger {
        let folder = tempfile::tempdir().unwrap();
        // Into one file: its log comes and goes with whoever still closes it.
        let mut conn = self.open().await;
        let into = folder.path().join("entente.db").display().to_string();
        sqlx::query("VACUUM INTO ?1").bind(into).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        Forger { folder, runs: self.runs.clone() }
    }

    async fn open(&self) -> SqliteConnection {
        open(&self.database()).await
    }

    /// Runs statements with every protection of the file taken off.
    pub async fn forge(&self, statements: &[String]) {
        forge(&self.database(), statements).await;
    }

    /// Gives every row of a run from a step on the hash that fits its record: a forger who knows how chains are made.
    pub async fn rechain(&self, run: RunId, from: u64) {
        let mut conn = self.open().await;
        let rows = sqlx::query("SELECT h.no, h.seq, h.record, h.hash FROM history h JOIN runs r ON r.rid = h.rid WHERE r.id = ?1 ORDER BY h.seq")
            .bind(run.0.as_bytes().to_vec())
            .fetch_all(&mut conn)
            .await
            .unwrap();
        let mut previous = Fingerprint::ZERO;
        for row in rows {
            let (no, seq, record): (i64, i64, String) = (row.get(0), row.get(1), row.get(2));
            let seq = u64::try_from(seq).unwrap();
            let stored = Fingerprint::from_bytes(&row.get::<Vec<u8>, _>(3)).unwrap();
            let hash = if seq < from { stored } else { row_hash(&previous, run, seq, record.as_bytes()) };
            sqlx::query("UPDATE history SET prev_hash = ?1, hash = ?2 WHERE no = ?3")
                .bind(previous.0.to_vec())
                .bind(hash.0.to_vec())
                .bind(no)
                .execute(&mut conn)
                .await
                .unwrap();
            previous = hash;
        }
        sqlx::query("UPDATE runs SET head = ?1 WHERE id = ?2")
            .bind(previous.0.to_vec())
            .bind(run.0.as_bytes().to_vec())
            .execute(&mut conn)
            .await
            .unwrap();
        conn.close().await.unwrap();
    }

    /// The program's own view.
    pub async fn store(&self) -> SqliteStore {
        SqliteStore::open(self.database(), OpenOptions::new(Mode::Beside)).await.unwrap()
    }

    /// Seals everything with the key that lies beside `of`; its public part.
    pub async fn seal_with(&self, of: &Path) -> String {
        let key = SealKey::beside(of).unwrap();
        let store = self.store().await;
        seal::seal(&store, &key, &self.database(), Timestamp::now()).await.unwrap();
        store.close().await;
        key.public()
    }

    /// Seals everything with its own key.
    pub async fn seal(&self) -> String {
        self.seal_with(&self.database()).await
    }

    /// What a verification says.
    pub async fn verify(&self, trusted: Option<String>) -> Report {
        let store = self.store().await;
        let report = verify::verify_stored(&store, trusted).await.unwrap();
        store.close().await;
        report
    }

    /// The findings of a verification that trusts any key.
    pub async fn findings(&self) -> Vec<Finding> {
        self.verify(None).await.findings
    }
}

async fn open(database: &Path) -> SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database);
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// Runs statements on a database with every protection of the file taken off.
pub async fn forge(database: &Path, statements: &[String]) {
    let guards = ["history_keeps", "history_stays", "seals_keep", "seals_stay"];
    let off = guards.map(|guard| format!("DROP TRIGGER IF EXISTS {guard}"));
    let mut conn = open(database).await;
    for statement in off.iter().chain(statements) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement.clone())).execute(&mut conn).await.unwrap();
    }
    conn.close().await.unwrap();
}

/// Writes a run with a well-formed history, as the template's clone.
async fn write_run(conn: &mut SqliteConnection, template: RunId, run: RunId, label: &str, steps: u64) {
    let clone = "INSERT INTO runs (id, label, shard, legal_entity, party, chart, created_at, updated_at, seq, ended, parked, head, tags, snapshot)
         SELECT ?1, ?2, ?3, legal_entity, party, chart, created_at, updated_at, ?4, ended, parked, zeroblob(32), tags,
                json_set(snapshot, '$.run', ?5, '$.label', ?2, '$.seq', ?4)
         FROM runs WHERE id = ?6";
    let cloned = sqlx::query(clone)
        .bind(run.0.as_bytes().to_vec())
        .bind(label)
        .bind(i64::from(run.shard().0))
        .bind(i64::try_from(steps).unwrap())
        .bind(run.to_string())
        .bind(template.0.as_bytes().to_vec())
        .execute(&mut *conn)
        .await
        .unwrap();
    let rid = cloned.last_insert_rowid();
    let mut chain = Chain::empty(run);
    for seq in 1..=steps {
        let record =
            json!({ "seq": seq, "note": format!("what happened in step {seq} of {label}"), "id": Uuid::nil() })
                .to_string();
        let previous = chain.head;
        let hash = chain.append(record.as_bytes());
        sqlx::query("INSERT INTO history (rid, seq, prev_hash, hash, record) VALUES (?1, ?2, ?3, ?4, ?5)")
            .bind(rid)
            .bind(i64::try_from(seq).unwrap())
            .bind(previous.0.to_vec())
            .bind(hash.0.to_vec())
            .bind(record)
            .execute(&mut *conn)
            .await
            .unwrap();
    }
    sqlx::query("UPDATE runs SET head = ?1 WHERE rid = ?2")
        .bind(chain.head.0.to_vec())
        .bind(rid)
        .execute(conn)
        .await
        .unwrap();
}

/// The condition by which a run's row is found.
pub fn of(run: RunId) -> String {
    format!("rid = (SELECT rid FROM runs WHERE id = x'{}')", run.0.simple())
}
