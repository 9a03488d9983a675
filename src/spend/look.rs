//! What taking a file in would come to, without writing anything.

use entente_core::{
    commitment::{Replaces, eligibility::Sums},
    scope::Scope,
};
use entente_spend::{Shape, Summary};
use entente_store::{NewReading, ReadingRow, Store};

use super::{
    days::{covers, empties, told},
    differences::{compare, said_now},
    doubt::{Seen, doubt},
    import::nothing,
    job::{Came, Job, Taken},
    stage::{ImportError, Looked},
};

/// What would come of it.
pub(super) async fn look(
    store: &dyn Store,
    known: &[ReadingRow],
    job: Job<'_>,
    new: NewReading,
    (mut looked, summary, shape): (Looked, &Summary, Shape),
) -> Result<Came, ImportError> {
    let quarantined = std::mem::take(&mut looked.quarantined);
    let emptied = || empties(known, job, shape, &quarantined);
    let rows = looked.rows();
    let Some(days) = told(looked.days, rows, job).or_else(emptied) else { return Err(nothing(job, quarantined)) };
    let sums = looked.into_sums();
    let days = covers(job, days, &sums)?;
    let seen = Seen { format: &new.format, rows, aside: !quarantined.is_empty(), unended: summary.unended, days };
    doubt(store, known, job, seen, &sums).await?;
    let before = said_now(store, &Scope::vendor(), known, &new.partition).await?;
    let mut after: Sums = match job.replaces {
        Replaces::Partition => Sums::new(),
        Replaces::Days => before.clone(),
    };
    after.retain(|key, _| !(days.0..=days.1).contains(&key.day));
    after.extend(sums);
    let differences = compare(before, after);
    let (id, format) = (new.id, new.format);
    let Summary { rounded, floats, .. } = *summary;
    Ok(Came::New(Box::new(Taken {
        id,
        version: None,
        format,
        after: 0,
        rows,
        quarantined,
        rounded,
        floats,
        days,
        other_currencies: Some(summary.other_currencies.clone()),
        differences,
    })))
}
