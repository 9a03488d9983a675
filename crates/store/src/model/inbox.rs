//! Inboxes.

use async_trait::async_trait;
use entente_core::{
    ids::{Fence, RunId, Shard},
    scope::Scope,
};

use super::{
    ModelStore,
    state::{State, reaches_all, within},
};
use crate::{Appended, Error, Inbox, InboxMessage, LeaseKey, Message, PendingMessage, Result, Verdict};

#[async_trait]
impl Inbox for ModelStore {
    async fn append(&self, scope: &Scope, messages: Vec<Message>) -> Result<Vec<Appended>> {
        let mut state = self.state();
        let out_of_reach = |message: &&Message| match &message.start {
            Some(start) => !scope.reaches(&start.home),
            None => !reaches_all(scope) && !state.reaches(scope, message.run),
        };
        if let Some(message) = messages.iter().find(out_of_reach) {
            return Err(Error::NotFound { kind: "run", id: message.run.to_string() });
        }
        Ok(messages.iter().map(|message| state.store_message(message)).collect())
    }

    async fn pending(&self, shards: &[Shard], after: i64, limit: u32) -> Result<Vec<PendingMessage>> {
        let state = self.state();
        let waiting = state
            .inbox
            .iter()
            .filter(|stored| stored.verdict.is_none() && stored.no > after && within(shards, stored.message.run));
        let pending = waiting.map(|stored| PendingMessage { no: stored.no, message: stored.message.clone() });
        Ok(pending.take(limit as usize).collect())
    }

    async fn answer(&self, fence: &[(Shard, Fence)], verdicts: Vec<(i64, Verdict)>) -> Result<()> {
        let mut state = self.state();
        let held: Vec<Shard> = fence
            .iter()
            .filter(|(shard, fence)| state.fence_stands(&LeaseKey::shard(*shard), *fence))
            .map(|(shard, _)| *shard)
            .collect();
        for (no, verdict) in verdicts {
            let ours = state.message_mut(no).is_some_and(|stored| within(&held, stored.message.run));
            if ours {
                state.give_verdict(no, &verdict);
            }
        }
        Ok(())
    }

    async fn message(&self, scope: &Scope, source: &str, id: &str) -> Result<Option<InboxMessage>> {
        let state = self.state();
        let key = |stored: &&InboxMessage| stored.message.event.source == source && stored.message.event.id == id;
        Ok(state.inbox.iter().find(key).filter(|stored| visible(&state, scope, stored)).cloned())
    }

    async fn messages(&self, scope: &Scope, run: RunId) -> Result<Vec<InboxMessage>> {
        let state = self.state();
        let of_run = state.inbox.iter().filter(|stored| stored.message.run == run && visible(&state, scope, stored));
        Ok(of_run.cloned().collect())
    }

    async fn change_marker(&self) -> Result<i64> {
        Ok(self.state().change_marker)
    }
}

/// Where its run is, or will be; without either it is the vendor's alone.
fn visible(state: &State, scope: &Scope, stored: &InboxMessage) -> bool {
    let run = state.runs.get(&stored.message.run).map(|row| &row.snapshot.home);
    let home = run.or(stored.message.start.as_ref().map(|start| &start.home));
    home.map_or_else(|| reaches_all(scope), |home| scope.reaches(home))
}
