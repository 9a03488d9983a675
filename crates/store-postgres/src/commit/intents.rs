//! Intents: closed, forgotten, offered again and new ones of a batch.
//!
//! An intent is addressed without knowing whether it is local: both beginnings of its key are looked at.

use entente_core::ids::InvokeId;
use entente_store::Member;

use crate::{
    commit::Step,
    fault::Fault,
    values::{class_word, signed, small, to_json},
    work::Work,
};

/// Keys of intents, a value per intent in each column.
#[derive(Default)]
struct Keys {
    rids: Vec<i64>,
    seqs: Vec<i64>,
    ns: Vec<i32>,
}

impl Keys {
    fn push(&mut self, rid: i64, invoke: &InvokeId) -> Result<(), Fault> {
        self.rids.push(rid);
        self.seqs.push(signed("step", invoke.seq)?);
        self.ns.push(small("invocation", invoke.n)?);
        Ok(())
    }

    fn len(&self) -> u64 {
        self.rids.len() as u64
    }
}

/// Writes what the steps do to intents; `first` is the history number of the first step.
pub(super) async fn write(work: &mut Work<'_>, steps: &[Step<'_>], first: i64) -> Result<(), Fault> {
    let (mut gone, mut kept, mut voids, mut retries) =
        (Keys::default(), Keys::default(), Keys::default(), Keys::default());
    for step in steps {
        if let Some(closed) = &step.member.closed {
            if may_be_retried(step.member, closed) { &mut kept } else { &mut gone }.push(step.rid, closed)?;
        }
        for invoke in &step.member.voids {
            voids.push(step.rid, invoke)?;
        }
        for invoke in &step.member.retries {
            retries.push(step.rid, invoke)?;
        }
    }
    if kept.len() > 0 {
        settle(work, &kept).await?;
    }
    if voids.len() > 0 {
        void(work, &voids).await?;
    }
    if retries.len() > 0 {
        retry(work, &retries).await?;
    }
    close_and_insert(work, steps, &gone, first).await
}

/// While an incident holds the run a person may ask for the invocation once more.
fn may_be_retried(member: &Member, closed: &InvokeId) -> bool {
    let snapshot = &member.snapshot;
    snapshot.incident.as_ref().is_some_and(|incident| incident.invoke.as_ref() == Some(closed))
        || snapshot.invokes.contains_key(closed)
}

async fn settle(work: &mut Work<'_>, keys: &Keys) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE outbox SET status = 3, not_before = NULL
         FROM UNNEST($1::bigint[], $2::bigint[], $3::integer[]) AS given (rid, seq, n)
         WHERE outbox.local = ANY('{true,false}') AND outbox.rid = given.rid AND outbox.seq = given.seq
           AND outbox.n = given.n AND outbox.status < 3",
        &keys.rids,
        &keys.seqs,
        &keys.ns
    )
    .execute(&mut *work.conn)
    .await?;
    Ok(())
}

/// What was never sent is forgotten. What may have been sent must be resolved, for a run that no longer waits for it.
async fn void(work: &mut Work<'_>, keys: &Keys) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE outbox
         SET orphaned = true, status = CASE WHEN status = 0 AND first_sent_at IS NULL THEN 4 ELSE status END
         FROM UNNEST($1::bigint[], $2::bigint[], $3::integer[]) AS given (rid, seq, n)
         WHERE outbox.local = ANY('{true,false}') AND outbox.rid = given.rid AND outbox.seq = given.seq
           AND outbox.n = given.n AND outbox.status < 3",
        &keys.rids,
        &keys.seqs,
        &keys.ns
    )
    .execute(&mut *work.conn)
    .await?;
    sqlx::query!(
        "DELETE FROM outbox USING UNNEST($1::bigint[], $2::bigint[], $3::integer[]) AS given (rid, seq, n)
         WHERE outbox.local AND outbox.rid = given.rid AND outbox.seq = given.seq AND outbox.n = given.n
           AND outbox.status = 4",
        &keys.rids,
        &keys.seqs,
        &keys.ns
    )
    .execute(&mut *work.conn)
    .await?;
    Ok(())
}

