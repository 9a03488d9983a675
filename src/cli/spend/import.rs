//! `entente spend import`.

use std::collections::BTreeSet;

use entente_core::{
    commitment::{Commitment, Replaces},
    event::Actor,
};
use entente_spend::Limits;
use jiff::civil::Date;

use super::{Whose, progress::Bar, shown};
use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        session::{Globals, Session},
    },
    commitments::stored::Stored,
    spend::{self, Came, ImportError, InCurrency, Insists, Job, Judge, Run, Source, Sources},
};

/// What to take in, and for whom.
#[derive(Debug, clap::Args)]
pub struct Import {
    /// Files, folders or addresses such as `s3://bucket/exports`
    #[arg(required = true, value_name = "PATH|ADDRESS")]
    named: Vec<String>,
    #[command(flatten)]
    whose: Whose,
    /// The partition's name, where it is not to be the file's; for a single file
    #[arg(long, value_name = "NAME")]
    partition: Option<String>,
    /// Daily sums come in place of these days alone, not of their whole partition; a day without a sum has nothing then
    #[arg(long, value_name = "FROM..THROUGH", value_parser = days, conflicts_with = "covers")]
    days: Option<(Date, Date)>,
    /// The days that the file is complete for, where it does not tell: a day without a charge is in no file
    #[arg(long, value_name = "FROM..THROUGH", value_parser = days)]
    covers: Option<(Date, Date)>,
    /// Let a file come in place of a partition that holds other days altogether
    #[arg(long)]
    restate: bool,
    /// Let a file come beside a partition that says most of the same
    #[arg(long)]
    beside: bool,
    /// Let a file come that looks as if it were cut off: the end of its last line is missing, or most of the rows of the one before
    #[arg(long)]
    whole: bool,
    /// Let a file come back that another has replaced
    #[arg(long)]
    restore: bool,
    /// Say what would change; nothing is kept or written
    #[arg(long)]
    dry_run: bool,
    /// How many rows are stored at once
    #[arg(long, value_name = "ROWS", default_value_t = Limits::default().rows, value_parser = clap::value_parser!(u64).range(1..))]
    portion: u64,
}

impl Import {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let commitments = self.whose.find(&session).await?;
        let Sources { files: sources, older } = self.sources().await?;
        let store = session.app.store.as_ref();
        let rules = spend::in_force(store).await?;
        let raw = session.app.evidence.raw().map_err(ImportError::from)?;
        let bar = Bar::new(globals.quiet);
        let mut told = Told { json: session.out.is_json(), ..Told::default() };
        let mut news: Vec<Vec<spend::Published>> = vec![Vec::new(); commitments.len()];
        for run in &older {
            told.leave_out(run, &commitments, &session);
        }
        for (stored, _) in &commitments {
            spend::come_in_place_of_all(store, &stored.commitment, &sources).await?;
        }
        for source in &sources {
            let local = source.local().await?;
            bar.begin(&source.name);
            for ((stored, actor), news) in commitments.iter().zip(&mut news) {
                let commitment = &stored.commitment;
                let at = session.app.clock.now();
                let judge = Judge { commitment, rules: &rules, known_on: commitment.day_of(at) };
                let job = Job {
                    judge,
                    partition: self.partition.as_deref().unwrap_or(&source.partition),
                    file: &source.name,
                    replaces: if self.days.is_some() { Replaces::Days } else { Replaces::Partition },
                    former: None,
                    covers: self.days.or(self.covers),
                    currency: None,
                    insists: Insists { restate: self.restate, beside: self.beside, whole: self.whole },
                    restore: self.restore,
                    dry_run: self.dry_run,
                    limits: Limits { rows: self.portion, ..Limits::default() },
                    by: actor.person.as_str(),
                    at,
                };
                let all = spend::import_all(store, &raw, local.path(), job, &mut |come| bar.show(come)).await?;
                for InCurrency { partition, came } in all {
                    news.extend(came.as_ref().ok().and_then(published));
                    if let (Ok(Came::Stated(statement)), false) = (&came, self.dry_run) {
                        spend::state(store, stored.row.snapshot.run, statement, actor, at).await?;
                    }
                    told.add(commitment, source, &partition, came)?;
                }
            }
        }
        drop(bar);
        // Between two files what was taken in is a part of what is known: a commitment is looked at once all of them are in.
        for ((stored, actor), news) in commitments.iter().zip(&news).filter(|_| !self.dry_run) {
            spend::tell(store, stored.row.snapshot.run, news, Some(actor), session.app.clock.now()).await?;
        }
        told.tell(&session, self.dry_run)
    }

    async fn sources(&self) -> Result<Sources, Failure> {
        let (mut sources, mut older) = (Vec::new(), Vec::new());
        for named in &self.named {
            let found = spend::sources(named).await?;
            sources.extend(found.files);
            older.extend(found.older);
        }
        if self.partition.is_some() && sources.len() != 1 {
            let message = format!("`--partition` names one, and there are {} files", sources.len());
            return Err(Failure::usage(message).hint("take them in one by one, or leave it out"));
        }
        if self.days.or(self.covers).is_some() && sources.len() != 1 {
            let message = format!("`--days` and `--covers` are about one file, and there are {}", sources.len());
            return Err(Failure::usage(message).hint("take them in one by one, or leave it out"));
        }
        let mut names = std::collections::BTreeSet::new();
        match sources.iter().find(|source| !names.insert(source.partition.clone())) {
            None => Ok(Sources { files: sources, older }),
            Some(twice) => {
                let message = format!("two files would be the partition `{}`", twice.partition);
                Err(Failure::usage(message).hint("name the folder above them, so that their partitions differ"))
            }
        }
    }
}

