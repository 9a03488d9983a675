//! The ids in other systems that a run carries at each step, so that every line of an export names them.

use std::collections::BTreeMap;

use entente_core::{context::private_offer::stated_refs, ids::RunId, run::Record};

/// What a run carries, followed record by record.
#[derive(Debug, Default)]
pub struct Carried {
    run: Option<RunId>,
    refs: BTreeMap<String, String>,
}

impl Carried {
    /// The ids after a record; records of one run come one after the other.
    pub fn after(&mut self, run: RunId, record: &str) -> &BTreeMap<String, String> {
        if self.run != Some(run) {
            *self = Carried { run: Some(run), refs: BTreeMap::new() };
        }
        // Most records bring no document, and need not be read for it.
        if record.contains("external_refs") || record.contains("\"revise\"") {
            let stated = serde_json::from_str::<Record>(record).ok().and_then(|record| stated_refs(&record.event.body));
            self.refs = stated.unwrap_or_else(|| std::mem::take(&mut self.refs));
        }
        &self.refs
    }
}
