//! Inboxes of a batch: appends, messages that steps send, verdicts of messages that steps answer.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use entente_core::{ids::RunId, scope::Scope};
use entente_store::{Appended, Consumed, Error, Message, PendingMessage, Verdict};
use uuid::Uuid;

use crate::{
    commit::{Load, Step},
    fault::Fault,
    values::{ScopeFilter, from_json, hash, reaches_all, to_json},
    work::{Kept, Unwritten, Waiting, Work},
};

/// Appends the messages of several batches; the answers are grouped alike. The new ones have their numbers and are to be
/// written by [`insert`] once the steps have answered those that they answer: a verdict that comes later rewrites the row.
pub(super) async fn append<'a>(
    work: &mut Work<'_>,
    loads: &[Load<'a>],
) -> Result<(Vec<Vec<Appended>>, New<'a>), Fault> {
    for load in loads.iter().filter(|load| !reaches_all(load.scope)) {
        check_scope(work, load.scope, &load.batch.appends).await?;
    }
    let messages: Vec<&'a Message> = loads.iter().flat_map(|load| &load.batch.appends).collect();
    let (appended, new) = number(work, &messages).await?;
    work.kept.unwritten = Arc::new(new.keys());
    let mut appended = appended.into_iter();
    let grouped = loads.iter().map(|load| appended.by_ref().take(load.batch.appends.len()).collect()).collect();
    Ok((grouped, new))
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

/// Stores the verdicts of the messages that the steps answer; a message is answered once. One that the same transaction
/// appends is written with its verdict.
pub(super) async fn answer_consumed(work: &mut Work<'_>, steps: &[Step<'_>]) -> Result<(), Fault> {
    let (mut numbers, mut verdicts, mut answered) = (Vec::new(), Vec::new(), HashSet::new());
    for step in steps {
        let (Some(no), Some((consumed, verdict))) = (step.answers, &step.member.consumed) else { continue };
        let verdict = to_json("verdict", verdict)?;
        answered.insert(no);
        match consumed {
            Consumed::Stored(_) => {
                numbers.push(no);
                verdicts.push(verdict);
            }
            Consumed::Appended(_) if work.kept.verdicts.contains_key(&no) => return Err(answered_twice()),
            Consumed::Appended(_) => {
                work.kept.verdicts.insert(no, verdict);
            }
        }
    }
    work.kept.waiting.retain(|message| !answered.contains(&message.no));
    answer_stored(work, &numbers, &verdicts).await
}

async fn answer_stored(work: &mut Work<'_>, numbers: &[i64], verdicts: &[String]) -> Result<(), Fault> {
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
        numbers,
        verdicts
    )
    .fetch_one(&mut *work.conn)
    .await?;
    if usize::try_from(answered) != Ok(numbers.len()) {
        return Err(answered_twice());
    }
    Ok(())
}

fn answered_twice() -> Fault {
    Fault::refused("the message that the step answers is not stored, or has its verdict already")
}

/// A message's key: its source and its id.
type Key<'a> = (&'a str, &'a str);

/// A stored message: its number, fingerprint and verdict.
type Stored = (i64, [u8; 32], Option<Verdict>);

/// Stores messages, each new, known or refused alone.
async fn store(work: &mut Work<'_>, messages: &[&Message]) -> Result<Vec<Appended>, Fault> {
    let (appended, new) = number(work, messages).await?;
    insert(work, new).await?;
    Ok(appended)
}

/// Gives numbers to the messages that are new; they are still to be written.
async fn number<'a>(work: &mut Work<'_>, messages: &[&'a Message]) -> Result<(Vec<Appended>, New<'a>), Fault> {
    let mut appended = Vec::with_capacity(messages.len());
    let mut new = New::default();
    if messages.is_empty() {
        return Ok((appended, new));
    }
    let mut known = look_up(work, messages).await?;
    for message in messages {
        let print = message.fingerprint();
        let key = (message.event.source.as_str(), message.event.id.as_str());
        appended.push(match known.get(&key) {
            Some((no, stored, verdict)) if *stored == print => Appended::Again { no: *no, verdict: verdict.clone() },
            Some(_) => Appended::KeyReused,
            None => {
                work.kept.numbers.message += 1;
                let no = work.kept.numbers.message;
                known.insert(key, (no, print, None));
                new.push(no, message, print)?;
                Appended::New(PendingMessage { no, message: (*message).clone() })
            }
        });
    }
    let stored = new.nos.iter().zip(&new.runs).zip(&new.shards);
    work.kept.waiting.extend(stored.map(|((no, run), shard)| Waiting { run: *run, no: *no, shard: *shard }));
    Ok((appended, new))
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
    if !work.kept.unwritten.is_empty() {
        look_among_unwritten(&work.kept, messages, &mut known)?;
    }
    Ok(known)
}

fn look_among_unwritten<'a>(
    kept: &Kept,
    messages: &[&'a Message],
    known: &mut HashMap<Key<'a>, Stored>,
) -> Result<(), Fault> {
    for message in messages {
        let (source, id) = (&message.event.source, &message.event.id);
        if let Some((no, print)) = kept.unwritten.get(&(source.clone(), id.clone())) {
            let verdict = kept.verdicts.get(no).map(|verdict| from_json("verdict", no, verdict)).transpose()?;
            known.insert((source, id), (*no, *print, verdict));
        }
    }
    Ok(())
}

/// New messages, a value per message in each column.
#[derive(Default)]
pub(super) struct New<'a> {
    nos: Vec<i64>,
    runs: Vec<Uuid>,
    shards: Vec<i16>,
    sources: Vec<&'a str>,
    ids: Vec<&'a str>,
    prints: Vec<[u8; 32]>,
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
        self.entities.push(home.map(|home| home.legal_entity.as_str()));
        self.parties.push(home.map(|home| home.party.as_str()));
        self.texts.push(to_json("message", message)?);
        self.prints.push(print);
        Ok(())
    }

    fn keys(&self) -> HashMap<(String, String), Unwritten> {
        let keys = self.sources.iter().zip(&self.ids).map(|(source, id)| ((*source).to_owned(), (*id).to_owned()));
        keys.zip(self.nos.iter().copied().zip(self.prints.iter().copied())).collect()
    }
}

/// Writes new messages, with the verdicts that they have by now.
pub(super) async fn insert(work: &mut Work<'_>, new: New<'_>) -> Result<(), Fault> {
    if new.nos.is_empty() {
        return Ok(());
    }
    let prints: Vec<&[u8]> = new.prints.iter().map(<[u8; 32]>::as_slice).collect();
    let verdicts: Vec<Option<String>> = new.nos.iter().map(|no| work.kept.verdicts.remove(no)).collect();
    sqlx::query!(
        "INSERT INTO inbox (no, run, shard, source, id, body_hash, legal_entity, party, message, verdict)
         SELECT * FROM UNNEST($1::bigint[], $2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::bytea[],
                              $7::text[], $8::text[], $9::text[], $10::text[])",
        &new.nos,
        &new.runs,
        &new.shards,
        &new.sources as &[&str],
        &new.ids as &[&str],
        &prints as &[&[u8]],
        &new.entities as &[Option<&str>],
        &new.parties as &[Option<&str>],
        &new.texts,
        &verdicts as &[Option<String>]
    )
    .execute(&mut *work.conn)
    .await?;
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
