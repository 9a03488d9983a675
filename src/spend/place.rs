//! Whether a file is anything new for its partition.

use entente_core::commitment::{Partition, Replaces};
use entente_documents::Digest;
use entente_spend::Sniffed;
use entente_store::{NewReading, ReadingRow, ReadingStatus};

use super::{
    currencies::is_kept_apart,
    days::covers_otherwise,
    job::{Came, Job},
    judged::{judged_by, reading_id},
    stage::ImportError,
};
use crate::offers::DeskError;

/// Whether there is anything to read.
pub(super) enum Place {
    New(Box<NewReading>),
    Settled(Came),
}

/// What is to be read, or what the file is already.
pub(super) fn place(
    known: &[ReadingRow],
    job: Job<'_>,
    digest: Digest,
    sniffed: Sniffed,
) -> Result<Place, ImportError> {
    let Job { judge, partition, file, .. } = job;
    let commitment = judge.commitment;
    let sha256 = digest.to_string();
    let judged_by = judged_by(judge).map_err(|error| DeskError::Unreadable {
        what: format!("commitment `{}`", commitment.id),
        why: error.to_string(),
    })?;
    let current = |row: &&ReadingRow| row.status == ReadingStatus::Current;
    // One file may hold several currencies, each of which is a partition.
    let same = |row: &&ReadingRow| row.new.file_sha256 == sha256 && row.new.currency == job.currency();
    let here = known.iter().filter(current).find(|row| row.new.partition.0 == partition);
    if let Some(row) = here.filter(|row| is_kept_apart(row) && row.new.currency != job.currency()) {
        let (file, partition) = (file.to_owned(), partition.to_owned());
        return Err(ImportError::KeptApart { file, partition, currency: row.new.currency });
    }
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
        currency: job.currency(),
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
