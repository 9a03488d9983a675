//! One file, taken in for one commitment.

use std::{fs::File, path::Path, time::Duration};

use entente_core::{
    commitment::{Commitment, Replaces, drawdown::Difference, eligibility::Sums},
    scope::Scope,
};
use entente_documents::{Digest, Raw};
use entente_spend::{Lot, Progress, Shape, sniff};
use entente_store::{Quarantined, ReadingRow, Store};
use jiff::civil::Date;

use super::{
    consent::is_held_back,
    days::{covers, empties, told},
    differences::{differences, differences_to},
    doubt::{Seen, doubt},
    drawdown::effective,
    job::{Came, Job, Taken},
    judged::judged_elsewhere,
    look::look,
    lots,
    place::{Place, place},
    retract::is_retracted,
    stage::{ImportError, Reading, stage},
};
use crate::{
    offers::DeskError,
    runner::failpoint::{self, Point},
};

/// How long an import waits for another one of the same file before it looks again.
const AGAIN: Duration = Duration::from_millis(250);

/// Keeps a file and takes it in. What was begun before goes on where it was; what is in already changes nothing.
///
/// # Errors
/// When it cannot be kept or read, nothing of it counts, or the database cannot be written. What its partition said stays then.
pub async fn import(
    store: &dyn Store,
    raw: &Raw,
    path: &Path,
    job: Job<'_>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Came, ImportError> {
    if job.dry_run {
        let (digest, _) = Raw::digest(path).await?;
        let open = File::open(path).map_err(|why| ImportError::File { file: job.file.to_owned(), why: why.into() })?;
        return take_in(store, open, digest, job, progress).await;
    }
    let (kept, open) = raw.keep(path).await?;
    let mut seen = None;
    loop {
        let again = open.try_clone().map_err(|why| ImportError::File { file: job.file.to_owned(), why: why.into() })?;
        match take_in(store, again, kept.digest, job, progress).await {
            // Somebody takes the same file in at the same time: one goes on, and the other finds it in. As long as that one comes
            // further there is something to wait for.
            Err(ImportError::Records(DeskError::Store(entente_store::Error::Conflict { kind, id }))) => {
                let now = readings_of(store, job.commitment()).await?.into_iter().find(|row| row.new.id == id);
                let now = now.map(|row| (row.status, row.read_to));
                if now == seen {
                    return Err(entente_store::Error::Conflict { kind, id }.into());
                }
                seen = now;
                tokio::time::sleep(AGAIN).await;
            }
            came => return came,
        }
    }
}

/// Takes in a file whose bytes are kept.
pub(super) async fn take_in(
    store: &dyn Store,
    file: File,
    digest: Digest,
    job: Job<'_>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Came, ImportError> {
    let commitment = job.judge.commitment;
    let unread = |why| ImportError::File { file: job.file.to_owned(), why };
    let sniffed = sniff(&file).map_err(unread)?;
    if job.replaces == Replaces::Days && sniffed.shape != Shape::DailySums {
        return Err(ImportError::NotDays { file: job.file.to_owned(), format: sniffed.to_string() });
    }
    if sniffed.shape == Shape::DailySums && is_held_back(store, commitment).await? {
        let (file, commitment, buyer) = (job.file.to_owned(), commitment.id.to_string(), commitment.party.to_string());
        return Err(ImportError::NotShared { file, commitment, buyer });
    }
    let known = readings_of(store, commitment).await?;
    if let Some(row) = whole_file(&known, job) {
        let (partition, format) = (job.partition.to_owned(), row.new.format.clone());
        return Err(ImportError::NotSums { partition, format });
    }
    let new = match place(&known, job, digest, sniffed)? {
        Place::New(new) => *new,
        Place::Settled(came) => return Ok(came),
    };
    let read =
        |after, file| Reading { name: job.file, file, sniffed, currency: job.currency(), after, limits: job.limits };
    if job.dry_run {
        let (summary, looked) = stage(read(0, file), job.judge, None, progress).await?;
        if sniffed.shape == Shape::MaccLots && !summary.lots.is_empty() {
            return stated(job, &summary.lots, digest);
        }
        return look(store, &known, job, new, (looked, &summary, sniffed.shape)).await;
    }
    let begun = store.begin_reading(&new).await?;
    let staged = stage(read(begun.read_to, file), job.judge, Some((store, &new.id)), progress).await;
    if let Err(ImportError::File { .. }) = &staged {
        // Such a file is refused however often it comes.
        drop_staged(store, &new.id).await?;
    }
    let (summary, looked) = staged?;
    let row = store.begin_reading(&new).await?;
    let quarantined = store.quarantined(&Scope::vendor(), &new.id).await?;
    // A partition that exists can be restated to nothing.
    let emptied = empties(&known, job, sniffed.shape, &quarantined);
    let Some(told) = told(row.from.zip(row.through), row.rows, job).or(emptied) else {
        drop_staged(store, &new.id).await?;
        if sniffed.shape == Shape::MaccLots && !summary.lots.is_empty() {
            return stated(job, &summary.lots, digest);
        }
        return Err(nothing(job, quarantined));
    };
    let says: Sums = match begun.read_to {
        0 => looked.into_sums(),
        // What was read before the process ended speaks for or against it, too.
        _ => store.staged_sums(&new.id).await?.into_iter().map(|sum| (sum.key, sum.amount)).collect(),
    };
    let days = match covers(job, told, &says) {
        Ok(days) => {
            let aside = !quarantined.is_empty();
            let seen = Seen { format: &new.format, rows: row.rows, aside, unended: summary.unended, days };
            doubt(store, &known, job, seen, &says).await.map(|()| days)
        }
        Err(error) => Err(error),
    };
    let days = match days {
        Ok(days) => days,
        Err(error) => {
            drop_staged(store, &new.id).await?;
            return Err(error);
        }
    };
    failpoint::reach(Point::K7, "spend.read");
    let (version, differences) = publish(store, job, &new.id, days, says).await?;
    Ok(Came::New(Box::new(Taken {
        id: new.id,
        version: Some(version),
        format: sniffed.to_string(),
        after: begun.read_to,
        rows: row.rows,
        quarantined,
        rounded: summary.rounded,
        floats: summary.floats,
        days,
        other_currencies: (begun.read_to == 0).then_some(summary.other_currencies),
        differences,
    })))
}

