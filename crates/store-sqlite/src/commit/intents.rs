//! Intents: closed, forgotten, offered again and new ones of a batch.

use entente_core::ids::InvokeId;
use entente_store::{Intent, Member, RecoveryClass};
use sqlx::SqliteConnection;

use crate::{
    commit::{
        Step,
        numbers::{Numbers, ROWS_MAX},
        packed::{Packed, rows},
    },
    fault::Fault,
    values::{class_word, signed},
};

/// An intent's key in the file.
type Key = (i64, u64, u32);

/// Writes what the steps do to intents.
pub(super) async fn write(conn: &mut SqliteConnection, steps: &[Step<'_>], last_no: i64) -> Result<(), Fault> {
    let (mut gone, mut kept, mut voids, mut retries): (Vec<Key>, Vec<Key>, Vec<Key>, Vec<Key>) = Default::default();
    for step in steps {
        let key = |invoke: &InvokeId| (step.rid, invoke.seq, invoke.n);
        if let Some(closed) = &step.member.closed {
            if may_be_retried(step.member, closed) { &mut kept } else { &mut gone }.push(key(closed));
        }
        voids.extend(step.member.voids.iter().map(key));
        retries.extend(step.member.retries.iter().map(key));
    }
    if !gone.is_empty() {
        close(conn, &gone).await?;
    }
    if !kept.is_empty() {
        settle(conn, &kept).await?;
    }
    if !voids.is_empty() {
        void(conn, &voids).await?;
    }
    if !retries.is_empty() {
        retry(conn, &retries).await?;
    }
    insert(conn, steps, last_no).await
}

/// While an incident holds the run a person may ask for the invocation once more.
fn may_be_retried(member: &Member, closed: &InvokeId) -> bool {
    let snapshot = &member.snapshot;
    snapshot.incident.as_ref().is_some_and(|incident| incident.invoke.as_ref() == Some(closed))
        || snapshot.invokes.contains_key(closed)
}

/// A local intent has done its duty, history holds it; a remote one stays as evidence.
async fn close(conn: &mut SqliteConnection, keys: &[Key]) -> Result<(), Fault> {
    let mut numbers = Numbers::<3>::default();
    for (rid, seq, n) in keys {
        numbers.push([*rid, signed("step", *seq)?, i64::from(*n)]);
    }
    let (numbers, count) = numbers.finish();
    let gone = sqlx::query!(
        "DELETE FROM outbox
         WHERE (rid, seq, n) IN (
           SELECT CAST(substr(?1, 60 * slots.n + 1, 20) AS INTEGER), CAST(substr(?1, 60 * slots.n + 21, 20) AS INTEGER),
                  CAST(substr(?1, 60 * slots.n + 41, 20) AS INTEGER)
           FROM slots WHERE slots.n < ?2) AND account IS NULL",
        numbers,
        count
    )
    .execute(&mut *conn)
    .await?;
    if gone.rows_affected() < keys.len() as u64 {
        settle(conn, keys).await?;
    }
    Ok(())
}

async fn settle(conn: &mut SqliteConnection, keys: &[Key]) -> Result<(), Fault> {
    let values = rows(&keys)?;
    sqlx::query!(
        "UPDATE outbox SET status = 3, not_before = NULL
         WHERE (rid, seq, n) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM jsonb_each(?1)) AND status < 3",
        values
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What was never sent is forgotten. What may have been sent must be resolved, for a run that no longer waits for it.
async fn void(conn: &mut SqliteConnection, keys: &[Key]) -> Result<(), Fault> {
    let values = rows(&keys)?;
    sqlx::query!(
        "UPDATE outbox SET orphaned = 1, status = CASE WHEN status = 0 AND first_sent_at IS NULL THEN 4 ELSE status END
         WHERE (rid, seq, n) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM jsonb_each(?1)) AND status < 3",
        values
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "DELETE FROM outbox
         WHERE (rid, seq, n) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM jsonb_each(?1))
           AND account IS NULL AND status = 4",
        values
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A round tells the results of one invocation's deliveries apart.
async fn retry(conn: &mut SqliteConnection, keys: &[Key]) -> Result<(), Fault> {
    let values = rows(&keys)?;
    let revived = sqlx::query!(
        "UPDATE outbox SET round = round + (status = 3), status = 0, attempts = 0, not_before = NULL
         WHERE (rid, seq, n) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM jsonb_each(?1)) AND status < 4",
        values
    )
    .execute(conn)
    .await?;
    if revived.rows_affected() != keys.len() as u64 {
        return Err(Fault::refused(
            "an invocation to be retried is not stored, or was forgotten: it cannot be sent again",
        ));
    }
    Ok(())
}

async fn insert(conn: &mut SqliteConnection, steps: &[Step<'_>], last_no: i64) -> Result<(), Fault> {
    let (mut local, mut remote) = (Vec::new(), Vec::new());
    for (ord, step) in (last_no + 1..).zip(steps) {
        for intent in &step.member.intents {
            let plain = intent.account.is_none() && intent.entity.is_none() && intent.class == RecoveryClass::Local;
            if plain { &mut local } else { &mut remote }.push((ord, step.rid, intent));
        }
    }
    for intents in local.chunks(ROWS_MAX) {
        insert_local(conn, intents).await?;
    }
    if remote.is_empty() { Ok(()) } else { insert_remote(conn, &remote).await }
}

/// A new intent with its step's history number and its run's number.
type New<'a> = (i64, i64, &'a Intent);

/// An intent's texts lie end to end: activity, hash, request.
async fn insert_local(conn: &mut SqliteConnection, intents: &[New<'_>]) -> Result<(), Fault> {
    let (mut packed, mut numbers) = (Packed::default(), Numbers::<8>::default());
    for (ord, rid, intent) in intents {
        let (texts, activity) = packed.put(&intent.activity);
        let (_, hash) = packed.put(&intent.request_hash);
        let (_, request) = packed.put_json("request", &intent.request)?;
        let InvokeId { seq, n } = intent.invoke;
        numbers.push([*rid, signed("step", seq)?, i64::from(n), *ord, texts, activity, hash, request]);
    }
    let ((numbers, count), packed) = (numbers.finish(), packed.into_bytes());
    sqlx::query!(
        "WITH given AS (
           SELECT CAST(substr(?1, 160 * n + 1, 20) AS INTEGER) AS rid, CAST(substr(?1, 160 * n + 21, 20) AS INTEGER) AS seq,
                  CAST(substr(?1, 160 * n + 41, 20) AS INTEGER) AS n, CAST(substr(?1, 160 * n + 61, 20) AS INTEGER) AS ord,
                  CAST(substr(?1, 160 * n + 81, 20) AS INTEGER) AS texts,
                  CAST(substr(?1, 160 * n + 101, 20) AS INTEGER) AS activity,
                  CAST(substr(?1, 160 * n + 121, 20) AS INTEGER) AS hash,
                  CAST(substr(?1, 160 * n + 141, 20) AS INTEGER) AS request
           FROM slots WHERE n < ?3)
         INSERT INTO outbox (rid, seq, n, ord, class, activity, request_hash, request)
         SELECT rid, seq, n, ord, 'local', CAST(substr(?2, texts, activity) AS TEXT),
                CAST(substr(?2, texts + activity, hash) AS TEXT),
                CAST(substr(?2, texts + activity + hash, request) AS TEXT)
         FROM given",
        numbers,
        packed,
        count
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An intent's values: its key, history number, activity, account, entity, class, hash, where the request lies.
type Row<'a> = (i64, u64, u32, i64, &'a str, Option<&'a str>, Option<&'a str>, &'static str, &'a str, i64, i64);

async fn insert_remote(conn: &mut SqliteConnection, intents: &[New<'_>]) -> Result<(), Fault> {
    let mut packed = Packed::default();
    let mut values: Vec<Row<'_>> = Vec::with_capacity(intents.len());
    for (ord, rid, intent) in intents {
        let Intent { invoke, activity, account, entity, class, request, request_hash } = intent;
        let account = account.as_ref().map(|account| account.as_str());
        let (entity, class) = (entity.as_deref(), class_word(*class));
        let (request, length) = packed.put_json("request", request)?;
        values.push((
            *rid,
            invoke.seq,
            invoke.n,
            *ord,
            activity,
            account,
            entity,
            class,
            request_hash,
            request,
            length,
        ));
    }
    let (values, packed) = (rows(&values)?, packed.into_bytes());
    sqlx::query!(
        "WITH given (v) AS MATERIALIZED (SELECT value FROM jsonb_each(?1))
         INSERT INTO outbox (rid, seq, n, ord, activity, account, entity, class, request_hash, request)
         SELECT v ->> 0, v ->> 1, v ->> 2, v ->> 3, v ->> 4, v ->> 5, v ->> 6, v ->> 7, v ->> 8,
                CAST(substr(?2, v ->> 9, v ->> 10) AS TEXT)
         FROM given",
        values,
        packed
    )
    .execute(conn)
    .await?;
    Ok(())
}
