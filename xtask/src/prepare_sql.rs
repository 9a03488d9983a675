//! Lets the compiler check every statement of the stores against databases made from the migrations, and keeps what it
//! learned, so that other builds need no database.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    str::FromStr,
    time::SystemTime,
};

use anyhow::{Context, bail};
use sqlx::{
    ConnectOptions, Connection,
    migrate::{Migrate, Migrator},
    postgres::{PgConnectOptions, PgConnection},
    sqlite::SqliteConnectOptions,
};

/// The crates with statements; the compiler names a statement by its text, so what it learned belongs to one of them.
const STORES: [Store; 2] = [
    Store { folder: "crates/store-sqlite", database: "SQLite" },
    Store { folder: "crates/store-postgres", database: "PostgreSQL" },
];

struct Store {
    folder: &'static str,
    /// As the compiler names it in what it learned.
    database: &'static str,
}

/// The variable that names a PostgreSQL server.
const SERVER: &str = "ENTENTE_TEST_POSTGRES";

/// Checks the statements of both stores; rewrites their `.sqlx`, or with `check` fails when one is stale.
///
/// # Errors
/// When a migration or statement is wrong, or `.sqlx` is stale and only to be checked.
pub fn run(check: bool) -> anyhow::Result<()> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().context("the repository was not found")?;
    let server = std::env::var(SERVER).with_context(|| format!("{SERVER} names no PostgreSQL server"))?;
    let work = std::env::temp_dir().join(format!("entente-prepare-sql-{}", std::process::id()));
    let done = prepare(&root, &work, &server, check);
    fs::remove_dir_all(&work).with_context(|| format!("`{}` cannot be removed", work.display()))?;
    done
}

fn prepare(root: &Path, work: &Path, server: &str, check: bool) -> anyhow::Result<()> {
    let learned = work.join("sqlx");
    fs::create_dir_all(&learned).with_context(|| format!("`{}` cannot be made", learned.display()))?;
    let file = work.join("schema.db");
    let name = format!("entente_prepare_{}", std::process::id());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let server = PgConnectOptions::from_str(server).with_context(|| format!("{SERVER} is not usable"))?;
    let database = server.clone().database(&name);
    let compiled = runtime.block_on(async {
        let mut conn = server.connect().await.context("the PostgreSQL server does not answer")?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut conn).await?;
        let sqlite = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let migrated = async {
            migrate(&root.join("migrations/sqlite"), sqlite.connect().await?).await?;
            migrate(&root.join("migrations/postgres"), database.connect().await?).await
        };
        let compiled = match migrated.await {
            Ok(()) => {
                compile(root, &format!("sqlite://{}", file.display()), database.to_url_lossy().as_str(), &learned)
            }
            Err(error) => Err(error),
        };
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).execute(&mut conn).await?;
        PgConnection::close(conn).await?;
        compiled
    });
    compiled?;
    let all = read(&learned)?;
    STORES.iter().try_for_each(|store| keep(root, store, &all, check))
}

async fn migrate<C: Connection + Migrate>(migrations: &Path, mut connection: C) -> anyhow::Result<()> {
    Migrator::new(migrations).await?.run_direct(None, &mut connection, false).await.context("a migration is wrong")?;
    connection.close().await?;
    Ok(())
}

/// Compiles the stores with the databases at hand.
fn compile(root: &Path, sqlite: &str, postgres: &str, learned: &Path) -> anyhow::Result<()> {
    // The statements are looked at only when the crate is compiled, and cargo does not know of the database.
    for store in &STORES {
        let lib = root.join(store.folder).join("src/lib.rs");
        let touched = File::options().append(true).open(&lib).and_then(|file| file.set_modified(SystemTime::now()));
        touched.with_context(|| format!("`{}` cannot be touched", lib.display()))?;
    }
    let status = Command::new("cargo")
        .args(["check", "--quiet", "--workspace", "--lib", "--locked", "--features", "xtask/sql"])
        .current_dir(root)
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", learned)
        .env("SQLITE_DATABASE_URL", sqlite)
        .env("PG_DATABASE_URL", postgres)
        .status()
        .context("cargo could not be started")?;
    if !status.success() {
        bail!("a statement does not fit the migrations; the compiler's words are above");
    }
    Ok(())
}

/// Compares what was learned of one store with what is committed, and writes it unless it is only to be checked.
fn keep(root: &Path, store: &Store, all: &BTreeMap<PathBuf, String>, check: bool) -> anyhow::Result<()> {
    let Store { folder, database } = store;
    let mark = format!("\"db_name\": \"{database}\"");
    let new: BTreeMap<PathBuf, String> =
        all.iter().filter(|(_, text)| text.contains(&mark)).map(|(name, text)| (name.clone(), text.clone())).collect();
    let kept = root.join(folder).join(".sqlx");
    let old = read(&kept)?;
    if new.is_empty() {
        bail!("the compiler described no statement of `{folder}`; this command and sqlx no longer fit together");
    }
    if new == old {
        println!("{folder}: {} statements, all as committed", new.len());
        return Ok(());
    }
    if check {
        bail!("`{folder}/.sqlx` is stale: run `cargo xtask prepare-sql` and commit the result");
    }
    write(folder, &kept, &new, &old)
}

/// The files of a folder by name.
fn read(folder: &Path) -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let mut files = BTreeMap::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder).with_context(|| format!("`{}` cannot be read", folder.display()))? {
        let entry = entry?;
        files.insert(entry.file_name().into(), fs::read_to_string(entry.path())?);
    }
    Ok(files)
}

fn write(
    store: &str,
    folder: &Path,
    new: &BTreeMap<PathBuf, String>,
    old: &BTreeMap<PathBuf, String>,
) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        fs::remove_file(folder.join(name))?;
    }
    let changed = new.iter().filter(|(name, text)| old.get(*name) != Some(text));
    let mut count = 0;
    for (name, text) in changed {
        fs::write(folder.join(name), text)?;
        count += 1;
    }
    println!("{store}: {} statements, {count} of them new or changed", new.len());
    Ok(())
}
