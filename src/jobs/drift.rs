//! Comparing every live offer with what stands at its marketplace, and looking for what events and polling may have missed.

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::{
    event::{Body, Event},
    run::Snapshot,
    schedule::{MissedRuns, OverlapPolicy},
    scope::Scope,
};
use entente_store::{Appended, Message, RunFilter};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    activities::marketplace::twins,
    connectors::{Connection, Connections},
    observe,
    offers::stored,
    runner::Shared,
    schedule::{About, Job},
};

/// What is known of the job.
pub static ABOUT: About = About {
    name: "drift",
    what: "compares every live offer with what stands at its marketplace",
    cron: "*/30 * * * *",
    missed: MissedRuns::RunOnce,
    overlap: OverlapPolicy::Skip,
};

/// The job that compares.
pub struct Drift {
    shared: Arc<Shared>,
    connections: Connections,
}

impl Drift {
    /// Compares the offers of these connections.
    pub fn new(shared: Arc<Shared>, connections: Connections) -> Drift {
        Drift { shared, connections }
    }

    /// Looks at one live offer; returns whether it differs.
    async fn offer(&self, snapshot: &Snapshot) -> anyhow::Result<bool> {
        let context = stored::context(snapshot)
            .map_err(|why| anyhow::anyhow!("the context of {} cannot be read: {why}", snapshot.label))?;
        let (Some(offer_id), Some(connection)) =
            (&context.remote.offer_id, self.connections.of(context.offer.marketplace.as_str(), &snapshot.home))
        else {
            return Ok(false);
        };
        let page = connection.marketplace.agreements_of(offer_id).await?;
        observe::tell(&self.shared, connection, &page.observations).await?;
        let remote = connection.marketplace.offer(offer_id).await?;
        let mut sent = context.offer.clone();
        if let Some(expiry) = &context.expiry {
            sent.expires_on = expiry.last_day;
        }
        let mut differences = connection.marketplace.differences(&sent, &remote);
        let twins =
            twins::beside(self.shared.store.as_ref(), connection, snapshot, offer_id, self.shared.clock.now()).await?;
        differences.extend(twins);
        let diff = if differences.is_empty() { Value::Null } else { json!(differences) };
        if diff != context.drift {
            self.tell(connection, snapshot, &remote.revision, diff).await?;
        }
        Ok(!differences.is_empty())
    }

    async fn tell(
        &self,
        connection: &Connection,
        snapshot: &Snapshot,
        revision: &str,
        diff: Value,
    ) -> entente_store::Result<()> {
        let event = Event {
            source: format!("connector/{}", connection.account),
            id: format!("offer.drifted/{}/{revision}@{}", snapshot.label, snapshot.seq),
            actor: None,
            body: Body::Named { name: "offer.drifted".into(), data: json!({ "diff": diff }) },
        };
        let at = self.shared.clock.now();
        let message = Message {
            run: snapshot.run,
            event,
            start: None,
            expect_seq: Some(snapshot.seq),
            expect_revision: None,
            at,
        };
        for appended in self.shared.store.append(&Scope::vendor(), vec![message]).await? {
            if let Appended::New(pending) = appended {
                self.shared.pending(vec![pending]);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Job for Drift {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn run(&self, _: Timestamp) -> anyhow::Result<String> {
        let (mut looked, mut differing, mut failed) = (0u32, 0u32, Vec::new());
        let mut filter = RunFilter {
            tag: Some("live".into()),
            ended: Some(false),
            parked: Some(false),
            limit: 500,
            ..RunFilter::default()
        };
        loop {
            let page = self.shared.store.runs(&Scope::vendor(), &filter).await?;
            for row in &page.rows {
                looked += 1;
                match self.offer(&row.snapshot).await {
                    Ok(differs) => differing += u32::from(differs),
                    Err(error) => failed.push(format!("{}: {error:#}", row.snapshot.label)),
                }
            }
            let Some(last) = page.rows.last().filter(|_| page.next.is_some()) else { break };
            filter.after = Some(last.snapshot.label.clone());
        }
        let line = format!("{looked} offers compared, {differing} differ");
        if failed.is_empty() {
            return Ok(line);
        }
        anyhow::bail!("{line}; {} could not be compared: {}", failed.len(), failed.join("; "))
    }
}
