//! What a run that moves to another version of its chart shares with one that takes a step.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    World,
    walk::{Halt, Walk},
};
use crate::{
    calendar::Calendars,
    chart::{
        bound::BoundChart,
        model::{After, Due},
    },
    context::EvalError,
    event::Event,
    run::{Decision, Snapshot},
};

/// When a deadline of a state that is entered now comes due for a run; `None` leaves it unarmed.
pub(in crate::chart) fn due_at(
    bound: &BoundChart,
    calendars: &Calendars,
    after: &After,
    run: &Snapshot,
    now: Timestamp,
) -> Result<Option<Timestamp>, EvalError> {
    let failed = |why: String| EvalError::Failed { what: format!("deadline `{}`", after.text), why };
    match &after.due {
        Due::Span(span) => {
            let end = now.to_zoned(TimeZone::UTC).checked_add(span.0).map_err(|error| failed(error.to_string()))?;
            Ok(Some(end.timestamp()))
        }
        Due::Working { amount } => {
            let due = calendars.of_entity(&run.home.legal_entity).add_working(now, *amount);
            due.map(Some).map_err(|error| failed(error.to_string()))
        }
        Due::Deadline(name) => bound.context.deadline(name, &run.context),
    }
}

/// Lets a run that stands in another version of its chart go on from there until it rests: open approvals follow the
/// revision, and eventless transitions whose conditions hold are taken. `before` is the run as it stood in the old version.
///
/// # Errors
/// What keeps it from being computed, in words.
pub(in crate::chart) fn settled(
    bound: &BoundChart,
    world: &World<'_>,
    moved: &Snapshot,
    before: &Snapshot,
    event: &Event,
    via: String,
    now: Timestamp,
) -> Result<Decision, String> {
    let go_on = || -> Result<Decision, Halt> {
        let mut walk = Walk::new(bound, world, moved, now)?;
        walk.run.context = moved.context.clone();
        walk.via.push(via);
        walk.join_due = true;
        walk.rebase_approvals()?;
        walk.settle(event)?;
        walk.run.tags = bound.chart.tags(&walk.run.state);
        Ok(walk.finish(Some(before), event))
    };
    go_on().map_err(|halt| match halt {
        Halt::Refuse(error) => error.to_string(),
        Halt::Park(parking) => parking.message,
    })
}
