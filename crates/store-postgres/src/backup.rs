//! A consistent copy of everything, made while work goes on: one snapshot, table by table, in the server's own text form.
//!
//! The file begins with one line of JSON (format, schema, the tables in order). Then comes each table as chunks, a
//! chunk being its length as four bytes, most significant first, and so many bytes of `COPY`; a length of zero ends the
//! table.

use std::{io, path::Path, time::Duration};

use entente_store::{Error, Result};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncWriteExt, BufReader, BufWriter},
};

use crate::{
    fault::explain,
    migrations, months,
    session::{self, Purpose},
    target::Target,
    values::to_json,
};

/// What the first line says of the rest.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: String,
    schema: i64,
    tables: Vec<String>,
}

const FORMAT: &str = "entente-postgres/1";

/// Every table; leases too, as fences must never go back.
const TABLES: [&str; 33] = [
    "meta",
    "counters",
    "series",
    "runs",
    "history",
    "run_keys",
    "inbox",
    "waiting",
    "outbox",
    "timers",
    "leases",
    "tasks",
    "notices",
    "occurrences",
    "schedule_state",
    "documents",
    "settings",
    "ledger_balances",
    "ledger_holds",
    "ledger_journals",
    "ledger_entries",
    "ledger_accounts",
    "seals",
    "archives",
    "archived_runs",
    "imports",
    "import_lines",
    "import_keys",
    "import_sums",
    "spend_readings",
    "spend_sums",
    "spend_quarantine",
    "person_tokens",
];

/// Writes a copy of the database to `to`, which must not exist, and makes it durable.
pub(crate) async fn write(target: &Target, to: &Path) -> Result<()> {
    let file = create(to).await?;
    let copied = fill(target, file, to).await;
    if copied.is_err() {
        // The half-written copy is of no use; that it cannot be removed changes nothing about the error to report.
        let _ = std::fs::remove_file(to);
        return copied;
    }
    std::fs::File::open(folder_of(to)).and_then(|folder| folder.sync_all()).map_err(|error| unwritable(to, &error))
}

async fn create(to: &Path) -> Result<File> {
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(to) {
        Ok(file) => Ok(File::from_std(file)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(Error::Conflict { kind: "file", id: to.display().to_string() })
        }
        Err(error) => Err(unwritable(to, &error)),
    }
}

