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
    judged::{Judge, judged_by, reading_id},
    stage::{ImportError, Looked, Reading, Target, stage},
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
    /// The first and the last day that it charges.
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
    let known = store.readings(&Scope::vendor(), Some(&commitment.id)).await?;
    let new = match place(&known, job, digest, sniffed)? {
        Place::New(new) => *new,
        Place::Settled(came) => return Ok(came),
    };
    let reading = |after| Reading { name: job.file, file, sniffed, after, limits: job.limits };
    if job.dry_run {
        let (summary, looked) = stage(reading(0), job.judge, Target::Look(Box::default()), progress).await?;
        if sniffed.shape == Shape::MaccLots {
            return Ok(Came::Lots(summary.lots));
        }
        return look(store, &known, job, new, (*looked.unwrap_or_default(), &summary)).await;
    }
    let begun = store.begin_reading(&new).await?;
    let into = Target::Reading(store, &new.id);
    let (summary, _) = stage(reading(begun.read_to), job.judge, into, progress).await?;
    let row = store.begin_reading(&new).await?;
    let quarantined = store.quarantined(&Scope::vendor(), &new.id).await?;
    let Some((from, through)) = row.from.zip(row.through) else {
        while !store.drop_reading(&new.id).await? {}
        if sniffed.shape == Shape::MaccLots {
            return Ok(Came::Lots(summary.lots));
        }
        return Err(nothing(job, quarantined));
    };
    failpoint::reach(Point::K7, "spend.read");
    let version = store.publish_reading(&new.id, from, through, job.at).await?;
    let known = store.readings(&Scope::vendor(), Some(&commitment.id)).await?;
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
    if let Some(row) = here.filter(|row| same(row) && row.new.judged_by == judged_by) {
        return Ok(Place::Settled(Came::Before(Box::new(row.clone()))));
    }
    if let Some(other) = known.iter().filter(current).filter(same).find(|row| row.new.partition.0 != partition) {
        let (file, commitment) = (file.to_owned(), commitment.id.to_string());
        return Err(ImportError::Elsewhere { file, commitment, partition: other.new.partition.0.clone() });
    }
    let mut id = reading_id(&[commitment.id.as_str(), partition, &sha256, &judged_by]);
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

/// What would come of it.
async fn look(
    store: &dyn Store,
    known: &[ReadingRow],
    job: Job<'_>,
    new: NewReading,
    (mut looked, summary): (Looked, &Summary),
) -> Result<Came, ImportError> {
    let quarantined = std::mem::take(&mut looked.quarantined);
    let Some(days) = looked.days else { return Err(nothing(job, quarantined)) };
    let sums = looked.sums()?;
    let rows = sums.iter().map(|sum| sum.rows).sum();
    let before = said_now(store, &Scope::vendor(), known, &new.partition).await?;
    let mut after: Sums = match job.replaces {
        Replaces::Partition => Sums::new(),
        Replaces::Days => before.clone(),
    };
    after.retain(|key, _| !(days.0..=days.1).contains(&key.day));
    after.extend(sums.into_iter().map(|sum| (sum.key, sum.amount)));
    let differences = compare(&before, &after);
    let (id, format) = (new.id, new.format);
    let Summary { rounded, floats, .. } = *summary;
    let (version, after) = (None, 0);
    let taken = Taken { id, version, format, after, rows, quarantined, rounded, floats, days, differences };
    Ok(Came::New(Box::new(taken)))
}

/// The commitment that a job is for.
impl<'a> Job<'a> {
    /// The commitment.
    pub fn commitment(&self) -> &'a Commitment {
        self.judge.commitment
    }
}
