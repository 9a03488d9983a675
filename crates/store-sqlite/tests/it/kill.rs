//! Rows 6 and 7: killed at any moment, a step is whole or was never there.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
    time::Duration,
};

use rusqlite::Connection;

use crate::{
    child::{RUNS, command},
    folder,
};

/// Databases, each with a life of its own, and how often the process that writes to one is killed: two hundred times in all.
const DATABASES: u64 = 4;
const KILLS: u64 = 50;

/// Row 6: transition, history, intents, timers, messages, tasks and notices. Row 7: the ledger, P6.
#[test]
fn row_06_07_a_killed_writer_leaves_whole_steps_and_nothing_acknowledged_is_lost() {
    std::thread::scope(|scope| {
        for seed in 1..=DATABASES {
            scope.spawn(move || killed_again_and_again(seed));
        }
    });
}

fn killed_again_and_again(seed: u64) {
    let folder = folder();
    let path = folder.path().join("entente.db");
    let (mut depths, mut random) = (BTreeSet::new(), seed);
    for _ in 0..KILLS {
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let acknowledged = write_and_kill(&path, (random >> 40) % 12, Duration::from_micros((random >> 20) % 4000));
        let stored = check(&path);
        assert!(stored >= acknowledged, "step {acknowledged} was acknowledged, step {stored} is stored");
        depths.insert(stored);
    }
    assert!(depths.len() > 20, "the kills hit many different moments: {depths:?}");
}

/// Kills the child a moment after its `n`-th commit of this life; returns the last step that it was told is durable.
fn write_and_kill(path: &Path, commits: u64, moment: Duration) -> u64 {
    let mut child = command("write", path).stderr(Stdio::null()).spawn().expect("the child starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let step = |line: &str| line.strip_prefix("committed ").and_then(|step| step.parse::<u64>().ok());
    let (mut last, mut seen) = (0, 0);
    while seen <= commits {
        let Some(line) = lines.next() else { panic!("the child ended by itself after step {last}") };
        if let Some(step) = step(&line.expect("a line")) {
            (last, seen) = (step, seen + 1);
        }
    }
    std::thread::park_timeout(moment);
    child.kill().expect("it lives");
    child.wait().expect("it is gone");
    lines.map_while(Result::ok).filter_map(|line| step(&line)).last().unwrap_or(last).max(last)
}

/// Looks with other eyes than the store's: every step of every run has exactly one row in every table.
fn check(path: &Path) -> u64 {
    let conn = Connection::open(path).expect("the file opens");
    let one = |sql: &str| -> i64 { conn.query_row(sql, [], |row| row.get(0)).expect(sql) };
    let sound: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check");
    assert_eq!(sound, "ok");
    assert_eq!(one("SELECT count(DISTINCT seq) FROM runs"), 1, "the runs of one batch move together");
    let (seq, runs) = (one("SELECT max(seq) FROM runs"), RUNS.len() as i64);
    assert_eq!(one("SELECT count(*) FROM runs"), runs);
    for table in ["history", "timers", "tasks", "notices", "inbox"] {
        assert_eq!(one(&format!("SELECT count(*) FROM {table}")), runs * seq, "{table} at step {seq}");
    }
    assert_eq!(one("SELECT count(*) FROM outbox"), 2 * runs * seq);
    assert_eq!(
        one("SELECT count(*) FROM runs r JOIN history h ON h.rid = r.rid AND h.seq = r.seq AND h.hash = r.head"),
        runs
    );
    assert_eq!(one("SELECT count(*) FROM ledger_journals"), runs * (seq + 1));
    assert_eq!(
        one(
            "SELECT count(*) FROM (SELECT 1 FROM ledger_entries GROUP BY journal HAVING sum(minor) <> 0 OR count(*) <> 2)"
        ),
        0
    );
    assert_eq!(one("SELECT count(*) FROM ledger_accounts WHERE account = 'reserved' AND minor = 7"), runs * seq);
    assert_eq!(one("SELECT sum(minor) FROM ledger_accounts"), 0, "the trial balance");
    assert_eq!(one("SELECT sum(minor) FROM ledger_entries"), 0);
    u64::try_from(seq).expect("a step")
}
