//! Letting writes leave that were held back, once their connections allow it.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use entente_core::{
    event::{Body, Event, Resolution},
    ids::{ConnectorAccount, effect_token},
    schedule::{MissedRuns, OverlapPolicy},
    scope::Scope,
};
use entente_port::Mode;
use entente_store::{Appended, Message};
use jiff::Timestamp;

use crate::{
    activities::Call,
    connectors::Connections,
    runner::Shared,
    schedule::{About, Job},
    withheld::{self, Held},
};

/// What is known of the job.
pub static ABOUT: About = About {
    name: "withheld",
    what: "lets writes leave that were held back, once their connections allow it",
    cron: "* * * * *",
    missed: MissedRuns::RunOnce,
    overlap: OverlapPolicy::Skip,
};

/// The job that lets them leave.
pub struct LetLeave {
    shared: Arc<Shared>,
    connections: Connections,
}

impl LetLeave {
    /// Looks after the writes of these connections.
    pub fn new(shared: Arc<Shared>, connections: Connections) -> LetLeave {
        LetLeave { shared, connections }
    }

    /// The connections that let no write leave, so that none of theirs need be looked at by itself.
    async fn shut(&self) -> BTreeSet<ConnectorAccount> {
        let mut shut = BTreeSet::new();
        for connection in self.connections.iter() {
            match connection.allowance.current().await {
                Ok(grants) if grants.mode == Mode::Live && !grants.stopped => {}
                Ok(_) => drop(shut.insert(connection.account.clone())),
                Err(reason) => {
                    tracing::warn!(account = %connection.account, "its grants could not be read: {reason}");
                    shut.insert(connection.account.clone());
                }
            }
        }
        shut
    }

    /// Has a write tried again if it may leave now; its place under the caps is kept from here on, so that those that are let go
    /// together do not exceed them together. Whether it was.
    async fn one(&self, held: &Held) -> entente_store::Result<bool> {
        let store = self.shared.store.as_ref();
        let Some(row) = held.intent(store).await? else { return Ok(false) };
        let Some(activity) = self.shared.activities.get(&row.intent.activity) else { return Ok(false) };
        let intent = &row.intent;
        let token = effect_token(row.run, intent.invoke, &intent.activity, &intent.request_hash);
        let now = self.shared.clock.now();
        if activity.held(&Call::of(&row, token, now)).await.is_some() {
            return Ok(false);
        }
        let event = Event {
            source: ABOUT.name.into(),
            id: format!("{}@{}", held.run(), held.snapshot.seq),
            actor: None,
            body: Body::Resolve {
                decision: Resolution::Retry,
                reason: format!("`{}` lets it leave now", held.withheld.connection),
            },
        };
        let (run, expect_seq) = (held.run(), Some(held.snapshot.seq));
        let message = Message { run, event, start: None, expect_seq, expect_revision: None, at: now };
        let appended = store.append(&Scope::vendor(), vec![message]).await?;
        for appended in appended {
            if let Appended::New(pending) = appended {
                self.shared.pending(vec![pending]);
            }
        }
        Ok(true)
    }
}

#[async_trait]
impl Job for LetLeave {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn run(&self, _: Timestamp) -> anyhow::Result<String> {
        let all = withheld::all(self.shared.store.as_ref()).await?;
        let shut = self.shut().await;
        let mut left = 0u32;
        for held in all.iter().filter(|held| !shut.contains(&held.withheld.connection)) {
            left += u32::from(self.one(held).await?);
        }
        Ok(format!("{} held back, {left} of them let go", all.len()))
    }
}
