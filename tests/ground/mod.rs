//! The database of a test: a file of its own, or, with `ENTENTE_TEST_STORE=postgres`, one of its own on a server.
#![allow(dead_code, reason = "every test binary and bench uses its own part")]

pub mod work;

use std::{
    path::Path,
    str::FromStr as _,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use entente_store::Store;
use entente_store_postgres::PostgresStore;
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};
use sha2::{Digest as _, Sha256};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};

/// What the tests of this process asked for: nothing, files, or a server.
static ASKED: AtomicU8 = AtomicU8::new(0);
const FILES: u8 = 1;
const SERVER: u8 = 2;

/// From here on, the databases of this process are on a server: for tests of what only a server has room for.
pub fn require_server() {
    ASKED.store(SERVER, Ordering::Relaxed);
}

/// From here on, the databases of this process are files.
pub fn require_files() {
    ASKED.store(FILES, Ordering::Relaxed);
}

/// Whether the tests' databases are on a server.
pub fn on_server() -> bool {
    match ASKED.load(Ordering::Relaxed) {
        FILES => return false,
        SERVER => return true,
        _ => {}
    }
    match std::env::var("ENTENTE_TEST_STORE").as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("ENTENTE_TEST_STORE is `{other}`: write `sqlite` or `postgres`"),
    }
}

/// The maintenance database of the server.
pub fn server() -> String {
    std::env::var("ENTENTE_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("ENTENTE_TEST_POSTGRES names no server: run `cargo xtask test`, or `cargo xtask postgres` in another terminal and the `export` line that it prints here")
    })
}

/// The address of the database that stands for `path`.
pub fn url(path: &Path) -> String {
    let server = server();
    let (address, settings) = server.split_once('?').map_or((server.as_str(), ""), |(url, settings)| (url, settings));
    let (start, _) = address.rsplit_once('/').expect("a URL with a database");
    format!("{start}/{}?{settings}", database(path))
}

fn database(path: &Path) -> String {
    let hash = hex::encode(Sha256::digest(path.display().to_string()));
    format!("entente_ground_{}", &hash[..24])
}

async fn connect(url: &str) -> PgConnection {
    let options = PgConnectOptions::from_str(url).expect("a URL").disable_statement_logging();
    options.connect().await.expect("the server answers")
}

/// What the configuration says for the database at `path`: where it is on a server, it is made if it is not there.
pub async fn named(path: &Path) -> String {
    if !on_server() {
        return path.display().to_string();
    }
    let mut conn = connect(&server()).await;
    let made =
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {}", database(path)))).execute(&mut conn).await;
    if let Err(error) = made {
        // 42P04: there is one already, which is this one.
        assert_eq!(error.as_database_error().and_then(|error| error.code()).as_deref(), Some("42P04"), "{error}");
    }
    conn.close().await.expect("the connection closes");
    url(path)
}

/// Which server it is, and what it promises: its version, `fsync`, `full_page_writes` and `synchronous_commit`.
pub async fn settings(path: &Path) -> [String; 4] {
    let mut conn = connect(&url(path)).await;
    let asked = ["server_version", "fsync", "full_page_writes", "synchronous_commit"];
    let mut told = asked.map(str::to_owned);
    for value in &mut told {
        let shown = sqlx::query_scalar("SELECT current_setting($1)").bind(value.clone());
        *value = shown.fetch_one(&mut conn).await.expect("the server tells");
    }
    conn.close().await.expect("the connection closes");
    told
}

/// Does something with SQL to the database that stands for `path`, on the server.
pub async fn sql(path: &Path, statements: &str) {
    let mut conn = connect(&url(path)).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).execute(&mut conn).await.expect("the server does it");
    conn.close().await.expect("the connection closes");
}

/// Puts an older copy into the database's place behind everybody's back, as somebody does who does not know how to restore.
pub async fn put_back(path: &Path, copy: &Path) {
    if on_server() {
        let (name, mut conn) = (database(path), connect(&server()).await);
        for statement in [format!("DROP DATABASE {name} WITH (FORCE)"), format!("CREATE DATABASE {name}")] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut conn).await.expect("the server does it");
        }
        conn.close().await.expect("the connection closes");
        return PostgresStore::restore(&url(path), copy).await.expect("the copy is put there");
    }
    for suffix in ["", "-wal", "-shm"] {
        let part = format!("{}{suffix}", path.display());
        let _absent = std::fs::rename(&part, format!("{part}.old"));
    }
    std::fs::copy(copy, path).expect("the copy is put there");
}

/// Drops the database that stands for `path`; a file goes with its folder.
pub async fn forget(path: &Path) {
    if on_server() {
        let (statement, mut conn) =
            (format!("DROP DATABASE {} WITH (FORCE)", database(path)), connect(&server()).await);
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut conn).await.expect("the server does it");
        conn.close().await.expect("the connection closes");
    }
}

/// A test's store, with the counter of what it wrote.
pub struct Opened {
    /// The store.
    pub store: Arc<dyn Store>,
    /// What it wrote.
    pub tally: Tallies,
}

/// Counts what a store has written since it was opened.
#[derive(Clone)]
pub enum Tallies {
    /// Of a file.
    File(entente_store_sqlite::TallyReader),
    /// Of a server.
    Server(entente_store_postgres::TallyReader),
}

/// What was written so far.
#[derive(Debug, Clone, Copy)]
pub struct Tally {
    /// Steps of runs.
    pub steps: u64,
    /// Transactions.
    pub commits: u64,
}

impl Tallies {
    /// What was written so far.
    pub fn read(&self) -> Tally {
        match self {
            Tallies::File(reader) => Tally { steps: reader.read().steps, commits: reader.read().commits },
            Tallies::Server(reader) => Tally { steps: reader.read().steps, commits: reader.read().commits },
        }
    }
}

/// Opens the database to run an engine on it, once an engine before this one has let go of it.
pub async fn open(path: &Path) -> Opened {
    if on_server() {
        let store = open_server(path).await;
        return Opened { tally: Tallies::Server(store.tally()), store: Arc::new(store) };
    }
    for _ in 0..1000 {
        match SqliteStore::open(path, OpenOptions::new(Mode::Runner)).await {
            Err(entente_store::Error::RunnerLocked { .. }) => tokio::time::sleep(Duration::from_millis(10)).await,
            opened => {
                let store = opened.expect("the database opens");
                return Opened { tally: Tallies::File(store.tally()), store: Arc::new(store) };
            }
        }
    }
    panic!("an engine that was stopped still holds the database");
}

/// Opens the database beside an engine.
pub async fn beside(path: &Path) -> Arc<dyn Store> {
    match on_server() {
        true => Arc::new(open_server(path).await),
        false => Arc::new(SqliteStore::open(path, OpenOptions::new(Mode::Beside)).await.expect("the database opens")),
    }
}

async fn open_server(path: &Path) -> PostgresStore {
    PostgresStore::open(&named(path).await, Default::default()).await.expect("the database opens")
}

/// Changes the database behind the program's back, as a damaged disk or a careless hand does.
pub async fn change(path: &Path, sql: &str) {
    if on_server() {
        let mut conn = connect(&url(path)).await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.expect("the statement is sound");
        return conn.close().await.expect("the connection closes");
    }
    rusqlite::Connection::open(path).and_then(|conn| conn.execute_batch(sql)).expect("the statement is sound");
}
