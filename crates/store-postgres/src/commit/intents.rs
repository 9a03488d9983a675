//! Intents: closed, forgotten, offered again and new ones of a batch.
//!
//! An intent is addressed without knowing whether it is local: both halves of the index by run are looked at.

use entente_core::ids::InvokeId;
use entente_store::{Intent, Member};

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
    let (mut kept, mut voids, mut retries) = (Keys::default(), Keys::default(), Keys::default());
    for step in steps {
        if let Some(closed) = step.member.closed.as_ref().filter(|closed| may_be_retried(step.member, closed)) {
            kept.push(step.rid, closed)?;
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
    close_and_insert(work, steps, first).await
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

/// New intents, a value per intent in each column; the key of the one whose row goes on with it, where there is one.
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
    was_seqs: Vec<Option<i64>>,
    was_ns: Vec<Option<i32>>,
}

impl<'a> New<'a> {
    fn push(&mut self, step: &Step<'_>, ord: i64, intent: &'a Intent, was: Option<&InvokeId>) -> Result<(), Fault> {
        self.keys.push(step.rid, &intent.invoke)?;
        self.ords.push(ord);
        self.activities.push(&intent.activity);
        self.accounts.push(intent.account.as_ref().map(|account| account.as_str()));
        self.entities.push(intent.entity.as_deref());
        self.classes.push(class_word(intent.class));
        self.hashes.push(&intent.request_hash);
        self.requests.push(to_json("request", &intent.request)?);
        self.was_seqs.push(was.map(|was| signed("step", was.seq)).transpose()?);
        self.was_ns.push(was.map(|was| small("invocation", was.n)).transpose()?);
        Ok(())
    }
}

/// What steps make of intents beside keeping, forgetting and repeating them.
#[derive(Default)]
struct Turnover<'a> {
    new: New<'a>,
    /// Closed for good.
    closed: Keys,
    /// Those of them that no local intent of the same step follows.
    last: Keys,
}

impl<'a> Turnover<'a> {
    fn of(steps: &'a [Step<'_>], first: i64) -> Result<Turnover<'a>, Fault> {
        let mut turnover = Turnover::default();
        for (ord, step) in (first..).zip(steps) {
            let member = step.member;
            let mut closed = member.closed.as_ref().filter(|closed| !may_be_retried(member, closed));
            if let Some(closed) = closed {
                turnover.closed.push(step.rid, closed)?;
            }
            for intent in &member.intents {
                let was = if intent.account.is_none() { closed.take() } else { None };
                turnover.new.push(step, ord, intent, was)?;
            }
            if let Some(last) = closed {
                turnover.last.push(step.rid, last)?;
            }
        }
        Ok(turnover)
    }
}

/// A local intent has done its duty, history holds it; a remote one stays as evidence. Most steps close one local intent
/// and bring the next: its row goes on with that one, which costs the log half of a row that goes and one that comes, and
/// touches no index. It keeps its `ord`, the history number of the first: an index holds that column.
async fn close_and_insert(work: &mut Work<'_>, steps: &[Step<'_>], first: i64) -> Result<(), Fault> {
    let Turnover { new, closed, last } = Turnover::of(steps, first)?;
    if closed.len() == 0 && new.ords.is_empty() {
        return Ok(());
    }
    let gone = sqlx::query_scalar!(
        r#"WITH given AS MATERIALIZED (
             SELECT * FROM UNNEST($4::bigint[], $5::bigint[], $6::integer[], $7::bigint[], $8::text[], $9::text[], $10::text[],
                                  $11::text[], $12::text[], $13::text[], $14::bigint[], $15::integer[]) WITH ORDINALITY
               AS given (rid, seq, n, ord, activity, account, entity, class, hash, request, was_seq, was_n, at)),
           turned AS (
             UPDATE outbox o
             SET seq = g.seq, n = g.n, activity = g.activity, entity = g.entity, class = g.class, request = g.request,
                 request_hash = decode(g.hash, 'hex'), status = 0, attempts = 0, round = 0, first_sent_at = NULL,
                 not_before = NULL, notes = NULL, orphaned = false
             FROM given g
             WHERE o.local AND o.rid = g.rid AND o.seq = g.was_seq AND o.n = g.was_n
             RETURNING g.at),
           gone AS (
             DELETE FROM outbox USING UNNEST($1::bigint[], $2::bigint[], $3::integer[]) AS closed (rid, seq, n)
             WHERE outbox.local AND outbox.rid = closed.rid AND outbox.seq = closed.seq AND outbox.n = closed.n
             RETURNING 1),
           told AS (
             INSERT INTO outbox (local, rid, seq, n, ord, activity, account, entity, class, request_hash, request)
             SELECT account IS NULL, rid, seq, n, ord, activity, account, entity, class, decode(hash, 'hex'), request
             FROM given WHERE at NOT IN (SELECT at FROM turned))
           SELECT (SELECT count(*) FROM turned) + (SELECT count(*) FROM gone) AS "gone!""#,
        &last.rids,
        &last.seqs,
        &last.ns,
        &new.keys.rids,
        &new.keys.seqs,
        &new.keys.ns,
        &new.ords,
        &new.activities as &[&str],
        &new.accounts as &[Option<&str>],
        &new.entities as &[Option<&str>],
        &new.classes as &[&str],
        &new.hashes as &[&str],
        &new.requests,
        &new.was_seqs as &[Option<i64>],
        &new.was_ns as &[Option<i32>]
    )
    .fetch_one(&mut *work.conn)
    .await?;
    // The others are remote, or were voided before.
    if u64::try_from(gone).is_ok_and(|gone| gone < closed.len()) {
        settle(work, &closed).await?;
    }
    Ok(())
}
