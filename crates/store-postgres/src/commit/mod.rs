//! A batch becomes a constant number of statements, whatever its size.
//!
//! First one statement looks up where every run and every lease stands; that decides which members hold. The others
//! then write all winners at once, each from arrays with a value per row. Members that book money or claim a unique key
//! may be refused for a reason of their own, so they come afterwards, one by one, each behind a savepoint.

mod alone;
mod history;
mod intents;
mod keys;
pub(crate) mod ledger;
pub(crate) mod messages;
mod people;
mod resolve;
mod steps;
mod timers;
mod turns;

use std::sync::Arc;

use entente_core::scope::Scope;
use entente_store::{Batch, BatchOutcome, Member, MemberOutcome, PendingMessage};
use sqlx::Connection;

use crate::{fault::Fault, work::Work};
use resolve::Standing;
use turns::Turn;

/// One request's part of the transaction.
pub(crate) struct Load<'a> {
    pub(crate) batch: &'a Batch,
    /// The JSON texts of the members' snapshots, made by the caller while other work was being written.
    pub(crate) snapshots: &'a [String],
    /// What the appends may reach.
    pub(crate) scope: &'a Scope,
}

/// How to treat members that the database may refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caution {
    /// All at once; a refusal aborts the transaction.
    Bold,
    /// A refusal is narrowed down in halves until the culprit is alone, and left out.
    Careful,
}

/// A member that holds, with its numbers in this database.
pub(crate) struct Step<'a> {
    /// Its place among all members of the transaction.
    at: usize,
    member: &'a Member,
    snapshot: &'a str,
    rid: i64,
    /// The number of the message that it answers.
    answers: Option<i64>,
}

/// Writes several batches; one outcome per batch.
pub(crate) async fn apply(
    work: &mut Work<'_>,
    loads: &[Load<'_>],
    caution: Caution,
) -> Result<Vec<BatchOutcome>, Fault> {
    let mut outcomes: Vec<BatchOutcome> = Vec::with_capacity(loads.len());
    let (appended, new) = messages::append(work, loads).await?;
    let members: Vec<&Member> = loads.iter().flat_map(|load| &load.batch.members).collect();
    let snapshots = loads.iter().flat_map(|load| load.snapshots).map(String::as_str);
    let turns = turns::of_members(work, loads, &appended).await?;
    let mut decided = commit_members(work, &members, snapshots, turns, caution).await?.into_iter();
    messages::insert(work, new).await?;
    work.kept.unwritten = Arc::default();
    for (load, appended) in loads.iter().zip(appended) {
        let members = decided.by_ref().take(load.batch.members.len()).collect();
        outcomes.push(BatchOutcome { appended, members });
    }
    Ok(outcomes)
}

async fn commit_members(
    work: &mut Work<'_>,
    members: &[&Member],
    snapshots: impl Iterator<Item = &str> + Send,
    turns: Vec<Turn>,
    caution: Caution,
) -> Result<Vec<MemberOutcome>, Fault> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let standings = resolve::resolve(work, members).await?;
    let mut outcomes = vec![MemberOutcome::Fenced; members.len()];
    let (mut together, mut alone) = (Vec::new(), Vec::new());
    for (at, (((member, snapshot), standing), turn)) in
        members.iter().zip(snapshots).zip(standings).zip(turns).enumerate()
    {
        let (rid, answers) = match (standing, turn) {
            (Standing::Holds(rid), Turn::Now(answers)) => (rid, answers),
            (Standing::Fails(outcome), _) => {
                outcomes[at] = outcome;
                continue;
            }
            (_, Turn::Later) => {
                outcomes[at] = MemberOutcome::OutOfTurn;
                continue;
            }
        };
        let steps = if alone::needs_to_be(member) { &mut alone } else { &mut together };
        steps.push(Step { at, member, snapshot, rid, answers });
    }
    match caution {
        Caution::Bold => write(work, &together, &mut outcomes).await?,
        Caution::Careful => write_in_halves(work, together, &mut outcomes).await?,
    }
    for step in alone {
        alone::write(work, step, caution, &mut outcomes).await?;
    }
    Ok(outcomes)
}

/// Writes steps that hold, all at once.
async fn write(work: &mut Work<'_>, steps: &[Step<'_>], outcomes: &mut [MemberOutcome]) -> Result<(), Fault> {
    if steps.is_empty() {
        return Ok(());
    }
    let first = steps::write(work, steps).await?;
    intents::write(work, steps, first).await?;
    timers::write(work, steps).await?;
    people::write(work, steps).await?;
    keys::write(work, steps).await?;
    messages::answer_consumed(work, steps).await?;
    let mut sent = messages::send(work, steps).await?;
    for step in steps {
        let sent: Vec<PendingMessage> = sent.remove(&step.at).unwrap_or_default();
        outcomes[step.at] = MemberOutcome::Committed { sent };
    }
    Ok(())
}

/// As `write`, leaving out every member that the database refuses.
async fn write_in_halves(
    work: &mut Work<'_>,
    steps: Vec<Step<'_>>,
    outcomes: &mut [MemberOutcome],
) -> Result<(), Fault> {
    let mut stack = vec![steps];
    while let Some(mut steps) = stack.pop() {
        let kept = work.kept.clone();
        let mut savepoint = work.conn.begin().await?;
        let mut inner = Work { conn: &mut savepoint, kept };
        let written = write(&mut inner, &steps, outcomes).await;
        let kept = inner.kept;
        let Err(fault) = written else {
            savepoint.commit().await?;
            work.kept = kept;
            continue;
        };
        let Some(reason) = fault.blames_content() else { return Err(fault) };
        savepoint.rollback().await?;
        if steps.len() > 1 {
            let later = steps.split_off(steps.len() / 2);
            stack.push(later);
            stack.push(steps);
        } else if let Some(culprit) = steps.pop() {
            outcomes[culprit.at] = MemberOutcome::Refused { reason };
        }
    }
    Ok(())
}
