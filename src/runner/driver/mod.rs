//! The owner of runs: takes what waits, asks the core, and commits everything that is ready in one transaction.
//!
//! While one commit is under way the next batch is decided, so the commit itself is the batching window and nothing
//! is delayed on purpose. What is in memory is only a cache: the store compares step and fence at every commit.

mod flight;
mod landing;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use entente_core::{
    ids::{Fence, InvokeId, RunId, Shard},
    scope::Scope,
};
use entente_store::{BatchOutcome, Message, PendingMessage, RunRow, Verdict};
use jiff::Timestamp;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use self::flight::{Flight, Holds};
use super::{
    Shared,
    cell::{Caller, Cell, Known, LocalResult, Queued, Work},
    decide::{self, Decided, Ground},
    failpoint::{self, Point},
    owned,
};

/// What reaches the driver from inside the process.
pub enum Input {
    /// A message to append, and who wants to know its number and verdict.
    Submit {
        /// The message.
        message: Box<Message>,
        /// Who waits.
        caller: Caller,
    },
    /// Stored messages to decide.
    Pending(Vec<PendingMessage>),
    /// A local activity ended.
    Result {
        /// The run.
        run: RunId,
        /// How.
        result: LocalResult,
    },
    /// Something changed that only the database knows: look at once.
    Look,
}

type Landed = (Flight, entente_store::Result<BatchOutcome>);

/// The owner's loop.
pub struct Driver {
    shared: Arc<Shared>,
    inputs: mpsc::UnboundedReceiver<Input>,
    cells: HashMap<RunId, Cell>,
    line: VecDeque<RunId>,
    /// Runs to be lined up again at the next look.
    later: Vec<RunId>,
    next: Flight,
    flying: Option<AbortOnDropHandle<Landed>>,
    watchers: HashMap<i64, Vec<oneshot::Sender<Verdict>>>,
    seen: HashSet<i64>,
    read_to: i64,
    marker: i64,
    next_timer: Option<Timestamp>,
    timers_stale: bool,
    shards: Vec<Shard>,
    /// A result was dropped because its shard seemed lost: its activity is to be performed again.
    results_lost: bool,
}

impl Driver {
    /// A driver for everything that the process holds leases of.
    pub fn new(shared: Arc<Shared>, inputs: mpsc::UnboundedReceiver<Input>) -> Driver {
        Driver {
            shared,
            inputs,
            cells: HashMap::new(),
            line: VecDeque::new(),
            later: Vec::new(),
            next: Flight::default(),
            flying: None,
            watchers: HashMap::new(),
            seen: HashSet::new(),
            read_to: 0,
            marker: -1,
            next_timer: None,
            timers_stale: true,
            shards: Vec::new(),
            results_lost: false,
        }
    }

    /// Runs until told to stop, then lands what is under way.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut tick = Instant::now();
        loop {
            if Instant::now() >= tick && !stop.is_cancelled() {
                self.look().await;
                tick = Instant::now() + self.shared.settings.poll;
            }
            self.decide().await;
            self.launch();
            if stop.is_cancelled() && self.flying.is_none() && self.next.is_empty() {
                failpoint::reach(Point::K9, "*");
                return;
            }
            let idle = self.flying.is_none();
            let landed = async {
                match &mut self.flying {
                    Some(flight) => flight.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                landed = landed => {
                    self.flying = None;
                    // What was decided meanwhile concerns other runs: the disk need not wait until this is looked at.
                    self.launch();
                    match landed {
                        Ok((flight, outcome)) => self.land(flight, outcome).await,
                        Err(error) => tracing::error!("a commit did not end: {error}"),
                    }
                }
                input = self.inputs.recv() => {
                    let Some(input) = input else { return };
                    self.accept(input);
                    self.drain();
                }
                () = tokio::time::sleep_until(tick), if !stop.is_cancelled() => {}
                () = stop.cancelled(), if idle => {}
            }
        }
    }

    fn drain(&mut self) {
        for _ in 0..4096 {
            let Ok(input) = self.inputs.try_recv() else { return };
            self.accept(input);
        }
    }

    fn accept(&mut self, input: Input) {
        match input {
            Input::Submit { message, caller } => {
                let run = message.run;
                self.enqueue(run, Queued { work: Work::Fresh(message), caller: Some(caller) });
            }
            Input::Pending(messages) => messages.into_iter().for_each(|message| self.enqueue_message(message)),
            Input::Result { run, result } => self.enqueue(run, Work::Result(result).into()),
            Input::Look => {
                self.marker = -1;
                self.read_to = 0;
            }
        }
    }

    fn enqueue_message(&mut self, pending: PendingMessage) {
        if self.seen.insert(pending.no) {
            self.enqueue(pending.message.run, Work::Message(Box::new(pending)).into());
        }
    }

