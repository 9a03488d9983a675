//! What goes to the disk together.

use entente_core::{
    event::Failure,
    ids::{InvokeId, RunId},
};
use entente_store::{Batch, Message, Verdict};

use crate::runner::{
    cell::{Caller, Work},
    member::Prepared,
    performing::Performance,
};

/// What a step answers.
pub(super) enum Cause {
    Work(Work),
    /// A message of the same batch, by its place among the appends.
    Fresh(usize),
}

/// A step of a batch; its member lies at the same place in the batch.
pub(super) struct Step {
    pub run: RunId,
    pub cause: Cause,
    pub stillborn: Vec<(InvokeId, Failure)>,
    /// Its local intents, which this process performs once they are committed.
    pub performances: Vec<Performance>,
}

/// Whether a run waits until a message of it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// It decides nothing before that.
    Run,
    Nothing,
}

/// One batch on its way to the disk.
#[derive(Default)]
pub(super) struct Flight {
    pub batch: Batch,
    /// One per member.
    pub steps: Vec<Step>,
    /// One per append.
    pub callers: Vec<(Caller, Holds)>,
    pub answers: Vec<(i64, Verdict)>,
    /// Messages whose verdicts could not be stored.
    pub unanswered: Vec<i64>,
}

impl Flight {
    pub fn step(&mut self, run: RunId, work: Work, caller: Option<Caller>, prepared: Prepared) {
        let Prepared { member, stillborn, performances, .. } = prepared;
        let cause = match (work, caller) {
            (Work::Fresh(message), Some(caller)) => {
                self.append(*message, caller, Holds::Nothing);
                Cause::Fresh(self.batch.appends.len() - 1)
            }
            (work, _) => Cause::Work(work),
        };
        self.batch.members.push(member);
        self.steps.push(Step { run, cause, stillborn, performances });
    }

    pub fn append(&mut self, message: Message, caller: Caller, holds: Holds) {
        self.batch.appends.push(message);
        self.callers.push((caller, holds));
    }

    pub fn rows(&self) -> usize {
        self.batch.members.len().max(self.batch.appends.len())
    }

    pub fn is_empty(&self) -> bool {
        self.rows() == 0 && self.answers.is_empty()
    }
}

impl Cause {
    pub fn work(&self) -> Option<&Work> {
        match self {
            Cause::Work(work) => Some(work),
            Cause::Fresh(_) => None,
        }
    }

    /// The result that a local activity came to, if it is one: no database knows of it.
    pub fn into_result(self) -> Option<Work> {
        match self {
            Cause::Work(mut work) => loop {
                match work {
                    Work::LedgerRefused { cause, .. } => work = *cause,
                    Work::Result(_) => return Some(work),
                    Work::Message(_) | Work::Fresh(_) | Work::Timer(_) => return None,
                }
            },
            Cause::Fresh(_) => None,
        }
    }

    pub fn fresh(&self) -> Option<usize> {
        match self {
            Cause::Fresh(at) => Some(*at),
            Cause::Work(_) => None,
        }
    }
}
