//! Runs that this binary leaves to another: their chart cannot be used here, or their context is of a version to come.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use entente_core::{
    chart::bound::BoundChart,
    ids::Shard,
    run::{ChartPin, Snapshot},
    scope::Scope,
};
use entente_store::{RunFilter, Store};
use serde::Serialize;

use super::{
    Shared,
    definitions::{Definitions, Unusable},
};

/// Labels that are named; of more runs, the first are.
const NAMED_MAX: usize = 3;

/// Runs of one chart and one version of its context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// The chart that they are pinned to.
    pub chart: ChartPin,
    /// The version of their contexts.
    pub context_version: u32,
    /// What this binary lacks.
    pub reason: String,
    /// How many they are.
    pub runs: usize,
    /// The first of them.
    pub labels: Vec<String>,
    /// Where they are.
    #[serde(skip)]
    shards: BTreeSet<Shard>,
}

impl Left {
    /// One line about them.
    pub fn words(&self) -> String {
        let ChartPin { name, version, sha256 } = &self.chart;
        let more = if self.runs > self.labels.len() { ", …" } else { "" };
        format!(
            "{} of chart `{name}` v{version} ({sha256:.12}…) left to another binary ({}{more}): {}",
            if self.runs == 1 { "1 run".to_owned() } else { format!("{} runs", self.runs) },
            self.labels.join(", "),
            self.reason
        )
    }
}

/// What a run's context has that this binary does not know.
pub(super) fn too_new(bound: &BoundChart, snapshot: &Snapshot) -> Option<String> {
    let known = bound.context.version();
    let version = snapshot.context_version;
    (version > known).then(|| format!("its context is of version {version}, this binary knows them up to {known}"))
}

/// Every unfinished run that this binary leaves to another, by chart and version.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(store: &dyn Store, definitions: &Definitions) -> entente_store::Result<Vec<Left>> {
    let mut judged: BTreeMap<(ChartPin, u32), Option<Left>> = BTreeMap::new();
    let mut filter = RunFilter { ended: Some(false), limit: 1000, ..RunFilter::default() };
    loop {
        let page = store.runs(&Scope::vendor(), &filter).await?;
        for row in &page.rows {
            let snapshot = &row.snapshot;
            let kind = (snapshot.chart.clone(), snapshot.context_version);
            let left = match judged.entry(kind) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(judge(definitions, snapshot).await?),
            };
            if let Some(left) = left {
                left.runs += 1;
                left.shards.insert(snapshot.run.shard());
                if left.labels.len() < NAMED_MAX {
                    left.labels.push(snapshot.label.clone());
                }
            }
        }
        filter.after = page.next.map(|cursor| cursor.0);
        if filter.after.is_none() {
            return Ok(judged.into_values().flatten().collect());
        }
    }
}

async fn judge(definitions: &Definitions, snapshot: &Snapshot) -> entente_store::Result<Option<Left>> {
    let reason = match definitions.bound(&snapshot.chart).await {
        Ok(bound) => too_new(&bound, snapshot),
        Err(Unusable::Store(error)) => return Err(entente_store::Error::Database(error.to_string())),
        Err(reason) => Some(reason.to_string().replace('\n', "; ")),
    };
    Ok(reason.map(|reason| Left {
        chart: snapshot.chart.clone(),
        context_version: snapshot.context_version,
        reason,
        runs: 0,
        labels: Vec::new(),
        shards: BTreeSet::new(),
    }))
}

impl Shared {
    /// Says at the start which runs wait for another binary, and leaves their shards to one where there is one.
    pub(super) async fn tell_left(&self) {
        match all(self.store.as_ref(), &self.definitions).await {
            Ok(all) => {
                for left in all {
                    tracing::warn!("{}", left.words());
                    left.shards.into_iter().for_each(|shard| self.leave_to_others(shard));
                }
            }
            Err(error) => tracing::warn!("whether every run's chart is known could not be read: {error}"),
        }
    }
}
