//! What was asked and what was done: the evidence that tests count.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How many requests the log keeps.
const REQUESTS_MAX: usize = 1000;

/// One write that took effect.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Effect {
    pub(crate) at: Timestamp,
    pub(crate) account: String,
    pub(crate) operation: String,
    pub(crate) client_request_token: Option<String>,
    pub(crate) change_set_name: Option<String>,
    pub(crate) change_set_id: Option<String>,
    pub(crate) entities: Vec<String>,
    pub(crate) body_sha256: String,
}

/// One request, answered or not.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RequestEntry {
    pub(crate) at: Timestamp,
    pub(crate) account: Option<String>,
    pub(crate) operation: String,
    /// The status that left; `null` when the connection was closed without an answer.
    pub(crate) status: Option<u16>,
    pub(crate) client_request_token: Option<String>,
}

/// Both logs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Journal {
    pub(crate) effects: Vec<Effect>,
    pub(crate) counters: BTreeMap<String, u64>,
    pub(crate) requests: VecDeque<RequestEntry>,
}

impl Journal {
    pub(crate) fn record_request(&mut self, entry: RequestEntry) {
        *self.counters.entry(entry.operation.clone()).or_default() += 1;
        self.requests.push_back(entry);
        if self.requests.len() > REQUESTS_MAX {
            self.requests.pop_front();
        }
    }
}
