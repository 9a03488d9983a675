//! Search keys of a batch.

use std::collections::BTreeMap;

use entente_store::RunKey;

use crate::{commit::Step, fault::Fault, work::Work};

/// Replaces the keys of runs that changed them; an ended run gives its unique keys free.
pub(super) async fn write(work: &mut Work<'_>, steps: &[Step<'_>]) -> Result<(), Fault> {
    replace(work, steps).await?;
    let ended: Vec<i64> = steps.iter().filter(|step| step.member.snapshot.ended).map(|step| step.rid).collect();
    if ended.is_empty() {
        return Ok(());
    }
    sqlx::query!("UPDATE run_keys SET live = false WHERE rid = ANY($1::bigint[]) AND live", &ended)
        .execute(&mut *work.conn)
        .await?;
    Ok(())
}

async fn replace(work: &mut Work<'_>, steps: &[Step<'_>]) -> Result<(), Fault> {
    let mut runs: Vec<i64> = Vec::new();
    let mut keys: BTreeMap<(i64, &str, &str), (bool, bool)> = BTreeMap::new();
    for step in steps {
        let Some(given) = &step.member.keys else { continue };
        runs.push(step.rid);
        let live = !step.member.snapshot.ended;
        for RunKey { kind, value, unique } in given {
            let entry = keys.entry((step.rid, kind, value)).or_insert((false, live));
            entry.0 |= unique;
        }
    }
    if runs.is_empty() {
        return Ok(());
    }
    sqlx::query!("DELETE FROM run_keys WHERE rid = ANY($1::bigint[])", &runs).execute(&mut *work.conn).await?;
    let (mut rids, mut kinds, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let (mut unique, mut live) = (Vec::new(), Vec::new());
    for ((rid, kind, value), (is_unique, is_live)) in keys {
        rids.push(rid);
        kinds.push(kind);
        values.push(value);
        unique.push(is_unique);
        live.push(is_live);
    }
    sqlx::query!(
        "INSERT INTO run_keys (rid, kind, value, is_unique, live)
         SELECT * FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::boolean[], $5::boolean[])",
        &rids,
        &kinds as &[&str],
        &values as &[&str],
        &unique,
        &live
    )
    .execute(&mut *work.conn)
    .await?;
    Ok(())
}

/// Who else holds one of these keys, among runs that have not ended: the key and that run's label.
pub(super) async fn taken(work: &mut Work<'_>, rid: i64, keys: &[RunKey]) -> Result<Option<(RunKey, String)>, Fault> {
    for key in keys.iter().filter(|key| key.unique) {
        let owner = sqlx::query_scalar!(
            "SELECT r.label FROM run_keys k JOIN runs r ON r.rid = k.rid
             WHERE k.kind = $1 AND k.value = $2 AND k.live AND k.rid <> $3
             ORDER BY r.label LIMIT 1",
            key.kind,
            key.value,
            rid
        )
        .fetch_optional(&mut *work.conn)
        .await?;
        if let Some(by) = owner {
            return Ok(Some((key.clone(), by)));
        }
    }
    Ok(None)
}
