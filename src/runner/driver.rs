//! The owner of runs: takes what waits, asks the core, and commits everything that is ready in one transaction.
//!
//! While one commit is under way the next batch is decided, so the commit itself is the batching window and nothing
//! is delayed on purpose. What is in memory is only a cache: the store compares step and fence at every commit.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use entente_core::ids::{InvokeId, RunId, Shard};
use entente_store::{Appended, Batch, BatchOutcome, Message, PendingMessage, Verdict};
use jiff::Timestamp;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{
    Shared,
    cell::{Cell, Known, Work},
    decide::{self, Decided},
    failpoint::{self, Point},
    leases::shard_key,
    member::Prepared,
};

/// What reaches the driver from inside the process.
pub enum Input {
    /// A message to append, and who wants to know its number and verdict.
    Submit {
        /// The message.
        message: Box<Message>,
        /// Told once it is stored.
        stored: oneshot::Sender<entente_store::Result<Appended>>,
        /// Told once it is decided.
        decided: oneshot::Sender<Verdict>,
    },
    /// Stored messages to decide.
    Pending(Vec<PendingMessage>),
    /// A local activity ended.
    Result {
        /// The run.
        run: RunId,
        /// The invocation.
        invoke: InvokeId,
        /// How.
        outcome: entente_core::event::Outcome,
    },
    /// Something changed that only the database knows: look at once.
    Look,
}

type Stored = oneshot::Sender<entente_store::Result<Appended>>;

struct Waiting {
    message: Message,
    stored: Stored,
    decided: oneshot::Sender<Verdict>,
}

/// One batch on its way to the disk.
struct Flight {
    steps: Vec<(RunId, Work, Prepared)>,
    answers: Vec<(i64, Verdict)>,
    appends: Vec<Waiting>,
}

type Landed = (Flight, entente_store::Result<BatchOutcome>);

/// The owner's loop.
pub struct Driver {
    shared: Arc<Shared>,
    inputs: mpsc::UnboundedReceiver<Input>,
    cells: HashMap<RunId, Cell>,
    line: VecDeque<RunId>,
    next: Flight,
    flying: Option<JoinHandle<Landed>>,
    watchers: HashMap<i64, Vec<oneshot::Sender<Verdict>>>,
    seen: HashSet<i64>,
    read_to: i64,
    marker: i64,
    next_timer: Option<Timestamp>,
    timers_stale: bool,
    shards: Vec<Shard>,
}

impl Driver {
    /// A driver for everything that the process holds leases of.
    pub fn new(shared: Arc<Shared>, inputs: mpsc::UnboundedReceiver<Input>) -> Driver {
        Driver {
            shared,
            inputs,
            cells: HashMap::new(),
            line: VecDeque::new(),
            next: Flight::empty(),
            flying: None,
            watchers: HashMap::new(),
            seen: HashSet::new(),
            read_to: 0,
            marker: -1,
            next_timer: None,
            timers_stale: true,
            shards: Vec::new(),
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
            Input::Submit { message, stored, decided } => {
                self.next.appends.push(Waiting { message: *message, stored, decided });
            }
            Input::Pending(messages) => messages.into_iter().for_each(|message| self.enqueue_message(message)),
            Input::Result { run, invoke, outcome } => self.enqueue(run, Work::Result { invoke, outcome }),
            Input::Look => self.marker = -1,
        }
    }

    fn enqueue_message(&mut self, pending: PendingMessage) {
        if self.seen.insert(pending.no) {
            self.enqueue(pending.message.run, Work::Message(Box::new(pending)));
        }
    }

    fn enqueue(&mut self, run: RunId, work: Work) {
        let cell = self.cells.entry(run).or_default();
        if matches!(work, Work::Timer(_)) && cell.queue.contains(&work) {
            return;
        }
        cell.queue.push_back(work);
        line_up(&mut self.line, run, cell);
    }

    /// Reads what only the database knows: other processes' messages, and timers that came due.
    async fn look(&mut self) {
        let shards = self.shared.leases.shards();
        if shards != self.shards {
            self.shards = shards;
            self.marker = -1;
            self.read_to = 0;
            self.timers_stale = true;
        }
        if let Err(error) = self.look_at_inbox().await {
            tracing::warn!("the inbox could not be read: {error}");
        }
        if let Err(error) = self.look_at_timers().await {
            tracing::warn!("timers could not be read: {error}");
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
            self.enqueue(timer.run, Work::Timer(timer));
        }
        self.timers_stale = true;
        Ok(())
    }

