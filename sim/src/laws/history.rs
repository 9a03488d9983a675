//! A run is the fold of its history; its history has no gaps, and each step is one that its pinned chart takes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use entente::runner::World;
use entente_core::{
    audit::{Fingerprint, row_hash},
    chart::{
        bound::BoundChart,
        step::{self, NewRun},
    },
    event::Body,
    ids::RunId,
    run::{Decision, Record, Snapshot},
};
use entente_store::{HistoryRow, model::Tables};
use serde_json::{Map, Value};

use super::{Broken, approvals::Deals, votes};
use crate::deal::DEAL;

/// The histories as far as they were checked.
#[derive(Default)]
pub(super) struct Histories {
    rows: usize,
    runs: BTreeMap<RunId, Told>,
    deals: Deals,
    approved: BTreeSet<(RunId, String)>,
}

/// One run as its records tell it.
#[derive(Default)]
struct Told {
    fields: Map<String, Value>,
    head: [u8; 32],
    last: Option<Snapshot>,
}

impl Histories {
    /// Whether people agreed to exactly this revision of a deal.
    pub(super) fn is_approved(&self, run: RunId, revision: &str) -> bool {
        self.approved.contains(&(run, revision.to_owned()))
    }

    /// Checks the rows that are new.
    pub(super) fn check(
        &mut self,
        tables: Tables<'_>,
        charts: &BTreeMap<String, Arc<BoundChart>>,
        world: &World,
    ) -> Result<(), Broken> {
        for row in tables.history().iter().skip(self.rows) {
            self.rows += 1;
            let told = self.runs.entry(row.run).or_default();
            let record = told.take(row)?;
            let snapshot = told.last.as_ref().ok_or_else(|| broken("history", row, "no snapshot comes of it"))?;
            votes::check(snapshot)?;
            if snapshot.chart.name == DEAL {
                let approved = self.deals.follow(row.run, &snapshot.label, &record.record)?;
                self.approved.extend(approved.map(|revision| (row.run, revision)));
            }
            if let Some(stored) = tables.run(row.run).filter(|stored| stored.snapshot.seq == row.seq)
                && (stored.snapshot != *snapshot || stored.head != row.hash)
            {
                return Err(broken("fold", row, "the stored run is not the fold of its history"));
            }
            if record.is_parked_by_the_shell() {
                continue;
            }
            let again = record.redecide(charts, world, row)?;
            if again.snapshot != *snapshot || again.record != record.record {
                return Err(broken("chart", row, "the pinned chart takes another step"));
            }
        }
        Ok(())
    }
}

/// A record, and the run before it.
struct Taken {
    record: Record,
    before: Option<Snapshot>,
    after: Snapshot,
}

impl Told {
    fn take(&mut self, row: &HistoryRow) -> Result<Taken, Broken> {
        let before = self.last.take();
        let (seq, state) = before.as_ref().map_or((0, ""), |before| (before.seq, before.state.as_str()));
        if row.seq != seq + 1 {
            return Err(broken("gapless", row, &format!("it follows step {seq}")));
        }
        let hash = row_hash(&Fingerprint(self.head), row.run, row.seq, row.record.as_bytes()).0;
        if row.prev_hash != self.head || row.hash != hash {
            return Err(broken("chain", row, "its hashes do not follow"));
        }
        self.head = row.hash;
        let record: Record =
            serde_json::from_str(&row.record).map_err(|error| broken("history", row, &error.to_string()))?;
        if record.seq != row.seq || record.from != state {
            return Err(broken("fold", row, &format!("it begins in `{}`, the run was in `{state}`", record.from)));
        }
        record.delta.apply(&mut self.fields).map_err(|misfit| broken("fold", row, &misfit.to_string()))?;
        let mut fields = self.fields.clone();
        fields.insert("seq".into(), record.seq.into());
        fields.insert("state".into(), record.to.clone().into());
        let after: Snapshot =
            serde_json::from_value(Value::Object(fields)).map_err(|error| broken("fold", row, &error.to_string()))?;
        self.last = Some(after.clone());
        Ok(Taken { record, before, after })
    }
}

impl Taken {
    /// The engine stopped the run where it stood: the chart had no say.
    fn is_parked_by_the_shell(&self) -> bool {
        self.record.via == ["parked"] && self.record.from == self.record.to && self.after.incident.is_some()
    }

    /// What the pinned chart makes of the same event in the same run at the same time.
    fn redecide(
        &self,
        charts: &BTreeMap<String, Arc<BoundChart>>,
        world: &World,
        row: &HistoryRow,
    ) -> Result<Decision, Broken> {
        let pin = &self.after.chart;
        let bound = charts.get(&pin.sha256).ok_or_else(|| broken("chart", row, "its chart is not known"))?;
        let world = step::World { policy: world.policies.of(&pin.name), calendars: &world.calendars };
        let again = match (&self.before, &self.record.event.body) {
            (Some(before), _) => step::step(bound, &world, before, &self.record.event, self.record.at),
            (None, Body::Started { .. }) => {
                let Snapshot { run, label, home, parent, .. } = self.after.clone();
                step::begin(bound, &world, &NewRun { run, label, home, parent }, &self.record.event, self.record.at)
            }
            (None, _) => return Err(broken("chart", row, "a run begins with something else than its start")),
        };
        again.map_err(|error| broken("chart", row, &format!("the pinned chart refuses it: {error}")))
    }
}

fn broken(law: &'static str, row: &HistoryRow, why: &str) -> Broken {
    (law, format!("step {} of run {}: {why}: {}", row.seq, row.run, row.record))
}
