//! Archives: which histories are also, or only, in a file.

use std::collections::BTreeSet;

use async_trait::async_trait;
use entente_core::{ids::RunId, scope::Scope};
use jiff::Timestamp;

use super::{ModelStore, state::State};
use crate::{Archivable, ArchiveRow, Archived, Archives, Error, IntentStatus, NewArchive, Released, Result, RunRow};

/// A run's place in an archive.
#[derive(Debug, Clone)]
pub(super) struct Place {
    archive: i64,
    seq: u64,
    head: [u8; 32],
    gone: bool,
}

#[async_trait]
impl Archives for ModelStore {
    async fn archivable(&self, before: Timestamp, after: Option<&str>, limit: u32) -> Result<Vec<Archivable>> {
        let state = self.state();
        let mut found: Vec<Archivable> = state
            .runs
            .values()
            .filter(|row| row.updated_at < before && after.is_none_or(|after| row.snapshot.label.as_str() > after))
            .filter(|row| rests(&state, row))
            .map(|row| Archivable {
                run: row.snapshot.run,
                label: row.snapshot.label.clone(),
                seq: row.snapshot.seq,
                head: row.head,
                ended_at: row.updated_at,
            })
            .collect();
        found.sort_by(|left, right| left.label.cmp(&right.label));
        found.truncate(limit as usize);
        Ok(found)
    }

    async fn add_archive(&self, archive: &NewArchive) -> Result<i64> {
        let mut state = self.state();
        let stands = |(run, seq, head): &(RunId, u64, [u8; 32])| {
            let row = state.runs.get(run).filter(|row| rests(&state, row));
            row.is_some_and(|row| row.snapshot.seq == *seq && row.head == *head)
        };
        let distinct: BTreeSet<RunId> = archive.runs.iter().map(|(run, ..)| *run).collect();
        let known = state.archives.iter().any(|known| known.file == archive.file);
        if known || distinct.len() != archive.runs.len() || !archive.runs.iter().all(stands) {
            return Err(Error::Conflict { kind: "archive", id: archive.file.clone() });
        }
        let no = state.archives.len() as i64 + 1;
        state.archives.push(archive.clone());
        for (run, seq, head) in &archive.runs {
            state.archived.insert(*run, Place { archive: no, seq: *seq, head: *head, gone: false });
        }
        Ok(no)
    }

    async fn archives(&self, after: i64, limit: u32) -> Result<Vec<ArchiveRow>> {
        let state = self.state();
        let numbered = state.archives.iter().enumerate().map(|(at, archive)| (at as i64 + 1, archive));
        let rows = numbered.filter(|(no, _)| *no > after).take(limit as usize).map(|(no, archive)| ArchiveRow {
            no,
            file: archive.file.clone(),
            folder: archive.folder.clone(),
            sha256: archive.sha256.clone(),
            bytes: archive.bytes,
            manifest: archive.manifest.clone(),
            held: state.archived.values().filter(|place| place.archive == no && !place.gone).count() as u64,
        });
        Ok(rows.collect())
    }

    async fn archive_of(&self, scope: &Scope, run: RunId) -> Result<Option<Archived>> {
        let state = self.state();
        let Some(place) = state.archived.get(&run).filter(|_| state.reaches(scope, run)) else { return Ok(None) };
        let archive = usize::try_from(place.archive - 1).ok().and_then(|at| state.archives.get(at));
        Ok(archive.map(|archive| Archived {
            archive: place.archive,
            file: archive.file.clone(),
            folder: archive.folder.clone(),
            sha256: archive.sha256.clone(),
            gone: place.gone,
        }))
    }

    async fn let_go(&self, archives: &[i64]) -> Result<Option<Released>> {
        let mut state = self.state();
        let newest = state.history.last().map(|row| row.run);
        let leaving: BTreeSet<RunId> = state
            .archived
            .iter()
            .filter(|(run, place)| !place.gone && archives.contains(&place.archive) && Some(**run) != newest)
            .map(|(run, _)| *run)
            .collect();
        if leaving.is_empty() {
            return Ok(None);
        }
        let before = state.history.len();
        state.history.retain(|row| !leaving.contains(&row.run));
        let rows = (before - state.history.len()) as u64;
        for place in state.archived.iter_mut().filter(|(run, _)| leaving.contains(run)).map(|(_, place)| place) {
            place.gone = true;
        }
        Ok(Some(Released { runs: leaving.len() as u64, rows, partition: None, bytes: 0 }))
    }
}

impl State {
    /// Whether a run was archived.
    pub(super) fn is_archived(&self, run: RunId) -> bool {
        self.archived.contains_key(&run)
    }

    /// Whether a run's history has left.
    pub(super) fn is_gone(&self, run: RunId) -> bool {
        self.archived.get(&run).is_some_and(|place| place.gone)
    }

    /// The runs that do not stand where they were archived.
    pub(super) fn moved_since(&self) -> Vec<RunId> {
        let stands = |run: &RunId, place: &Place| {
            self.runs.get(run).is_some_and(|row| row.snapshot.seq == place.seq && row.head == place.head)
        };
        self.archived.iter().filter(|(run, place)| !stands(run, place)).map(|(run, _)| *run).collect()
    }
}

/// Whether a run has ended, waits for nothing, is sealed, and not archived.
fn rests(state: &State, row: &RunRow) -> bool {
    let run = row.snapshot.run;
    let open = |status| !matches!(status, IntentStatus::Settled | IntentStatus::Voided);
    let sealed = state.seals.last().map_or(0, |seal| seal.last);
    row.snapshot.ended
        && row.snapshot.incident.is_none()
        && !state.is_archived(run)
        && !state.intents.iter().any(|((of, _), intent)| *of == run && open(intent.row.status))
        && !state.timers.keys().any(|(of, _)| *of == run)
        && !state.inbox.iter().any(|stored| stored.message.run == run && stored.verdict.is_none())
        && !state.history.iter().any(|step| step.run == run && step.no > sealed)
}
