//! One file, taken in for one commitment.

use std::{fs::File, path::Path};

use entente_core::{
    commitment::{Commitment, Partition, Replaces, drawdown::Difference, eligibility::Sums},
    scope::Scope,
};
use entente_documents::{Digest, Raw};
use entente_spend::{Limits, Lot, Progress, Shape, Sniffed, Summary, sniff};
use entente_store::{NewReading, Quarantined, ReadingRow, ReadingStatus, Store};
use jiff::{Timestamp, civil::Date};

use super::{
    differences::{compare, differences, said_now},
    doubt::doubt,
    drawdown::effective,
    judged::{Judge, judged_by, judged_elsewhere, reading_id},
    retract::is_retracted,
    stage::{ImportError, Looked, Reading, stage},
};
use crate::{
    offers::DeskError,
    runner::failpoint::{self, Point},
};

/// What is to be taken in, for which commitment, and who does it.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// By what its charges are judged.
    pub judge: Judge<'a>,
    /// The partition.
    pub partition: &'a str,
    /// The file's name, as it is shown.
    pub file: &'a str,
    /// In place of what it comes.
    pub replaces: Replaces,
    /// The reading in whose place it is to come, and in that of no other; `None` for whichever is there.
    pub former: Option<&'a str>,
    /// The days that it is complete for, where it does not tell that itself.
    pub covers: Option<(Date, Date)>,
    /// What it is taken in in spite of.
    pub insists: Insists,
    /// Whether a file that was replaced may come back.
    pub restore: bool,
    /// Whether it is only looked at.
    pub dry_run: bool,
    /// How much is held at once.
    pub limits: Limits,
    /// Who.
    pub by: &'a str,
    /// When, in business time.
    pub at: Timestamp,
}

/// What else would keep a file out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Insists {
    /// It comes in place of a partition that speaks of other days altogether.
    pub restate: bool,
    /// It comes beside a partition that says most of the same.
    pub beside: bool,
}

/// What taking a file in came to.
#[derive(Debug)]
pub enum Came {
    /// It is what its partition says now, or would be.
    New(Box<Taken>),
    /// It is what its partition says already.
    Before(Box<ReadingRow>),
    /// It is what its partition said before another came in its place.
    Replaced(Box<ReadingRow>),
    /// It says what remains of commitments, and nothing of spend.
    Lots(Vec<Lot>),
}

/// What a file says.
#[derive(Debug)]
pub struct Taken {
    /// Its reading's id, its version, and from which row on it was read; a look has no version.
    pub id: String,
    /// The version of its partition.
    pub version: Option<u32>,
    /// What it is.
    pub format: String,
    /// After which row reading went on.
    pub after: u64,
    /// Rows that are counted.
    pub rows: u64,
    /// What was set aside.
    pub quarantined: Vec<Quarantined>,
    /// Rows, of those read just now, whose amount had more decimals than are kept.
    pub rounded: u64,
    /// Whether its amounts are binary floating-point numbers.
    pub floats: bool,
    /// The first and the last day that it is complete for.
    pub days: (Date, Date),
    /// What it says otherwise than its partition did.
    pub differences: Vec<Difference>,
}

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
    take_in(store, open, kept.digest, job, progress).await
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
    let known = readings_of(store, commitment).await?;
    if let Some(row) = whole_file(&known, job) {
        let (partition, format) = (job.partition.to_owned(), row.new.format.clone());
        return Err(ImportError::NotSums { partition, format });
    }
    let new = match place(&known, job, digest, sniffed)? {
        Place::New(new) => *new,
        Place::Settled(came) => return Ok(came),
    };
    let read = |after, file| Reading { name: job.file, file, sniffed, after, limits: job.limits };
    if job.dry_run {
        let (summary, looked) = stage(read(0, file), job.judge, None, progress).await?;
        if sniffed.shape == Shape::MaccLots {
            return Ok(Came::Lots(summary.lots));
        }
        return look(store, &known, job, new, (looked, &summary, sniffed.shape)).await;
    }
    let begun = store.begin_reading(&new).await?;
    let again = file.try_clone().map_err(|why| unread(why.into()))?;
    let staged = stage(read(begun.read_to, file), job.judge, Some((store, &new.id)), progress).await;
    if let Err(ImportError::File { .. }) = &staged {
        // Such a file is refused however often it comes.
        drop_staged(store, &new.id).await?;
    }
    let (summary, mut looked) = staged?;
    if begun.read_to > 0 {
        // What was read before the process ended speaks for or against it, too.
        (_, looked) = stage(read(0, again), job.judge, None, progress).await?;
    }
    let row = store.begin_reading(&new).await?;
    let quarantined = store.quarantined(&Scope::vendor(), &new.id).await?;
    // A partition that exists can be restated to nothing.
    let emptied = empties(&known, job, sniffed.shape, &quarantined);
    let Some(told) = row.from.zip(row.through).or(emptied) else {
        drop_staged(store, &new.id).await?;
        if sniffed.shape == Shape::MaccLots {
            return Ok(Came::Lots(summary.lots));
        }
        return Err(nothing(job, quarantined));
    };
    let days = match covers(job, told) {
        Ok(days) => doubt(store, &known, job, days, &looked.sums()).await.map(|()| days),
        Err(error) => Err(error),
    };
    let (from, through) = match days {
        Ok(days) => days,
        Err(error) => {
            drop_staged(store, &new.id).await?;
            return Err(error);
        }
    };
    failpoint::reach(Point::K7, "spend.read");
    let version = match store.publish_reading(&new.id, from, through, job.at, job.former).await {
        Err(entente_store::Error::Conflict { .. }) if job.former.is_some() => {
            drop_staged(store, &new.id).await?;
            return Err(ImportError::Overtaken { file: job.file.to_owned(), partition: job.partition.to_owned() });
        }
        version => version?,
    };
    let known = readings_of(store, commitment).await?;
    let published = known.iter().find(|row| row.new.id == new.id);
    let differences = match published {
        Some(row) => differences(store, &Scope::vendor(), &known, row).await?,
        None => Vec::new(),
    };
    Ok(Came::New(Box::new(Taken {
        id: new.id,
        version: Some(version),
        format: sniffed.to_string(),
        after: begun.read_to,
        rows: row.rows,
        quarantined,
        rounded: summary.rounded,
        floats: summary.floats,
        days: (from, through),
        differences,
    })))
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

