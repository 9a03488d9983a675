//! Whether the messages that steps answer may be answered now.

use entente_core::ids::RunId;
use entente_store::{Appended, Consumed, Member};
use uuid::Uuid;

use crate::{commit::Load, fault::Fault, work::Work};

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
    work: &mut Work<'_>,
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
        for ((at, ..), waits) in fresh.iter().zip(others_wait(work, &fresh).await?) {
            if waits {
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

/// For each message, whether earlier ones wait for the same run: stored before, or by this transaction.
async fn others_wait(work: &mut Work<'_>, fresh: &[(usize, RunId, i64)]) -> Result<Vec<bool>, Fault> {
    let (runs, numbers): (Vec<Uuid>, Vec<i64>) = fresh.iter().map(|(_, run, no)| (run.0, *no)).unzip();
    let waits = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM waiting w WHERE w.run = given.run AND w.no < given.no) AS "waits!"
           FROM UNNEST($1::uuid[], $2::bigint[]) WITH ORDINALITY AS given (run, no, at)
           ORDER BY given.at"#,
        &runs,
        &numbers
    )
    .fetch_all(&mut *work.conn)
    .await?;
    let sooner = |run: &Uuid, no: &i64| work.kept.waiting.iter().any(|message| message.run == *run && message.no < *no);
    let here = runs.iter().zip(&numbers).map(|(run, no)| sooner(run, no));
    Ok(waits.into_iter().zip(here).map(|(before, here)| before || here).collect())
}
