//! A message is stored once under its key, and its verdict never changes.

use std::collections::BTreeSet;

use entente_store::{Verdict, model::Tables};

use super::Broken;

/// The messages as far as they were checked.
#[derive(Default)]
pub(super) struct Verdicts {
    keys: BTreeSet<(String, String)>,
    known: Vec<Option<Verdict>>,
}

impl Verdicts {
    pub(super) fn check(&mut self, tables: Tables<'_>) -> Result<(), Broken> {
        for (at, stored) in tables.inbox().iter().enumerate() {
            match self.known.get_mut(at) {
                None => {
                    let event = &stored.message.event;
                    if !self.keys.insert((event.source.clone(), event.id.clone())) {
                        return Err(("inbox", format!("{}/{} is stored twice", event.source, event.id)));
                    }
                    self.known.push(stored.verdict.clone());
                }
                Some(known) if known.is_none() => known.clone_from(&stored.verdict),
                Some(known) if *known != stored.verdict => {
                    let (no, now) = (stored.no, &stored.verdict);
                    return Err(("verdict", format!("message {no} had {known:?} and has {now:?}")));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}
