//! Keeps this process's leases: renews them, takes its part of the shards, and gives back what is others' part.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use entente_core::ids::{Fence, Shard};
use entente_store::{Lease, LeaseKey};
use tokio_util::sync::CancellationToken;

use super::{
    Shared,
    fleet::{self, Member, Memory, Plan},
    leases::shard_key,
};

/// How long what is under way in a shard may take to be committed before the shard is given back.
const LAND: Duration = Duration::from_millis(300);

/// Keeps the leases of one process.
pub(super) struct Keeper {
    shared: Arc<Shared>,
    member: Member,
    memory: Memory,
}

impl Keeper {
    /// For this process and its binary.
    pub(super) fn new(shared: Arc<Shared>) -> Keeper {
        let member = Member { process: shared.leases.owner().clone(), version: shared.settings.version.to_owned() };
        Keeper { shared, member, memory: Memory::default() }
    }

    /// Takes what this process can have at once.
    pub(super) async fn begin(&mut self) -> entente_store::Result<()> {
        let shared = self.shared.clone();
        let leases = &shared.leases;
        if shared.settings.sole_runner {
            leases.free_left_over().await?;
        }
        leases.acquire(&[self.member.key()]).await?;
        let plan = self.plan(&shared.store.leases().await?);
        leases.acquire(&keys(&plan.take)).await?;
        Ok(())
    }

    /// Runs until `done`, and never ends amidst a question to the database, whose answer would be a lease that nobody gives back.
    /// Once the engine is told to stop it goes on renewing what is held, so that what is under way may
    /// be recorded, and takes nothing more.
    pub(super) async fn run(mut self, done: CancellationToken) {
        let every = self.shared.settings.lease_ttl / 5;
        loop {
            tokio::select! {
                biased;
                () = done.cancelled() => return,
                () = self.shared.renew.notified() => {}
                () = tokio::time::sleep(every) => {}
            }
            match self.look().await {
                Ok(false) => {}
                Ok(true) => self.shared.recover_local.notify_one(),
                Err(error) => self.shared.outage.failed("leases could not be renewed", &error),
            }
        }
    }

    /// Renews, gives and takes; whether anything changed hands.
    async fn look(&mut self) -> entente_store::Result<bool> {
        let shared = self.shared.clone();
        let leases = &shared.leases;
        let lost = leases.renew().await?;
        if !lost.is_empty() {
            tracing::warn!("{} leases went to another process", lost.len());
        }
        if shared.stop.is_cancelled() {
            return Ok(false);
        }
        leases.acquire(&[self.member.key()]).await?;
        let all = shared.store.leases().await?;
        let plan = self.plan(&all);
        self.forget_the_dead(&all).await?;
        if !plan.give.is_empty() {
            leases.retire(&keys(&plan.give));
            tokio::time::sleep(LAND).await;
            leases.release_retired().await?;
            tracing::info!("{} shards were given to other processes", plan.give.len());
        }
        let gained = leases.acquire(&keys(&plan.take)).await?;
        Ok(gained > 0 || !lost.is_empty() || !plan.give.is_empty())
    }

    fn plan(&mut self, leases: &[Lease]) -> Plan {
        let members = fleet::members(leases);
        self.shared.members.store(members.len().max(1), Ordering::Relaxed);
        let others = members.iter().any(|member| member.version != self.member.version);
        self.shared.other_versions.store(others, Ordering::Relaxed);
        self.memory.unfit = self.shared.unfit();
        fleet::plan(&self.member, leases, &mut self.memory)
    }

    /// A process that ended without a word left the lease that said it was there.
    async fn forget_the_dead(&self, all: &[Lease]) -> entente_store::Result<()> {
        let dead: Vec<(LeaseKey, Fence)> = all
            .iter()
            .filter(|lease| lease.remaining.is_zero() && fleet::is_membership(&lease.key))
            .map(|lease| (lease.key.clone(), lease.fence))
            .collect();
        if dead.is_empty() { Ok(()) } else { self.shared.store.release(&dead).await }
    }
}

fn keys(shards: &[Shard]) -> Vec<LeaseKey> {
    shards.iter().map(|shard| shard_key(*shard)).collect()
}
