//! What work cost, as the kernel and the database server count it: other load on the machine hardly moves it.

use std::{fs, str::FromStr as _};

use sqlx::{ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};

/// Ticks of the kernel's processor time in a second, on every Linux of today.
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds of processor time that this process has used so far.
pub fn own_cpu() -> f64 {
    Process::read("self").map_or(0.0, |process| process.own)
}

/// Seconds of processor time that children of this process have used that have ended.
pub fn ended_children_cpu() -> f64 {
    Process::read("self").map_or(0.0, |process| process.ended_children)
}

/// Megabytes of this process's memory that are resident.
pub fn resident_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}

/// What a whole server has done so far; all databases on it count.
#[derive(Debug, Clone, Copy)]
pub struct ServerWork {
    /// Seconds of processor time of its processes; nothing when it runs on another machine.
    pub cpu: Option<f64>,
    /// Bytes written to its log.
    pub log_bytes: u64,
    /// Transactions, those that only read among them. The server counts them up to a second late.
    pub transactions: u64,
}

/// Asks the server at this address.
pub async fn server(url: &str) -> ServerWork {
    let options = PgConnectOptions::from_str(url).expect("a URL").disable_statement_logging();
    let mut conn: PgConnection = options.connect().await.expect("the server answers");
    let (backend, log_bytes, transactions): (i32, i64, i64) = sqlx::query_as(
        "SELECT pg_backend_pid(), (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint,
                (SELECT sum(xact_commit)::bigint FROM pg_stat_database)",
    )
    .fetch_one(&mut conn)
    .await
    .expect("the server says what it did");
    let cpu = Process::read(&backend.to_string()).filter(|process| process.name == "postgres");
    let cpu = cpu.map(|backend| tree_cpu(&backend.parent));
    conn.close().await.expect("the connection closes");
    ServerWork { cpu, log_bytes: log_bytes.unsigned_abs(), transactions: transactions.unsigned_abs() }
}

/// Processor time of a process and its children, those that have ended among them.
fn tree_cpu(root: &str) -> f64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = processes.filter_map(|entry| Process::read(entry.file_name().to_str()?));
    processes
        .map(|process| match process.id == root {
            true => process.own + process.ended_children,
            false if process.parent == root => process.own,
            false => 0.0,
        })
        .sum()
}

/// A process, as `/proc` tells of it.
struct Process {
    id: String,
    name: String,
    parent: String,
    own: f64,
    ended_children: f64,
}

impl Process {
    fn read(id: &str) -> Option<Process> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name stands in parentheses and may hold any character.
        let (start, rest) = stat.rsplit_once(')')?;
        let (id, name) = start.split_once(" (")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let seconds = |at: usize| fields.get(at)?.parse::<f64>().ok().map(|ticks| ticks / TICKS_PER_SECOND);
        Some(Process {
            id: id.to_owned(),
            name: name.to_owned(),
            parent: (*fields.get(1)?).to_owned(),
            own: seconds(11)? + seconds(12)?,
            ended_children: seconds(13)? + seconds(14)?,
        })
    }
}
