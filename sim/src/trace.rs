//! What happened, in order: a hash over everything, and the last lines for people.

use std::{collections::VecDeque, time::Duration};

/// Lines kept for people.
const TAIL: usize = 120;

/// Everything that happened so far.
#[derive(Debug)]
pub struct Trace {
    hash: u64,
    events: u64,
    tail: VecDeque<String>,
    keep: usize,
}

impl Trace {
    /// Nothing yet. With `whole` every line is kept, not the last ones alone.
    pub fn new(whole: bool) -> Trace {
        Trace {
            hash: 0xcbf2_9ce4_8422_2325,
            events: 0,
            tail: VecDeque::new(),
            keep: if whole { usize::MAX } else { TAIL },
        }
    }

    /// A look: counted and hashed, of no interest to people.
    pub fn glance(&mut self, at: Duration, who: &str, what: &str) {
        self.mix(at, who, what);
    }

    /// Something that people may want to read.
    pub fn line(&mut self, at: Duration, who: &str, what: &str, detail: &str) {
        self.mix(at, who, what);
        self.bytes(detail.as_bytes());
        if self.tail.len() >= self.keep {
            self.tail.pop_front();
        }
        self.tail.push_back(format!("{:>10.3}  {who:<9} {what:<16} {detail}", at.as_secs_f64()));
    }

    /// The hash over everything.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// How many things happened.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The last lines.
    pub fn tail(&self) -> Vec<String> {
        self.tail.iter().cloned().collect()
    }

    fn mix(&mut self, at: Duration, who: &str, what: &str) {
        self.events += 1;
        self.bytes(&at.as_millis().to_le_bytes());
        self.bytes(who.as_bytes());
        self.bytes(what.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
