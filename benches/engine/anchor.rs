//! The physical limit: what one writer with a bare driver gets out of the same file system in the same minute.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use crate::closed_loop::quantile_ms;

/// What the bare database does.
#[derive(Debug, Clone, Copy)]
pub struct Anchor {
    /// Transitions per second: one `UPDATE` and one `INSERT` each.
    pub per_s: f64,
    /// How long half of the transactions take at most.
    pub p50_ms: f64,
    /// How long 99 of 100 transactions take at most.
    pub p99_ms: f64,
}

/// Raw SQLite at `batch` transitions in a transaction: prepared statements, write-ahead log, `synchronous=FULL`.
pub fn sqlite(path: &Path, batch: u64, time: Duration) -> rusqlite::Result<Anchor> {
    let mut conn = Connection::open(path)?;
    conn.pragma_update(None, "journal_mode", "wal")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.execute_batch(
        "CREATE TABLE inst (id INTEGER PRIMARY KEY, step INT NOT NULL DEFAULT 0, updated_at INT);
         CREATE TABLE step (id INTEGER PRIMARY KEY, inst INT, step INT, output TEXT);
         WITH RECURSIVE g (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM g WHERE x < 10000) INSERT INTO inst (id) SELECT x FROM g;",
    )?;
    let (began, mut seconds, mut done, mut draw) = (Instant::now(), Vec::new(), 0_u64, 1_u64);
    while began.elapsed() < time {
        let opened = Instant::now();
        let tx = conn.transaction()?;
        {
            let mut update = tx.prepare_cached("UPDATE inst SET step = step + 1, updated_at = ?2 WHERE id = ?1")?;
            let mut insert = tx.prepare_cached("INSERT INTO step (inst, step, output) VALUES (?1, 1, ?2)")?;
            for _ in 0..batch {
                draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let id = i64::try_from((draw >> 33) % 10_000 + 1).unwrap_or(1);
                update.execute((id, i64::try_from(done).unwrap_or(0)))?;
                insert.execute((id, r#"[1,"ok"]"#))?;
                done += 1;
            }
        }
        tx.commit()?;
        seconds.push(opened.elapsed().as_secs_f64());
    }
    let per_s = done as f64 / began.elapsed().as_secs_f64();
    seconds.sort_by(f64::total_cmp);
    Ok(Anchor { per_s, p50_ms: quantile_ms(&seconds, 0.5), p99_ms: quantile_ms(&seconds, 0.99) })
}
