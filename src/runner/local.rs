//! Local activities: performed by the run's owner straight after the commit, repeatable at will.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use entente_core::{
    event::{Failure, FailureClass, Outcome},
    ids::{InvokeId, RunId, Shard, effect_token},
    run::Snapshot,
    scope::Scope,
};
use entente_store::{AttemptState, Intent, IntentRow, IntentStatus, RecoveryClass};
use futures::FutureExt;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;

use super::{
    Shared, backoff,
    cell::LocalResult,
    decide,
    driver::Input,
    failpoint::{self, Point},
    leases::shard_key,
    notes,
    performing::Performance,
};
use crate::activities::{Attempt, Call};

impl Shared {
    /// Performs a freshly committed local intent and hands its result to the driver.
    pub fn deliver_local(self: &Arc<Shared>, snapshot: &Arc<Snapshot>, intent: Intent, performance: Performance) {
        let call = Call {
            run: snapshot.run,
            label: snapshot.label.clone(),
            home: snapshot.home.clone(),
            invoke: intent.invoke,
            token: effect_token(snapshot.run, intent.invoke, &intent.activity, &intent.request_hash),
            request: intent.request,
            attempt: 1,
            first_sent_at: None,
            notes: Value::Null,
            now: self.clock.now(),
        };
        self.spawn_local(intent.activity, call, performance, None);
    }

    /// Performs local intents that an earlier owner left open. Each counts as an attempt before it runs, so that one
    /// that crashes the process cannot do so for ever.
    pub async fn recover_local(self: &Arc<Shared>) -> entente_store::Result<()> {
        let shards: Vec<Shard> = self.leases.shards();
        for row in self.store.open_local(&shards, 10_000).await? {
            if self.leases.shard(row.run.shard()).is_none() {
                continue;
            }
            let Some(performance) = self.performing.take_on(row.run, row.intent.invoke) else { continue };
            if !row.intent.is_intact() {
                let why = "its stored request is not the one that was decided: the database is damaged";
                self.give_up(&row, performance, "corrupt", why);
                continue;
            }
            if row.attempts >= self.settings.crashes_max {
                let why = format!("it was begun {} times and never ended: it may crash the process", row.attempts);
                self.give_up(&row, performance, "poison", &why);
                continue;
            }
            self.begin_again(row, performance);
        }
        Ok(())
    }

    fn begin_again(self: &Arc<Shared>, row: IntentRow, performance: Performance) {
        let shared = self.clone();
        self.spawn(async move {
            let begun = tokio::select! {
                biased;
                () = shared.stop.cancelled() => return,
                begun = shared.await_turn(row, performance) => begun,
            };
            if let Err(error) = begun {
                shared.outage.failed("local work could not be begun, trying again", &error);
                tokio::time::sleep(Duration::from_secs(1)).await;
                shared.recover_local.notify_one();
            }
        });
    }

    /// Waits until it may be tried, and a suspect until no other is performed. Then counts the attempt and performs it.
    async fn await_turn(self: &Arc<Shared>, row: IntentRow, performance: Performance) -> entente_store::Result<()> {
        let activity = self.activities.get(&row.intent.activity);
        while activity.is_some_and(|activity| !activity.available(&row.home, &row.intent.request)) {
            tokio::time::sleep(self.settings.poll).await;
        }
        let alone = match notes::is_suspect(&row) {
            true => self.suspects.clone().acquire_owned().await.ok(),
            false => None,
        };
        let Some(fence) = self.leases.shard(row.run.shard()) else { return Ok(()) };
        let state = AttemptState {
            status: IntentStatus::Sending,
            counts: true,
            not_before: None,
            notes: row.notes.clone(),
            sent_at: None,
        };
        let lease = shard_key(row.run.shard());
        if self.store.record_attempt(row.run, row.intent.invoke, &lease, fence, state).await? {
            let token = effect_token(row.run, row.intent.invoke, &row.intent.activity, &row.intent.request_hash);
            let call = Call { attempt: row.attempts + 1, ..Call::of(&row, token, self.clock.now()) };
            self.spawn_local(row.intent.activity, call, performance, alone);
        }
        Ok(())
    }

