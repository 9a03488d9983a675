//! Inboxes of a batch: appends, messages that steps send, verdicts of messages that steps answer.

use std::collections::{BTreeMap, HashMap};

use entente_core::{ids::RunId, scope::Scope};
use entente_store::{Appended, Error, Message, PendingMessage, Verdict};
use sqlx::SqliteConnection;

use crate::{
    commit::{
        Load, Step,
        packed::{Packed, rows},
    },
    fault::Fault,
    values::{ScopeFilter, from_json, parse, reaches_all, unreadable},
};

/// Appends the messages of several batches; the answers are grouped alike.
pub(super) async fn append(conn: &mut SqliteConnection, loads: &[Load<'_>]) -> Result<Vec<Vec<Appended>>, Fault> {
    for load in loads.iter().filter(|load| !reaches_all(load.scope)) {
        check_scope(conn, load.scope, &load.batch.appends).await?;
    }
    let messages: Vec<&Message> = loads.iter().flat_map(|load| &load.batch.appends).collect();
    let mut appended = store(conn, &messages).await?.into_iter();
    Ok(loads.iter().map(|load| appended.by_ref().take(load.batch.appends.len()).collect()).collect())
}

/// Stores the messages that the steps send. The answer holds, per step, those that still wait for a verdict.
pub(super) async fn send(
    conn: &mut SqliteConnection,
    steps: &[Step<'_>],
) -> Result<BTreeMap<usize, Vec<PendingMessage>>, Fault> {
    let sends: Vec<(usize, &Message)> =
        steps.iter().flat_map(|step| step.member.sends.iter().map(|message| (step.at, message))).collect();
    let messages: Vec<&Message> = sends.iter().map(|(_, message)| *message).collect();
    let stored = store(conn, &messages).await?;
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
pub(super) async fn answer_consumed(conn: &mut SqliteConnection, steps: &[Step<'_>]) -> Result<(), Fault> {
    let answered =
        |step: &Step<'_>| step.answers.zip(step.member.consumed.as_ref().map(|(_, verdict)| verdict.clone()));
    let verdicts: Vec<(i64, Verdict)> = steps.iter().filter_map(answered).collect();
    if verdicts.is_empty() {
        return Ok(());
    }
    let values = rows(&verdicts)?;
    let answered = sqlx::query!(
        "WITH given (v) AS MATERIALIZED (SELECT value FROM jsonb_each(?1))
         UPDATE inbox SET verdict = v ->> 1 FROM given WHERE no = v ->> 0 AND verdict IS NULL",
        values
    )
    .execute(conn)
    .await?;
    if answered.rows_affected() != verdicts.len() as u64 {
        return Err(Fault::refused("the message that the step answers is not stored, or has its verdict already"));
    }
    Ok(())
}

/// What is known of the batch's keys, each a source and an id.
struct Known {
    last_no: i64,
    keys: HashMap<(String, String), Stored>,
}

/// A stored message: its number, fingerprint and verdict.
type Stored = (i64, [u8; 32], Option<Verdict>);

/// Stores messages, each new, known or refused alone.
async fn store(conn: &mut SqliteConnection, messages: &[&Message]) -> Result<Vec<Appended>, Fault> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let mut known = look_up(conn, messages).await?;
    let mut appended = Vec::with_capacity(messages.len());
    let mut new = Vec::new();
    for message in messages {
        let print = message.fingerprint();
        let key = (message.event.source.clone(), message.event.id.clone());
        appended.push(match known.keys.get(&key) {
            Some((no, stored, verdict)) if *stored == print => Appended::Again { no: *no, verdict: verdict.clone() },
            Some(_) => Appended::KeyReused,
            None => {
                known.last_no += 1;
                known.keys.insert(key, (known.last_no, print, None));
                new.push((known.last_no, *message, print));
                Appended::New(PendingMessage { no: known.last_no, message: (*message).clone() })
            }
        });
    }
    insert(conn, &new).await?;
    Ok(appended)
}

async fn look_up(conn: &mut SqliteConnection, messages: &[&Message]) -> Result<Known, Fault> {
    let keys: Vec<(&str, &str)> =
        messages.iter().map(|message| (message.event.source.as_str(), message.event.id.as_str())).collect();
    let values = rows(&keys)?;
    let row = sqlx::query!(
        r#"WITH given (source, id) AS MATERIALIZED (SELECT value ->> 0, value ->> 1 FROM jsonb_each(?1))
           SELECT (SELECT coalesce(max(no), 0) FROM inbox) AS "last_no!: i64",
                  (SELECT json_group_array(json_array(i.source, i.id, i.no, hex(i.body_hash), json(i.verdict)))
                   FROM given CROSS JOIN inbox i ON i.source = given.source AND i.id = given.id) AS "found!: String""#,
        values
    )
    .fetch_one(conn)
    .await?;
    let found: Vec<(String, String, i64, String, Option<Verdict>)> = from_json("inbox", "(batch)", &row.found)?;
    let mut keys = HashMap::with_capacity(found.len());
    for (source, id, no, print, verdict) in found {
        let mut bytes = [0; 32];
        hex::decode_to_slice(&print, &mut bytes).map_err(|error| unreadable("message hash", no, error))?;
        keys.insert((source, id), (no, bytes, verdict));
    }
    Ok(Known { last_no: row.last_no, keys })
}

/// A message's row: number, run, shard, source, id, hash, legal entity, party, where the text lies.
type Row<'a> = (i64, i64, u8, &'a str, &'a str, i64, Option<&'a str>, Option<&'a str>, i64, i64);

async fn insert(conn: &mut SqliteConnection, messages: &[(i64, &Message, [u8; 32])]) -> Result<(), Fault> {
    if messages.is_empty() {
        return Ok(());
    }
    let mut packed = Packed::default();
    let mut values: Vec<Row<'_>> = Vec::with_capacity(messages.len());
    for (no, message, print) in messages {
        let (run, _) = packed.put(message.run.0.as_bytes());
        let (print, _) = packed.put(print);
        let (text, length) = packed.put_json("message", message)?;
        let home = message.start.as_ref().map(|start| &start.home);
        let entity = home.map(|home| home.legal_entity.as_str());
        let party = home.map(|home| home.party.as_str());
        let event = &message.event;
        values.push((*no, run, message.run.shard().0, &event.source, &event.id, print, entity, party, text, length));
    }
    let (values, packed) = (rows(&values)?, packed.into_bytes());
    sqlx::query!(
        "WITH given (v) AS MATERIALIZED (SELECT value FROM jsonb_each(?1))
         INSERT INTO inbox (no, run, shard, source, id, body_hash, legal_entity, party, message)
         SELECT v ->> 0, substr(?2, v ->> 1, 16), v ->> 2, v ->> 3, v ->> 4, substr(?2, v ->> 5, 32), v ->> 6, v ->> 7,
                CAST(substr(?2, v ->> 8, v ->> 9) AS TEXT)
         FROM given",
        values,
        packed
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A message reaches an existing run in scope, or starts one there; everything else is as if absent.
async fn check_scope(conn: &mut SqliteConnection, scope: &Scope, messages: &[Message]) -> Result<(), Fault> {
    let absent = |run: RunId| Fault::Content(Error::NotFound { kind: "run", id: run.to_string() });
    let filter = ScopeFilter::of(scope)?;
    let mut runs: Vec<String> = Vec::new();
    for message in messages {
        match &message.start {
            Some(start) if !scope.reaches(&start.home) => return Err(absent(message.run)),
            Some(_) => {}
            None => runs.push(message.run.0.simple().to_string()),
        }
    }
    let values = rows(&runs)?;
    let missing = sqlx::query_scalar!(
        r#"SELECT CAST(value AS TEXT) AS "run!: String" FROM json_each(?1)
           WHERE NOT EXISTS (
             SELECT 1 FROM runs r
             WHERE r.id = unhex(value)
               AND (?2 IS NULL OR r.legal_entity IN (SELECT value FROM json_each(?2)))
               AND (?3 IS NULL OR r.party = ?3))
           LIMIT 1"#,
        values,
        filter.entities,
        filter.party
    )
    .fetch_optional(conn)
    .await?;
    match missing {
        Some(run) => Err(absent(parse("run id", &run)?)),
        None => Ok(()),
    }
}

/// Stores one message that the store itself makes, such as an intent's result.
pub(crate) async fn store_one(conn: &mut SqliteConnection, message: &Message) -> Result<Option<PendingMessage>, Fault> {
    let stored = store(conn, &[message]).await?.pop();
    Ok(match stored {
        Some(Appended::New(pending)) => Some(pending),
        Some(Appended::Again { no, .. }) => Some(PendingMessage { no, message: message.clone() }),
        Some(Appended::KeyReused) | None => None,
    })
}
