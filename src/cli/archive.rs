//! `entente audit archive`: histories of closed runs go to signed files.

use std::path::PathBuf;

use entente_core::{ids::RunId, scope::Scope};
use entente_store::Archived;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    output::{Out, instant},
    session::{Globals, Session},
};
use crate::{
    audit::{
        archive::{self, Done, Order, Release},
        key::SealKey,
    },
    authz::Action,
};

/// Move histories of runs that have ended to signed files, which `audit verify` accepts
///
/// A run goes when it has ended before the date, waits for nothing and is sealed to its last step. Its rows leave the
/// database once the file has been read back; on a server, once every run that began in the same month is archived too.
/// The run itself stays, with its label, keys, messages and bookings. Killed at any point, the same command goes on.
#[derive(Debug, clap::Args)]
pub struct Archive {
    /// Runs that ended before this month or day, such as 2026-03 or 2026-03-15
    #[arg(long, value_name = "DATE", value_parser = date)]
    before: Date,
    /// The folder for the files, which other machines need not reach
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Say what would be archived, and write nothing
    #[arg(long)]
    dry_run: bool,
}

fn date(text: &str) -> Result<Date, String> {
    let day = if text.len() == "2026-03".len() { format!("{text}-01") } else { text.to_owned() };
    day.parse().map_err(|_| "a month or a day, such as 2026-03 or 2026-03-15".to_owned())
}

impl Archive {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let before = self.instant(&session)?;
        if self.dry_run {
            return candidates(&session, before).await;
        }
        let name = self.to.display().to_string();
        let actor = session.act(Action::OperateBackup, "archive", &name)?;
        let made = std::fs::create_dir_all(&self.to).and_then(|()| self.to.canonicalize());
        let to = made.map_err(|error| Failure::usage(format!("{name}: cannot be made: {error}")))?;
        let order = Order { before, to, by: actor.person.to_string(), now: session.app.clock.now() };
        carry_out(&session, &order).await
    }

    /// The date's first moment, in the zone in which the vendor reads instants.
    fn instant(&self, session: &Session) -> Result<Timestamp, Failure> {
        let zone = TimeZone::get(&session.app.config.zone).map_err(anyhow::Error::from)?;
        Ok(self.before.to_zoned(zone).map_err(anyhow::Error::from)?.timestamp())
    }
}

async fn candidates(session: &Session, before: Timestamp) -> Result<Exit, Failure> {
    let found = archive::candidates(session.app.store.as_ref(), before).await.map_err(anyhow::Error::from)?;
    let steps: u64 = found.iter().map(|run| run.seq).sum();
    if session.out.is_json() {
        let runs: Vec<_> = found
            .iter()
            .map(|run| json!({ "run": run.run, "label": run.label, "steps": run.seq, "ended_at": run.ended_at }))
            .collect();
        session.out.json(&json!({ "before": before, "runs": runs, "steps": steps }))?;
    } else {
        let rows = found.iter().map(|run| vec![run.label.clone(), run.seq.to_string(), instant(run.ended_at)]);
        session.out.table(&["run", "steps", "ended"], &rows.collect::<Vec<_>>());
    }
    session.out.say(&format!("{} runs with {steps} steps would be archived; nothing was written", found.len()));
    Ok(Exit::Ok)
}

async fn carry_out(session: &Session, order: &Order) -> Result<Exit, Failure> {
    let store = session.app.store.as_ref();
    let key = SealKey::beside(session.app.database.beside()).map_err(anyhow::Error::from)?;
    let done = archive::archive(store, &key, order).await.map_err(anyhow::Error::from)?;
    let release = archive::release(store, Some(&order.to)).await.map_err(anyhow::Error::from)?;
    tell(session, &done, &release)?;
    Ok(if done.findings.is_empty() { Exit::Ok } else { Exit::Differences })
}

/// Where a run's history lies, if it is in the database no longer.
pub(super) async fn place(session: &Session, run: RunId) -> Result<Option<Archived>, Failure> {
    let place = session.app.store.archive_of(&Scope::vendor(), run).await?;
    Ok(place.filter(|place| place.gone))
}

/// Says where a run's history lies.
pub(super) fn tell_place(out: &Out, place: &Archived) {
    out.fields(&[
        ("history in", place.file.clone()),
        ("written to", place.folder.clone()),
        ("sha256", place.sha256.clone()),
    ]);
    out.say(&format!("verify it with `entente audit verify {}/{}`", place.folder, place.file));
}

fn tell(session: &Session, done: &Done, release: &Release) -> Result<(), Failure> {
    let out = &session.out;
    let findings: Vec<String> = done.findings.iter().map(ToString::to_string).collect();
    if out.is_json() {
        out.json(&json!({
            "files": done.made, "findings": findings, "located": done.findings, "left": release.left,
            "kept": release.kept, "held": release.held,
        }))?;
    } else {
        let rows = done.made.iter().map(|made| {
            let (runs, steps) = (made.runs.to_string(), made.rows.to_string());
            vec![made.file.display().to_string(), runs, steps, made.bytes.to_string(), made.sha256.clone()]
        });
        out.table(&["file", "runs", "steps", "bytes", "sha256"], &rows.collect::<Vec<_>>());
        findings.iter().for_each(|finding| out.data(finding));
    }
    release.kept.iter().for_each(|why| out.warn(why));
    let left = &release.left;
    let months = match left.partitions.as_slice() {
        [] => String::new(),
        partitions => format!(", with the partitions {} ({} bytes)", partitions.join(", "), left.bytes),
    };
    out.say(&format!("{} steps of {} runs have left the database{months}", left.rows, left.runs));
    if release.held > 0 {
        out.say(&format!("{} archived runs are still in the database as well", release.held));
    }
    Ok(())
}