    /// Tells a run which of the intents that it left will never have an effect: those that were never sent, and those
    /// that only look or compute. The others go on to be resolved, and their results compensate.
    pub fn settle_voids(self: &Arc<Shared>, run: RunId, voids: Vec<InvokeId>) {
        let shared = self.clone();
        self.spawn(async move {
            let rows = match shared.store.intents(&Scope::vendor(), run).await {
                Ok(rows) => rows,
                Err(error) => return tracing::warn!(run.id = %run, "voided intents could not be read, they will be resolved: {error}"),
            };
            for invoke in voids {
                let row = rows.iter().find(|row| row.intent.invoke == invoke);
                let sent = row.is_some_and(|row| row.status != IntentStatus::Voided && row.intent.class != RecoveryClass::Local);
                if !sent {
                    let outcome = Outcome::Failed(Failure {
                        class: FailureClass::NotFound,
                        message: "the run had moved on before anything was sent".into(),
                        field: None,
                        code: Some("voided".into()),
                        evidence: Value::Null,
                    });
                    shared.input(Input::Result { run, result: LocalResult { invoke, outcome, performance: None } });
                }
            }
        });
    }

    /// Spawns a task that ends with the engine at the latest.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let gone = self.gone.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                () = gone.cancelled_owned() => {}
                () = task => {}
            }
        });
    }

    fn give_up(&self, row: &IntentRow, performance: Performance, code: &str, why: &str) {
        let failure = Failure {
            class: FailureClass::Transient,
            message: format!("`{}` of {}: {why}", row.intent.activity, row.label),
            field: None,
            code: Some(code.into()),
            evidence: row.notes.clone(),
        };
        self.input(Input::Result { run: row.run, result: LocalResult::of(performance, Outcome::Failed(failure)) });
    }

    fn spawn_local(
        self: &Arc<Shared>,
        activity: String,
        call: Call,
        performance: Performance,
        alone: Option<OwnedSemaphorePermit>,
    ) {
        let shared = self.clone();
        self.spawn(async move {
            if let Some(outcome) = shared.perform_local(&activity, call, alone).await {
                let run = performance.run();
                #[cfg(feature = "deliberate-bugs")]
                performance.let_go_early();
                shared.input(Input::Result { run, result: LocalResult::of(performance, outcome) });
            }
        });
    }

    async fn perform_local(
        &self,
        name: &str,
        mut call: Call,
        mut alone: Option<OwnedSemaphorePermit>,
    ) -> Option<Outcome> {
        let activity = self.activities.get(name).cloned()?;
        loop {
            failpoint::reach(Point::K4, name);
            let attempt = AssertUnwindSafe(activity.perform(&call)).catch_unwind().await;
            // It has not ended the process.
            drop(alone.take());
            let (why, wait) = match attempt {
                Ok(Attempt::Done(output)) => return Some(Outcome::Done { output }),
                Ok(Attempt::Failed(failure)) => return Some(Outcome::Failed(failure)),
                Ok(Attempt::Wait { after, notes, .. }) => {
                    call.notes = notes;
                    tokio::select! {
                        biased;
                        () = self.stop.cancelled() => return None,
                        () = tokio::time::sleep(after) => continue,
                    }
                }
                Ok(Attempt::Busy { after, why }) => {
                    (why, backoff::after(call.attempt, Some(after), self.settings.jitter.draw()))
                }
                Ok(Attempt::Retry { after, why }) => {
                    (why, backoff::after(call.attempt, after, self.settings.jitter.draw()))
                }
                Ok(Attempt::Paused { why } | Attempt::Unknown { why }) => {
                    (why, backoff::after(call.attempt, None, self.settings.jitter.draw()))
                }
                Err(panic) => (
                    panicked(name, &call, panic.as_ref()),
                    backoff::after(call.attempt, None, self.settings.jitter.draw()),
                ),
            };
            if call.attempt >= self.settings.crashes_max {
                return Some(Outcome::Failed(Failure { class: FailureClass::Transient, ..why }));
            }
            call.attempt += 1;
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }
}

fn panicked(name: &str, call: &Call, panic: &(dyn std::any::Any + Send)) -> Failure {
    Failure {
        class: FailureClass::Transient,
        message: format!("`{name}` of {} failed inside the program: {}", call.label, decide::panic_text(panic)),
        field: None,
        code: Some("panic".into()),
        evidence: Value::Null,
    }
}
