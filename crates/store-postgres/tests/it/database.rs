//! A database of its own for every test, on the server that the variable names.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    str::FromStr,
};

use entente_store_postgres::{OpenOptions, PostgresStore};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

const SERVER: &str = "ENTENTE_TEST_POSTGRES";

/// A database that is dropped with this value.
pub struct Database {
    /// Its URL.
    pub url: String,
    name: String,
}

/// The maintenance database's URL.
///
/// # Panics
/// Without the variable: a test that needs a server must not pass without one.
pub fn server() -> String {
    std::env::var(SERVER).unwrap_or_else(|_| {
        panic!("{SERVER} names no PostgreSQL server: run `cargo xtask test`, or `cargo xtask postgres` in another terminal and the `export` line that it prints here")
    })
}

/// A connection of the test's own.
pub async fn connect(url: &str) -> PgConnection {
    PgConnectOptions::from_str(url)
        .expect("a URL")
        .disable_statement_logging()
        .connect()
        .await
        .expect("the server answers")
}

/// Does something with SQL, beside the store.
pub async fn sql(conn: &mut PgConnection, text: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned()))
        .execute(conn)
        .await
        .unwrap_or_else(|error| panic!("{text}: {error}"));
}

/// The one number that a query gives.
pub async fn number(conn: &mut PgConnection, text: &str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(text.to_owned()))
        .fetch_one(conn)
        .await
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

impl Database {
    /// An empty one.
    pub async fn empty() -> Database {
        Database::create("").await
    }

    /// One with the newest schema, copied from a template that the first test makes.
    pub async fn migrated() -> Database {
        let template = template().await;
        Database::create(&format!("TEMPLATE {template}")).await
    }

    async fn create(how: &str) -> Database {
        let name = format!("entente_test_{}", Uuid::now_v7().simple());
        let mut conn = connect(&server()).await;
        sql(&mut conn, &format!("CREATE DATABASE {name} {how}")).await;
        conn.close().await.expect("the connection closes");
        Database { url: url_of(&name), name }
    }

    /// A connection to it.
    pub async fn connect(&self) -> PgConnection {
        connect(&self.url).await
    }

    /// The store in it.
    pub async fn open(&self) -> PostgresStore {
        self.open_with(OpenOptions::default()).await
    }

    /// The store in it.
    pub async fn open_with(&self, options: OpenOptions) -> PostgresStore {
        PostgresStore::open(&self.url, options).await.expect("the store opens")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let mut conn = connect(&server()).await;
                sql(&mut conn, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            });
        });
        // The server may be gone: then so is the database.
        let _ = dropping.join();
    }
}

/// The server's URL with another database's name.
fn url_of(database: &str) -> String {
    let server = server();
    let (address, settings) =
        server.split_once('?').map_or((server.as_str(), None), |(url, settings)| (url, Some(settings)));
    let (start, _) = address.rsplit_once('/').expect("a URL with a database");
    format!("{start}/{database}{}", settings.map(|settings| format!("?{settings}")).unwrap_or_default())
}

/// Tests run at once, in processes of their own: the first makes the template, under a lock.
async fn template() -> String {
    let name = format!("entente_template_{:016x}", fingerprint());
    let mut conn = connect(&server()).await;
    sql(&mut conn, "SELECT pg_advisory_lock(4711)").await;
    if number(&mut conn, &format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'")).await == 0 {
        let making = format!("{name}_new");
        sql(&mut conn, &format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)")).await;
        sql(&mut conn, &format!("CREATE DATABASE {making}")).await;
        let store = PostgresStore::open(&url_of(&making), OpenOptions::default()).await.expect("the store opens");
        store.close().await;
        let left = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{making}'");
        sql(&mut conn, &left).await;
        sql(&mut conn, &format!("ALTER DATABASE {making} RENAME TO {name}")).await;
    }
    conn.close().await.expect("the lock is given back");
    name
}

/// Tells templates of different migrations apart.
fn fingerprint() -> u64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/postgres");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("migrations").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read(file).expect("a file").hash(&mut hasher);
    }
    hasher.finish()
}