/// A round tells the results of one invocation's deliveries apart.
async fn retry(work: &mut Work<'_>, keys: &Keys) -> Result<(), Fault> {
    let revived = sqlx::query!(
        "UPDATE outbox
         SET round = round + CASE WHEN status = 3 THEN 1 ELSE 0 END, status = 0, attempts = 0, not_before = NULL
         FROM UNNEST($1::bigint[], $2::bigint[], $3::integer[]) AS given (rid, seq, n)
         WHERE outbox.local = ANY('{true,false}') AND outbox.rid = given.rid AND outbox.seq = given.seq
           AND outbox.n = given.n AND outbox.status < 4",
        &keys.rids,
        &keys.seqs,
        &keys.ns
    )
    .execute(&mut *work.conn)
    .await?;
    if revived.rows_affected() != keys.len() {
        return Err(Fault::refused(
            "an invocation to be retried is not stored, or was forgotten: it cannot be sent again",
        ));
    }
    Ok(())
}

/// New intents, a value per intent in each column.
#[derive(Default)]
struct New<'a> {
    keys: Keys,
    ords: Vec<i64>,
    activities: Vec<&'a str>,
    accounts: Vec<Option<&'a str>>,
    entities: Vec<Option<&'a str>>,
    classes: Vec<&'static str>,
    hashes: Vec<&'a str>,
    requests: Vec<String>,
}

impl<'a> New<'a> {
    fn of(steps: &'a [Step<'_>], first: i64) -> Result<New<'a>, Fault> {
        let mut new = New::default();
        for (ord, step) in (first..).zip(steps) {
            for intent in &step.member.intents {
                new.keys.push(step.rid, &intent.invoke)?;
                new.ords.push(ord);
                new.activities.push(&intent.activity);
                new.accounts.push(intent.account.as_ref().map(|account| account.as_str()));
                new.entities.push(intent.entity.as_deref());
                new.classes.push(class_word(intent.class));
                new.hashes.push(&intent.request_hash);
                new.requests.push(to_json("request", &intent.request)?);
            }
        }
        Ok(new)
    }
}

/// A local intent has done its duty, history holds it; a remote one stays as evidence. New ones come in the same
/// statement, as most steps do both.
async fn close_and_insert(work: &mut Work<'_>, steps: &[Step<'_>], closed: &Keys, first: i64) -> Result<(), Fault> {
    let new = New::of(steps, first)?;
    if closed.len() == 0 && new.ords.is_empty() {
        return Ok(());
    }
    let gone = sqlx::query_scalar!(
        r#"WITH gone AS (
             DELETE FROM outbox USING UNNEST($1::bigint[], $2::bigint[], $3::integer[]) AS closed (rid, seq, n)
             WHERE outbox.local AND outbox.rid = closed.rid AND outbox.seq = closed.seq AND outbox.n = closed.n
             RETURNING 1),
           told AS (
             INSERT INTO outbox (local, rid, seq, n, ord, activity, account, entity, class, request_hash, request)
             SELECT account IS NULL, rid, seq, n, ord, activity, account, entity, class, decode(hash, 'hex'), request
             FROM UNNEST($4::bigint[], $5::bigint[], $6::integer[], $7::bigint[], $8::text[], $9::text[], $10::text[],
                         $11::text[], $12::text[], $13::text[])
               AS given (rid, seq, n, ord, activity, account, entity, class, hash, request))
           SELECT count(*) AS "gone!" FROM gone"#,
        &closed.rids,
        &closed.seqs,
        &closed.ns,
        &new.keys.rids,
        &new.keys.seqs,
        &new.keys.ns,
        &new.ords,
        &new.activities as &[&str],
        &new.accounts as &[Option<&str>],
        &new.entities as &[Option<&str>],
        &new.classes as &[&str],
        &new.hashes as &[&str],
        &new.requests
    )
    .fetch_one(&mut *work.conn)
    .await?;
    if u64::try_from(gone).is_ok_and(|gone| gone < closed.len()) {
        settle(work, closed).await?;
    }
    Ok(())
}
