//! Runs and their history rows.

use entente_core::run::Snapshot;
use uuid::Uuid;

use crate::{
    commit::{Step, history},
    fault::Fault,
    values::{micros, signed, to_json},
    work::Work,
};

/// Inserts new runs, moves the others on, and adds a history row for each. The answer is the first row's number.
pub(super) async fn write(work: &mut Work<'_>, steps: &[Step<'_>]) -> Result<i64, Fault> {
    let new: Vec<&Step<'_>> = steps.iter().filter(|step| step.member.snapshot.seq == 1).collect();
    if !new.is_empty() {
        insert_runs(work, &new).await?;
    }
    let first = work.kept.numbers.history + 1;
    move_on(work, steps, first).await?;
    work.kept.numbers.history += steps.len() as i64;
    Ok(first)
}

/// Where the part of a snapshot's text begins that changes with each step. As a key it stands in no string: there its
/// quotes would be escaped.
const CHANGING: &str = "\"seq\":";

/// What a run is for good (id, label, home, chart, context version) and the rest, as they are stored.
fn parts(snapshot: &str) -> (&str, &str) {
    snapshot.split_at(snapshot.find(CHANGING).unwrap_or(0))
}

/// A value per new run in each column.
#[derive(Default)]
struct New<'a> {
    rids: Vec<i64>,
    ids: Vec<Uuid>,
    labels: Vec<&'a str>,
    shards: Vec<i16>,
    entities: Vec<&'a str>,
    parties: Vec<&'a str>,
    charts: Vec<&'a str>,
    at: Vec<i64>,
    ended: Vec<bool>,
    parked: Vec<bool>,
    heads: Vec<&'a [u8]>,
    tags: Vec<String>,
    pins: Vec<&'a str>,
    snapshots: Vec<&'a str>,
}

async fn insert_runs(work: &mut Work<'_>, steps: &[&Step<'_>]) -> Result<(), Fault> {
    let mut new = New::default();
    for step in steps {
        let Snapshot { run, label, home, chart, ended, incident, tags, .. } = &step.member.snapshot;
        new.rids.push(step.rid);
        new.ids.push(run.0);
        new.labels.push(label);
        new.shards.push(i16::from(run.shard().0));
        new.entities.push(home.legal_entity.as_str());
        new.parties.push(home.party.as_str());
        new.charts.push(&chart.name);
        new.at.push(micros(step.member.at));
        new.ended.push(*ended);
        new.parked.push(incident.is_some());
        new.heads.push(&step.member.hash);
        new.tags.push(to_json("tags", tags)?);
        let (pin, rest) = parts(step.snapshot);
        new.pins.push(pin);
        new.snapshots.push(rest);
    }
    sqlx::query!(
        "INSERT INTO runs (rid, id, label, shard, legal_entity, party, chart, created_at, updated_at, seq, ended, parked,
                           head, tags, pin, snapshot)
         SELECT rid, id, label, shard, entity, party, chart, at, at, 1, ended, parked, head, tags, pin, snapshot
         FROM UNNEST($1::bigint[], $2::uuid[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::text[],
                     $8::bigint[], $9::boolean[], $10::boolean[], $11::bytea[], $12::text[], $13::text[], $14::text[])
           AS given (rid, id, label, shard, entity, party, chart, at, ended, parked, head, tags, pin, snapshot)",
        &new.rids,
        &new.ids,
        &new.labels as &[&str],
        &new.shards,
        &new.entities as &[&str],
        &new.parties as &[&str],
        &new.charts as &[&str],
        &new.at,
        &new.ended,
        &new.parked,
        &new.heads as &[&[u8]],
        &new.tags,
        &new.pins as &[&str],
        &new.snapshots as &[&str]
    )
    .execute(&mut *work.conn)
    .await?;
    Ok(())
}

/// A value per step in each column. Tags and snapshot of a new run are stored already.
#[derive(Default)]
struct Moved<'a> {
    nos: Vec<i64>,
    rids: Vec<i64>,
    seqs: Vec<i64>,
    at: Vec<i64>,
    ended: Vec<bool>,
    parked: Vec<bool>,
    hashes: Vec<&'a [u8]>,
    prevs: Vec<&'a [u8]>,
    tags: Vec<Option<String>>,
    pins: Vec<Option<&'a str>>,
    snapshots: Vec<Option<&'a str>>,
    records: Vec<&'a str>,
    /// How many of the runs are not new.
    known: i64,
}

