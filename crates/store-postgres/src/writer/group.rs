//! What shares one transaction, and what happens when a part of it fails.

use std::collections::HashSet;

use entente_core::ids::RunId;
use entente_store::{BatchOutcome, Error};
use tokio::time::Instant;

use super::{Asked, BatchRequest, Request, work_loop::Line, write::Erased};
use crate::{commit::Caution, fault::Fault};

/// A group takes no more work once it has this many rows or writes.
const ROWS_MAX: usize = 512;

/// Requests that share a transaction.
pub(super) struct Group {
    batches: Vec<BatchRequest>,
    writes: Vec<Box<dyn Erased>>,
    runs: HashSet<RunId>,
    rows: usize,
    until: Instant,
}

impl Group {
    /// Nothing yet. What the group does must be done at `until`, when the first of its callers gives up.
    pub(super) fn new(until: Instant) -> Group {
        Group { batches: Vec::new(), writes: Vec::new(), runs: HashSet::new(), rows: 0, until }
    }

    /// Takes a request in, or gives it back when it must wait for the next transaction: the group is full, the request
    /// is none that writes, or it steps a run that another one here steps. One that its caller has taken back is
    /// dropped.
    pub(super) fn add(&mut self, request: Request) -> Option<Request> {
        if self.rows + self.writes.len() >= ROWS_MAX || self.must_wait(&request.work) {
            return Some(request);
        }
        if !request.claim.take() {
            return None;
        }
        match request.work {
            Asked::Batch(request) => {
                self.runs.extend(request.batch.members.iter().map(|member| member.snapshot.run));
                self.rows += request.batch.members.len() + request.batch.appends.len();
                self.batches.push(request);
            }
            Asked::Write(write) => self.writes.push(write),
            Asked::Close(_) => {}
        }
        None
    }

    fn must_wait(&self, work: &Asked) -> bool {
        match work {
            Asked::Batch(request) => {
                request.batch.members.iter().any(|member| self.runs.contains(&member.snapshot.run))
            }
            Asked::Write(_) => false,
            Asked::Close(_) => true,
        }
    }

    /// Commits everything and answers everybody. When something in it fails by its own fault, each request has its own
    /// transaction instead.
    pub(super) async fn execute(mut self, line: &mut Line) {
        if self.batches.is_empty() && self.writes.is_empty() {
            return;
        }
        match line.attempt(&self.batches, &mut self.writes, Caution::Bold, self.until).await {
            Ok(outcomes) => self.succeed(outcomes),
            Err(fault) if fault.blames_content().is_none() => self.fail(|| fault.to_error(line.name())),
            Err(_) => self.one_by_one(line).await,
        }
    }

    async fn one_by_one(self, line: &mut Line) {
        for request in self.batches {
            match line.attempt(std::slice::from_ref(&request), &mut [], Caution::Careful, self.until).await {
                Ok(mut outcomes) => answer(request, outcomes.pop()),
                // A caller that has gone away does not need its answer.
                Err(fault) => drop(request.reply.send(Err(refusal(fault, line)))),
            }
        }
        for write in self.writes {
            let mut single = [write];
            let result = line.attempt(&[], &mut single, Caution::Careful, self.until).await;
            let [write] = single;
            match result {
                Ok(_) => write.succeed(),
                Err(fault) => write.fail(refusal(fault, line)),
            }
        }
    }

    fn succeed(self, outcomes: Vec<BatchOutcome>) {
        let mut outcomes = outcomes.into_iter();
        for request in self.batches {
            answer(request, outcomes.next());
        }
        for write in self.writes {
            write.succeed();
        }
    }

    /// Tells everybody the same.
    fn fail(self, error: impl Fn() -> Error) {
        for request in self.batches {
            // A caller that has gone away does not need its answer.
            let _ = request.reply.send(Err(error()));
        }
        for write in self.writes {
            write.fail(error());
        }
    }
}

fn refusal(fault: Fault, line: &Line) -> Error {
    fault.into_error(line.name())
}

fn answer(request: BatchRequest, outcome: Option<BatchOutcome>) {
    let BatchRequest { batch, reply, .. } = request;
    drop(batch);
    let outcome = outcome.ok_or_else(|| Error::Database("a commit gave no outcome: report this".to_owned()));
    // A caller that has gone away does not need its answer: what was written stays written.
    let _ = reply.send(outcome);
}