/// The days of a partition that a file without any row restates to nothing.
fn empties(known: &[ReadingRow], job: Job<'_>, shape: Shape, aside: &[Quarantined]) -> Option<(Date, Date)> {
    let current = |row: &&ReadingRow| row.status == ReadingStatus::Current && !is_retracted(row);
    let here = known.iter().filter(current).find(|row| row.new.partition.0 == job.partition);
    let may = shape != Shape::MaccLots && aside.is_empty() && job.comes_in_place_of_all();
    here.filter(|_| may).and_then(|row| row.from.zip(row.through))
}

/// The days that a file is complete for. What comes in place of days cannot say anything of others.
fn covers(job: Job<'_>, told: (Date, Date)) -> Result<(Date, Date), ImportError> {
    match job.covers {
        None => Ok(told),
        Some(covers) if job.replaces == Replaces::Days && (told.0 < covers.0 || covers.1 < told.1) => {
            Err(ImportError::Outside { file: job.file.to_owned(), holds: told, covers })
        }
        Some(covers) => Ok(covers),
    }
}

fn nothing(job: Job<'_>, quarantined: Vec<Quarantined>) -> ImportError {
    let (file, commitment) = (job.file.to_owned(), job.judge.commitment.id.to_string());
    ImportError::Nothing { file, commitment, quarantined }
}

/// Whether there is anything to read.
enum Place {
    New(Box<NewReading>),
    Settled(Came),
}

