//! The gate before the marketplaces: closed while nobody knows what they hold of ours, as after a restore.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether anything may leave for a marketplace.
#[derive(Debug)]
pub struct Gate(AtomicBool);

impl Gate {
    /// An open gate, or a closed one.
    pub fn new(open: bool) -> Gate {
        Gate(AtomicBool::new(open))
    }

    /// Whether something may leave.
    pub fn is_open(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Lets nothing more leave; what is under way ends.
    pub fn close(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    /// Lets everything go on.
    pub fn open(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
