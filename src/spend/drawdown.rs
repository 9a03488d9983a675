//! A commitment's drawdown from what was taken in.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    commitment::{
        AmountError, Commitment, DailySums, Partition, Replaces,
        drawdown::{Drawdown, DrawdownError},
        eligibility::Sums,
        rates::{Conversions, Foreign, Rates},
    },
    scope::Scope,
};
use entente_store::{ReadingRow, SpendSum, Store};
use jiff::{Timestamp, civil::Date};

use super::{judged::judged_elsewhere, retract::is_retracted};

/// Why a drawdown cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DrawdownFailed {
    /// The records cannot be read.
    #[error(transparent)]
    Store(#[from] entente_store::Error),
    /// What was taken in does not fit the commitment.
    #[error(transparent)]
    Drawdown(#[from] DrawdownError),
    /// What was billed in another currency is no longer exact.
    #[error(transparent)]
    Amount(#[from] AmountError),
}

/// What was known when something is told.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// What was published before this instant counts; whatever is now where there is none.
    pub until: Option<Timestamp>,
    /// The terms are those that were known on this day.
    pub on: Date,
    /// The exchange rates.
    pub rates: &'a Rates,
    /// The days of the cloud's statements, in their order.
    pub statements: &'a [Date],
    /// Whether the buyer does not share its daily sums: they are as if they were not there, on whatever day.
    pub without_daily_sums: bool,
}

/// What was spent of a commitment.
#[derive(Debug)]
pub struct Spent {
    /// In its currency, with what could be converted.
    pub drawdown: Drawdown,
    /// In other currencies, with the rates by which it was converted, and why some of it was not.
    pub foreign: Foreign,
    /// The partitions of daily sums that the buyer does not share; nothing of them is in the others.
    pub held_back: BTreeSet<Partition>,
}

/// What was spent of a commitment in its own currency, from the readings that were published before an instant and current then, or
/// are now.
///
/// # Errors
/// As [`spent`].
pub async fn drawdown(
    store: &dyn Store,
    scope: &Scope,
    commitment: &Commitment,
    until: Option<Timestamp>,
) -> Result<Drawdown, DrawdownFailed> {
    let known = Known { until, on: Date::MAX, rates: &Rates::default(), statements: &[], without_daily_sums: false };
    Ok(spent(store, scope, commitment, known).await?.drawdown)
}

/// What was spent of a commitment as it was known. What was billed in another currency is converted as the contract says; where it does
/// not say how, or no rate is known, it stays apart and is in no sum.
///
/// # Errors
/// When the database cannot be read, or what was taken in is on another basis than the contract's.
pub async fn spent(
    store: &dyn Store,
    scope: &Scope,
    commitment: &Commitment,
    known: Known<'_>,
) -> Result<Spent, DrawdownFailed> {
    let rows = store.readings(scope, Some(&commitment.id)).await?;
    let (foreign, held_back) = (Foreign::default(), BTreeSet::new());
    let mut spent = Spent { drawdown: Drawdown::new(commitment), foreign, held_back };
    let conversions = Conversions { commitment, rates: known.rates, statements: known.statements, known_on: known.on };
    let effective: Vec<&ReadingRow> = effective(&rows, known.until).into_values().flatten().collect();
    let mut sums = sums_of(store, scope, &effective).await?;
    for row in effective {
        // Of the days of what was taken back nothing is known.
        let Some((from, through)) = row.from.zip(row.through).filter(|_| !is_retracted(row)) else { continue };
        if known.without_daily_sums && judged_elsewhere(row) {
            spent.held_back.insert(row.new.partition.clone());
            continue;
        }
        let mut sums = sums.remove(&row.new.id).unwrap_or_default();
        let mut through = through;
        if row.new.currency != commitment.currency {
            let converted = conversions.convert(row.new.currency, &sums, &mut spent.foreign)?;
            // A file of which something cannot be converted vouches for no day from there on.
            let lacks = sums.keys().find(|key| !converted.contains_key(*key)).map(|key| key.day);
            let before = lacks.filter(|_| row.new.replaces == Replaces::Partition).and_then(|day| day.yesterday().ok());
            through = before.map_or(through, |before| before.min(through));
            sums = converted;
        }
        spent.drawdown.take(&DailySums {
            commitment: row.new.commitment.clone(),
            basis: row.new.basis.clone(),
            currency: commitment.currency,
            partition: row.new.partition.clone(),
            replaces: row.new.replaces,
            from,
            through,
            sums,
        })?;
    }
    Ok(spent)
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
