//! Polling agreements: incrementally, from where the last look ended.

use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use entente_core::schedule::{MissedRuns, OverlapPolicy};
use entente_port::Capability;
use jiff::{SignedDuration, Timestamp};

use crate::{
    connectors::{Connection, Connections},
    observe::{self, Tally},
    runner::Shared,
    schedule::{About, Job},
};

/// How far back the first look goes.
const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(24 * 400);

/// Pages read in one run, at most; the rest is read by the next.
const PAGES_MAX: u32 = 200;

/// What is known of the job.
pub static ABOUT: About = About {
    name: "observe",
    what: "reads what changed of agreements at the marketplaces",
    cron: "* * * * *",
    missed: MissedRuns::RunOnce,
    overlap: OverlapPolicy::Skip,
};

/// The job that reads agreements.
pub struct Observe {
    shared: Arc<Shared>,
    connections: Connections,
}

impl Observe {
    /// Reads the agreements of these connections.
    pub fn new(shared: Arc<Shared>, connections: Connections) -> Observe {
        Observe { shared, connections }
    }

    async fn account(&self, connection: &Connection) -> anyhow::Result<Tally> {
        let name = format!("observe/{}", connection.account);
        let stored = self.shared.store.setting(&name).await?;
        let mut since = match stored {
            Some(text) => text.parse::<Timestamp>().with_context(|| format!("setting `{name}` is not an instant"))?,
            None => self.shared.clock.now().checked_sub(FIRST_LOOK)?,
        };
        let mut sum = Tally::default();
        for _ in 0..PAGES_MAX {
            let page = connection.marketplace.agreements_since(since).await?;
            let tally = observe::tell(&self.shared, connection, &page.observations).await?;
            sum = Tally {
                told: sum.told + tally.told,
                known: sum.known + tally.known,
                foreign: sum.foreign + tally.foreign,
                unrecognised: sum.unrecognised + tally.unrecognised,
            };
            since = since.max(page.read_to);
            self.shared.store.set_setting(&name, &since.to_string()).await?;
            if !page.more {
                break;
            }
        }
        Ok(sum)
    }
}

#[async_trait]
impl Job for Observe {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn run(&self, _: Timestamp) -> anyhow::Result<String> {
        let mut lines = Vec::new();
        let mut failed = Vec::new();
        let able =
            |connection: &&Connection| connection.marketplace.capabilities().contains(&Capability::ListAgreements);
        for connection in self.connections.iter().filter(able) {
            match self.account(connection).await {
                Ok(tally) => lines.push(format!(
                    "{}: {} told, {} known, {} foreign",
                    connection.account, tally.told, tally.known, tally.foreign
                )),
                Err(error) => failed.push(format!("{}: {error:#}", connection.account)),
            }
        }
        if failed.is_empty() {
            return Ok(lines.join("; "));
        }
        anyhow::bail!("{}", failed.join("; "))
    }
}
