//! Leases, on a clock that moves when it is told to.

use std::time::Duration;

use async_trait::async_trait;
use entente_core::ids::{Fence, ProcessId};

use super::{
    ModelStore,
    state::{State, StoredLease},
};
use crate::{Lease, LeaseKey, Leases, Result};

#[async_trait]
impl Leases for ModelStore {
    async fn acquire(&self, owner: &ProcessId, keys: &[LeaseKey], ttl: Duration) -> Result<Vec<Lease>> {
        let mut state = self.state();
        Ok(keys.iter().filter_map(|key| take(&mut state, owner, key, ttl)).collect())
    }

    async fn renew(&self, held: &[(LeaseKey, Fence)], ttl: Duration) -> Result<Vec<LeaseKey>> {
        let mut state = self.state();
        let expires = state.lease_clock + ttl;
        let mut renewed = Vec::new();
        for (key, fence) in held {
            if let Some(lease) =
                state.leases.get_mut(key).filter(|lease| lease.fence == *fence && lease.owner.is_some())
            {
                lease.expires = expires;
                renewed.push(key.clone());
            }
        }
        Ok(renewed)
    }

    async fn release(&self, held: &[(LeaseKey, Fence)]) -> Result<()> {
        let mut state = self.state();
        for (key, fence) in held {
            if let Some(lease) = state.leases.get_mut(key).filter(|lease| lease.fence == *fence) {
                lease.owner = None;
            }
        }
        Ok(())
    }

    async fn leases(&self) -> Result<Vec<Lease>> {
        let state = self.state();
        let held = state.leases.iter().filter_map(|(key, lease)| {
            let remaining = lease.expires.saturating_sub(state.lease_clock);
            Some(Lease { key: key.clone(), owner: lease.owner.clone()?, fence: lease.fence, remaining })
        });
        Ok(held.collect())
    }

    async fn holds(&self, key: &LeaseKey, fence: Fence) -> Result<bool> {
        let state = self.state();
        let living = state.leases.get(key).is_some_and(|lease| lease.expires > state.lease_clock);
        Ok(living && state.fence_stands(key, fence))
    }
}

/// Takes one lease, if it is free, has run out, or is the owner's already.
fn take(state: &mut State, owner: &ProcessId, key: &LeaseKey, ttl: Duration) -> Option<Lease> {
    let (now, expires) = (state.lease_clock, state.lease_clock + ttl);
    let fence = match state.leases.get(key) {
        None => Fence(1),
        Some(lease) if lease.owner.as_ref() == Some(owner) => lease.fence,
        Some(lease) if lease.owner.is_none() || lease.expires <= now => Fence(lease.fence.0 + 1),
        Some(_) => return None,
    };
    state.leases.insert(key.clone(), StoredLease { owner: Some(owner.clone()), fence, expires });
    Some(Lease { key: key.clone(), owner: owner.clone(), fence, remaining: ttl })
}