/// Days such as `2026-11-25..2026-11-30`, both of them included.
fn days(text: &str) -> Result<(Date, Date), String> {
    let (from, through) = text.split_once("..").ok_or("write two days as FROM..THROUGH")?;
    let day = |text: &str| text.parse::<Date>().map_err(|error| format!("`{text}` is no day: {error}"));
    let (from, through) = (day(from)?, day(through)?);
    if through < from {
        return Err(format!("{through} comes before {from}"));
    }
    Ok((from, through))
}

/// The reading that is what its partition says now, and its days.
fn published(came: &Came) -> Option<spend::Published> {
    match came {
        Came::New(taken) => taken.version.map(|_| (taken.id.clone(), taken.days)),
        Came::Before(row) => row.from.zip(row.through).map(|days| (row.new.id.clone(), days)),
        Came::Replaced(_) | Came::Stated(_) => None,
    }
}

/// Whether nothing of a file is of the commitment, as it is of its cloud's or of another one.
fn is_of_another(error: &ImportError) -> bool {
    let quarantined = match error {
        ImportError::Nothing { quarantined, .. } => quarantined,
        // A list of lots has those of every commitment.
        ImportError::OtherLots { .. } => return true,
        _ => return false,
    };
    let elses = |reason: &str| matches!(reason, "other_cloud" | "other_currency");
    quarantined.iter().any(|rows| rows.reason == "other_cloud") && quarantined.iter().all(|rows| elses(&rows.reason))
}

/// What each file came to.
#[derive(Default)]
struct Told {
    /// Whether it is told as data; otherwise a row for each is kept alone.
    json: bool,
    rows: Vec<Vec<String>>,
    data: Vec<shown::Told>,
    replaced: bool,
    statements: Vec<String>,
    failures: Vec<Failure>,
    /// The files that some commitment has taken in.
    taken: BTreeSet<String>,
    /// Files of which nothing is of a commitment's cloud, and what would be said of each if none has taken it in.
    elsewhere: Vec<(String, Failure)>,
}

impl Told {
    /// A run of an export that is not taken in, since a newer one is.
    fn leave_out(&mut self, run: &Run, commitments: &[(Stored, Actor)], session: &Session) {
        let (folder, why) = (format!("{}/{}", run.of, run.folder), "a newer run says the same days again");
        session.out.say(&format!("`{folder}` is left out: {why}"));
        if self.json {
            let of =
                |commitment: &Commitment| shown::kept_out((commitment.id.as_str(), &run.of, &folder), "older_run", why);
            self.data.extend(commitments.iter().map(|(stored, _)| of(&stored.commitment)));
        }
    }

    /// One file that cannot be taken in does not keep out the others; a place that cannot be reached does.
    fn add(
        &mut self,
        commitment: &Commitment,
        source: &Source,
        partition: &str,
        came: Result<Came, ImportError>,
    ) -> Result<(), Failure> {
        let about = (commitment.id.as_str(), partition, source.name.as_str());
        let told = match came {
            Ok(came) => {
                self.taken.insert(source.name.clone());
                self.rows.push(shown::row(commitment.id.as_str(), partition, &came));
                self.replaced |= matches!(came, Came::Replaced(_));
                if let Came::Stated(of) = &came {
                    let original = of.original.map(|original| format!(" of {original}")).unwrap_or_default();
                    let said = format!("{} remained{original} on {}", of.remaining, of.as_of);
                    self.statements.push(format!(
                        "`{}`: {said} by {}, and nothing of it is counted as spend",
                        commitment.id, of.source
                    ));
                }
                self.json.then(|| shown::came(about, came))
            }
            Err(error @ (ImportError::Records(_) | ImportError::Kept(_) | ImportError::BrokeOff(_))) => {
                return Err(error.into());
            }
            Err(error) => {
                let (why, elses) = (error.to_string(), is_of_another(&error));
                match elses {
                    true => self.elsewhere.push((source.name.clone(), error.into())),
                    false => self.failures.push(error.into()),
                }
                let outcome = if elses { "of_another_commitment" } else { "refused" };
                self.json.then(|| shown::kept_out(about, outcome, &why))
            }
        };
        self.data.extend(told);
        Ok(())
    }

    fn tell(self, session: &Session, dry_run: bool) -> Result<Exit, Failure> {
        let out = &session.out;
        if out.is_json() {
            out.json(&self.data)?;
        } else {
            out.table(&shown::HEADING, &self.rows);
        }
        if self.replaced {
            out.say("a file that another has replaced stays so; give --restore where it is to come back");
        }
        self.statements.iter().for_each(|said| out.say(said));
        if dry_run {
            out.say("nothing was written");
        }
        // A buyer may have commitments to several clouds, and each file is one cloud's.
        let untaken = self.elsewhere.into_iter().filter(|(file, _)| !self.taken.contains(file));
        let mut failures = self.failures.into_iter().chain(untaken.map(|(_, failure)| failure)).rev();
        let Some(last) = failures.next() else { return Ok(Exit::Ok) };
        failures.rev().for_each(|failure| out.fail(&failure));
        Err(last)
    }
}
