//! Inboxes of a batch: appends, messages that steps send, verdicts of messages that steps answer.

use std::collections::{BTreeMap, HashMap, HashSet};

use entente_core::{ids::RunId, scope::Scope};
use entente_store::{Appended, Error, Message, PendingMessage, Verdict};
use uuid::Uuid;

use crate::{
    commit::{Load, Step},
    fault::Fault,
    values::{ScopeFilter, from_json, hash, reaches_all, to_json},
    work::{Waiting, Work},
};

/// Appends the messages of several batches; the answers are grouped alike.
pub(super) async fn append(work: &mut Work<'_>, loads: &[Load<'_>]) -> Result<Vec<Vec<Appended>>, Fault> {
    for load in loads.iter().filter(|load| !reaches_all(load.scope)) {
        check_scope(work, load.scope, &load.batch.appends).await?;
    }
    let messages: Vec<&Message> = loads.iter().flat_map(|load| &load.batch.appends).collect();
    let mut appended = store(work, &messages).await?.into_iter();
    Ok(loads.iter().map(|load| appended.by_ref().take(load.batch.appends.len()).collect()).collect())
}

/// Stores the messages that the steps send. The answer holds, per step, those that still wait for a verdict.
pub(super) async fn send(
    work: &mut Work<'_>,
    steps: &[Step<'_>],
) -> Result<BTreeMap<usize, Vec<PendingMessage>>, Fault> {
    let sends: Vec<(usize, &Message)> =
        steps.iter().flat_map(|step| step.member.sends.iter().map(|message| (step.at, message))).collect();
    let messages: Vec<&Message> = sends.iter().map(|(_, message)| *message).collect();
    let stored = store(work, &messages).await?;
    let mut sent: BTreeMap<usize, Vec<PendingMessage>> = BTreeMap::new();
    for ((at, message), stored) in sends.into_iter().zip(stored) {
        let pending = match stored {
            Appended::New(pending) => pending,
            Appended::Again { no, verdict: None } => PendingMessage { no, message: message.clone() },
            Appended::Again { verdict: Some(_), .. } => continue,
            Appended::KeyReused => {
                let (source, id) = (&message.event.source, &message.event.id);
                return Err(Fault::refused(format!(
                    "the step sends another message under the used key `{id}` of `{source}`"
                )));
            }
        };
        sent.entry(at).or_default().push(pending);
    }
    Ok(sent)
}

/// Stores the verdicts of the messages that the steps answer; a message is answered once.
pub(super) async fn answer_consumed(work: &mut Work<'_>, steps: &[Step<'_>]) -> Result<(), Fault> {
    let (mut numbers, mut verdicts) = (Vec::new(), Vec::new());
    for step in steps {
        if let (Some(no), Some((_, verdict))) = (step.answers, &step.member.consumed) {
            numbers.push(no);
            verdicts.push(to_json("verdict", verdict)?);
        }
    }
    if numbers.is_empty() {
        return Ok(());
    }
    let answered = sqlx::query_scalar!(
        r#"WITH answered AS (
             UPDATE inbox SET verdict = given.verdict
             FROM UNNEST($1::bigint[], $2::text[]) AS given (no, verdict)
             WHERE inbox.no = given.no AND inbox.verdict IS NULL
             RETURNING inbox.run, inbox.no),
           gone AS (DELETE FROM waiting w USING answered a WHERE w.run = a.run AND w.no = a.no)
           SELECT count(*) AS "answered!" FROM answered"#,
        &numbers,
        &verdicts
    )
    .fetch_one(&mut *work.conn)
    .await?;
    if usize::try_from(answered) != Ok(numbers.len()) {
        return Err(Fault::refused("the message that the step answers is not stored, or has its verdict already"));
    }
    let answered: HashSet<i64> = numbers.into_iter().collect();
    work.waiting.retain(|message| !answered.contains(&message.no));
    Ok(())
}

/// A message's key: its source and its id.
type Key<'a> = (&'a str, &'a str);

/// A stored message: its number, fingerprint and verdict.
type Stored = (i64, [u8; 32], Option<Verdict>);

/// Stores messages, each new, known or refused alone.
async fn store(work: &mut Work<'_>, messages: &[&Message]) -> Result<Vec<Appended>, Fault> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let mut known = look_up(work, messages).await?;
    let mut appended = Vec::with_capacity(messages.len());
    let mut new = New::default();
    for message in messages {
        let print = message.fingerprint();
        let key = (message.event.source.as_str(), message.event.id.as_str());
        appended.push(match known.get(&key) {
            Some((no, stored, verdict)) if *stored == print => Appended::Again { no: *no, verdict: verdict.clone() },
            Some(_) => Appended::KeyReused,
            None => {
                work.numbers.message += 1;
                let no = work.numbers.message;
                known.insert(key, (no, print, None));
                new.push(no, message, print)?;
                Appended::New(PendingMessage { no, message: (*message).clone() })
            }
        });
    }
    insert(work, &new).await?;
    Ok(appended)
}

