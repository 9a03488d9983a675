//! Writing an archive: whole, durable, and under its name only then.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::Path,
};

use entente_core::{
    audit::{ArchivedRun, Chain, Finding, Fingerprint, Manifest, Seal, merkle_root},
    ids::RunId,
    scope::Scope,
};
use entente_store::{Archivable, SealRow, Store};
use sha2::{Digest as _, Sha256};

use super::{
    ArchiveError, Order,
    line::{FORMAT, Line},
};
use crate::{
    audit::{
        key::{SealKey, with_suffix},
        stored,
    },
    runner::failpoint::{self, Point},
};

/// Seals of one read.
const PAGE: u32 = 1000;

/// Sorts out the runs whose history does not make the hash that the run has, and those that rest only in appearance.
pub(super) async fn sound(
    store: &dyn Store,
    runs: Vec<Archivable>,
) -> Result<(Vec<Archivable>, Vec<Finding>), ArchiveError> {
    let ids: Vec<RunId> = runs.iter().map(|run| run.run).collect();
    let rows = store.runs_of(&Scope::vendor(), &ids).await?;
    let busy: BTreeSet<RunId> = rows
        .into_iter()
        .filter(|row| !row.snapshot.invokes.is_empty() || !row.snapshot.tasks.is_empty())
        .map(|row| row.snapshot.run)
        .collect();
    let mut sound = Vec::with_capacity(runs.len());
    let mut findings = Vec::new();
    for run in runs.into_iter().filter(|run| !busy.contains(&run.run)) {
        let mut chain = Chain::empty(run.run);
        let mut broken = None;
        each(store, &run, |seq, record, hash| {
            if broken.is_none() && (chain.append(record.as_bytes()).0 != *hash || chain.seq != seq) {
                broken = Some(seq);
            }
            Ok(())
        })
        .await?;
        match broken {
            Some(seq) => findings.push(Finding::EditedEntry { run: run.run, seq }),
            None if chain.seq != run.seq || chain.head.0 != run.head => {
                findings.push(Finding::TailCut { run: run.run, sealed_seq: run.seq, found: chain.seq });
            }
            None => sound.push(run),
        }
    }
    Ok((sound, findings))
}

/// The root over runs, as their manifest will have it.
pub(super) fn root(runs: &[Archivable]) -> Fingerprint {
    let unsigned = Manifest {
        epoch: String::new(),
        ended_before: jiff::Timestamp::UNIX_EPOCH,
        at: jiff::Timestamp::UNIX_EPOCH,
        by: String::new(),
        runs: listed(runs),
        seals: Vec::new(),
        content: merkle_root::<[u8; 0]>([]),
        key: String::new(),
        signature: String::new(),
    };
    unsigned.runs_root()
}

fn listed(runs: &[Archivable]) -> Vec<ArchivedRun> {
    let listed = |run: &Archivable| ArchivedRun {
        run: run.run,
        label: run.label.clone(),
        seq: run.seq,
        head: Fingerprint(run.head),
    };
    runs.iter().map(listed).collect()
}

