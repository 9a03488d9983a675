//! What this process owns: shards of runs and connector accounts, each with the fence that its writes carry.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use entente_core::ids::{ConnectorAccount, Fence, ProcessId, Shard};
use entente_store::{LeaseKey, Store};

/// The lease of a shard.
pub fn shard_key(shard: Shard) -> LeaseKey {
    LeaseKey(format!("shard/{:03}", shard.0))
}

/// The lease of a connector account.
pub fn account_key(account: &ConnectorAccount) -> LeaseKey {
    LeaseKey(format!("account/{account}"))
}

/// The leases that a process holds, as far as it knows.
pub struct Leases {
    store: Arc<dyn Store>,
    owner: ProcessId,
    ttl: Duration,
    held: Mutex<HashMap<LeaseKey, Held>>,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    fence: Fence,
    confirmed: Instant,
}

impl Leases {
    /// No leases yet.
    pub fn new(store: Arc<dyn Store>, owner: ProcessId, ttl: Duration) -> Leases {
        Leases { store, owner, ttl, held: Mutex::default() }
    }

    /// Takes what is free among `keys`.
    pub async fn acquire(&self, keys: &[LeaseKey]) -> entente_store::Result<()> {
        let asked = Instant::now();
        let got = self.store.acquire(&self.owner, keys, self.ttl).await?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for lease in got {
            held.insert(lease.key, Held { fence: lease.fence, confirmed: asked });
        }
        Ok(())
    }

    /// Frees what a process left that ended without giving it back. Only right where no other process can be alive; the fences
    /// grow with the next owner all the same.
    pub async fn free_left_over(&self) -> entente_store::Result<()> {
        let left: Vec<(LeaseKey, Fence)> = self
            .store
            .leases()
            .await?
            .into_iter()
            .filter(|lease| lease.owner != self.owner)
            .map(|lease| (lease.key, lease.fence))
            .collect();
        self.store.release(&left).await
    }

    /// Extends everything held; what could not be extended is no longer held. Returns the lost keys.
    pub async fn renew(&self) -> entente_store::Result<Vec<LeaseKey>> {
        let asked = Instant::now();
        let all: Vec<(LeaseKey, Fence)> = self.snapshot();
        let kept = self.store.renew(&all, self.ttl).await?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for key in &kept {
            if let Some(entry) = held.get_mut(key) {
                entry.confirmed = asked;
            }
        }
        let lost: Vec<LeaseKey> = all.into_iter().map(|(key, _)| key).filter(|key| !kept.contains(key)).collect();
        for key in &lost {
            held.remove(key);
        }
        Ok(lost)
    }

    /// Gives everything back.
    pub async fn release_all(&self) -> entente_store::Result<()> {
        let all = self.snapshot();
        self.store.release(&all).await?;
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    /// The fence of a lease that is held, by what this process knows.
    pub fn fence(&self, key: &LeaseKey) -> Option<Fence> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(key).filter(|entry| entry.confirmed.elapsed() < self.ttl).map(|entry| entry.fence)
    }

    /// The fence of a lease, confirmed by the database at most `age_max` ago; asks again when the last word is older.
    pub async fn confirmed(&self, key: &LeaseKey, age_max: Duration) -> entente_store::Result<Option<Fence>> {
        let entry = self.held.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied();
        let Some(entry) = entry else { return Ok(None) };
        if entry.confirmed.elapsed() < age_max {
            return Ok(Some(entry.fence));
        }
        let asked = Instant::now();
        let holds = self.store.holds(key, entry.fence).await?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if !holds {
            held.remove(key);
            return Ok(None);
        }
        if let Some(known) = held.get_mut(key) {
            known.confirmed = asked;
        }
        Ok(Some(entry.fence))
    }

    /// The shards held now.
    pub fn shards(&self) -> Vec<Shard> {
        (0..=u8::MAX).map(Shard).filter(|shard| self.fence(&shard_key(*shard)).is_some()).collect()
    }

    fn snapshot(&self) -> Vec<(LeaseKey, Fence)> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter().map(|(key, entry)| (key.clone(), entry.fence)).collect()
    }
}
