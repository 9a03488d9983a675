//! Members that may be refused for a reason of their own: they book money, or claim a unique key.

use entente_store::{Member, MemberOutcome};
use sqlx::Connection;

use crate::{
    commit::{Caution, Step, keys, ledger},
    fault::Fault,
    values::{micros, signed},
    work::Work,
};

/// Whether a member is written by itself.
pub(super) fn needs_to_be(member: &Member) -> bool {
    !member.postings.is_empty() || member.keys.iter().flatten().any(|key| key.unique)
}

/// Writes one member behind a savepoint; when the ledger, a key or the database refuses, nothing of it remains.
pub(super) async fn write(
    work: &mut Work<'_>,
    step: Step<'_>,
    caution: Caution,
    outcomes: &mut [MemberOutcome],
) -> Result<(), Fault> {
    let at = step.at;
    let kept = work.kept.clone();
    let mut savepoint = work.conn.begin().await?;
    let mut inner = Work { conn: &mut savepoint, kept };
    let attempted = attempt(&mut inner, step, outcomes).await;
    let kept = inner.kept;
    let refusal = match attempted {
        Ok(None) => {
            savepoint.commit().await?;
            work.kept = kept;
            return Ok(());
        }
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
    work: &mut Work<'_>,
    step: Step<'_>,
    outcomes: &mut [MemberOutcome],
) -> Result<Option<MemberOutcome>, Fault> {
    let member = step.member;
    if let Some((key, by)) = keys::taken(work, step.rid, member.keys.as_deref().unwrap_or_default()).await? {
        return Ok(Some(MemberOutcome::KeyTaken { key, by }));
    }
    let origin = ledger::Origin {
        run: member.snapshot.run,
        seq: signed("step", member.snapshot.seq)?,
        at: micros(member.at),
        home: Some(&member.snapshot.home),
    };
    for posting in &member.postings {
        if let Err(reason) = ledger::book(work, posting, &origin).await? {
            return Ok(Some(MemberOutcome::LedgerRefused { reason }));
        }
    }
    super::write(work, std::slice::from_ref(&step), outcomes).await?;
    Ok(None)
}
