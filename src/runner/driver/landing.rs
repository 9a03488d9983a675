//! What follows once a batch is durable, or was not made so.

use std::{collections::HashMap, sync::Arc, time::Duration};

use entente_core::{
    event::{Failure, Outcome},
    ids::{InvokeId, RunId},
};
use entente_store::{Appended, BatchOutcome, Member, MemberOutcome, PendingMessage, Verdict};

use super::{
    Driver,
    flight::{Cause, Flight, Holds, Step},
    line_up,
};
use crate::runner::{
    cell::{Caller, Known, LocalResult, Queued, Work},
    performing::Performance,
};

/// A member of a commit, and what follows from it in memory.
struct Made {
    member: Member,
    stillborn: Vec<(InvokeId, Failure)>,
    performances: Vec<Performance>,
}

impl Driver {
    pub(super) async fn land(&mut self, flight: Flight, outcome: entente_store::Result<BatchOutcome>) {
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return self.bounce(flight, &error).await,
        };
        let Flight { batch, steps, callers, answers, unanswered } = flight;
        let mut stepped: HashMap<usize, Option<Work>> =
            steps.iter().filter_map(|step| step.cause.fresh()).map(|at| (at, None)).collect();
        for (at, (((caller, holds), appended), message)) in
            callers.into_iter().zip(outcome.appended).zip(&batch.appends).enumerate()
        {
            let new = self.appended(caller, appended).map(|pending| Work::Message(Box::new(pending)));
            match stepped.get_mut(&at) {
                Some(place) => *place = new,
                None => self.stored(message.run, holds, new),
            }
        }
        for (no, verdict) in answers {
            self.tell(no, &verdict);
        }
        for no in unanswered {
            self.unsee(no);
            self.marker = -1;
        }
        for ((step, member), outcome) in steps.into_iter().zip(batch.members).zip(outcome.members) {
            let Step { run, cause, stillborn, performances } = step;
            let work = match cause {
                Cause::Work(work) => Some(work),
                Cause::Fresh(at) => stepped.remove(&at).flatten(),
            };
            self.landed(run, work, Made { member, stillborn, performances }, outcome);
        }
    }

    /// The commit as a whole failed, or its answer was lost: what is stored is not known. The database is read again, and
    /// only what it may not know is kept.
    async fn bounce(&mut self, flight: Flight, error: &entente_store::Error) {
        tracing::error!("it is not known what was committed, looking again: {error}");
        for ((caller, holds), message) in flight.callers.into_iter().zip(flight.batch.appends) {
            let text = entente_store::Error::Busy(error.to_string());
            // The caller may have gone; whoever asks again under the same key hears what became of it.
            let _ = caller.stored.send(Err(text));
            self.stored(message.run, holds, None);
        }
        for (no, _) in flight.answers {
            self.unsee(no);
        }
        for step in flight.steps {
            let cell = self.cells.entry(step.run).or_default();
            cell.forget();
            cell.busy = false;
            let queue = std::mem::take(&mut cell.queue);
            let kept = queue.iter().filter_map(|queued| queued.work.message_no());
            let tried = step.cause.work().and_then(Work::message_no);
            let unseen: Vec<i64> = kept.chain(tried).collect();
            cell.queue.extend(step.cause.into_result().map(Queued::from));
            cell.queue.extend(queue.into_iter().filter(|queued| !queued.work.is_stored()));
            line_up(&mut self.line, step.run, cell);
            unseen.into_iter().for_each(|no| self.unsee(no));
        }
        self.look_again();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    /// A step may have been made without a word to this process: its intents, timers and messages are looked for.
    fn look_again(&mut self) {
        self.marker = -1;
        self.read_to = 0;
        self.timers_stale = true;
        self.shared.recover_local.notify_one();
        self.shared.work.notify_waiters();
    }

    /// Tells a caller what became of its message, which is the answer when it is new and not in line yet.
    fn appended(&mut self, caller: Caller, appended: Appended) -> Option<PendingMessage> {
        let Caller { stored, decided } = caller;
        let mut new = None;
        match &appended {
            Appended::New(pending) => {
                self.watchers.entry(pending.no).or_default().push(decided);
                new = self.seen.insert(pending.no).then(|| pending.clone());
            }
            Appended::Again { verdict: Some(verdict), .. } => {
                let _ = decided.send(verdict.clone());
            }
            Appended::Again { no, verdict: None } => self.watchers.entry(*no).or_default().push(decided),
            Appended::KeyReused => {}
        }
        let _ = stored.send(Ok(appended));
        new
    }

    /// A message that made no step is stored: the run goes on, with it first where it is new.
    fn stored(&mut self, run: RunId, holds: Holds, new: Option<Work>) {
        let cell = self.cells.entry(run).or_default();
        if holds == Holds::Run {
            cell.busy = false;
        }
        if let Some(work) = new {
            cell.queue.push_front(work.into());
        }
        line_up(&mut self.line, run, cell);
    }

    fn tell(&mut self, no: i64, verdict: &Verdict) {
        self.seen.remove(&no);
        for watcher in self.watchers.remove(&no).unwrap_or_default() {
            let _ = watcher.send(verdict.clone());
        }
    }

    fn landed(&mut self, run: RunId, work: Option<Work>, made: Made, outcome: MemberOutcome) {
        let cell = self.cells.entry(run).or_default();
        cell.busy = false;
        match (outcome, work) {
            (MemberOutcome::Committed { sent }, work) => {
                // The step that took a result was rolled back: its effect is real, and the run must still hear of it.
                if let Some(Work::LedgerRefused { cause, .. }) = &work
                    && let Some(result) = cause.result()
                {
                    cell.queue.push_front(result.into());
                }
                self.committed(run, work.as_ref(), made, sent);
            }
            (MemberOutcome::Fenced, work) => {
                tracing::warn!(run.id = %run, "another process owns this run's shard now; a stale write was refused");
                self.shared.stale_fences.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                // Should the shard come back, with or without a write by somebody else, its message is to be read again.
                work.as_ref().and_then(Work::message_no).into_iter().for_each(|no| self.unsee(no));
                self.marker = -1;
                self.results_lost = true;
                self.forget(run);
                self.shared.renew.notify_one();
            }
            // Its message had come before: whoever sent it has the first one's answer, and nothing is to be decided.
            (_, None) => line_up(&mut self.line, run, cell),
            (MemberOutcome::Stale { .. }, Some(work)) => {
                cell.forget();
                cell.queue.push_front(work.into());
                line_up(&mut self.line, run, cell);
            }
            (MemberOutcome::OutOfTurn, Some(work)) => self.wait_for_turn(run, work),
            (MemberOutcome::LedgerRefused { reason }, Some(work)) => {
                cell.queue.push_front(Work::LedgerRefused { cause: Box::new(work), reason }.into());
                line_up(&mut self.line, run, cell);
            }
            (MemberOutcome::KeyTaken { key, by }, Some(work)) => {
                let reason = format!(
                    "`{}` `{}` already belongs to {by}: close that one first, or correct the reference",
                    key.kind, key.value
                );
                self.refuse(run, &work, "key_taken", reason);
            }
            (MemberOutcome::Refused { reason }, Some(work)) => {
                tracing::error!(run.id = %run, "the database refused a step: {reason}");
                self.refuse(run, &work, "database_refused", reason);
            }
        }
    }

    /// Another process stored a message for the run before this one: that one is read first.
    fn wait_for_turn(&mut self, run: RunId, work: Work) {
        if let Some(no) = work.message_no() {
            self.seen.remove(&no);
        }
        self.read_to = 0;
        self.marker = -1;
        if let Some(cell) = self.cells.get_mut(&run) {
            line_up(&mut self.line, run, cell);
        }
    }

    fn committed(&mut self, run: RunId, work: Option<&Work>, made: Made, sent: Vec<PendingMessage>) {
        let Made { member, stillborn, performances } = made;
        if let (Some(no), Some((_, verdict))) = (work.and_then(Work::message_no), &member.consumed) {
            self.tell(no, verdict);
        }
        if member.arm.iter().any(|(_, due)| self.next_timer.is_none_or(|next| *due < next)) {
            self.next_timer = member.arm.iter().map(|(_, due)| *due).chain(self.next_timer).min();
        }
        let remote = member.intents.iter().any(|intent| intent.account.is_some()) || !member.retries.is_empty();
        let snapshot = Arc::new(member.snapshot);
        let mut stillborn: HashMap<InvokeId, Failure> = stillborn.into_iter().collect();
        let mut performances: HashMap<InvokeId, Performance> =
            performances.into_iter().map(|performance| (performance.invoke(), performance)).collect();
        for intent in member.intents {
            let Some(performance) = performances.remove(&intent.invoke) else { continue };
            match stillborn.remove(&intent.invoke) {
                Some(failure) => {
                    let result = LocalResult::of(performance, Outcome::Failed(failure));
                    self.enqueue(run, Work::Result(result).into());
                }
                None => self.shared.deliver_local(&snapshot, intent, performance),
            }
        }
        if !member.voids.is_empty() {
            self.shared.settle_voids(run, member.voids);
        }
        if !member.retries.is_empty() {
            self.shared.recover_local.notify_one();
        }
        if remote {
            self.shared.work.notify_waiters();
        }
        if !member.notices.is_empty() {
            self.shared.notices.notify_one();
        }
        for message in sent {
            if self.shared.leases.shard(message.message.run.shard()).is_some() {
                self.enqueue_message(message);
            }
        }
        let ended = snapshot.ended;
        let idle = self.cells.len() > self.shared.settings.idle_max;
        let Some(cell) = self.cells.get_mut(&run) else { return };
        if snapshot.incident.is_none() {
            cell.queue.extend(cell.deferred.drain(..).map(Queued::from));
        }
        cell.known = Some(Known { snapshot, head: member.hash });
        cell.under = Some(member.fence);
        if !cell.queue.is_empty() {
            line_up(&mut self.line, run, cell);
        } else if (ended || idle) && cell.deferred.is_empty() {
            self.cells.remove(&run);
        }
    }

    fn refuse(&mut self, run: RunId, work: &Work, code: &str, reason: String) {
        if let Some(no) = work.message_no() {
            self.next.answers.push((no, Verdict::Refused { code: code.into(), reason }));
        }
        if let Some(cell) = self.cells.get_mut(&run) {
            line_up(&mut self.line, run, cell);
        }
    }
}
