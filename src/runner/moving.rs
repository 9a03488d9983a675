//! Moving runs to another version of their chart, because a person asked for it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use entente_core::{
    chart::{
        bound::BoundChart,
        migration::{Asked, MIGRATE, Migration, MigrationError, Passage},
        model::Chart,
        step,
    },
    context::RaiseError,
    event::{Body, Event},
    run::{Decision, Snapshot},
};
use entente_store::Verdict;
use jiff::Timestamp;

use super::{
    Shared,
    cell::{Known, Work},
    decide::{Decided, Ground, panic_text, prepared, refusal},
    definitions::Unusable,
};
use crate::world::World;

/// The kind under which migrations are stored.
pub const KIND: &str = "migration";

/// A migration that suits the released charts which it leads between.
#[derive(Debug)]
pub struct Way {
    /// The migration.
    pub migration: Migration,
    /// The chart that runs leave.
    pub from: Chart,
    /// The chart that runs enter.
    pub to: Arc<BoundChart>,
}

impl Way {
    /// What the move makes of a run.
    ///
    /// # Errors
    /// When the run cannot be moved; see [`MigrationError`].
    pub fn lead(
        &self,
        run: &Snapshot,
        world: &World,
        event: &Event,
        now: Timestamp,
    ) -> Result<Decision, MigrationError> {
        let world = step::World { policy: world.policies.of(&self.migration.chart), calendars: &world.calendars };
        self.migration.apply(run, &Passage { from: &self.from, to: &self.to, world: &world }, event, now)
    }
}

/// What the event asks for, if it asks for a move; an error says why it cannot be read.
pub fn asked(event: &Event) -> Option<Result<Asked, String>> {
    let Body::Named { name, data } = &event.body else { return None };
    let read = || serde_json::from_value(data.clone()).map_err(|error| format!("`{MIGRATE}` cannot be read: {error}"));
    (name == MIGRATE).then(read)
}

/// Decides the work if it asks for a move.
pub(super) async fn decide(
    shared: &Shared,
    known: &Known,
    work: &Work,
    event: &Event,
    ground: Ground,
) -> Option<Decided> {
    if let Work::LedgerRefused { cause, reason } = work
        && asked(&cause.event()).is_some()
    {
        return Some(Decided::Answer(refusal("ledger_refused", reason.clone())));
    }
    Some(match asked(event)? {
        Ok(asked) => move_run(shared, known, work, event, &asked, ground).await,
        Err(reason) => Decided::Answer(refusal("input_refused", reason)),
    })
}

async fn move_run(
    shared: &Shared,
    known: &Known,
    work: &Work,
    event: &Event,
    asked: &Asked,
    ground: Ground,
) -> Decided {
    let run = known.snapshot.as_ref();
    if event.actor.is_none() {
        return Decided::Answer(refusal("no_actor", format!("`{MIGRATE}` needs a person; send it with an actor")));
    }
    if run.chart.version == asked.to {
        let reason = format!("`{}` is on version {} already", run.label, asked.to);
        return Decided::Answer(Verdict::Noted { reason });
    }
    let way = match shared.definitions.way(&run.chart.name, asked).await {
        Ok(way) => way,
        Err(reason) => return no_way(shared, run, &reason),
    };
    let (world, now) = (shared.world.borrow().clone(), shared.clock.now());
    match catch_unwind(AssertUnwindSafe(|| way.lead(run, &world, event, now))) {
        Ok(Ok(decision)) => prepared(shared, way.to.context.as_ref(), Some(known), work, &decision, ground, now),
        Ok(Err(error @ MigrationError::Raise(RaiseError::Newer { .. }))) => leave(run, &error.to_string()),
        Ok(Err(error)) => Decided::Answer(refusal("not_migrated", format!("`{}` is not moved: {error}", run.label))),
        Err(panic) => Decided::Answer(refusal(
            "not_migrated",
            format!("`{}` is not moved: the program failed: {}", run.label, panic_text(panic.as_ref())),
        )),
    }
}

/// A process that lacks what the newer version names leaves the run to one that has it, if there is one: nothing is lost
/// by a refusal where there is none.
fn no_way(shared: &Shared, run: &Snapshot, reason: &Unusable) -> Decided {
    match reason {
        Unusable::Store(error) => {
            tracing::warn!(run.label = run.label, "a migration could not be read, trying again: {error}");
            Decided::Later
        }
        Unusable::Unbound { .. } if shared.has_other_versions() => leave(run, &reason.to_string()),
        Unusable::Unknown(_) | Unusable::NoMigration(_) => {
            Decided::Answer(refusal("unknown_chart", reason.to_string()))
        }
        Unusable::Unbound { .. } | Unusable::Unfit { .. } => {
            Decided::Answer(refusal("chart_unusable", reason.to_string()))
        }
    }
}

fn leave(run: &Snapshot, reason: &str) -> Decided {
    tracing::warn!(run.label = run.label, "this run is left to another binary: {reason}");
    Decided::Leave
}