async fn fill(target: &Target, file: File, to: &Path) -> Result<()> {
    let lost = |error: sqlx::Error| explain(&error, target.name());
    let full = |error: io::Error| unwritable(to, &error);
    let mut conn = session::connect(target, Purpose::Plain, CONNECT).await.map_err(lost)?;
    let mut tx = conn.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await.map_err(lost)?;
    months::hold(&mut tx).await.map_err(lost)?;
    let schema = sqlx::query_scalar("SELECT version FROM entente_schema").fetch_one(&mut *tx).await.map_err(lost)?;
    let head = Head { format: FORMAT.into(), schema, tables: TABLES.map(str::to_owned).to_vec() };
    let mut out = BufWriter::new(file);
    out.write_all(to_json("backup", &head)?.as_bytes()).await.map_err(full)?;
    out.write_all(b"\n").await.map_err(full)?;
    for table in TABLES {
        let mut chunks = tx.copy_out_raw(&format!("COPY (SELECT * FROM {table}) TO STDOUT")).await.map_err(lost)?;
        while let Some(chunk) = chunks.try_next().await.map_err(lost)? {
            let length = u32::try_from(chunk.len()).map_err(|error| full(io::Error::other(error)))?;
            out.write_all(&length.to_be_bytes()).await.map_err(full)?;
            out.write_all(&chunk).await.map_err(full)?;
        }
        out.write_all(&[0; 4]).await.map_err(full)?;
    }
    tx.commit().await.map_err(lost)?;
    conn.close().await.map_err(lost)?;
    out.flush().await.map_err(full)?;
    out.into_inner().sync_all().await.map_err(full)
}

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Fills the empty database `target` from the copy at `from`, in one transaction.
pub(crate) async fn restore(target: &Target, from: &Path) -> Result<()> {
    let lost = |error: sqlx::Error| explain(&error, target.name());
    let file = File::open(from).await.map_err(|error| unreadable(from, &error))?;
    let mut file = BufReader::new(file);
    let mut line = String::new();
    let beginning = tokio::io::AsyncBufReadExt::read_line(&mut (&mut file).take(HEAD_MAX), &mut line).await;
    beginning.map_err(|error| unreadable(from, &error))?;
    let head: Head = serde_json::from_str(&line).map_err(|error| unreadable(from, &io::Error::other(error)))?;
    // A copy of an older schema may lack tables of this one.
    if head.format != FORMAT || !head.tables.iter().all(|table| TABLES.contains(&table.as_str())) {
        return Err(unreadable(from, &io::Error::other("it is not a copy that this binary knows")));
    }
    let mut conn = session::connect(target, Purpose::Plain, CONNECT).await.map_err(lost)?;
    migrations::apply_to_empty(&mut conn, head.schema, target.name()).await?;
    let mut tx = conn.begin().await.map_err(lost)?;
    sqlx::query("DELETE FROM meta").execute(&mut *tx).await.map_err(lost)?;
    sqlx::query("DELETE FROM counters").execute(&mut *tx).await.map_err(lost)?;
    // Both sides of each journal come with the copy, as they were: nothing is booked anew.
    let books = head.tables.iter().any(|table| table == "ledger_accounts");
    if books {
        sqlx::raw_sql(BOOKS_NOTHING).execute(&mut *tx).await.map_err(lost)?;
    }
    for table in &head.tables {
        copy_in(&mut tx, table, &mut file, target, from).await?;
    }
    if books {
        sqlx::raw_sql(BOOKS_BY_ITSELF).execute(&mut *tx).await.map_err(lost)?;
    }
    tx.commit().await.map_err(lost)?;
    conn.close().await.map_err(lost)
}

const BOOKS_NOTHING: &str = "ALTER TABLE ledger_journals DISABLE TRIGGER ledger_journals_book;
                                   ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_add";
const BOOKS_BY_ITSELF: &str = "ALTER TABLE ledger_journals ENABLE TRIGGER ledger_journals_book;
                               ALTER TABLE ledger_entries ENABLE TRIGGER ledger_entries_add";

/// The first line is never longer than this.
const HEAD_MAX: u64 = 64 * 1024;

/// No chunk is longer: the server sends rows one by one, and a row has at most so many bytes.
const CHUNK_MAX: u32 = 1 << 30;

async fn copy_in(
    conn: &mut PgConnection,
    table: &str,
    file: &mut BufReader<File>,
    target: &Target,
    from: &Path,
) -> Result<()> {
    let lost = |error: sqlx::Error| explain(&error, target.name());
    let mut rows = conn.copy_in_raw(&format!("COPY {table} FROM STDIN")).await.map_err(lost)?;
    let mut chunk = Vec::new();
    loop {
        let length = file.read_u32().await.map_err(|error| unreadable(from, &error))?;
        if length == 0 {
            break;
        }
        if length > CHUNK_MAX {
            return Err(unreadable(from, &io::Error::other("a chunk is longer than any row")));
        }
        chunk.resize(length as usize, 0);
        file.read_exact(&mut chunk).await.map_err(|error| unreadable(from, &error))?;
        rows.send(chunk.as_slice()).await.map_err(lost)?;
    }
    rows.finish().await.map_err(lost)?;
    Ok(())
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::NotFound {
        return Error::NotFound { kind: "folder", id: folder_of(path).display().to_string() };
    }
    Error::ReadOnly { path: path.display().to_string(), detail: error.to_string() }
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::NotFound {
        return Error::NotFound { kind: "file", id: path.display().to_string() };
    }
    Error::Decode { kind: "backup", id: path.display().to_string(), detail: error.to_string() }
}
