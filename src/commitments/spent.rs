//! What was spent of a commitment, from what was taken in.

use std::collections::BTreeMap;

use entente_core::{
    commitment::{Commitment, DailySums, Partition, Replaces, drawdown::Drawdown, eligibility::Sums},
    scope::Scope,
};
use entente_store::{ReadingRow, Store};
use jiff::Timestamp;

use super::CommitmentError;

/// What was taken in for a commitment, as it was at an instant, or as it is now.
pub(super) async fn drawdown(
    store: &dyn Store,
    scope: &Scope,
    commitment: &Commitment,
    until: Option<Timestamp>,
) -> Result<Drawdown, CommitmentError> {
    let then = |row: &ReadingRow| row.published_at.is_some_and(|at| until.is_none_or(|until| at < until));
    let mut rows = store.readings(scope, Some(&commitment.id)).await?;
    rows.retain(then);
    let mut partitions: BTreeMap<Partition, Vec<ReadingRow>> = BTreeMap::new();
    for row in rows {
        partitions.entry(row.new.partition.clone()).or_default().push(row);
    }
    let mut drawdown = Drawdown::new(commitment);
    for mut readings in partitions.into_values() {
        readings.sort_by_key(|row| row.version);
        let whole = readings.iter().rposition(|row| row.new.replaces == Replaces::Partition);
        for row in readings.into_iter().skip(whole.unwrap_or(0)) {
            let Some((from, through)) = row.from.zip(row.through) else { continue };
            let sums = store.spend_sums(scope, std::slice::from_ref(&row.new.id)).await?;
            let sums: Sums = sums.into_iter().map(|(_, sum)| (sum.key, sum.amount)).collect();
            drawdown.take(&DailySums {
                commitment: row.new.commitment,
                basis: row.new.basis,
                currency: row.new.currency,
                partition: row.new.partition,
                replaces: row.new.replaces,
                from,
                through,
                sums,
            })?;
        }
    }
    Ok(drawdown)
}
