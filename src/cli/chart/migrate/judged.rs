//! What becomes of each run, for people and programs.

use entente_core::{
    chart::migration::{Asked, Change, Deadline, MIGRATE},
    event::{Body, Event},
    ids::{LegalEntityId, RunId},
};
use entente_store::RunRow;
use serde::Serialize;
use serde_json::json;

use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        output::{Out, instant},
        session::Session,
    },
    runner::moving::Way,
};

/// What becomes of one run.
#[derive(Debug, Serialize)]
pub(super) struct Judged {
    pub label: String,
    #[serde(skip)]
    pub run: RunId,
    #[serde(skip)]
    pub legal_entity: LegalEntityId,
    /// What its move changes, as far as it can be moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    pub result: Outcome,
    /// Why it is not moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// It can be moved.
    Movable,
    /// It was moved.
    Moved,
    /// It is on the newer version already.
    Already,
    /// It is not moved.
    Refused,
    /// It was asked for, and has no verdict yet.
    Undecided,
}

impl Outcome {
    fn words(self) -> &'static str {
        match self {
            Outcome::Movable => "can be moved",
            Outcome::Moved => "moved",
            Outcome::Already => "moved already",
            Outcome::Refused => "not moved",
            Outcome::Undecided => "no verdict yet",
        }
    }
}

impl Judged {
    pub fn refuse(&mut self, reason: String) {
        self.result = Outcome::Refused;
        self.reason = Some(reason);
    }
}

/// The event's body by which a run is moved.
pub(super) fn body(asked: &Asked) -> Body {
    let data = json!({ "from": asked.from, "to": asked.to, "migration": asked.migration });
    Body::Named { name: MIGRATE.into(), data }
}

/// What the move would change about a run, judged as its owner will.
pub(super) fn judge(session: &Session, way: &Way, row: RunRow) -> Judged {
    let before = row.snapshot;
    let (change, result, reason) =
        if before.chart.version == way.migration.to && before.chart.name == way.migration.chart {
            (None, Outcome::Already, None)
        } else {
            let asked = Asked { from: way.migration.from, to: way.migration.to, migration: String::new() };
            let event = Event { source: "cli".into(), id: "judged".into(), actor: None, body: body(&asked) };
            let world = session.app.world.borrow().clone();
            match way.lead(&before, &world, &event, session.app.clock.now()) {
                Ok(decision) => (Some(Change::between(&before, &decision.snapshot)), Outcome::Movable, None),
                Err(error) => (None, Outcome::Refused, Some(error.to_string())),
            }
        };
    Judged { label: before.label, run: before.run, legal_entity: before.home.legal_entity, change, result, reason }
}

/// Shows every run with what its move changes.
///
/// # Errors
/// When the output cannot be written.
pub(super) fn show(out: &Out, rows: &[Judged]) -> Result<(), Failure> {
    if out.is_json() {
        out.json(&rows)?;
    } else {
        let cells = rows.iter().map(|row| {
            let states = row.change.as_ref().map(|change| (change.from.clone(), change.to.clone()));
            let (from, to) = states.unwrap_or_default();
            let why = row.reason.clone().or_else(|| row.change.as_ref().map(deadlines)).unwrap_or_default();
            vec![row.label.clone(), from, to, row.result.words().into(), why]
        });
        out.table(&["run", "from", "to", "result", "deadlines, or why not"], &cells.collect::<Vec<_>>());
    }
    let count = |wanted: Outcome| rows.iter().filter(|row| row.result == wanted).count();
    let all = [Outcome::Movable, Outcome::Moved, Outcome::Already, Outcome::Refused, Outcome::Undecided];
    let counted = all.into_iter().filter(|outcome| count(*outcome) > 0);
    let counts: Vec<String> = counted.map(|outcome| format!("{} {}", count(outcome), outcome.words())).collect();
    out.say(&if counts.is_empty() { "no run is on that version".to_owned() } else { counts.join(", ") });
    Ok(())
}

/// How the command ends.
pub(super) fn exit(rows: &[Judged]) -> Exit {
    let any = |wanted: Outcome| rows.iter().any(|row| row.result == wanted);
    match (any(Outcome::Refused), any(Outcome::Undecided)) {
        (true, _) => Exit::Error,
        (false, true) => Exit::TimedOut,
        (false, false) => Exit::Ok,
    }
}

fn deadlines(change: &Change) -> String {
    let kinds =
        [("kept", &change.kept), ("changed", &change.changed), ("added", &change.added), ("dropped", &change.dropped)];
    let listed = |deadlines: &[Deadline]| {
        deadlines.iter().map(|one| format!("{} {}", one.deadline, instant(one.due))).collect::<Vec<_>>().join(", ")
    };
    let told = kinds.into_iter().filter(|(_, deadlines)| !deadlines.is_empty());
    told.map(|(kind, deadlines)| format!("{kind}: {}", listed(deadlines))).collect::<Vec<_>>().join("; ")
}
