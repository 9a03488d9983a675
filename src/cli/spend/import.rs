//! `entente spend import`.

use entente_core::commitment::{Commitment, Replaces};
use entente_spend::Limits;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{Whose, progress::Bar, shown};
use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        session::{Globals, Session},
    },
    spend::{self, Came, ImportError, InCurrency, Insists, Job, Judge, Source},
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
        let sources = self.sources().await?;
        let store = session.app.store.as_ref();
        let rules = spend::in_force(store).await?;
        let raw = session.app.evidence.raw().map_err(ImportError::from)?;
        let bar = Bar::new(globals.quiet);
        let mut told = Told::default();
        for source in &sources {
            let local = source.local().await?;
            bar.begin(&source.name);
            for (stored, actor) in &commitments {
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
                    insists: Insists { restate: self.restate, beside: self.beside },
                    restore: self.restore,
                    dry_run: self.dry_run,
                    limits: Limits { rows: self.portion, ..Limits::default() },
                    by: actor.person.as_str(),
                    at,
                };
                let all = spend::import_all(store, &raw, local.path(), job, &mut |come| bar.show(come)).await?;
                for InCurrency { partition, came } in all {
                    if let Ok(Some(reading)) = came.as_ref().map(published)
                        && !self.dry_run
                    {
                        spend::tell(store, stored.row.snapshot.run, reading, actor, at).await?;
                    }
                    told.add(commitment, source, &partition, came)?;
                }
            }
        }
        drop(bar);
        told.tell(&session, self.dry_run)
    }

    async fn sources(&self) -> Result<Vec<Source>, Failure> {
        let mut sources = Vec::new();
        for named in &self.named {
            sources.extend(spend::sources(named).await?);
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
            None => Ok(sources),
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
fn published(came: &Came) -> Option<(&str, (Date, Date))> {
    match came {
        Came::New(taken) => taken.version.map(|_| (taken.id.as_str(), taken.days)),
        Came::Before(row) => row.from.zip(row.through).map(|days| (row.new.id.as_str(), days)),
        Came::Replaced(_) | Came::Lots(_) => None,
    }
}

/// What each file came to.
#[derive(Default)]
struct Told {
    rows: Vec<Vec<String>>,
    data: Vec<Value>,
    replaced: bool,
    lots: bool,
    failures: Vec<Failure>,
}

impl Told {
    /// One file that cannot be taken in does not keep out the others; a place that cannot be reached does.
    fn add(
        &mut self,
        commitment: &Commitment,
        source: &Source,
        partition: &str,
        came: Result<Came, ImportError>,
    ) -> Result<(), Failure> {
        let about = json!({ "commitment": commitment.id, "partition": partition, "file": source.name });
        let mut told = match came {
            Ok(came) => {
                self.rows.push(shown::row(commitment.id.as_str(), partition, &came));
                self.replaced |= matches!(came, Came::Replaced(_));
                self.lots |= matches!(came, Came::Lots(_));
                shown::came(&came)
            }
            Err(error @ (ImportError::Records(_) | ImportError::Kept(_) | ImportError::BrokeOff(_))) => {
                return Err(error.into());
            }
            Err(error) => {
                let told = json!({ "outcome": "refused", "why": error.to_string() });
                self.failures.push(error.into());
                told
            }
        };
        if let (Some(told), Some(about)) = (told.as_object_mut(), about.as_object()) {
            told.extend(about.clone());
        }
        self.data.push(told);
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
        if self.lots {
            out.say("what remains by the cloud's word is its statement, and no spend: nothing of it is counted");
        }
        if dry_run {
            out.say("nothing was written");
        }
        let mut failures = self.failures.into_iter().rev();
        let Some(last) = failures.next() else { return Ok(Exit::Ok) };
        failures.rev().for_each(|failure| out.fail(&failure));
        Err(last)
    }
}