fn place(known: &[ReadingRow], job: Job<'_>, digest: Digest, sniffed: Sniffed) -> Result<Place, ImportError> {
    let Job { judge, partition, file, .. } = job;
    let commitment = judge.commitment;
    let sha256 = digest.to_string();
    let judged_by = judged_by(judge).map_err(|error| DeskError::Unreadable {
        what: format!("commitment `{}`", commitment.id),
        why: error.to_string(),
    })?;
    let current = |row: &&ReadingRow| row.status == ReadingStatus::Current;
    let same = |row: &&ReadingRow| row.new.file_sha256 == sha256;
    let here = known.iter().filter(current).find(|row| row.new.partition.0 == partition);
    let alike = |row: &&ReadingRow| row.new.judged_by == judged_by && row.new.replaces == job.replaces;
    let here_before = here.filter(|row| same(row) && alike(row));
    if let Some(row) = here_before.filter(|row| !covers_otherwise(row, job)) {
        return Ok(Place::Settled(Came::Before(Box::new(row.clone()))));
    }
    if let Some(other) = known.iter().filter(current).filter(same).find(|row| row.new.partition.0 != partition) {
        let (file, commitment) = (file.to_owned(), commitment.id.to_string());
        return Err(ImportError::Elsewhere { file, commitment, partition: other.new.partition.0.clone() });
    }
    let mut id = reading_id(&[
        commitment.legal_entity.as_str(),
        commitment.party.as_str(),
        commitment.id.as_str(),
        partition,
        instead(job.replaces),
        &sha256,
        &judged_by,
    ]);
    if let Some((from, through)) = job.covers {
        id = reading_id(&[&id, &from.to_string(), &through.to_string()]);
    }
    if let Some(here) = here_before {
        id = reading_id(&[&id, &here.new.id]);
    }
    if let Some(row) = known.iter().find(|row| row.new.id == id && row.status == ReadingStatus::Replaced) {
        // The same bytes judged otherwise may come back by themselves: the rules are as they were.
        let restated = here.is_some_and(|here| !same(&here));
        match here {
            Some(_) if restated && !job.restore => {
                return Ok(Place::Settled(Came::Replaced(Box::new(row.clone()))));
            }
            // It comes in place of what is there now, and is another reading for it.
            Some(here) => id = reading_id(&[&id, &here.new.id]),
            None => {}
        }
    }
    Ok(Place::New(Box::new(NewReading {
        id,
        commitment: commitment.id.clone(),
        legal_entity: commitment.legal_entity.clone(),
        party: commitment.party.clone(),
        partition: Partition(partition.to_owned()),
        replaces: job.replaces,
        file: file.to_owned(),
        file_sha256: sha256,
        format: sniffed.to_string(),
        judged_by,
        basis: commitment.basis.clone(),
        currency: commitment.currency,
        known_on: judge.known_on,
        by: job.by.to_owned(),
        at: job.at,
    })))
}

/// In place of what a reading comes, as part of its identity: the same file says something else in place of days.
fn instead(replaces: Replaces) -> &'static str {
    match replaces {
        Replaces::Partition => "partition",
        Replaces::Days => "days",
    }
}

/// Whether a file that is in would be complete for other days now: for those that are said, or for the whole of a billing period
/// that was not over then.
fn covers_otherwise(row: &ReadingRow, job: Job<'_>) -> bool {
    let Some((from, through)) = row.from.zip(row.through) else { return false };
    match job.covers {
        Some(covers) => covers != (from, through),
        None => grown(row, through, job.judge.known_on),
    }
}

/// Whether a reading's last month has ended since it was read.
fn grown(row: &ReadingRow, through: Date, now: Date) -> bool {
    let last = through.last_of_month();
    !judged_elsewhere(row) && through < last && (row.new.known_on..now).contains(&last)
}

/// The days that a reading is complete for when it is read again: as before, since they may have been said; `None` where its month
/// has ended since.
pub(super) fn still_covers(row: &ReadingRow, now: Date) -> Option<(Date, Date)> {
    row.from.zip(row.through).filter(|(_, through)| !grown(row, *through, now))
}

/// What would come of it.
async fn look(
    store: &dyn Store,
    known: &[ReadingRow],
    job: Job<'_>,
    new: NewReading,
    (mut looked, summary, shape): (Looked, &Summary, Shape),
) -> Result<Came, ImportError> {
    let quarantined = std::mem::take(&mut looked.quarantined);
    let emptied = || empties(known, job, shape, &quarantined);
    let Some(days) = looked.days.or_else(emptied) else { return Err(nothing(job, quarantined)) };
    let days = covers(job, days)?;
    let (sums, rows) = (looked.sums(), looked.rows());
    doubt(store, known, job, days, &sums).await?;
    let before = said_now(store, &Scope::vendor(), known, &new.partition).await?;
    let mut after: Sums = match job.replaces {
        Replaces::Partition => Sums::new(),
        Replaces::Days => before.clone(),
    };
    after.retain(|key, _| !(days.0..=days.1).contains(&key.day));
    after.extend(sums);
    let differences = compare(&before, &after);
    let (id, format) = (new.id, new.format);
    let Summary { rounded, floats, .. } = *summary;
    let (version, after) = (None, 0);
    let taken = Taken { id, version, format, after, rows, quarantined, rounded, floats, days, differences };
    Ok(Came::New(Box::new(taken)))
}

/// The commitment that a job is for.
impl<'a> Job<'a> {
    /// Whether it comes in place of its whole partition.
    pub(super) fn comes_in_place_of_all(&self) -> bool {
        self.replaces == Replaces::Partition
    }

    /// The commitment.
    pub fn commitment(&self) -> &'a Commitment {
        self.judge.commitment
    }
}
