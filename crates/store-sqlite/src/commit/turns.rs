//! Whether the messages that steps answer may be answered now.

use entente_core::ids::RunId;
use entente_store::{Appended, Consumed, Member};
use sqlx::SqliteConnection;

use crate::{
    commit::{
        Load,
        packed::{Packed, rows},
    },
    fault::Fault,
    values::from_json,
};

/// A member's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It may be written; this is the number of the message that it answers.
    Now(Option<i64>),
    /// Its message was known before, or others of its run wait before it.
    Later,
}

/// The turns of all members. `appended` holds what became of every load's messages, which are stored by now.
pub(super) async fn of_members(
    conn: &mut SqliteConnection,
    loads: &[Load<'_>],
    appended: &[Vec<Appended>],
) -> Result<Vec<Turn>, Fault> {
    let mut turns = Vec::new();
    let mut fresh: Vec<(usize, RunId, i64)> = Vec::new();
    for (load, appended) in loads.iter().zip(appended) {
        for member in &load.batch.members {
            let turn = of_member(member, appended);
            if let (Turn::Now(Some(no)), Some((Consumed::Appended(_), _))) = (turn, &member.consumed) {
                fresh.push((turns.len(), member.snapshot.run, no));
            }
            turns.push(turn);
        }
    }
    if !fresh.is_empty() {
        for ((at, ..), waits) in fresh.iter().zip(others_wait(conn, &fresh).await?) {
            if waits == 1 {
                turns[*at] = Turn::Later;
            }
        }
    }
    Ok(turns)
}

fn of_member(member: &Member, appended: &[Appended]) -> Turn {
    match member.consumed {
        None => Turn::Now(None),
        Some((Consumed::Stored(no), _)) => Turn::Now(Some(no)),
        Some((Consumed::Appended(at), _)) => match appended.get(at) {
            Some(Appended::New(pending)) => Turn::Now(Some(pending.no)),
            _ => Turn::Later,
        },
    }
}

/// For each message, 1 when earlier ones wait for the same run.
async fn others_wait(conn: &mut SqliteConnection, fresh: &[(usize, RunId, i64)]) -> Result<Vec<u8>, Fault> {
    let mut runs = Packed::default();
    let mut numbers = Vec::with_capacity(fresh.len());
    for (_, run, no) in fresh {
        runs.put(run.0.as_bytes());
        numbers.push(no);
    }
    let (numbers, runs) = (rows(&numbers)?, runs.into_bytes());
    let found = sqlx::query_scalar!(
        r#"SELECT json_group_array(EXISTS (
             SELECT 1 FROM inbox i
             WHERE i.run = substr(?2, 16 * j.key + 1, 16) AND i.verdict IS NULL AND i.no < j.value)) AS "found!: String"
           FROM json_each(?1) j"#,
        numbers,
        runs
    )
    .fetch_one(conn)
    .await?;
    Ok(from_json("inbox", "(batch)", &found)?)
}
