//! A commitment's drawdown from what was taken in.

use std::collections::BTreeMap;

use entente_core::{
    commitment::{
        Commitment, DailySums, Partition, Replaces,
        drawdown::{Drawdown, DrawdownError},
        eligibility::Sums,
    },
    scope::Scope,
};
use entente_store::{ReadingRow, SpendSum, Store};
use jiff::Timestamp;

use super::retract::is_retracted;

/// Why a drawdown cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DrawdownFailed {
    /// The records cannot be read.
    #[error(transparent)]
    Store(#[from] entente_store::Error),
    /// What was taken in does not fit the commitment.
    #[error(transparent)]
    Drawdown(#[from] DrawdownError),
}

/// What was spent of a commitment, from the readings that were published before an instant and current then, or are now.
///
/// # Errors
/// When the database cannot be read, or what was taken in is on another basis or in another currency than the contract's.
pub async fn drawdown(
    store: &dyn Store,
    scope: &Scope,
    commitment: &Commitment,
    until: Option<Timestamp>,
) -> Result<Drawdown, DrawdownFailed> {
    let rows = store.readings(scope, Some(&commitment.id)).await?;
    let mut drawdown = Drawdown::new(commitment);
    let effective: Vec<&ReadingRow> = effective(&rows, until).into_values().flatten().collect();
    let mut sums = sums_of(store, scope, &effective).await?;
    for row in effective {
        // Of the days of what was taken back nothing is known.
        let Some((from, through)) = row.from.zip(row.through).filter(|_| !is_retracted(row)) else { continue };
        drawdown.take(&DailySums {
            commitment: row.new.commitment.clone(),
            basis: row.new.basis.clone(),
            currency: row.new.currency,
            partition: row.new.partition.clone(),
            replaces: row.new.replaces,
            from,
            through,
            sums: sums.remove(&row.new.id).unwrap_or_default(),
        })?;
    }
    Ok(drawdown)
}

/// The readings that make what each partition said before an instant, or says now, in the order in which they were published: the last
/// one that came in place of all of it, and those after it that came in place of days.
pub fn effective(rows: &[ReadingRow], until: Option<Timestamp>) -> BTreeMap<&Partition, Vec<&ReadingRow>> {
    let then = |row: &&ReadingRow| row.published_at.is_some_and(|at| until.is_none_or(|until| at < until));
    let mut partitions: BTreeMap<&Partition, Vec<&ReadingRow>> = BTreeMap::new();
    for row in rows.iter().filter(then) {
        partitions.entry(&row.new.partition).or_default().push(row);
    }
    for readings in partitions.values_mut() {
        readings.sort_by_key(|row| row.version);
        let whole = readings.iter().rposition(|row| row.new.replaces == Replaces::Partition);
        readings.drain(..whole.unwrap_or(0));
    }
    partitions
}

/// The sums of readings, by their ids.
pub(super) async fn sums_of(
    store: &dyn Store,
    scope: &Scope,
    readings: &[&ReadingRow],
) -> Result<BTreeMap<String, Sums>, entente_store::Error> {
    let ids: Vec<String> = readings.iter().map(|row| row.new.id.clone()).collect();
    let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
    for (id, SpendSum { key, amount, .. }) in store.spend_sums(scope, &ids).await? {
        sums.entry(id).or_default().insert(key, amount);
    }
    Ok(sums)
}
