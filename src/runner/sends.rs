//! A note outside the database of every write that is about to leave for a marketplace.

use std::io;

use entente_core::ids::{InvokeId, RunId};
use serde::{Deserialize, Serialize};

/// A write that left, or was about to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The run.
    pub run: RunId,
    /// The invocation.
    pub invoke: InvokeId,
    /// Its attempt, from 1.
    pub attempt: u32,
}

/// Takes the notes. A database that is put back by minutes forgets what it sent since; the notes do not.
pub trait SendLog: Send + Sync {
    /// Notes a write durably. The write leaves only after that.
    ///
    /// # Errors
    /// When it cannot be noted; nothing may leave then.
    fn note(&self, sent: &Sent) -> io::Result<()>;

    /// Whether noting waits for a disk, and therefore must not hold up what else the thread has to do.
    fn blocks(&self) -> bool {
        true
    }
}

/// Takes no notes: for an engine whose database nobody puts back.
#[derive(Debug, Clone, Copy)]
pub struct Unnoted;

impl SendLog for Unnoted {
    fn note(&self, _: &Sent) -> io::Result<()> {
        Ok(())
    }

    fn blocks(&self) -> bool {
        false
    }
}
