//! Search keys of a batch.

use std::collections::BTreeMap;

use entente_store::RunKey;
use sqlx::SqliteConnection;

use crate::{
    commit::{Step, packed::rows},
    fault::Fault,
};

/// Replaces the keys of runs that changed them; an ended run gives its unique keys free.
pub(super) async fn write(conn: &mut SqliteConnection, steps: &[Step<'_>]) -> Result<(), Fault> {
    replace(conn, steps).await?;
    let ended: Vec<i64> = steps.iter().filter(|step| step.member.snapshot.ended).map(|step| step.rid).collect();
    if ended.is_empty() {
        return Ok(());
    }
    let values = rows(&ended)?;
    sqlx::query!("UPDATE run_keys SET live = 0 WHERE rid IN (SELECT value FROM json_each(?1)) AND live = 1", values)
        .execute(conn)
        .await?;
    Ok(())
}

async fn replace(conn: &mut SqliteConnection, steps: &[Step<'_>]) -> Result<(), Fault> {
    let mut runs: Vec<i64> = Vec::new();
    let mut keys: BTreeMap<(i64, &str, &str), (u8, u8)> = BTreeMap::new();
    for step in steps {
        let Some(given) = &step.member.keys else { continue };
        runs.push(step.rid);
        let live = u8::from(!step.member.snapshot.ended);
        for RunKey { kind, value, unique } in given {
            let entry = keys.entry((step.rid, kind, value)).or_insert((0, live));
            entry.0 |= u8::from(*unique);
        }
    }
    if runs.is_empty() {
        return Ok(());
    }
    let values = rows(&runs)?;
    sqlx::query!("DELETE FROM run_keys WHERE rid IN (SELECT value FROM json_each(?1))", values)
        .execute(&mut *conn)
        .await?;
    let keys: Vec<_> =
        keys.into_iter().map(|((rid, kind, value), (unique, live))| (rid, kind, value, unique, live)).collect();
    let values = rows(&keys)?;
    sqlx::query!(
        "INSERT INTO run_keys (rid, kind, value, is_unique, live)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM jsonb_each(?1)",
        values
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Who else holds one of these keys, among runs that have not ended: the key and that run's label.
pub(super) async fn taken(
    conn: &mut SqliteConnection,
    rid: i64,
    keys: &[RunKey],
) -> Result<Option<(RunKey, String)>, Fault> {
    for key in keys.iter().filter(|key| key.unique) {
        let owner = sqlx::query_scalar!(
            "SELECT r.label FROM run_keys k JOIN runs r ON r.rid = k.rid
             WHERE k.kind = ?1 AND k.value = ?2 AND k.live = 1 AND k.rid <> ?3
             ORDER BY r.label LIMIT 1",
            key.kind,
            key.value,
            rid
        )
        .fetch_optional(&mut *conn)
        .await?;
        if let Some(by) = owner {
            return Ok(Some((key.clone(), by)));
        }
    }
    Ok(None)
}
