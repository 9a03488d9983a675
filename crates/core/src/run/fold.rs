//! From records back to the snapshot, without evaluating a guard again.

use std::borrow::Borrow;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Command, Decision, Delta, Record, Snapshot, delta::Misfit};
use crate::event::Event;

/// Records that do not make a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// There is no record at all.
    #[error("the run has no history")]
    Empty,
    /// A record is missing, double or out of order.
    #[error("step {expected} is expected and step {found} found")]
    Gap {
        /// The step that should come.
        expected: u64,
        /// The step that came.
        found: u64,
    },
    /// A record does not begin where the one before it ended.
    #[error("step {seq} begins in state `{from}`, the step before it ended in `{state}`")]
    Torn {
        /// The step.
        seq: u64,
        /// Where it begins.
        from: String,
        /// Where the one before it ended.
        state: String,
    },
    /// A record's delta does not fit.
    #[error("the change of step {seq} does not fit the snapshot before it: {misfit}")]
    Misfit {
        /// The step.
        seq: u64,
        /// Where it does not fit.
        misfit: Misfit,
    },
    /// The sum is not a snapshot.
    #[error("the history up to step {seq} does not make a snapshot: {why}")]
    NotASnapshot {
        /// The last step.
        seq: u64,
        /// What is wrong with it.
        why: String,
    },
}

/// The snapshot that a run's records make, all of them from step 1 on, in order.
///
/// # Errors
/// When a record is missing, torn or does not fit.
pub fn fold<R: Borrow<Record>>(records: impl IntoIterator<Item = R>) -> Result<Snapshot, FoldError> {
    let mut fields = Map::new();
    let mut seq = 0;
    let mut state = String::new();
    for record in records {
        let record = record.borrow();
        if record.seq != seq + 1 {
            return Err(FoldError::Gap { expected: seq + 1, found: record.seq });
        }
        if seq > 0 && record.from != state {
            return Err(FoldError::Torn { seq: record.seq, from: record.from.clone(), state });
        }
        seq = record.seq;
        record.delta.apply(&mut fields).map_err(|misfit| FoldError::Misfit { seq, misfit })?;
        state.clone_from(&record.to);
    }
    if seq == 0 {
        return Err(FoldError::Empty);
    }
    fields.insert("seq".into(), seq.into());
    fields.insert("state".into(), state.into());
    serde_json::from_value(Value::Object(fields))
        .map_err(|error| FoldError::NotASnapshot { seq, why: error.to_string() })
}

impl Decision {
    /// The decision that turns `old` into `new` because of `event`; the first of its run where `old` is `None`.
    pub fn between(
        old: Option<&Snapshot>,
        new: Snapshot,
        event: Event,
        at: Timestamp,
        via: Vec<String>,
        commands: Vec<Command>,
    ) -> Decision {
        let from = old.map_or_else(String::new, |old| old.state.clone());
        let delta = Delta::of(old, &new);
        let record = Record { seq: new.seq, at, event, from, to: new.state.clone(), via, delta, commands };
        Decision { snapshot: new, record }
    }
}