async fn look_up<'a>(work: &mut Work<'_>, messages: &[&'a Message]) -> Result<HashMap<Key<'a>, Stored>, Fault> {
    let (sources, ids): (Vec<&str>, Vec<&str>) =
        messages.iter().map(|message| (message.event.source.as_str(), message.event.id.as_str())).unzip();
    let rows = sqlx::query!(
        r#"SELECT given.at AS "at!", i.no, i.body_hash, i.verdict
           FROM UNNEST($1::text[], $2::text[]) WITH ORDINALITY AS given (source, id, at)
           JOIN inbox i ON i.source = given.source AND i.id = given.id"#,
        &sources as &[&str],
        &ids as &[&str]
    )
    .fetch_all(&mut *work.conn)
    .await?;
    let mut known = HashMap::with_capacity(messages.len());
    for row in rows {
        let at = usize::try_from(row.at - 1).ok().and_then(|at| messages.get(at));
        let Some(message) = at else { continue };
        let verdict = row.verdict.map(|verdict| from_json("verdict", row.no, &verdict)).transpose()?;
        let key = (message.event.source.as_str(), message.event.id.as_str());
        known.insert(key, (row.no, hash(&row.body_hash)?, verdict));
    }
    Ok(known)
}

/// New messages, a value per message in each column.
#[derive(Default)]
struct New<'a> {
    nos: Vec<i64>,
    runs: Vec<Uuid>,
    shards: Vec<i16>,
    sources: Vec<&'a str>,
    ids: Vec<&'a str>,
    prints: Vec<Vec<u8>>,
    entities: Vec<Option<&'a str>>,
    parties: Vec<Option<&'a str>>,
    texts: Vec<String>,
}

impl<'a> New<'a> {
    fn push(&mut self, no: i64, message: &'a Message, print: [u8; 32]) -> Result<(), Fault> {
        let home = message.start.as_ref().map(|start| &start.home);
        self.nos.push(no);
        self.runs.push(message.run.0);
        self.shards.push(i16::from(message.run.shard().0));
        self.sources.push(&message.event.source);
        self.ids.push(&message.event.id);
        self.prints.push(print.to_vec());
        self.entities.push(home.map(|home| home.legal_entity.as_str()));
        self.parties.push(home.map(|home| home.party.as_str()));
        self.texts.push(to_json("message", message)?);
        Ok(())
    }
}

async fn insert(work: &mut Work<'_>, new: &New<'_>) -> Result<(), Fault> {
    if new.nos.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO inbox (no, run, shard, source, id, body_hash, legal_entity, party, message)
         SELECT * FROM UNNEST($1::bigint[], $2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::bytea[],
                              $7::text[], $8::text[], $9::text[])",
        &new.nos,
        &new.runs,
        &new.shards,
        &new.sources as &[&str],
        &new.ids as &[&str],
        &new.prints,
        &new.entities as &[Option<&str>],
        &new.parties as &[Option<&str>],
        &new.texts
    )
    .execute(&mut *work.conn)
    .await?;
    let stored = new.nos.iter().zip(&new.runs).zip(&new.shards);
    work.waiting.extend(stored.map(|((no, run), shard)| Waiting { run: *run, no: *no, shard: *shard }));
    Ok(())
}

/// A message reaches an existing run in scope, or starts one there; everything else is as if absent.
async fn check_scope(work: &mut Work<'_>, scope: &Scope, messages: &[Message]) -> Result<(), Fault> {
    let absent = |run: RunId| Fault::Content(Error::NotFound { kind: "run", id: run.to_string() });
    let filter = ScopeFilter::of(scope);
    let mut runs: Vec<Uuid> = Vec::new();
    for message in messages {
        match &message.start {
            Some(start) if !scope.reaches(&start.home) => return Err(absent(message.run)),
            Some(_) => {}
            None => runs.push(message.run.0),
        }
    }
    let missing = sqlx::query_scalar!(
        r#"SELECT given.run AS "run!" FROM UNNEST($1::uuid[]) AS given (run)
           WHERE NOT EXISTS (
             SELECT 1 FROM runs r
             WHERE r.id = given.run
               AND ($2::text[] IS NULL OR r.legal_entity = ANY($2)) AND ($3::text IS NULL OR r.party = $3))
           LIMIT 1"#,
        &runs,
        filter.entities(),
        filter.party()
    )
    .fetch_optional(&mut *work.conn)
    .await?;
    match missing {
        Some(run) => Err(absent(RunId(run))),
        None => Ok(()),
    }
}

/// Stores one message that the store itself makes, such as an intent's result.
pub(crate) async fn store_one(work: &mut Work<'_>, message: &Message) -> Result<Option<PendingMessage>, Fault> {
    let stored = store(work, &[message]).await?.pop();
    Ok(match stored {
        Some(Appended::New(pending)) => Some(pending),
        Some(Appended::Again { no, .. }) => Some(PendingMessage { no, message: message.clone() }),
        Some(Appended::KeyReused) | None => None,
    })
}
