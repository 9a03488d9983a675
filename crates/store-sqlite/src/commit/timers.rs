//! Timers of a batch.

use sqlx::SqliteConnection;

use crate::{
    commit::{Step, packed::rows},
    fault::Fault,
    values::{micros, nanos},
};

/// Disarms, then arms.
pub(super) async fn write(conn: &mut SqliteConnection, steps: &[Step<'_>]) -> Result<(), Fault> {
    let disarmed: Vec<(i64, &str)> =
        steps.iter().flat_map(|step| step.member.disarm.iter().map(|key| (step.rid, key.0.as_str()))).collect();
    if !disarmed.is_empty() {
        let values = rows(&disarmed)?;
        sqlx::query!(
            "DELETE FROM timers WHERE (rid, key) IN (SELECT value ->> 0, value ->> 1 FROM jsonb_each(?1))",
            values
        )
        .execute(&mut *conn)
        .await?;
    }
    let armed: Vec<(i64, &str, i64, i64)> = steps
        .iter()
        .flat_map(|step| step.member.arm.iter().map(|(key, due)| (step.rid, key.0.as_str(), micros(*due), nanos(*due))))
        .collect();
    if !armed.is_empty() {
        let values = rows(&armed)?;
        sqlx::query!(
            "INSERT INTO timers (rid, key, due, due_nanos)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM jsonb_each(?1) WHERE true
             ON CONFLICT (rid, key) DO UPDATE SET due = excluded.due, due_nanos = excluded.due_nanos",
            values
        )
        .execute(conn)
        .await?;
    }
    Ok(())
}
