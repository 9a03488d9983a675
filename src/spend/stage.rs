//! A file's rows on their way into the store, a portion at a time. A process that dies finds where it was.

use std::fs::File;

use entente_core::commitment::{AmountError, Commitment};
use entente_documents::Error as KeptError;
use entente_spend::{Limits, Portion, Progress, Shape, Sniffed, SpendError, Summary, Wanted, read};
use entente_store::{Quarantined, SpendSum, Store, add_portions, add_quarantined};
use jiff::civil::Date;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::judged::{Judge, Judged};
use crate::{
    offers::DeskError,
    runner::failpoint::{self, Point},
};

/// Why a file is not taken in. What its partition said stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Its bytes cannot be kept, or are no longer what was kept.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// It cannot be read as spend.
    #[error("`{file}`: {why}")]
    File {
        /// The file.
        file: String,
        /// Why.
        why: SpendError,
    },
    /// None of its rows counts for the commitment.
    #[error("`{file}`: none of its rows can be counted for `{commitment}` ({})", told(quarantined))]
    Nothing {
        /// The file.
        file: String,
        /// The commitment.
        commitment: String,
        /// What was set aside.
        quarantined: Vec<Quarantined>,
    },
    /// The same bytes are what another partition says.
    #[error(
        "`{file}` is what the partition `{partition}` of `{commitment}` says already; taken in again, it would count twice"
    )]
    Elsewhere {
        /// The file.
        file: String,
        /// The commitment.
        commitment: String,
        /// The other partition.
        partition: String,
    },
    /// Only sums of days can come in place of days.
    #[error("`{file}` is {format}; only daily sums come in place of days, other files of their whole partition")]
    NotDays {
        /// The file.
        file: String,
        /// What it is.
        format: String,
    },
    /// It says something of days that it is not to cover.
    #[error("`{file}` holds sums from {} to {}, and is to come in place of {} to {} alone", holds.0, holds.1, covers.0, covers.1)]
    Outside {
        /// The file.
        file: String,
        /// The days that it holds.
        holds: (Date, Date),
        /// The days that it is to cover.
        covers: (Date, Date),
    },
    /// A sum is no longer exact.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// The records cannot be read or written.
    #[error(transparent)]
    Records(#[from] DeskError),
    /// Reading ended without an answer.
    #[error("reading `{0}` broke off; start it again, it goes on where it was")]
    BrokeOff(String),
}

impl From<entente_store::Error> for ImportError {
    fn from(error: entente_store::Error) -> ImportError {
        ImportError::Records(error.into())
    }
}

fn told(quarantined: &[Quarantined]) -> String {
    match quarantined {
        [] => "it has no rows".to_owned(),
        some => {
            let each = some.iter().map(|rows| format!("{} of them: {} in `{}`", rows.rows, rows.reason, rows.column));
            each.collect::<Vec<_>>().join("; ")
        }
    }
}

/// Where what was read goes.
pub(super) enum Target<'a> {
    /// Into a reading of the store.
    Reading(&'a dyn Store, &'a str),
    /// Nowhere: it is only looked at.
    Look(Box<Looked>),
}

/// What was only looked at.
#[derive(Debug, Default)]
pub(super) struct Looked {
    sums: Vec<(String, SpendSum)>,
    pub quarantined: Vec<Quarantined>,
    pub days: Option<(Date, Date)>,
}

impl Looked {
    /// The sums, portions added up.
    pub fn sums(&mut self) -> Result<Vec<SpendSum>, entente_store::Error> {
        let sums = add_portions(std::mem::take(&mut self.sums))?;
        Ok(sums.into_iter().map(|(_, sum)| sum).collect())
    }
}

impl Target<'_> {
    async fn take(&mut self, after: u64, through: u64, judged: Judged) -> Result<(), entente_store::Error> {
        let Judged { sums, quarantined, days } = judged;
        match self {
            Target::Reading(store, id) => {
                store.stage_sums(id, after, through, days, &sums, &quarantined).await?;
                failpoint::reach(Point::K8, "spend.staged");
            }
            Target::Look(looked) => {
                looked.sums.extend(sums.into_iter().map(|sum| (String::new(), sum)));
                let sofar = std::mem::take(&mut looked.quarantined);
                looked.quarantined = add_quarantined(sofar.into_iter().chain(quarantined));
                let (first, last) = (days.map(|(first, _)| first), days.map(|(_, last)| last));
                let before = looked.days;
                let first = before.map(|(first, _)| first).into_iter().chain(first).min();
                let last = before.map(|(_, last)| last).into_iter().chain(last).max();
                looked.days = first.zip(last);
            }
        }
        Ok(())
    }
}

/// What the reading thread says.
enum Said {
    Progress(Progress),
    Portion(Portion),
}

/// Why the reading thread ends early.
enum Stopped {
    Spend(SpendError),
    /// Nobody listens any more.
    Unheard,
}

impl From<SpendError> for Stopped {
    fn from(error: SpendError) -> Stopped {
        Stopped::Spend(error)
    }
}

/// A file that is to be read.
pub(super) struct Reading<'a> {
    pub name: &'a str,
    pub file: File,
    pub sniffed: Sniffed,
    pub after: u64,
    pub limits: Limits,
}

/// Reads a file on a thread of its own, and judges and hands on portion by portion.
pub(super) async fn stage(
    reading: Reading<'_>,
    judge: Judge<'_>,
    mut into: Target<'_>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(Summary, Option<Box<Looked>>), ImportError> {
    let Reading { name, file, sniffed, after, limits } = reading;
    // One portion is read while the one before it is stored.
    let (say, heard) = channel(1);
    let (wanted, shape) = (wanted(judge.commitment), sniffed.shape);
    let thread = tokio::task::spawn_blocking(move || read_all(&file, sniffed, &wanted, (after, limits), &say));
    listen(heard, (judge, shape), &mut into, progress).await?;
    let summary = match thread.await {
        Ok(Ok(summary)) => summary,
        Ok(Err(Stopped::Spend(why))) => return Err(ImportError::File { file: name.to_owned(), why }),
        Ok(Err(Stopped::Unheard)) | Err(_) => return Err(ImportError::BrokeOff(name.to_owned())),
    };
    let looked = match into {
        Target::Look(looked) => Some(looked),
        Target::Reading(..) => None,
    };
    Ok((summary, looked))
}

fn wanted(commitment: &Commitment) -> Wanted {
    Wanted::of(commitment)
}

fn read_all(
    file: &File,
    sniffed: Sniffed,
    wanted: &Wanted,
    (after, limits): (u64, Limits),
    say: &Sender<Said>,
) -> Result<Summary, Stopped> {
    // How far it is may go unheard; a portion may not.
    let mut progress = |progress| drop(say.try_send(Said::Progress(progress)));
    let mut portion = |portion| say.blocking_send(Said::Portion(portion)).map_err(|_| Stopped::Unheard);
    read::<Stopped>(file, sniffed, wanted, after, limits, &mut progress, &mut portion)
}

async fn listen(
    mut heard: Receiver<Said>,
    (judge, shape): (Judge<'_>, Shape),
    into: &mut Target<'_>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), ImportError> {
    while let Some(said) = heard.recv().await {
        match said {
            Said::Progress(come) => progress(come),
            Said::Portion(portion) => {
                let (after, through) = (portion.after, portion.through);
                into.take(after, through, judge.portion(portion, shape)?).await?;
            }
        }
    }
    Ok(())
}
