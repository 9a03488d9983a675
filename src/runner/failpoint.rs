//! Named crash points, so that tests can kill the process exactly there. Release builds do not have them.
//!
//! `ENTENTE_FAILPOINT=K5:marketplace.create_offer` aborts the process the first time it reaches K5 with that operation;
//! `K5:*` any operation, `K5:*:3` the third time. `K5:*:3:stop` stops it there instead, until it is sent SIGCONT.

/// The places where a crash is interesting, from the claim of an intent to its recorded outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Before an intent is claimed.
    K1,
    /// Claimed, no send recorded.
    K2,
    /// The send is recorded, nothing has left.
    K3,
    /// The request is leaving.
    K4,
    /// The other side has acted, its answer is not read.
    K5,
    /// The answer is in memory, not recorded.
    K6,
    /// The commit is sent, its acknowledgement is not used.
    K7,
    /// Recorded, the lease not released.
    K8,
    /// During graceful shutdown.
    K9,
}

/// Passes the point, or ends the process there when told to.
#[cfg(debug_assertions)]
pub fn reach(point: Point, operation: &str) {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    };

    struct Armed {
        point: String,
        operation: String,
        at: u32,
        stops: bool,
        seen: AtomicU32,
    }
    static ARMED: OnceLock<Option<Armed>> = OnceLock::new();
    let armed = ARMED.get_or_init(|| {
        let text = std::env::var("ENTENTE_FAILPOINT").ok()?;
        let mut parts = text.split(':');
        let point = parts.next()?.to_owned();
        let operation = parts.next().unwrap_or("*").to_owned();
        let at = parts.next().and_then(|n| n.parse().ok()).unwrap_or(1);
        let stops = parts.next() == Some("stop");
        Some(Armed { point, operation, at, stops, seen: AtomicU32::new(0) })
    });
    let Some(armed) = armed else { return };
    if armed.point != format!("{point:?}") || !["*", operation].contains(&armed.operation.as_str()) {
        return;
    }
    if armed.seen.fetch_add(1, Ordering::SeqCst) + 1 != armed.at {
        return;
    }
    if !armed.stops || !stopped() {
        std::process::abort();
    }
}

/// Stops the whole process until somebody lets it go on; false when that cannot be done.
#[cfg(debug_assertions)]
fn stopped() -> bool {
    let this = std::process::id().to_string();
    let sent = std::process::Command::new("kill").args(["-STOP", &this]).status();
    // The signal may be any thread's to take, and until it is taken this one would go on.
    while stop_is_pending() {
        std::thread::yield_now();
    }
    sent.is_ok_and(|status| status.success())
}

/// Whether this process has been told to stop and no thread of it has taken that yet, as Linux tells it.
#[cfg(debug_assertions)]
fn stop_is_pending() -> bool {
    const SIGSTOP: u64 = 1 << 18;
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let pending = told.lines().find_map(|line| line.strip_prefix("ShdPnd:"));
    pending.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).is_some_and(|bits| bits & SIGSTOP != 0)
}

/// Passes the point.
#[cfg(not(debug_assertions))]
pub fn reach(_: Point, _: &str) {}
