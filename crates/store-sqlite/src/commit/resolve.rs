//! Where every run and every shard's lease stands, read once for the whole batch.

use std::collections::BTreeSet;

use entente_store::{LeaseKey, Member, MemberOutcome};
use sqlx::SqliteConnection;

use crate::{
    commit::packed::{Packed, rows},
    fault::Fault,
    values::{from_json, signed, unsigned},
};

/// Whether a member holds.
pub(super) enum Standing {
    /// It does; this is its run's number in the file, a new one for a new run.
    Holds(i64),
    /// It does not.
    Fails(MemberOutcome),
}

/// A run's number and step, and the fence of its shard's lease, each as far as it exists.
type Found = (Option<i64>, Option<i64>, Option<i64>);

/// Decides which members hold. The second answer is the number of the last history row.
pub(super) async fn resolve(conn: &mut SqliteConnection, members: &[&Member]) -> Result<(Vec<Standing>, i64), Fault> {
    let mut ids = Packed::default();
    let mut shards = Vec::with_capacity(members.len());
    for member in members {
        ids.put(member.snapshot.run.0.as_bytes());
        shards.push(LeaseKey::shard(member.snapshot.run.shard()));
    }
    let (shards, ids) = (rows(&shards)?, ids.into_bytes());
    let row = sqlx::query!(
        r#"SELECT
             (SELECT coalesce(max(no), 0) FROM history) AS "last_no!: i64",
             (SELECT coalesce(max(rid), 0) FROM runs) AS "last_rid!: i64",
             (SELECT json_group_array(json_array(r.rid, r.seq, l.fence))
              FROM json_each(?1) j
              LEFT JOIN runs r ON r.id = substr(?2, 16 * j.key + 1, 16)
              LEFT JOIN leases l ON l.key = j.value AND l.owner IS NOT NULL) AS "found!: String""#,
        shards,
        ids
    )
    .fetch_one(conn)
    .await?;
    let found: Vec<Found> = from_json("runs", "(batch)", &row.found)?;
    let mut next_rid = row.last_rid;
    let mut seen = BTreeSet::new();
    let mut standings = Vec::with_capacity(members.len());
    for (member, found) in members.iter().zip(found) {
        let standing = if seen.insert(member.snapshot.run) {
            stand(member, found, &mut next_rid)?
        } else {
            let reason =
                format!("run `{}` is stepped twice in one batch: commit one step, then the next", member.snapshot.run);
            Standing::Fails(MemberOutcome::Refused { reason })
        };
        standings.push(standing);
    }
    Ok((standings, row.last_no))
}

fn stand(member: &Member, (rid, seq, fence): Found, last_rid: &mut i64) -> Result<Standing, Fault> {
    if fence != Some(member.fence.0) {
        return Ok(Standing::Fails(MemberOutcome::Fenced));
    }
    let expected = signed("step", member.snapshot.seq)? - 1;
    if seq.unwrap_or(0) != expected {
        let found = seq.map(|seq| unsigned("step", seq)).transpose()?;
        return Ok(Standing::Fails(MemberOutcome::Stale { found }));
    }
    Ok(Standing::Holds(rid.unwrap_or_else(|| {
        *last_rid += 1;
        *last_rid
    })))
}
