//! Members that may be refused for a reason of their own: they book money, or claim a unique key.

use entente_store::{Member, MemberOutcome};
use sqlx::{Connection, SqliteConnection};

use crate::{
    commit::{Caution, Step, keys, ledger},
    fault::Fault,
    values::{micros, signed},
};

/// Whether a member is written by itself.
pub(super) fn needs_to_be(member: &Member) -> bool {
    !member.postings.is_empty() || member.keys.iter().flatten().any(|key| key.unique)
}

/// Writes one member behind a savepoint; when the ledger, a key or the database refuses, nothing of it remains.
pub(super) async fn write(
    conn: &mut SqliteConnection,
    step: Step<'_>,
    last_no: &mut i64,
    caution: Caution,
    outcomes: &mut [MemberOutcome],
) -> Result<(), Fault> {
    let at = step.at;
    let mut savepoint = conn.begin().await?;
    let refusal = match attempt(&mut savepoint, step, last_no, outcomes).await {
        Ok(None) => return Ok(savepoint.commit().await?),
        Ok(Some(refusal)) => refusal,
        Err(fault) => match fault.blames_content() {
            Some(reason) if caution == Caution::Careful => MemberOutcome::Refused { reason },
            _ => return Err(fault),
        },
    };
    savepoint.rollback().await?;
    outcomes[at] = refusal;
    Ok(())
}

async fn attempt(
    conn: &mut SqliteConnection,
    step: Step<'_>,
    last_no: &mut i64,
    outcomes: &mut [MemberOutcome],
) -> Result<Option<MemberOutcome>, Fault> {
    let member = step.member;
    if let Some((key, by)) = keys::taken(conn, step.rid, member.keys.as_deref().unwrap_or_default()).await? {
        return Ok(Some(MemberOutcome::KeyTaken { key, by }));
    }
    let origin = ledger::Origin {
        run: member.snapshot.run,
        seq: signed("step", member.snapshot.seq)?,
        at: micros(member.at),
        home: Some(&member.snapshot.home),
    };
    for posting in &member.postings {
        if let Err(reason) = ledger::book(conn, posting, &origin).await? {
            return Ok(Some(MemberOutcome::LedgerRefused { reason }));
        }
    }
    super::write(conn, std::slice::from_ref(&step), last_no, outcomes).await?;
    Ok(None)
}
