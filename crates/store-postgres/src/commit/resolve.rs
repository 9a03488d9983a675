//! Where every run and every shard's lease stands, read once for the whole batch.

use std::collections::BTreeSet;

use entente_store::{LeaseKey, Member, MemberOutcome};
use uuid::Uuid;

use crate::{
    fault::Fault,
    values::{signed, unsigned},
    work::Work,
};

/// Whether a member holds.
pub(super) enum Standing {
    /// It does; this is its run's number in the database, a new one for a new run.
    Holds(i64),
    /// It does not.
    Fails(MemberOutcome),
}

/// A run's number and step, and the fence of its shard's lease, each as far as it exists.
type Found = (Option<i64>, Option<i64>, Option<i64>);

/// Decides which members hold. What is read stays true until the commit: whoever would move a run, or make a fence pass,
/// waits for the numbers that this transaction has taken.
pub(super) async fn resolve(work: &mut Work<'_>, members: &[&Member]) -> Result<Vec<Standing>, Fault> {
    let ids: Vec<Uuid> = members.iter().map(|member| member.snapshot.run.0).collect();
    let leases: Vec<String> = members.iter().map(|member| LeaseKey::shard(member.snapshot.run.shard()).0).collect();
    let rows = sqlx::query!(
        r#"SELECT r.rid AS "rid?", r.seq AS "seq?", l.fence AS "fence?"
           FROM UNNEST($1::uuid[], $2::text[]) WITH ORDINALITY AS given (id, lease, at)
           LEFT JOIN runs r ON r.id = given.id
           LEFT JOIN leases l ON l.key = given.lease AND l.owner IS NOT NULL
           ORDER BY given.at"#,
        &ids,
        &leases
    )
    .fetch_all(&mut *work.conn)
    .await?;
    let mut seen = BTreeSet::new();
    let mut standings = Vec::with_capacity(members.len());
    for (member, row) in members.iter().zip(rows) {
        let standing = if seen.insert(member.snapshot.run) {
            stand(work, member, (row.rid, row.seq, row.fence))?
        } else {
            let reason =
                format!("run `{}` is stepped twice in one batch: commit one step, then the next", member.snapshot.run);
            Standing::Fails(MemberOutcome::Refused { reason })
        };
        standings.push(standing);
    }
    Ok(standings)
}

fn stand(work: &mut Work<'_>, member: &Member, (rid, seq, fence): Found) -> Result<Standing, Fault> {
    if fence != Some(member.fence.0) {
        return Ok(Standing::Fails(MemberOutcome::Fenced));
    }
    let expected = signed("step", member.snapshot.seq)? - 1;
    if seq.unwrap_or(0) != expected {
        let found = seq.map(|seq| unsigned("step", seq)).transpose()?;
        return Ok(Standing::Fails(MemberOutcome::Stale { found }));
    }
    Ok(Standing::Holds(rid.unwrap_or_else(|| work.kept.numbers.next_run())))
}
