//! The physical limit of a server: pgbench, with one `UPDATE` and one `INSERT` in a transaction.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{anchor::Anchor, closed_loop::quantile_ms, ground};

type Failure = Box<dyn std::error::Error>;

const TABLES: &str = "
    CREATE TABLE anchor_inst (id int PRIMARY KEY, step int NOT NULL DEFAULT 0, updated_at timestamptz);
    CREATE TABLE anchor_step (id bigserial PRIMARY KEY, inst int, step int, output text);
    INSERT INTO anchor_inst (id) SELECT generate_series(1, 10000);";

const TRANSACTION: &str = r#"\set id random(1, 10000)
BEGIN;
UPDATE anchor_inst SET step = step + 1, updated_at = now() WHERE id = :id;
INSERT INTO anchor_step (inst, step, output) VALUES (:id, 1, '[1,"ok"]');
COMMIT;
"#;

/// A database of its own for the anchor.
pub async fn prepare(path: &Path) {
    ground::named(path).await;
    ground::sql(path, TABLES).await;
    ground::sql(path, "VACUUM ANALYZE anchor_inst").await;
    ground::sql(path, "CHECKPOINT").await;
}

/// So many clients, each with one transition per transaction, on the database that was prepared.
pub fn measure(path: &Path, clients: usize, time: Duration) -> Result<Anchor, Failure> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("transition.sql");
    fs::write(&script, TRANSACTION)?;
    let seconds = time.as_secs().max(1);
    let mut pgbench = Command::new(program());
    pgbench.args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--log", "--file"]).arg(&script);
    pgbench.args([format!("--client={clients}"), format!("--time={seconds}")]).arg(ground::url(path));
    // Its logs of single transactions go where it runs.
    let told = pgbench.current_dir(folder.path()).output().map_err(|error| format!("`pgbench`: {error}"))?;
    let (report, complaint) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    let rate = report.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    let per_s = rate.ok_or_else(|| format!("`pgbench` told no rate: {report}{complaint}"))?;
    let times = latencies(folder.path())?;
    Ok(Anchor { per_s, p50_ms: quantile_ms(&times, 0.5), p99_ms: quantile_ms(&times, 0.99) })
}

/// Seconds of each transaction, ascending.
fn latencies(folder: &Path) -> std::io::Result<Vec<f64>> {
    let mut seconds = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("pgbench_log.") {
            let text = fs::read_to_string(entry.path())?;
            let microseconds = text.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok());
            seconds.extend(microseconds.map(|time| time / 1e6));
        }
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds)
}

/// Beside the server's programs, where they are named.
fn program() -> PathBuf {
    let named = std::env::var_os("ENTENTE_TEST_POSTGRES_BIN").map(|folder| Path::new(&folder).join("pgbench"));
    named.filter(|program| program.is_file()).unwrap_or_else(|| "pgbench".into())
}