impl<'a> Moved<'a> {
    fn push(&mut self, no: i64, step: &'a Step<'_>) -> Result<(), Fault> {
        let Snapshot { seq, ended, incident, tags, .. } = &step.member.snapshot;
        let is_new = *seq == 1;
        self.known += i64::from(!is_new);
        self.nos.push(no);
        self.rids.push(step.rid);
        self.seqs.push(signed("step", *seq)?);
        self.at.push(micros(step.member.at));
        self.ended.push(*ended);
        self.parked.push(incident.is_some());
        self.hashes.push(&step.member.hash);
        self.prevs.push(&step.member.prev_hash);
        self.tags.push(if is_new { None } else { Some(to_json("tags", tags)?) });
        let (pin, rest) = parts(step.snapshot);
        self.pins.push((!is_new).then_some(pin));
        self.snapshots.push((!is_new).then_some(rest));
        self.records.push(&step.member.record);
        Ok(())
    }
}

/// A run that is not where its step begins moves nowhere, and its batch is refused.
async fn move_on(work: &mut Work<'_>, steps: &[Step<'_>], first: i64) -> Result<(), Fault> {
    let mut moved = Moved::default();
    for (no, step) in (first..).zip(steps) {
        moved.push(no, step)?;
    }
    let stepped = if history::is_worth_it(steps.len()) {
        history::copy(work.conn, steps, first).await?;
        move_only(work, &moved).await?
    } else {
        tell_and_move(work, &moved).await?
    };
    if stepped != moved.known {
        return Err(Fault::refused("a run moved while it was being written"));
    }
    Ok(())
}

/// Moves the runs that are not new; the answer is how many there were.
async fn move_only(work: &mut Work<'_>, moved: &Moved<'_>) -> Result<i64, Fault> {
    let stepped = sqlx::query!(
        "UPDATE runs SET seq = g.seq, updated_at = g.at, ended = g.ended, parked = g.parked, head = g.hash,
                         tags = g.tags, pin = g.pin, snapshot = g.snapshot
         FROM UNNEST($1::bigint[], $2::bigint[], $3::bigint[], $4::boolean[], $5::boolean[], $6::bytea[], $7::text[],
                     $8::text[], $9::text[])
           AS g (rid, seq, at, ended, parked, hash, tags, pin, snapshot)
         WHERE runs.rid = g.rid AND g.seq > 1 AND runs.seq = g.seq - 1",
        &moved.rids,
        &moved.seqs,
        &moved.at,
        &moved.ended,
        &moved.parked,
        &moved.hashes as &[&[u8]],
        &moved.tags as &[Option<String>],
        &moved.pins as &[Option<&str>],
        &moved.snapshots as &[Option<&str>]
    )
    .execute(&mut *work.conn)
    .await?;
    signed("count", stepped.rows_affected()).map_err(Fault::from)
}

/// As [`move_only`], and adds the history rows in the same statement.
async fn tell_and_move(work: &mut Work<'_>, moved: &Moved<'_>) -> Result<i64, Fault> {
    let stepped = sqlx::query_scalar!(
        r#"WITH given AS MATERIALIZED (
             SELECT * FROM UNNEST($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[], $6::boolean[],
                                  $7::bytea[], $8::bytea[], $9::text[], $10::text[], $11::text[], $12::text[])
               AS given (no, rid, seq, at, ended, parked, hash, prev_hash, tags, pin, snapshot, record)),
           told AS (
             INSERT INTO history (no, rid, seq, prev_hash, hash, record)
             SELECT no, rid, seq, prev_hash, hash, record FROM given),
           moved AS (
             UPDATE runs SET seq = g.seq, updated_at = g.at, ended = g.ended, parked = g.parked, head = g.hash,
                             tags = g.tags, pin = g.pin, snapshot = g.snapshot
             FROM given g WHERE runs.rid = g.rid AND g.seq > 1 AND runs.seq = g.seq - 1
             RETURNING 1)
           SELECT count(*) AS "moved!" FROM moved"#,
        &moved.nos,
        &moved.rids,
        &moved.seqs,
        &moved.at,
        &moved.ended,
        &moved.parked,
        &moved.hashes as &[&[u8]],
        &moved.prevs as &[&[u8]],
        &moved.tags as &[Option<String>],
        &moved.pins as &[Option<&str>],
        &moved.snapshots as &[Option<&str>],
        &moved.records as &[&str]
    )
    .fetch_one(&mut *work.conn)
    .await?;
    Ok(stepped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshots_parts_make_the_whole_again_whatever_its_label() {
        let label = r#"{"run":"r","label":"\"seq\":7","chart":{},"context_version":1,"seq":2}"#;
        let (pin, rest) = parts(label);
        assert_eq!(rest, r#""seq":2}"#);
        assert_eq!(format!("{pin}{rest}"), label);
        assert_eq!(parts("{}"), ("", "{}"));
    }
}
