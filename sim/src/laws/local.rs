//! A local activity is performed once, unless somebody was lost: its owner, the owner's hold on its shard, or a person's
//! patience with a run that was parked.

use std::collections::BTreeMap;

use entente_core::ids::{InvokeId, RunId};
use entente_store::LeaseKey;

use super::Broken;

/// Who was at which local activity, and how often the shards went from hand to hand.
#[derive(Default)]
pub(super) struct Performances {
    begun: BTreeMap<(RunId, InvokeId), u64>,
    turns: BTreeMap<LeaseKey, u64>,
}

impl Performances {
    /// A lease was taken, or its holder had lost sight of it: what he had under way may be begun again.
    pub(super) fn changed_hands(&mut self, key: &LeaseKey) {
        *self.turns.entry(key.clone()).or_default() += 1;
    }

    /// A person had an invocation tried again.
    pub(super) fn tried_again(&mut self, run: RunId, invoke: InvokeId) {
        self.begun.remove(&(run, invoke));
    }

    /// It is begun.
    pub(super) fn begins(&mut self, label: &str, run: RunId, invoke: InvokeId) -> Result<(), Broken> {
        let turn = self.turns.get(&LeaseKey::shard(run.shard())).copied().unwrap_or_default();
        match self.begun.insert((run, invoke), turn) {
            Some(before) if before == turn => {
                Err(("begun once", format!("{invoke} of {label} is begun again, and its owner was never lost")))
            }
            _ => Ok(()),
        }
    }
}
