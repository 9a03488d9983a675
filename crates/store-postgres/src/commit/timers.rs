//! Timers of a batch.

use crate::{
    commit::Step,
    fault::Fault,
    values::{micros, nanos},
    work::Work,
};

/// Disarms, then arms.
pub(super) async fn write(work: &mut Work<'_>, steps: &[Step<'_>]) -> Result<(), Fault> {
    let (rids, keys): (Vec<i64>, Vec<&str>) =
        steps.iter().flat_map(|step| step.member.disarm.iter().map(|key| (step.rid, key.0.as_str()))).unzip();
    if !rids.is_empty() {
        sqlx::query!(
            "DELETE FROM timers USING UNNEST($1::bigint[], $2::text[]) AS given (rid, key)
             WHERE timers.rid = given.rid AND timers.key = given.key",
            &rids,
            &keys as &[&str]
        )
        .execute(&mut *work.conn)
        .await?;
    }
    arm(work, steps).await
}

async fn arm(work: &mut Work<'_>, steps: &[Step<'_>]) -> Result<(), Fault> {
    let (mut rids, mut keys, mut dues, mut beyond) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for step in steps {
        // A key that is armed twice in one step has its last instant.
        let armed: std::collections::BTreeMap<&str, _> =
            step.member.arm.iter().map(|(key, due)| (key.0.as_str(), *due)).collect();
        for (key, due) in armed {
            rids.push(step.rid);
            keys.push(key);
            dues.push(micros(due));
            beyond.push(nanos(due));
        }
    }
    if rids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO timers (rid, key, due, due_nanos)
         SELECT * FROM UNNEST($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])
         ON CONFLICT (rid, key) DO UPDATE SET due = excluded.due, due_nanos = excluded.due_nanos",
        &rids,
        &keys as &[&str],
        &dues,
        &beyond
    )
    .execute(&mut *work.conn)
    .await?;
    Ok(())
}
