//! What this process owns: shards of runs and connector accounts, each with the fence that its writes carry.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use entente_core::ids::{ConnectorAccount, Fence, ProcessId, Shard};
use entente_store::{LeaseKey, Store};
use tokio::time::Instant;

/// The lease of a shard.
pub fn shard_key(shard: Shard) -> LeaseKey {
    LeaseKey::shard(shard)
}

/// The shard whose lease this is; `None` for leases of anything else.
pub fn shard_of(key: &LeaseKey) -> Option<Shard> {
    key.0.strip_prefix("shard/")?.parse().ok().map(Shard)
}

/// The keys of all shards, made once: every step asks for one.
static SHARDS: LazyLock<Vec<LeaseKey>> = LazyLock::new(|| (0..=u8::MAX).map(|shard| shard_key(Shard(shard))).collect());

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
    /// Everything was given back: whoever comes late takes nothing that would outlive the process.
    closed: AtomicBool,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    fence: Fence,
    confirmed: Instant,
    /// About to be given back: nothing new is begun under it.
    leaving: bool,
}

impl Leases {
    /// No leases yet.
    pub fn new(store: Arc<dyn Store>, owner: ProcessId, ttl: Duration) -> Leases {
        Leases { store, owner, ttl, held: Mutex::default(), closed: AtomicBool::new(false) }
    }

    /// The process that holds them.
    pub fn owner(&self) -> &ProcessId {
        &self.owner
    }

    /// Takes what is free among `keys`; returns how many of them were not held before.
    pub async fn acquire(&self, keys: &[LeaseKey]) -> entente_store::Result<usize> {
        if keys.is_empty() || self.closed.load(Ordering::SeqCst) {
            return Ok(0);
        }
        let asked = Instant::now();
        let got = self.store.acquire(&self.owner, keys, self.ttl).await?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let known = held.len();
        for lease in got {
            held.insert(lease.key, Held { fence: lease.fence, confirmed: asked, leaving: false });
        }
        Ok(held.len().saturating_sub(known))
    }

    /// Whether this process holds a lease, which it takes if nobody else does.
    pub async fn hold(&self, key: &LeaseKey) -> entente_store::Result<bool> {
        if self.fence(key).is_none() {
            self.acquire(std::slice::from_ref(key)).await?;
        }
        Ok(self.fence(key).is_some())
    }

    /// Begins nothing new under these; what is under way may end. They are still to be given back.
    pub fn retire(&self, keys: &[LeaseKey]) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            if let Some(entry) = held.get_mut(key) {
                entry.leaving = true;
            }
        }
    }

    /// Gives back what was retired.
    pub async fn release_retired(&self) -> entente_store::Result<()> {
        let leaving: Vec<(LeaseKey, Fence)> = {
            let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.iter().filter(|(_, entry)| entry.leaving).map(|(key, entry)| (key.clone(), entry.fence)).collect()
        };
        if leaving.is_empty() {
            return Ok(());
        }
        self.store.release(&leaving).await?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in &leaving {
            held.remove(key);
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
        let kept: HashSet<LeaseKey> = kept.into_iter().collect();
        let lost: Vec<LeaseKey> = all.into_iter().map(|(key, _)| key).filter(|key| !kept.contains(key)).collect();
        for key in &lost {
            held.remove(key);
        }
        Ok(lost)
    }

    /// Gives everything back, for good.
    pub async fn release_all(&self) -> entente_store::Result<()> {
        self.closed.store(true, Ordering::SeqCst);
        let all = self.snapshot();
        self.store.release(&all).await?;
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    /// The fence of a lease that is held, by what this process knows.
    pub fn fence(&self, key: &LeaseKey) -> Option<Fence> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = held.get(key).filter(|entry| !entry.leaving && entry.confirmed.elapsed() < self.ttl)?;
        Some(entry.fence)
    }

    /// The fence of a shard that is held, by what this process knows.
    pub fn shard(&self, shard: Shard) -> Option<Fence> {
        self.fence(&SHARDS[usize::from(shard.0)])
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
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let alive = held.iter().filter(|(_, entry)| !entry.leaving && entry.confirmed.elapsed() < self.ttl);
        let mut shards: Vec<Shard> = alive.filter_map(|(key, _)| shard_of(key)).collect();
        shards.sort_unstable();
        shards
    }

    fn snapshot(&self) -> Vec<(LeaseKey, Fence)> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter().map(|(key, entry)| (key.clone(), entry.fence)).collect()
    }
}