/// What a file says that remains of the commitment.
fn stated(job: Job<'_>, lots: &[Lot], digest: Digest) -> Result<Came, ImportError> {
    lots::statement(job, lots, digest).map(|statement| Came::Stated(Box::new(statement)))
}

/// Makes a reading what its partition says: its version, and what it says otherwise than the one before.
async fn publish(
    store: &dyn Store,
    job: Job<'_>,
    id: &str,
    (from, through): (Date, Date),
    says: Sums,
) -> Result<(u32, Vec<Difference>), ImportError> {
    let version = match store.publish_reading(id, from, through, job.at, job.former).await {
        Err(entente_store::Error::Conflict { .. }) if job.former.is_some() => {
            drop_staged(store, id).await?;
            return Err(ImportError::Overtaken { file: job.file.to_owned(), partition: job.partition.to_owned() });
        }
        version => version?,
    };
    let known = readings_of(store, job.commitment()).await?;
    let scope = Scope::vendor();
    let differences = match (known.iter().find(|row| row.new.id == id), job.replaces) {
        (Some(row), Replaces::Partition) => differences_to(store, &scope, &known, row, says).await?,
        (Some(row), Replaces::Days) => differences(store, &scope, &known, row).await?,
        (None, _) => Vec::new(),
    };
    Ok((version, differences))
}

/// The readings of a commitment, without those of another buyer or legal entity that it was entered for by mistake before.
pub(super) async fn readings_of(
    store: &dyn Store,
    commitment: &Commitment,
) -> Result<Vec<ReadingRow>, entente_store::Error> {
    let mut rows = store.readings(&Scope::vendor(), Some(&commitment.id)).await?;
    rows.retain(|row| row.new.party == commitment.party && row.new.legal_entity == commitment.legal_entity);
    Ok(rows)
}

/// The file that a partition is, where days of it are to be replaced and it is no daily sums.
fn whole_file<'r>(known: &'r [ReadingRow], job: Job<'_>) -> Option<&'r ReadingRow> {
    let readings = effective(known, None).into_iter().filter(|(partition, _)| partition.0 == job.partition);
    let mut readings = readings.flat_map(|(_, rows)| rows).filter(|_| job.replaces == Replaces::Days);
    readings.find(|row| !judged_elsewhere(row) && !is_retracted(row))
}

async fn drop_staged(store: &dyn Store, id: &str) -> Result<(), entente_store::Error> {
    while !store.drop_reading(id).await? {}
    Ok(())
}

/// That nothing of a file counts.
pub(super) fn nothing(job: Job<'_>, quarantined: Vec<Quarantined>) -> ImportError {
    let (file, commitment) = (job.file.to_owned(), job.judge.commitment.id.to_string());
    ImportError::Nothing { file, commitment, quarantined }
}
