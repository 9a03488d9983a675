//! One process among others on the same database: which part of each account's rates is its own, and whether anything may
//! leave at all.

use std::{sync::Arc, time::Duration};

use entente_port::Part;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    connectors::Connections,
    restore::state,
    runner::{Shared, leases::account_key},
};

/// How often a process looks at its place among the others, in parts of a lease.
const LOOKS_PER_LEASE: u32 = 15;

/// How often what another process found out about a recovery is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Sets the paces of all accounts until told to stop.
///
/// The process that delivers for an account has half of its rates, the others share the rest for what they read. One that
/// has just come waits until all others have noticed it.
pub async fn share_rates(shared: Arc<Shared>, connections: Connections, stop: CancellationToken) {
    let every = (shared.settings.lease_ttl / LOOKS_PER_LEASE).min(EVERY);
    let noticed = Instant::now() + shared.settings.lease_ttl / 5 + 2 * every;
    while !stop.is_cancelled() {
        let members = shared.members();
        for connection in connections.iter() {
            let delivers = shared.leases.fence(&account_key(&connection.account)).is_some();
            let waits = members > 1 && !delivers && Instant::now() < noticed;
            connection.marketplace.share((!waits).then(|| part(members, delivers)));
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = stop.cancelled() => {}
        }
    }
}

fn part(members: usize, delivers: bool) -> Part {
    let members = u32::try_from(members).unwrap_or(u32::MAX / 2);
    match (members, delivers) {
        (0 | 1, _) => Part::WHOLE,
        (_, true) => Part::one_of(2),
        (members, false) => Part::one_of(2 * (members - 1)),
    }
}

/// Holds everything back while the database says that it is still being read back, whichever process found that out.
pub async fn follow_recovery(shared: Arc<Shared>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match state::pending(shared.store.as_ref()).await {
            Ok(Some(_)) => shared.gate.close(),
            Ok(None) => shared.gate.open(),
            Err(error) => shared.outage.failed("whether anything may be sent could not be read", &error),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => {}
        }
    }
}
