//! What one version of a partition says otherwise than the one before it. Both are kept, so this can be told for ever.

use entente_core::{
    commitment::{Amount, Partition, Replaces, drawdown::Difference, eligibility::Sums},
    scope::Scope,
};
use entente_store::{ReadingRow, Store};
use jiff::civil::Date;
use serde::Serialize;

use super::drawdown::{effective, sums_of};

/// What a version of a partition has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The commitment.
    pub commitment: String,
    /// The partition.
    pub partition: String,
    /// The version.
    pub version: u32,
    /// The file.
    pub file: String,
    /// Why it differs from the version before it; `None` for the first one.
    pub why: Option<Why>,
    /// The first day that differs.
    pub from: Option<Date>,
    /// Sum by sum, in order.
    pub differences: Vec<Difference>,
}

/// Why two versions differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Another file came.
    Restated,
    /// The same file was judged by another contract or other rules.
    JudgedAgain,
    /// Both.
    RestatedAndJudgedAgain,
}

impl Why {
    fn of(before: &ReadingRow, after: &ReadingRow) -> Why {
        match (before.new.file_sha256 == after.new.file_sha256, before.new.judged_by == after.new.judged_by) {
            (_, true) => Why::Restated,
            (true, false) => Why::JudgedAgain,
            (false, false) => Why::RestatedAndJudgedAgain,
        }
    }
}

/// What each of these published readings has changed, in their order.
///
/// # Errors
/// When the database cannot be read.
pub async fn changes(
    store: &dyn Store,
    scope: &Scope,
    all: &[ReadingRow],
    asked: &[&ReadingRow],
) -> Result<Vec<Change>, entente_store::Error> {
    let mut changes = Vec::new();
    for row in asked {
        let Some(version) = row.version else { continue };
        let differences = differences(store, scope, all, row).await?;
        let former = all.iter().find(|other| same_partition(other, row) && other.version == version.checked_sub(1));
        changes.push(Change {
            commitment: row.new.commitment.to_string(),
            partition: row.new.partition.0.clone(),
            version,
            file: row.new.file.clone(),
            why: former.map(|former| Why::of(former, row)),
            from: differences.iter().map(|difference| difference.key.day).min(),
            differences,
        });
    }
    Ok(changes)
}

/// What a published reading says otherwise than its partition did before it, by key.
///
/// # Errors
/// When the database cannot be read.
pub async fn differences(
    store: &dyn Store,
    scope: &Scope,
    all: &[ReadingRow],
    row: &ReadingRow,
) -> Result<Vec<Difference>, entente_store::Error> {
    let now = said(store, scope, &until(all, row, row.version)).await?;
    differences_to(store, scope, all, row, now).await
}

/// The same, where what its partition says with it is at hand.
pub(super) async fn differences_to(
    store: &dyn Store,
    scope: &Scope,
    all: &[ReadingRow],
    row: &ReadingRow,
    now: Sums,
) -> Result<Vec<Difference>, entente_store::Error> {
    let former = row.version.and_then(|version| version.checked_sub(1)).filter(|version| *version > 0);
    Ok(compare(said(store, scope, &until(all, row, former)).await?, now))
}

/// The published readings of a row's partition up to a version; none without one.
fn until(all: &[ReadingRow], row: &ReadingRow, version: Option<u32>) -> Vec<ReadingRow> {
    let partition = all.iter().filter(|other| same_partition(other, row));
    partition.filter(|other| other.version.is_some() && other.version <= version).cloned().collect()
}

/// What a partition says now.
pub(super) async fn said_now(
    store: &dyn Store,
    scope: &Scope,
    all: &[ReadingRow],
    partition: &Partition,
) -> Result<Sums, entente_store::Error> {
    let of: Vec<ReadingRow> = all.iter().filter(|row| row.new.partition == *partition).cloned().collect();
    said(store, scope, &of).await
}

fn same_partition(one: &ReadingRow, other: &ReadingRow) -> bool {
    one.new.commitment == other.new.commitment && one.new.partition == other.new.partition
}

/// What readings of one partition say together.
async fn said(store: &dyn Store, scope: &Scope, rows: &[ReadingRow]) -> Result<Sums, entente_store::Error> {
    let readings: Vec<&ReadingRow> = effective(rows, None).into_values().flatten().collect();
    let mut sums = sums_of(store, scope, &readings).await?;
    let mut said = Sums::new();
    for row in readings {
        let days = row.from.zip(row.through);
        said.retain(|key, _| match row.new.replaces {
            Replaces::Partition => false,
            Replaces::Days => days.is_none_or(|(from, through)| !(from..=through).contains(&key.day)),
        });
        said.extend(sums.remove(&row.new.id).unwrap_or_default());
    }
    Ok(said)
}

/// Sum by sum, in order. There may be as many as a year has days, accounts and products: none is copied.
pub(super) fn compare(mut before: Sums, after: Sums) -> Vec<Difference> {
    let mut all = Vec::with_capacity(before.len().max(after.len()));
    for (key, after) in after {
        let before = before.remove(&key).unwrap_or(Amount::ZERO);
        all.push(Difference { key, before, after });
    }
    all.extend(before.into_iter().map(|(key, before)| Difference { key, before, after: Amount::ZERO }));
    all.retain(|difference| difference.before != difference.after);
    all.sort_unstable_by(|one, other| one.key.cmp(&other.key));
    all
}