/// Writes the file at `path`. Another process that writes the same at the same time leaves one of the two there, whole.
pub(super) async fn write(
    store: &dyn Store,
    key: &SealKey,
    order: &Order,
    runs: &[Archivable],
    path: &Path,
) -> Result<(), ArchiveError> {
    let failed = |source: io::Error| ArchiveError::Write { path: path.to_path_buf(), source };
    fs::create_dir_all(&order.to).map_err(failed)?;
    let fresh = with_suffix(path, &format!("{}.part", std::process::id()));
    let written = fill(store, key, order, runs, &fresh, path).await;
    let named = match &written {
        Ok(()) => name(&fresh, path),
        Err(_) => Ok(()),
    };
    // A part that cannot be removed is in nobody's way: it has no archive's name.
    let _ = fs::remove_file(&fresh);
    written?;
    named.map_err(failed)?;
    File::open(&order.to).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// Gives a whole file its name; one that is there by now stays. Not every file system knows second names.
fn name(fresh: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(fresh, path) {
        Err(_) if path.exists() => Ok(()),
        Err(_) => fs::rename(fresh, path),
        Ok(()) => Ok(()),
    }
}

async fn fill(
    store: &dyn Store,
    key: &SealKey,
    order: &Order,
    runs: &[Archivable],
    fresh: &Path,
    path: &Path,
) -> Result<(), ArchiveError> {
    let failed = |source: io::Error| ArchiveError::Write { path: path.to_path_buf(), source };
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = Hashing { out: BufWriter::new(options.open(fresh).map_err(failed)?), hasher: Sha256::new() };
    out.put(&Line::Archive { format: FORMAT }).map_err(failed)?;
    let seals = put_seals(store, runs, &mut out, path).await?;
    put_runs(store, runs, &mut out, path).await?;
    failpoint::reach(Point::K4, "archive.writing");
    let mut manifest = Manifest {
        epoch: store.epoch().await?,
        ended_before: order.before,
        at: order.now,
        by: order.by.clone(),
        runs: listed(runs),
        seals,
        content: Fingerprint(out.hasher.clone().finalize().into()),
        key: key.public(),
        signature: String::new(),
    };
    manifest.signature = key.sign(&manifest.signed_bytes());
    out.put(&Line::Manifest { manifest: Box::new(manifest) }).map_err(failed)?;
    out.out.flush().map_err(failed)?;
    out.out.get_ref().sync_all().map_err(failed)
}

/// The seals that touched the runs; their numbers.
async fn put_seals(
    store: &dyn Store,
    runs: &[Archivable],
    out: &mut Hashing,
    path: &Path,
) -> Result<Vec<u64>, ArchiveError> {
    let wanted: BTreeSet<RunId> = runs.iter().map(|run| run.run).collect();
    let (mut numbers, mut after) = (Vec::new(), 0);
    loop {
        let page = store.seals(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(numbers) };
        after = last.no;
        for row in page {
            let seal = Box::new(seal(&row)?);
            if seal.heads.iter().any(|head| wanted.contains(&head.run)) {
                numbers.push(seal.no);
                out.put(&Line::Seal { seal })
                    .map_err(|source| ArchiveError::Write { path: path.to_path_buf(), source })?;
            }
        }
    }
}

fn seal(row: &SealRow) -> Result<Seal, ArchiveError> {
    serde_json::from_str(&row.body)
        .map_err(|error| ArchiveError::Unreadable { what: format!("seal {}", row.no), detail: error.to_string() })
}

async fn put_runs(store: &dyn Store, runs: &[Archivable], out: &mut Hashing, path: &Path) -> Result<(), ArchiveError> {
    let failed = |source: io::Error| ArchiveError::Write { path: path.to_path_buf(), source };
    for run in runs {
        out.put(&Line::Run { run: run.run, label: run.label.clone() }).map_err(failed)?;
        each(store, run, |seq, record, hash| {
            out.put(&Line::Step { seq, record: record.to_owned(), hash: hex::encode(hash) }).map_err(failed)
        })
        .await?;
    }
    Ok(())
}

/// Goes through a run's history.
async fn each(
    store: &dyn Store,
    run: &Archivable,
    mut see: impl FnMut(u64, &str, &[u8; 32]) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    let mut from = 1;
    loop {
        let page = stored::history(store, run.run, from).await?;
        let Some(last) = page.last() else { return Ok(()) };
        from = last.seq + 1;
        for row in &page {
            see(row.seq, &row.record, &row.hash)?;
        }
    }
}

/// A file that is hashed as it is written.
struct Hashing {
    out: BufWriter<File>,
    hasher: Sha256,
}

impl Hashing {
    fn put(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line).map_err(io::Error::other)?;
        text.push(b'\n');
        self.hasher.update(&text);
        self.out.write_all(&text)
    }
}
