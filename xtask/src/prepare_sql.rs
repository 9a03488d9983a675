//! Lets the compiler check every statement of the store against a database made from the migrations, and keeps what it
//! learned, so that other builds need no database.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use anyhow::{Context, bail};
use sqlx::{migrate::Migrator, sqlite::SqliteConnectOptions};

/// Checks the statements of the SQLite store; rewrites its `.sqlx`, or with `check` fails when that is stale.
///
/// # Errors
/// When a migration or statement is wrong, or `.sqlx` is stale and only to be checked.
pub fn run(check: bool) -> anyhow::Result<()> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().context("the repository was not found")?;
    let work = std::env::temp_dir().join(format!("entente-prepare-sql-{}", std::process::id()));
    let done = prepare(&root, &work, check);
    fs::remove_dir_all(&work).with_context(|| format!("`{}` cannot be removed", work.display()))?;
    done
}

fn prepare(root: &Path, work: &Path, check: bool) -> anyhow::Result<()> {
    let learned = work.join("sqlx");
    fs::create_dir_all(&learned).with_context(|| format!("`{}` cannot be made", learned.display()))?;
    let database = work.join("schema.db");
    migrate(&root.join("migrations/sqlite"), &database)?;
    compile(root, &database, &learned)?;
    let kept = root.join("crates/store-sqlite/.sqlx");
    let (new, old) = (read(&learned)?, read(&kept)?);
    if new.is_empty() {
        bail!("the compiler described no statement; this command and sqlx no longer fit together");
    }
    if new == old {
        println!("{} statements, all as committed", new.len());
        return Ok(());
    }
    if check {
        bail!("`crates/store-sqlite/.sqlx` is stale: run `cargo xtask prepare-sql` and commit the result");
    }
    write(&kept, &new, &old)
}

fn migrate(migrations: &Path, database: &Path) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(database).create_if_missing(true);
        let mut connection = sqlx::ConnectOptions::connect(&options).await?;
        Migrator::new(migrations).await?.run(&mut connection).await.context("a migration is wrong")
    })
}

/// Compiles the store with the database at hand.
fn compile(root: &Path, database: &Path, learned: &Path) -> anyhow::Result<()> {
    // The statements are looked at only when the crate is compiled, and cargo does not know of the database.
    let lib = root.join("crates/store-sqlite/src/lib.rs");
    let touched = File::options().append(true).open(&lib).and_then(|file| file.set_modified(SystemTime::now()));
    touched.with_context(|| format!("`{}` cannot be touched", lib.display()))?;
    let status = Command::new("cargo")
        .args(["check", "--quiet", "--workspace", "--lib", "--locked", "--features", "xtask/sql"])
        .current_dir(root)
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", learned)
        .env("SQLITE_DATABASE_URL", format!("sqlite://{}", database.display()))
        .status()
        .context("cargo could not be started")?;
    if !status.success() {
        bail!("a statement does not fit the migrations; the compiler's words are above");
    }
    Ok(())
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

fn write(folder: &Path, new: &BTreeMap<PathBuf, String>, old: &BTreeMap<PathBuf, String>) -> anyhow::Result<()> {
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
    println!("{} statements, {count} of them new or changed", new.len());
    Ok(())
}
