//! What speaks against publishing a file: that its partition spoke of other days, or that another partition says the same.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    commitment::{Amount, AmountError, Part, eligibility::Sums},
    scope::Scope,
};
use entente_spend::Shape;
use entente_store::{ReadingRow, Store};
use jiff::civil::Date;

use super::{
    differences::said_now,
    drawdown::effective,
    job::{Insists, Job},
    retract::is_retracted,
    stage::ImportError,
};

/// The fewest rows of a file of which another one lacks more than half.
const ROWS_LEAST: u64 = 10;

/// What a file is, beside what it says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    /// Its format.
    pub format: &'a str,
    /// The rows that count.
    pub rows: u64,
    /// Whether rows of it were set aside.
    pub aside: bool,
    /// Whether its last row has no end of line.
    pub unended: bool,
    /// The days that it is complete for.
    pub days: (Date, Date),
}

/// Refuses what would take other days' spend out of the figures, or count spend twice, unless it is insisted upon.
pub(super) async fn doubt(
    store: &dyn Store,
    known: &[ReadingRow],
    job: Job<'_>,
    seen: Seen<'_>,
    says: &Sums,
) -> Result<(), ImportError> {
    let Insists { restate, beside, whole } = job.insists;
    let Seen { format, days, .. } = seen;
    if !whole {
        cut_off(known, job, seen)?;
    }
    if !restate && job.comes_in_place_of_all() {
        other_days(known, job, days)?;
    }
    if !beside {
        beside_events(known, job, format, days)?;
        twice(store, known, job, days, says).await?;
    }
    Ok(())
}

fn overlap(row: &ReadingRow, (from, through): (Date, Date)) -> bool {
    row.from.zip(row.through).is_some_and(|(first, last)| first <= through && from <= last)
}

fn other_days(known: &[ReadingRow], job: Job<'_>, days: (Date, Date)) -> Result<(), ImportError> {
    let readings = effective(known, None);
    let here = readings.iter().filter(|(partition, _)| partition.0 == job.partition).flat_map(|(_, rows)| rows);
    let here: Vec<_> = here.filter(|row| !is_retracted(row)).collect();
    let (Some(from), Some(through)) =
        (here.iter().filter_map(|row| row.from).min(), here.iter().filter_map(|row| row.through).max())
    else {
        return Ok(());
    };
    match here.iter().any(|row| overlap(row, days)) {
        true => Ok(()),
        false => {
            let (file, partition) = (job.file.to_owned(), job.partition.to_owned());
            Err(ImportError::OtherDays { file, partition, holds: days, says: (from, through) })
        }
    }
}

/// A copy that broke off is read without a fault to its last whole row, and would take what comes behind it out of the figures.
fn cut_off(known: &[ReadingRow], job: Job<'_>, seen: Seen<'_>) -> Result<(), ImportError> {
    let file = job.file.to_owned();
    if seen.unended {
        return Err(ImportError::Unended { file });
    }
    let readings = effective(known, None);
    let here = readings.iter().filter(|(partition, _)| partition.0 == job.partition).flat_map(|(_, rows)| rows);
    // What was judged anew or corrected in part says nothing of the whole.
    let before = here.filter(|row| job.comes_in_place_of_all() && job.former.is_none() && !is_retracted(row));
    let before = before.map(|row| row.rows).max().unwrap_or(0);
    // A heading alone restates all of it to nothing, however little it was; a currency that a whole file no longer has, has others' rows.
    let shrunk = match seen.rows {
        0 => before > 0 && !seen.aside,
        rows => before >= ROWS_LEAST && rows * 2 < before,
    };
    match shrunk {
        true => Err(ImportError::Shrunk { file, partition: job.partition.to_owned(), rows: seen.rows, before }),
        false => Ok(()),
    }
}

/// Events say of all products together what an export says of each, so that their sums have nothing in common that could be
/// compared. That both speak of the same days is enough.
fn beside_events(known: &[ReadingRow], job: Job<'_>, format: &str, days: (Date, Date)) -> Result<(), ImportError> {
    let named = Shape::MaccEvents.to_string();
    let events = |format: &str| format.starts_with(&named);
    for (partition, rows) in effective(known, None) {
        let other =
            |row: &&&ReadingRow| events(&row.new.format) != events(format) && row.new.currency == job.currency();
        let mut there = rows.iter().filter(|row| !is_retracted(row)).filter(other);
        if partition.0 != job.partition && there.any(|row| overlap(row, days)) {
            let (file, commitment) = (job.file.to_owned(), job.judge.commitment.id.to_string());
            return Err(ImportError::BesideEvents { file, commitment, partition: partition.0.clone() });
        }
    }
    Ok(())
}

async fn twice(
    store: &dyn Store,
    known: &[ReadingRow],
    job: Job<'_>,
    days: (Date, Date),
    says: &Sums,
) -> Result<(), ImportError> {
    let mine = plain(says)?;
    for (partition, rows) in effective(known, None) {
        let comparable = |row: &&ReadingRow| row.new.currency == job.currency() && overlap(row, days);
        if partition.0 == job.partition || !rows.iter().any(comparable) {
            continue;
        }
        let there = said_now(store, &Scope::vendor(), known, partition).await?;
        let (same, of) = alike(&mine, &plain(&there)?);
        if same * 2 > of {
            let (file, commitment) = (job.file.to_owned(), job.judge.commitment.id.to_string());
            return Err(ImportError::Twice { file, commitment, partition: partition.0.clone(), same, of });
        }
    }
    Ok(())
}

/// A day, an account, a product and whose it is: what a charge keeps however it is judged.
type Charged<'s> = (Date, &'s str, &'s str, Part);

fn plain(sums: &Sums) -> Result<BTreeMap<Charged<'_>, Amount>, AmountError> {
    let mut plain: BTreeMap<Charged<'_>, Amount> = BTreeMap::new();
    for (key, amount) in sums {
        let sum = plain.entry((key.day, &key.account, &key.product, key.part)).or_default();
        *sum = sum.plus(*amount)?;
    }
    plain.retain(|_, amount| !amount.is_zero());
    Ok(plain)
}

/// How many sums are equal to the last digit, of those on days that both speak of. Parts of one export have days and products in
/// common, but not what was charged.
fn alike(mine: &BTreeMap<Charged<'_>, Amount>, there: &BTreeMap<Charged<'_>, Amount>) -> (usize, usize) {
    let days = |of: &BTreeMap<Charged<'_>, Amount>| of.keys().map(|key| key.0).collect::<BTreeSet<Date>>();
    let (my_days, their_days) = (days(mine), days(there));
    let on = |of: &BTreeMap<Charged<'_>, Amount>, days: &BTreeSet<Date>| {
        of.keys().filter(|key| days.contains(&key.0)).count()
    };
    let same = mine.iter().filter(|(key, amount)| there.get(*key) == Some(*amount)).count();
    (same, on(mine, &their_days).max(on(there, &my_days)))
}
