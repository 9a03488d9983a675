//! A file's rows on their way into the store, a portion at a time. A process that dies finds where it was.

use std::fs::File;

use entente_core::{
    commitment::{AmountError, eligibility::Sums},
    money::Currency,
};
use entente_documents::Error as KeptError;
use entente_spend::{Limits, Portion, Progress, Sniffed, SpendError, Summary, Wanted, read};
use entente_store::{Quarantined, Store, add_quarantined};
use jiff::civil::Date;
use tokio::sync::{
    mpsc::{Receiver, Sender, channel},
    oneshot,
};

use super::judged::{Held, Judge, Judged};
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
    /// Its partition holds what was billed in another currency.
    #[error("the partition `{partition}` holds what was billed in {currency}, and `{file}` would come in its place")]
    KeptApart {
        /// The file.
        file: String,
        /// The partition.
        partition: String,
        /// The currency.
        currency: Currency,
    },
    /// The buyer keeps a card of the commitment and does not share its daily sums.
    #[error("`{file}` holds daily sums of `{commitment}`, which `{buyer}` does not share")]
    NotShared {
        /// The file.
        file: String,
        /// The commitment.
        commitment: String,
        /// The buyer.
        buyer: String,
    },
    /// Only sums of days can come in place of days.
    #[error("`{file}` is {format}; only daily sums come in place of days, other files of their whole partition")]
    NotDays {
        /// The file.
        file: String,
        /// What it is.
        format: String,
    },
    /// Its partition is a file that was judged here: read again, it would take the correction out again.
    #[error(
        "the partition `{partition}` is {format}, of which no days can be corrected; give another file for all of it"
    )]
    NotSums {
        /// The partition.
        partition: String,
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
    /// Its partition speaks of other days altogether: it would take them out of the figures.
    #[error(
        "`{file}` holds {} to {}, and the partition `{partition}` {} to {}; in its place, those days would count no longer",
        holds.0, holds.1, says.0, says.1
    )]
    OtherDays {
        /// The file.
        file: String,
        /// The partition.
        partition: String,
        /// The days that the file is complete for.
        holds: (Date, Date),
        /// Those that the partition is complete for.
        says: (Date, Date),
    },
    /// None of its lots is the commitment's, or several are.
    #[error("none of the lots of `{file}` is that of `{commitment}` alone: {}", why.join("; "))]
    OtherLots {
        /// The file.
        file: String,
        /// The commitment.
        commitment: String,
        /// Lot by lot, why.
        why: Vec<String>,
    },
    /// It may be cut off.
    #[error("the last row of `{file}` has no end of line: it may be cut off, and what comes behind would be missing")]
    Unended {
        /// The file.
        file: String,
    },
    /// It has less than half of the rows of the one before it, or none.
    #[error(
        "`{file}` has {rows} rows, and what it would restate, the partition `{partition}`, has {before}: it may be cut off"
    )]
    Shrunk {
        /// The file.
        file: String,
        /// The partition.
        partition: String,
        /// The rows that count.
        rows: u64,
        /// Those of the one before it.
        before: u64,
    },
    /// Most of it is what another partition says.
    #[error(
        "{same} of {of} sums of `{file}` are what the partition `{partition}` of `{commitment}` says of the same days; beside it, they \
         would count twice"
    )]
    Twice {
        /// The file.
        file: String,
        /// The commitment.
        commitment: String,
        /// The other partition.
        partition: String,
        /// How many sums are the same.
        same: usize,
        /// Of how many on the days that both speak of.
        of: usize,
    },
    /// A run of an export lacks a part that an older one had, and which would count beside it.
    #[error(
        "the run `{run}` has no part `{partition}`, which `{commitment}` has from an older run of the same days; nothing was taken in"
    )]
    PartGone {
        /// The run's folder.
        run: String,
        /// The part's partition.
        partition: String,
        /// The commitment.
        commitment: String,
        /// What the partition says: the reading's id.
        reading: String,
    },
    /// One of the two is a list of events, which says of all products together what the other one says of each.
    #[error(
        "`{file}` and the partition `{partition}` of `{commitment}` speak of the same days, and one of them is a list of events; beside \
         each other, they would count twice"
    )]
    BesideEvents {
        /// The file.
        file: String,
        /// The commitment.
        commitment: String,
        /// The other partition.
        partition: String,
    },
    /// Another file came for its partition while it was read again.
    #[error("another file came for the partition `{partition}` while `{file}` was read again; that one stays")]
    Overtaken {
        /// The file.
        file: String,
        /// The partition.
        partition: String,
    },
    /// It is not what its partition says, so there is nothing to take back.
    #[error("reading `{0}` is not what its partition says now, and cannot be taken back")]
    NotCurrent(String),
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

