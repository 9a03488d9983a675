//! What was spent of a commitment, from what was taken in.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    commitment::{Amount, Commitment, Weight, drawdown::Difference},
    scope::Scope,
};
use entente_store::{ReadingRow, Store};
use jiff::civil::Date;

use super::CommitmentError;
use crate::spend::{self, DrawdownFailed, Known, Spent, Why};

/// What was taken in for a commitment, as it was known.
pub(super) async fn spent(
    store: &dyn Store,
    scope: &Scope,
    commitment: &Commitment,
    known: Known<'_>,
) -> Result<Spent, CommitmentError> {
    spend::spent(store, scope, commitment, known).await.map_err(|error| match error {
        DrawdownFailed::Store(error) => error.into(),
        DrawdownFailed::Drawdown(error) => error.into(),
        DrawdownFailed::Amount(error) => error.into(),
    })
}

/// The products of which more or less counts since a day, that day included, because what was taken in was judged by another
/// contract or other rules; each with the day on which it was.
///
/// # Errors
/// When the records cannot be read, or a sum is no longer exact.
pub async fn changed(
    store: &dyn Store,
    scope: &Scope,
    commitment: &Commitment,
    since: Date,
) -> Result<Vec<(String, Date)>, CommitmentError> {
    let all = store.readings(scope, Some(&commitment.id)).await?;
    let known_on = |row: &ReadingRow| row.published_at.map(|at| commitment.day_of(at)).filter(|day| *day >= since);
    let mut changed = BTreeSet::new();
    let since: Vec<(&ReadingRow, Date)> = all.iter().filter_map(|row| Some((row, known_on(row)?))).collect();
    for (row, day) in since {
        for change in spend::changes(store, scope, &all, &[row]).await? {
            if change.why == Some(Why::JudgedAgain) {
                changed.extend(judged_otherwise(&change.differences)?.into_iter().map(|product| (product, day)));
            }
        }
    }
    Ok(changed.into_iter().collect())
}

/// The products of which on some day another share counts; under which rule's name it counts is no matter.
fn judged_otherwise(differences: &[Difference]) -> Result<BTreeSet<String>, CommitmentError> {
    let mut moved: BTreeMap<(&str, Date, Weight), Amount> = BTreeMap::new();
    for Difference { key, before, after } in differences {
        let sum = moved.entry((key.product.as_str(), key.day, key.weight)).or_insert(Amount::ZERO);
        *sum = sum.plus(after.minus(*before)?)?;
    }
    let moved = moved.into_iter().filter(|(_, sum)| *sum != Amount::ZERO);
    Ok(moved.map(|((product, ..), _)| product.to_owned()).collect())
}
