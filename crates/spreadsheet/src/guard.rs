//! A reader that gives out only as much as it was allowed to, so that nothing without an end is ever gathered in memory.

use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// How many bytes may have been given out in all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allowance(Arc<AtomicU64>);

impl Allowance {
    /// Allows bytes up to this place.
    pub(crate) fn up_to(&self, place: u64) {
        self.0.store(place, Ordering::Relaxed);
    }
}

/// A reader under an allowance.
#[derive(Debug)]
pub(crate) struct Guarded<R> {
    inner: R,
    given: u64,
    allowed: Allowance,
}

impl<R: Read> Guarded<R> {
    pub(crate) fn new(inner: R) -> (Guarded<R>, Allowance) {
        let allowed = Allowance::default();
        (Guarded { inner, given: 0, allowed: allowed.clone() }, allowed)
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.given >= self.allowed.0.load(Ordering::Relaxed) {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a row is longer than is read"));
        }
        let read = self.inner.read(buf)?;
        self.given += read as u64;
        Ok(read)
    }
}

/// Whether an error is that of a spent allowance.
pub(crate) fn is_spent(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::FileTooLarge
}
