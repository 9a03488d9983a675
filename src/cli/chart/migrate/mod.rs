//! `entente chart migrate`.

mod apply;
mod judged;

use std::path::PathBuf;

use entente_core::{chart::migration::Migration, scope::Scope};
use entente_store::{RunFilter, RunRow};

use self::judged::judge;
use super::show;
use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        output::Out,
        session::{Globals, Session},
        submit::Sending,
    },
    offers::stored,
    runner::{definitions::Unusable, moving::Way},
    workflows,
};

/// Move runs at rest to another version of their chart
///
/// Each run moves on its own: one that cannot be moved keeps none of the others back. Repeated, it moves those that are left.
#[derive(Debug, clap::Args)]
pub struct Migrate {
    /// The chart, such as private_offer
    chart: String,
    /// The version that runs leave
    #[arg(long, value_name = "VERSION", value_parser = version)]
    from: u32,
    /// The version that runs enter; it has been released
    #[arg(long, value_name = "VERSION", value_parser = version)]
    to: u32,
    /// The migration [default: workflows/<chart>/v1-to-v2.yaml beside the configuration, else the one of this program]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Move this run; may be repeated
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// Move every run that has not ended
    #[arg(long, conflicts_with = "labels")]
    all: bool,
    /// Show what would change, and write nothing; ends with 1 when a run cannot be moved
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sending: Sending,
}

/// `v1`, or `1`.
fn version(text: &str) -> Result<u32, String> {
    let number = text.strip_prefix('v').unwrap_or(text).parse().ok().filter(|version| *version >= 1);
    number.ok_or_else(|| "write a version such as `v1`".to_owned())
}

/// A migration as it was read.
struct Read {
    file: String,
    text: String,
}

impl Migrate {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        if !self.dry_run && !self.all && self.labels.is_empty() {
            let failure = Failure::usage("it is not said which runs are to move");
            return Err(failure.hint("name them with --label, or say --all; --dry-run shows what would change"));
        }
        let session = Session::open(globals).await?;
        let read = self.read(&session)?;
        let way = self.way(&session, &read).await?;
        let mut rows = Vec::new();
        for row in self.runs(&session).await? {
            rows.push(judge(&session, &way, row));
        }
        if !self.dry_run {
            apply::apply(&session, &self.sending, &way, &read, &mut rows).await?;
        }
        judged::show(&session.out, &rows)?;
        Ok(judged::exit(&rows))
    }

    fn read(&self, session: &Session) -> Result<Read, Failure> {
        let (chart, from, to) = (&self.chart, self.from, self.to);
        let beside = PathBuf::from(format!("workflows/{chart}/v{from}-to-v{to}.yaml"));
        let own = Some(session.app.config.resolve(&beside)).filter(|path| path.is_file());
        if let Some(path) = self.file.clone().or(own) {
            return Ok(Read { file: input::name(&path), text: input::document(&path)? });
        }
        let built_in = workflows::migration(chart, from, to);
        let (file, text) = built_in.ok_or_else(|| {
            let failure =
                Failure::new(Exit::NotFound, format!("there is no migration of `{chart}` from version {from} to {to}"));
            failure.hint(format!("write `{}`, or name one with --file", beside.display()))
        })?;
        Ok(Read { file: file.into(), text: text.into() })
    }

    async fn way(&self, session: &Session, read: &Read) -> Result<Way, Failure> {
        let migration = Migration::parse(&read.file, &read.text).map_err(|problems| {
            show(&session.out, &problems);
            Failure::usage(format!("{}: not a migration ({} problems)", read.file, problems.len()))
        })?;
        let leads = (migration.chart.as_str(), migration.from, migration.to);
        if leads != (self.chart.as_str(), self.from, self.to) {
            let (chart, from, to) = leads;
            return Err(Failure::usage(format!("{}: it leads `{chart}` from version {from} to {to}", read.file)));
        }
        session.app.definitions.lead(migration).await.map_err(|reason| no_way(&session.out, &read.file, reason))
    }

    /// The runs in question, by label.
    async fn runs(&self, session: &Session) -> Result<Vec<RunRow>, Failure> {
        let store = session.app.store.as_ref();
        if self.labels.is_empty() {
            let filter = RunFilter { chart: Some(self.chart.clone()), ended: Some(false), ..RunFilter::default() };
            let rows = stored::runs(store, filter).await?;
            return Ok(rows.into_iter().filter(|row| row.snapshot.chart.version == self.from).collect());
        }
        let mut rows = Vec::new();
        for label in &self.labels {
            let row = store.run_by_label(&Scope::vendor(), label).await?;
            let row = row.filter(|row| session.in_sight(&row.snapshot.chart.name, &row.snapshot.home));
            rows.push(row.ok_or_else(|| entente_store::Error::NotFound { kind: "run", id: label.clone() })?);
        }
        Ok(rows)
    }
}

fn no_way(out: &Out, file: &str, reason: Unusable) -> Failure {
    match reason {
        Unusable::Unknown(_) | Unusable::NoMigration(_) => Failure::new(Exit::NotFound, reason.to_string()),
        Unusable::Unfit { problems, .. } => {
            out.data(&problems);
            Failure::usage(format!("{file}: does not suit its charts ({} problems)", problems.lines().count()))
        }
        Unusable::Unbound { .. } | Unusable::Store(_) => Failure::new(Exit::Error, reason.to_string()),
    }
}
