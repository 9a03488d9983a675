//! Runs and their history rows.

use entente_core::run::Snapshot;
use sqlx::SqliteConnection;

use crate::{
    commit::{
        Step,
        numbers::Numbers,
        packed::{Packed, rows},
    },
    fault::Fault,
    values::{micros, signed},
};

/// Inserts new runs, moves the others on, and adds a history row for each.
pub(super) async fn write(conn: &mut SqliteConnection, steps: &[Step<'_>], last_no: i64) -> Result<(), Fault> {
    let (new, known): (Vec<&Step<'_>>, Vec<&Step<'_>>) = steps.iter().partition(|step| step.member.snapshot.seq == 1);
    if !new.is_empty() {
        insert_runs(conn, &new).await?;
    }
    if !known.is_empty() {
        update_runs(conn, &known).await?;
    }
    insert_history(conn, steps, last_no).await
}

/// A run's texts, end to end: hash, tags, snapshot. The answer is where they begin, and the lengths of the latter two.
fn put_texts(step: &Step<'_>, packed: &mut Packed) -> Result<(i64, i64, i64), Fault> {
    let (at, _) = packed.put(step.member.hash);
    let (_, tags) = packed.put_json("tags", &step.member.snapshot.tags)?;
    let (_, snapshot) = packed.put(step.snapshot);
    Ok((at, tags, snapshot))
}

/// A new run: number, shard, instant, ended, parked; where its texts lie and how long tags and snapshot are; where its
/// id lies; label, legal entity, party, chart.
type New<'a> = (i64, u8, i64, u8, u8, i64, i64, i64, i64, &'a str, &'a str, &'a str, &'a str);

async fn insert_runs(conn: &mut SqliteConnection, steps: &[&Step<'_>]) -> Result<(), Fault> {
    let mut packed = Packed::default();
    let mut values: Vec<New<'_>> = Vec::with_capacity(steps.len());
    for step in steps {
        let Snapshot { run, label, home, chart, ended, incident, .. } = &step.member.snapshot;
        let (texts, tags, snapshot) = put_texts(step, &mut packed)?;
        let (id, _) = packed.put(run.0.as_bytes());
        let (ended, parked) = (u8::from(*ended), u8::from(incident.is_some()));
        let (entity, party) = (home.legal_entity.as_str(), home.party.as_str());
        let at = micros(step.member.at);
        let shard = run.shard().0;
        values.push((step.rid, shard, at, ended, parked, texts, tags, snapshot, id, label, entity, party, &chart.name));
    }
    let (values, packed) = (rows(&values)?, packed.into_bytes());
    sqlx::query!(
        "WITH given (v) AS MATERIALIZED (SELECT value FROM jsonb_each(?1))
         INSERT INTO runs (rid, shard, created_at, updated_at, seq, ended, parked, head, tags, snapshot,
                           id, label, legal_entity, party, chart)
         SELECT v ->> 0, v ->> 1, v ->> 2, v ->> 2, 1, v ->> 3, v ->> 4, substr(?2, v ->> 5, 32),
                CAST(substr(?2, (v ->> 5) + 32, v ->> 6) AS TEXT),
                CAST(substr(?2, (v ->> 5) + 32 + (v ->> 6), v ->> 7) AS TEXT),
                substr(?2, v ->> 8, 16), v ->> 9, v ->> 10, v ->> 11, v ->> 12
         FROM given",
        values,
        packed
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn update_runs(conn: &mut SqliteConnection, steps: &[&Step<'_>]) -> Result<(), Fault> {
    let (mut packed, mut numbers) = (Packed::default(), Numbers::<8>::default());
    for step in steps {
        let Snapshot { seq, ended, incident, .. } = &step.member.snapshot;
        let (texts, tags, snapshot) = put_texts(step, &mut packed)?;
        let (ended, parked) = (i64::from(*ended), i64::from(incident.is_some()));
        numbers.push([step.rid, signed("step", *seq)?, micros(step.member.at), ended, parked, texts, tags, snapshot]);
    }
    let ((numbers, count), packed) = (numbers.finish(), packed.into_bytes());
    let done = sqlx::query!(
        "WITH given AS (
           SELECT CAST(substr(?1, 160 * n + 1, 20) AS INTEGER) AS rid, CAST(substr(?1, 160 * n + 21, 20) AS INTEGER) AS seq,
                  CAST(substr(?1, 160 * n + 41, 20) AS INTEGER) AS at, CAST(substr(?1, 160 * n + 61, 20) AS INTEGER) AS ended,
                  CAST(substr(?1, 160 * n + 81, 20) AS INTEGER) AS parked,
                  CAST(substr(?1, 160 * n + 101, 20) AS INTEGER) AS texts,
                  CAST(substr(?1, 160 * n + 121, 20) AS INTEGER) AS tags,
                  CAST(substr(?1, 160 * n + 141, 20) AS INTEGER) AS snapshot
           FROM slots WHERE n < ?3)
         UPDATE runs
         SET seq = given.seq, updated_at = at, ended = given.ended, parked = given.parked, head = substr(?2, texts, 32),
             tags = CAST(substr(?2, texts + 32, given.tags) AS TEXT),
             snapshot = CAST(substr(?2, texts + 32 + given.tags, given.snapshot) AS TEXT)
         FROM given
         WHERE runs.rid = given.rid AND runs.seq = given.seq - 1",
        numbers,
        packed,
        count
    )
    .execute(conn)
    .await?;
    if done.rows_affected() != steps.len() as u64 {
        return Err(Fault::refused("a run moved while it was being written"));
    }
    Ok(())
}

/// A history row's texts lie end to end: the two hashes, then the record.
async fn insert_history(conn: &mut SqliteConnection, steps: &[Step<'_>], last_no: i64) -> Result<(), Fault> {
    let (mut packed, mut numbers) = (Packed::default(), Numbers::<4>::default());
    for step in steps {
        let (texts, _) = packed.put(step.member.prev_hash);
        packed.put(step.member.hash);
        let (_, record) = packed.put(&step.member.record);
        numbers.push([step.rid, signed("step", step.member.snapshot.seq)?, texts, record]);
    }
    let ((numbers, count), packed) = (numbers.finish(), packed.into_bytes());
    sqlx::query!(
        "WITH given AS (
           SELECT n, CAST(substr(?1, 80 * n + 1, 20) AS INTEGER) AS rid, CAST(substr(?1, 80 * n + 21, 20) AS INTEGER) AS seq,
                  CAST(substr(?1, 80 * n + 41, 20) AS INTEGER) AS texts, CAST(substr(?1, 80 * n + 61, 20) AS INTEGER) AS record
           FROM slots WHERE n < ?3)
         INSERT INTO history (no, rid, seq, prev_hash, hash, record)
         SELECT ?4 + 1 + n, rid, seq, substr(?2, texts, 32), substr(?2, texts + 32, 32),
                CAST(substr(?2, texts + 64, record) AS TEXT)
         FROM given",
        numbers,
        packed,
        count,
        last_no
    )
    .execute(conn)
    .await?;
    Ok(())
}