    /// Decides for every run in line, until the next batch is full.
    async fn decide(&mut self) {
        while self.next.steps.len() < self.shared.settings.batch_max {
            let Some(run) = self.line.pop_front() else { return };
            if let Some(cell) = self.cells.get_mut(&run) {
                cell.lined_up = false;
            }
            if let Err(error) = self.decide_one(run).await {
                tracing::warn!(run.id = %run, "a run could not be read: {error}");
                self.forget(run);
            }
        }
    }

    async fn decide_one(&mut self, run: RunId) -> entente_store::Result<()> {
        let Some(cell) = self.cells.get_mut(&run) else { return Ok(()) };
        if cell.busy {
            return Ok(());
        }
        if cell.known.is_none() && !cell.queue.is_empty() {
            let row = self.shared.store.run(&entente_core::scope::Scope::vendor(), run).await?;
            cell.known = row.map(|row| Known { snapshot: Arc::new(row.snapshot), head: row.head });
        }
        while let Some(work) = cell.queue.pop_front() {
            let Some(fence) = self.shared.leases.fence(&shard_key(run.shard())) else {
                self.forget(run);
                return Ok(());
            };
            match decide::decide(&self.shared, run, cell.known.as_ref(), &work, fence).await {
                Decided::Step(prepared) => {
                    cell.busy = true;
                    self.next.steps.push((run, work, *prepared));
                    return Ok(());
                }
                Decided::Answer(verdict) => {
                    if let Some(no) = work.message_no() {
                        self.next.answers.push((no, verdict));
                    }
                }
                Decided::Drop => {}
                Decided::Defer => {
                    if !cell.deferred.contains(&work) {
                        cell.deferred.push(work);
                    }
                }
                Decided::Leave => {
                    self.forget(run);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Sends the next batch to the disk, unless one is under way.
    fn launch(&mut self) {
        if self.flying.is_some() || self.next.is_empty() {
            return;
        }
        let mut flight = std::mem::replace(&mut self.next, Flight::empty());
        let store = self.shared.store.clone();
        let fences: Vec<_> = self
            .shards
            .iter()
            .filter_map(|shard| self.shared.leases.fence(&shard_key(*shard)).map(|fence| (*shard, fence)))
            .collect();
        self.flying = Some(tokio::spawn(async move {
            let batch = Batch {
                appends: flight.appends.iter().map(|waiting| waiting.message.clone()).collect(),
                members: flight.steps.iter().map(|(_, _, prepared)| prepared.member.clone()).collect(),
            };
            let outcome = if batch.appends.is_empty() && batch.members.is_empty() {
                Ok(BatchOutcome::default())
            } else {
                store.commit(batch).await
            };
            failpoint::reach(Point::K7, "*");
            if outcome.is_ok()
                && !flight.answers.is_empty()
                && let Err(error) = store.answer(&fences, flight.answers.clone()).await
            {
                tracing::warn!("verdicts could not be stored, their messages will be decided again: {error}");
                flight.answers.clear();
            }
            (flight, outcome)
        }));
    }

    async fn land(&mut self, flight: Flight, outcome: entente_store::Result<BatchOutcome>) {
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return self.bounce(flight, &error).await,
        };
        for (waiting, appended) in flight.appends.into_iter().zip(outcome.appended) {
            self.appended(waiting, appended);
        }
        for (no, verdict) in flight.answers {
            self.tell(no, &verdict);
        }
        for ((run, work, prepared), outcome) in flight.steps.into_iter().zip(outcome.members) {
            self.landed(run, work, prepared, outcome);
        }
    }

    /// The commit as a whole failed and nothing of it is stored: everything waits for another attempt.
    async fn bounce(&mut self, flight: Flight, error: &entente_store::Error) {
        tracing::error!("nothing could be committed, trying again: {error}");
        for waiting in flight.appends {
            let text = entente_store::Error::Busy(error.to_string());
            // The caller may have gone; nothing was stored, so nothing is owed.
            let _ = waiting.stored.send(Err(text));
        }
        for (no, _) in flight.answers {
            self.seen.remove(&no);
            self.read_to = 0;
            self.marker = -1;
        }
        for (run, work, _) in flight.steps {
            let cell = self.cells.entry(run).or_default();
            cell.known = None;
            cell.busy = false;
            cell.queue.push_front(work);
            line_up(&mut self.line, run, cell);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    fn appended(&mut self, waiting: Waiting, appended: Appended) {
        match &appended {
            Appended::New(pending) => {
                self.watchers.entry(pending.no).or_default().push(waiting.decided);
                self.enqueue_message(pending.clone());
            }
            Appended::Again { verdict: Some(verdict), .. } => {
                let _ = waiting.decided.send(verdict.clone());
            }
            Appended::Again { no, verdict: None } => self.watchers.entry(*no).or_default().push(waiting.decided),
            Appended::KeyReused => {}
        }
        let _ = waiting.stored.send(Ok(appended));
    }

    fn tell(&mut self, no: i64, verdict: &Verdict) {
        self.seen.remove(&no);
        for watcher in self.watchers.remove(&no).unwrap_or_default() {
            let _ = watcher.send(verdict.clone());
        }
    }

    fn landed(&mut self, run: RunId, work: Work, prepared: Prepared, outcome: entente_store::MemberOutcome) {
        use entente_store::MemberOutcome as O;
        let cell = self.cells.entry(run).or_default();
        cell.busy = false;
        match outcome {
            O::Committed { sent } => {
                // The step that took a result was rolled back: its effect is real, and the run must still hear of it.
                if let Work::LedgerRefused { cause, .. } = &work
                    && let Some(result) = cause.result()
                {
                    cell.queue.push_front(result);
                }
                self.committed(run, prepared, sent);
            }
            O::Stale { .. } => {
                cell.known = None;
                cell.queue.push_front(work);
                line_up(&mut self.line, run, cell);
            }
            O::Fenced => {
                tracing::warn!(run.id = %run, "another process owns this run's shard now; a stale write was refused");
                self.shared.stale_fences.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                self.forget(run);
                self.shared.renew.notify_one();
            }
            O::LedgerRefused { reason } => {
                cell.queue.push_front(Work::LedgerRefused { cause: Box::new(work), reason });
                line_up(&mut self.line, run, cell);
            }
            O::KeyTaken { key, by } => {
                let reason = format!(
                    "`{}` `{}` already belongs to {by}: close that one first, or correct the reference",
                    key.kind, key.value
                );
                self.refuse(run, &work, "key_taken", reason);
            }
            O::Refused { reason } => {
                tracing::error!(run.id = %run, "the database refused a step: {reason}");
                self.refuse(run, &work, "database_refused", reason);
            }
        }
    }

    fn committed(&mut self, run: RunId, prepared: Prepared, sent: Vec<PendingMessage>) {
        let Prepared { member, stillborn, .. } = prepared;
        if let Some((no, verdict)) = &member.consumed {
            self.tell(*no, verdict);
        }
        if member.arm.iter().any(|(_, due)| self.next_timer.is_none_or(|next| *due < next)) {
            self.next_timer = member.arm.iter().map(|(_, due)| *due).chain(self.next_timer).min();
        }
        let remote = member.intents.iter().any(|intent| intent.account.is_some()) || !member.retries.is_empty();
        let snapshot = Arc::new(member.snapshot);
        let silent: HashSet<InvokeId> = stillborn.iter().map(|(invoke, _)| *invoke).collect();
        for (invoke, failure) in stillborn {
            self.enqueue(run, Work::Result { invoke, outcome: entente_core::event::Outcome::Failed(failure) });
        }
        for intent in member.intents {
            if intent.account.is_none() && !silent.contains(&intent.invoke) {
                self.shared.deliver_local(&snapshot, intent);
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
            if self.shared.leases.fence(&shard_key(message.message.run.shard())).is_some() {
                self.enqueue_message(message);
            }
        }
        let ended = snapshot.ended;
        let idle = self.cells.len() > self.shared.settings.idle_max;
        let Some(cell) = self.cells.get_mut(&run) else { return };
        if snapshot.incident.is_none() {
            cell.queue.extend(cell.deferred.drain(..));
        }
        cell.known = Some(Known { snapshot, head: member.hash });
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

    /// Drops a run from memory. What it had to decide is still in the database and will be read again.
    fn forget(&mut self, run: RunId) {
        if let Some(cell) = self.cells.remove(&run) {
            for no in cell.queue.iter().chain(&cell.deferred).filter_map(Work::message_no) {
                self.seen.remove(&no);
                self.read_to = 0;
            }
        }
        self.line.retain(|other| *other != run);
    }
}

fn line_up(line: &mut VecDeque<RunId>, run: RunId, cell: &mut Cell) {
    if !cell.lined_up && !cell.busy {
        cell.lined_up = true;
        line.push_back(run);
    }
}

impl Flight {
    fn empty() -> Flight {
        Flight { steps: Vec::new(), answers: Vec::new(), appends: Vec::new() }
    }

    fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.answers.is_empty() && self.appends.is_empty()
    }
}
