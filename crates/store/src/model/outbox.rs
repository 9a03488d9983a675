//! Intents on their way out.

use std::collections::BTreeMap;

use async_trait::async_trait;
use entente_core::{
    ids::{ConnectorAccount, Fence, InvokeId, RunId, Shard},
    scope::Scope,
};
use jiff::Timestamp;

use super::{
    ModelStore,
    state::{State, StoredIntent, within},
};
use crate::{
    Appended, AttemptState, IntentRow, IntentStatus, LeaseKey, Message, Outbox, PendingMessage, Result, Settlement,
    result_event,
};

#[async_trait]
impl Outbox for ModelStore {
    async fn open_local(&self, shards: &[Shard], limit: u32) -> Result<Vec<IntentRow>> {
        let state = self.state();
        let open = in_order(&state).into_iter().filter(|row| row.intent.account.is_none() && within(shards, row.run));
        Ok(open.take(limit as usize).collect())
    }

    async fn open_remote(&self, account: &ConnectorAccount, now: Timestamp, limit: u32) -> Result<Vec<IntentRow>> {
        let state = self.state();
        let of_account = in_order(&state).into_iter().filter(|row| row.intent.account.as_ref() == Some(account));
        let (mut open, mut blocked) = (Vec::new(), Vec::new());
        for row in of_account {
            let waits = row.not_before.is_some_and(|instant| instant > now);
            let behind = row.intent.entity.is_some() && blocked.contains(&row.intent.entity);
            if waits {
                blocked.push(row.intent.entity);
            } else if !behind {
                open.push(row);
            }
        }
        open.truncate(limit as usize);
        Ok(open)
    }

    async fn accounts_with_work(&self) -> Result<Vec<(ConnectorAccount, Option<Timestamp>)>> {
        let state = self.state();
        let mut work: BTreeMap<ConnectorAccount, Option<Timestamp>> = BTreeMap::new();
        for row in in_order(&state) {
            let Some(account) = row.intent.account else { continue };
            // `None` is earlier than every instant: it is due at once.
            work.entry(account).and_modify(|due| *due = (*due).min(row.not_before)).or_insert(row.not_before);
        }
        Ok(work.into_iter().collect())
    }

    async fn record_attempt(
        &self,
        run: RunId,
        invoke: InvokeId,
        key: &LeaseKey,
        fence: Fence,
        attempt: AttemptState,
    ) -> Result<bool> {
        let mut state = self.state();
        if !state.fence_stands(key, fence) {
            return Ok(false);
        }
        let Some(intent) = state.intents.get_mut(&(run, invoke)).filter(|intent| is_open(&intent.row)) else {
            return Ok(false);
        };
        let row = &mut intent.row;
        row.status = attempt.status;
        row.attempts += u32::from(attempt.counts);
        row.not_before = attempt.not_before;
        row.notes = attempt.notes;
        row.first_sent_at = row.first_sent_at.or(attempt.sent_at);
        Ok(true)
    }

    async fn settle(&self, key: &LeaseKey, fence: Fence, settlement: Settlement) -> Result<Option<PendingMessage>> {
        let mut state = self.state();
        if !state.fence_stands(key, fence) {
            return Ok(None);
        }
        let Settlement { run, invoke, outcome, at } = settlement;
        let Some(intent) = state.intents.get_mut(&(run, invoke)).filter(|intent| is_open(&intent.row)) else {
            return Ok(None);
        };
        intent.row.status = IntentStatus::Settled;
        intent.row.not_before = None;
        let event = result_event(run, invoke, intent.row.intent.account.as_ref(), intent.round, outcome);
        let message = Message { run, event, start: None, expect_seq: None, expect_revision: None, at };
        Ok(match state.store_message(&message) {
            Appended::New(pending) => Some(pending),
            Appended::Again { no, .. } => Some(PendingMessage { no, message }),
            Appended::KeyReused => None,
        })
    }

    async fn intents(&self, scope: &Scope, run: RunId) -> Result<Vec<IntentRow>> {
        let state = self.state();
        let of_run = state.intents.range((run, InvokeId { seq: 0, n: 0 })..).take_while(|((of, _), _)| *of == run);
        Ok(of_run.map(|(_, intent)| intent.row.clone()).filter(|row| scope.reaches(&row.home)).collect())
    }
}

fn is_open(row: &IntentRow) -> bool {
    !matches!(row.status, IntentStatus::Settled | IntentStatus::Voided)
}

/// Open intents in the order of their commits.
fn in_order(state: &State) -> Vec<IntentRow> {
    let mut open: Vec<&StoredIntent> = state.intents.values().filter(|intent| is_open(&intent.row)).collect();
    open.sort_by_key(|intent| (intent.commit, intent.row.intent.invoke.n));
    open.into_iter().map(|intent| intent.row.clone()).collect()
}
