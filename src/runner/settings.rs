//! How the runner behaves; the defaults are for production.

use std::time::Duration;

use super::backoff::Jitter;
use crate::next;

/// How the runner behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Steps in one commit, at most.
    pub batch_max: usize,
    /// How often the inbox is looked at for messages of other processes, and timers for their time.
    pub poll: Duration,
    /// How long a lease runs without renewal.
    pub lease_ttl: Duration,
    /// The oldest confirmation of a lease with which something may be sent.
    pub fence_age_max: Duration,
    /// How long a shutdown waits for what is under way.
    pub shutdown_grace: Duration,
    /// Idle runs kept in memory.
    pub idle_max: usize,
    /// Deliveries of one connector account at the same time.
    pub deliveries_max: usize,
    /// Times that the delivery of one local intent may have crashed the process before its run is parked.
    pub crashes_max: u32,
    /// The version of this binary, as other processes see it.
    pub version: &'static str,
    /// The database lets one process run it at a time, as the embedded one does: leases that another left are nobody's.
    pub sole_runner: bool,
    /// Start with the gate closed: runs move, and nothing leaves for a marketplace until it is opened.
    pub hold_sends: bool,
    /// Where the waits between attempts draw their jitter from.
    pub jitter: Jitter,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            batch_max: 512,
            poll: Duration::from_millis(100),
            lease_ttl: Duration::from_secs(15),
            fence_age_max: Duration::from_secs(5),
            shutdown_grace: Duration::from_secs(15),
            idle_max: 4096,
            deliveries_max: 8,
            crashes_max: 5,
            version: next::version(),
            sole_runner: true,
            hold_sends: false,
            jitter: Jitter::default(),
        }
    }
}