    fn enqueue(&mut self, run: RunId, queued: Queued) {
        let cell = self.cells.entry(run).or_default();
        if matches!(queued.work, Work::Timer(_)) && cell.queue.iter().any(|other| other.work == queued.work) {
            return;
        }
        cell.queue.push_back(queued);
        line_up(&mut self.line, run, cell);
    }

    /// Reads what only the database knows: other processes' messages, and timers that came due.
    async fn look(&mut self) {
        for run in std::mem::take(&mut self.later) {
            if let Some(cell) = self.cells.get_mut(&run) {
                line_up(&mut self.line, run, cell);
            }
        }
        let shards = self.shared.leases.shards();
        if shards != self.shards {
            self.shards = shards;
            self.drop_idle_of_others();
            self.marker = -1;
            self.read_to = 0;
            self.timers_stale = true;
            self.results_lost = true;
        }
        if std::mem::take(&mut self.results_lost) {
            self.shared.recover_local.notify_one();
        }
        match self.look_at_inbox().await {
            Ok(()) => self.shared.outage.over(),
            Err(error) => self.shared.outage.failed("the inbox could not be read", &error),
        }
        if let Err(error) = self.look_at_timers().await {
            self.shared.outage.failed("timers could not be read", &error);
        }
    }

    async fn look_at_inbox(&mut self) -> entente_store::Result<()> {
        let marker = self.shared.store.change_marker().await?;
        if marker == self.marker {
            return Ok(());
        }
        loop {
            let page = self.shared.store.pending(&self.shards, self.read_to, 1000).await?;
            let full = page.len() >= 1000;
            for pending in page {
                self.read_to = self.read_to.max(pending.no);
                self.enqueue_message(pending);
            }
            if !full {
                break;
            }
        }
        self.marker = marker;
        self.timers_stale = true;
        self.shared.work.notify_waiters();
        Ok(())
    }

    async fn look_at_timers(&mut self) -> entente_store::Result<()> {
        if self.timers_stale {
            self.next_timer = self.shared.store.next_due(&self.shards).await?;
            self.timers_stale = false;
        }
        let now = self.shared.clock.now();
        if self.next_timer.is_none_or(|due| due > now) {
            return Ok(());
        }
        let due = self.shared.store.due(&self.shards, now, 1000).await?;
        for timer in due {
            self.enqueue(timer.run, Work::Timer(timer).into());
        }
        self.timers_stale = true;
        Ok(())
    }

    /// Decides for every run in line, until the next batch is full. What cannot be read stays in line.
    async fn decide(&mut self) {
        let most = self.shared.settings.batch_max;
        while self.next.rows() < most && !self.line.is_empty() {
            let turn: Vec<RunId> = self.line.drain(..self.line.len().min(most)).collect();
            let read = self.read(&turn).await;
            for run in turn {
                let Some(cell) = self.cells.get_mut(&run) else { continue };
                cell.lined_up = false;
                match &read {
                    Ok(()) if self.next.rows() < most => self.decide_one(run).await,
                    _ => line_up(&mut self.line, run, cell),
                }
            }
            if let Err(error) = read {
                self.shared.outage.failed("runs could not be read, trying again", &error);
                return;
            }
        }
    }

    /// Reads those of the runs that are not in memory. A run that is to begin is new as a rule; where it is not, the
    /// commit says so, and it is read then.
    async fn read(&mut self, runs: &[RunId]) -> entente_store::Result<()> {
        // The fence is asked before the rows are read: what a later owner writes, it writes under a later one.
        let unknown: Vec<(RunId, Fence)> = runs
            .iter()
            .filter_map(|run| Some((*run, self.shared.leases.shard(run.shard())?)))
            .filter(|(run, fence)| self.cells.get(run).is_some_and(|cell| cell.must_be_read(*fence)))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let wanted: Vec<RunId> = unknown.iter().map(|(run, _)| *run).collect();
        let rows = self.shared.store.runs_of(&Scope::vendor(), &wanted).await?;
        let mut rows: HashMap<RunId, RunRow> = rows.into_iter().map(|row| (row.snapshot.run, row)).collect();
        for (run, fence) in unknown {
            let row = rows.remove(&run);
            // An earlier owner may have ended before it could say that these were never sent.
            let left = row.iter().flat_map(|row| &row.snapshot.invokes).filter(|(_, open)| open.orphaned);
            let left: Vec<InvokeId> = left.map(|(invoke, _)| *invoke).collect();
            if !left.is_empty() {
                self.shared.settle_voids(run, left);
            }
            if let Some(cell) = self.cells.get_mut(&run) {
                cell.known = row.map(|row| Known { head: row.head, snapshot: Arc::new(row.snapshot) });
                cell.under = Some(fence);
            }
        }
        Ok(())
    }