/// Where what was read goes: into a reading of the store, or nowhere where it is only looked at.
pub(super) type Target<'a> = Option<(&'a dyn Store, &'a str)>;

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Looked {
    sums: Held,
    pub quarantined: Vec<Quarantined>,
    pub days: Option<(Date, Date)>,
}

impl Looked {
    /// Of how many rows its sums are.
    pub fn rows(&self) -> u64 {
        self.sums.rows()
    }

    /// The sums, portions added up.
    pub fn into_sums(self) -> Sums {
        self.sums.into_amounts()
    }

    fn take(&mut self, judged: Judged) -> Result<(), AmountError> {
        let Judged { sums, quarantined, days } = judged;
        sums.into_iter().try_for_each(|sum| self.sums.add(sum))?;
        let sofar = std::mem::take(&mut self.quarantined);
        self.quarantined = add_quarantined(sofar.into_iter().chain(quarantined));
        let both = || self.days.into_iter().chain(days);
        self.days = both().map(|(first, _)| first).min().zip(both().map(|(_, last)| last).max());
        Ok(())
    }
}

/// What the reading thread says.
enum Said {
    Progress(Progress),
    /// What the rows behind the first of these, up to the other, come to; and whom to tell that it is done with: no two are held.
    Portion((u64, u64), Judged, oneshot::Sender<()>),
}

/// Why the reading thread ends early.
enum Stopped {
    Spend(SpendError),
    Amount(AmountError),
    /// Nobody listens any more.
    Unheard,
}

impl From<SpendError> for Stopped {
    fn from(error: SpendError) -> Stopped {
        Stopped::Spend(error)
    }
}

impl From<AmountError> for Stopped {
    fn from(error: AmountError) -> Stopped {
        Stopped::Amount(error)
    }
}

/// A file that is to be read.
pub(super) struct Reading<'a> {
    pub name: &'a str,
    pub file: File,
    pub sniffed: Sniffed,
    /// The currency of the charges that are read.
    pub currency: Currency,
    pub after: u64,
    pub limits: Limits,
}

/// Reads and judges a file on a thread of its own, and hands on portion by portion.
pub(super) async fn stage(
    reading: Reading<'_>,
    judge: Judge<'_>,
    into: Target<'_>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(Summary, Looked), ImportError> {
    let Reading { name, file, sniffed, currency, after, limits } = reading;
    let (say, heard) = channel(1);
    let (commitment, rules, known_on) = (judge.commitment.clone(), judge.rules.clone(), judge.known_on);
    let thread = tokio::task::spawn_blocking(move || {
        let judge = Judge { commitment: &commitment, rules: &rules, known_on };
        read_all(&file, (sniffed, currency), judge, (after, limits), &say)
    });
    let looked = listen(heard, into, progress).await?;
    let summary = match thread.await {
        Ok(Ok(summary)) => summary,
        Ok(Err(Stopped::Spend(why))) => return Err(ImportError::File { file: name.to_owned(), why }),
        Ok(Err(Stopped::Amount(error))) => return Err(error.into()),
        Ok(Err(Stopped::Unheard)) | Err(_) => return Err(ImportError::BrokeOff(name.to_owned())),
    };
    Ok((summary, looked))
}

fn read_all(
    file: &File,
    (sniffed, currency): (Sniffed, Currency),
    judge: Judge<'_>,
    (after, limits): (u64, Limits),
    say: &Sender<Said>,
) -> Result<Summary, Stopped> {
    let wanted = Wanted { currency, ..Wanted::of(judge.commitment) };
    // How far it is may go unheard; a portion may not.
    let mut progress = |progress| drop(say.try_send(Said::Progress(progress)));
    let mut portion = |portion: Portion| {
        let rows = (portion.after, portion.through);
        let judged = judge.portion(portion, sniffed.shape)?;
        let (done, is_done) = oneshot::channel();
        say.blocking_send(Said::Portion(rows, judged, done)).map_err(|_| Stopped::Unheard)?;
        is_done.blocking_recv().map_err(|_| Stopped::Unheard)
    };
    read::<Stopped>(file, sniffed, &wanted, after, limits, &mut progress, &mut portion)
}

async fn listen(
    mut heard: Receiver<Said>,
    into: Target<'_>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Looked, ImportError> {
    let mut looked = Looked::default();
    while let Some(said) = heard.recv().await {
        match said {
            Said::Progress(come) => progress(come),
            Said::Portion((after, through), judged, done) => {
                if let Some((store, id)) = into {
                    let Judged { days, sums, quarantined } = &judged;
                    store.stage_sums(id, after, through, *days, sums, quarantined).await?;
                    failpoint::reach(Point::K8, "spend.staged");
                }
                looked.take(judged)?;
                // Who reads has ended when nobody hears it.
                let _ended = done.send(());
            }
        }
    }
    Ok(looked)
}