    async fn decide_one(&mut self, run: RunId) {
        let Some(cell) = self.cells.get_mut(&run).filter(|cell| !cell.busy) else { return };
        while let Some(fence) = self.shared.leases.shard(run.shard()) {
            if cell.queue.is_empty() {
                if cell.known.is_none() && cell.deferred.is_empty() {
                    self.cells.remove(&run);
                }
                return;
            }
            if !cell.is_current(fence) {
                cell.forget();
                return line_up(&mut self.line, run, cell);
            }
            let Some(Queued { work, caller }) = cell.queue.pop_front() else { return };
            let ground = Ground { fence, appends: self.next.batch.appends.len() };
            let decided = decide::decide(&self.shared, run, cell.known.as_ref(), &work, ground).await;
            match (decided, work, caller) {
                (Decided::Step(prepared), work, caller) => {
                    cell.busy = true;
                    self.next.step(run, work, caller, *prepared);
                    return;
                }
                (_, Work::Fresh(message), Some(caller)) => {
                    // Whatever it comes to is not a step: it is stored first, and decided again when its turn comes.
                    cell.busy = true;
                    self.next.append(*message, caller, Holds::Run);
                    return;
                }
                (Decided::Answer(verdict), work, _) => {
                    if let Some(no) = work.message_no() {
                        self.next.answers.push((no, verdict));
                    }
                }
                (Decided::Drop, ..) => {}
                (Decided::Defer, work, _) => {
                    if !cell.deferred.contains(&work) {
                        cell.deferred.push(work);
                    }
                }
                (Decided::Later, work, caller) => {
                    cell.queue.push_front(Queued { work, caller });
                    self.later.push(run);
                    return;
                }
                (Decided::Leave, work, _) => {
                    work.message_no().into_iter().for_each(|no| self.unsee(no));
                    self.shared.leave_to_others(run.shard());
                    return self.forget(run);
                }
            }
        }
        self.results_lost = true;
        self.forget(run);
    }

    /// Sends the next batch to the disk, unless one is under way.
    fn launch(&mut self) {
        if self.flying.is_some() || self.next.is_empty() {
            return;
        }
        let mut flight = std::mem::take(&mut self.next);
        let store = self.shared.store.clone();
        let fences = if flight.answers.is_empty() { Vec::new() } else { self.fences() };
        self.flying = Some(owned(async move {
            let batch = Arc::new(std::mem::take(&mut flight.batch));
            let outcome = if batch.appends.is_empty() && batch.members.is_empty() {
                Ok(BatchOutcome::default())
            } else {
                store.commit(batch.clone()).await
            };
            flight.batch = Arc::unwrap_or_clone(batch);
            failpoint::reach(Point::K7, "*");
            if outcome.is_ok()
                && !flight.answers.is_empty()
                && let Err(error) = store.answer(&fences, flight.answers.clone()).await
            {
                tracing::warn!("verdicts could not be stored, their messages will be decided again: {error}");
                flight.unanswered = flight.answers.drain(..).map(|(no, _)| no).collect();
            }
            (flight, outcome)
        }));
    }

    fn fences(&self) -> Vec<(Shard, Fence)> {
        self.shards.iter().filter_map(|shard| Some((*shard, self.shared.leases.shard(*shard)?))).collect()
    }

    /// Drops a run from memory. What it had to decide is still in the database and will be read again; what is not
    /// stored yet is stored now, for whoever owns the run.
    fn forget(&mut self, run: RunId) {
        if let Some(cell) = self.cells.remove(&run) {
            for no in cell.deferred.iter().filter_map(Work::message_no) {
                self.unsee(no);
            }
            for Queued { work, caller } in cell.queue {
                match (work, caller) {
                    (Work::Fresh(message), Some(caller)) => self.next.append(*message, caller, Holds::Nothing),
                    (work, _) => work.message_no().into_iter().for_each(|no| self.unsee(no)),
                }
            }
        }
        self.line.retain(|other| *other != run);
    }

    /// Runs of shards that are held no longer, and that nothing waits for, need no memory.
    fn drop_idle_of_others(&mut self) {
        let leases = &self.shared.leases;
        self.cells.retain(|run, cell| {
            cell.busy
                || cell.lined_up
                || !cell.queue.is_empty()
                || !cell.deferred.is_empty()
                || leases.shard(run.shard()).is_some()
        });
    }

    fn unsee(&mut self, no: i64) {
        self.seen.remove(&no);
        self.read_to = 0;
    }
}

fn line_up(line: &mut VecDeque<RunId>, run: RunId, cell: &mut Cell) {
    if !cell.lined_up && !cell.busy {
        cell.lined_up = true;
        line.push_back(run);
    }
}
