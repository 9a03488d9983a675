//! `entente incident`: what stands still, with its evidence, and how people settle it.

use entente_core::{
    chart::step::PARK,
    event::{Body, FailureClass, Resolution},
    run::{Incident as Parked, Snapshot},
    scope::Scope,
};
use entente_store::{RunFilter, RunRow};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    exit::Exit,
    failure::Failure,
    fleet::warn_of_left,
    input,
    output::instant,
    recovery::warn_of_lost,
    session::{Globals, Session},
    submit::Sending,
};
use crate::{authz::Action, offers::stored};

/// See and settle what stands still
#[derive(Debug, clap::Subcommand)]
pub enum Incident {
    /// List what stands still
    List,
    /// Show why a run stands still, with the evidence
    Show {
        /// The run, such as OFR-2026-00042
        label: String,
    },
    /// Try the invocation again, with fresh attempts
    Retry(Plain),
    /// Say whether the effect happened
    Resolve(Resolve),
    /// Offer the event that parked the run once more
    Resume(Plain),
    /// Park a run by hand
    Park(Plain),
}

/// A decision that needs no more than a reason.
#[derive(Debug, clap::Args)]
pub struct Plain {
    /// The run, such as OFR-2026-00042
    label: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Sending,
}

/// What a person found out.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("finding").required(true))]
pub struct Resolve {
    /// The run, such as OFR-2026-00042
    label: String,
    /// It happened; this is what the marketplace would have answered, as JSON such as '{"change_id": "cs-1"}'
    #[arg(long, value_name = "JSON", group = "finding", value_parser = object)]
    happened: Option<Value>,
    /// It did not happen; the run goes on as after a failure of this class
    #[arg(long, value_name = "CLASS", group = "finding", value_parser = class)]
    did_not_happen: Option<FailureClass>,
    /// How you know
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Sending,
}

#[derive(Debug, Serialize)]
struct Row {
    label: String,
    chart: String,
    state: String,
    incident: Parked,
}

impl From<RunRow> for Row {
    fn from(row: RunRow) -> Row {
        let incident = row.snapshot.incident.unwrap_or_else(|| Parked {
            code: entente_core::run::IncidentCode::Unhandled,
            message: "it stands still without a recorded reason".into(),
            invoke: None,
            evidence: Value::Null,
            since: row.updated_at,
            event: None,
        });
        Row { label: row.snapshot.label, chart: row.snapshot.chart.name, state: row.snapshot.state, incident }
    }
}

impl Incident {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        match self {
            Incident::List => list(&session).await,
            Incident::Show { label } => show(&session, &label).await,
            Incident::Retry(plain) => plain.settle(&session, Resolution::Retry).await,
            Incident::Resume(plain) => plain.settle(&session, Resolution::Resume).await,
            Incident::Park(plain) => {
                let body = Body::Named { name: PARK.into(), data: json!({ "reason": plain.reason }) };
                send(&session, &plain.label, &plain.sending, body).await
            }
            Incident::Resolve(resolve) => resolve.settle(&session).await,
        }
    }
}

impl Plain {
    async fn settle(self, session: &Session, decision: Resolution) -> Result<Exit, Failure> {
        send(session, &self.label, &self.sending, Body::Resolve { decision, reason: self.reason }).await
    }
}

impl Resolve {
    async fn settle(self, session: &Session) -> Result<Exit, Failure> {
        let decision = match (self.happened, self.did_not_happen) {
            (Some(output), _) => Resolution::Happened { output },
            (None, Some(class)) => Resolution::DidNotHappen { class },
            (None, None) => return Err(Failure::usage("say --happened or --did-not-happen")),
        };
        send(session, &self.label, &self.sending, Body::Resolve { decision, reason: self.reason }).await
    }
}

async fn send(session: &Session, label: &str, sending: &Sending, body: Body) -> Result<Exit, Failure> {
    let row = run(session, label).await?;
    let actor = session.act_for(Action::SettleIncident, "run", label, &row.snapshot.home.legal_entity)?;
    let message = sending.sender(session, actor).message(row.snapshot.run, body);
    session.send(sending, label, vec![message]).await?;
    Ok(Exit::Ok)
}

/// Whether a run is in sight: what stands still is the operator's, whoever's it is. It holds no word of what a card says.
fn in_sight(session: &Session, row: &RunRow) -> bool {
    let Snapshot { chart, home, .. } = &row.snapshot;
    let person = session.actor().and_then(|actor| session.app.people.person(actor));
    let operates = person.is_some_and(|person| person.roles.iter().any(|role| role.as_str() == "operator"));
    operates || session.in_sight(&chart.name, home)
}

async fn run(session: &Session, label: &str) -> Result<RunRow, Failure> {
    let row = session.app.store.run_by_label(&Scope::vendor(), label).await?.filter(|row| in_sight(session, row));
    row.ok_or_else(|| entente_store::Error::NotFound { kind: "run", id: label.to_owned() }.into())
}

async fn list(session: &Session) -> Result<Exit, Failure> {
    warn_of_left(session).await?;
    warn_of_lost(session).await?;
    let filter = RunFilter { parked: Some(true), ..RunFilter::default() };
    let parked = stored::runs(session.app.store.as_ref(), filter).await?.into_iter();
    let rows: Vec<Row> = parked.filter(|row| in_sight(session, row)).map(Row::from).collect();
    if session.out.is_json() {
        session.out.json(&rows)?;
        return Ok(Exit::Ok);
    }
    let cells = rows.iter().map(|row| {
        vec![
            row.label.clone(),
            row.state.clone(),
            word(&row.incident),
            instant(row.incident.since),
            row.incident.message.clone(),
        ]
    });
    session.out.table(&["run", "state", "code", "since", "what"], &cells.collect::<Vec<_>>());
    if rows.is_empty() {
        session.out.say("nothing stands still");
    }
    Ok(Exit::Ok)
}

async fn show(session: &Session, label: &str) -> Result<Exit, Failure> {
    let row = run(session, label).await?;
    if row.snapshot.incident.is_none() {
        let message = format!("`{label}` is in `{}` and does not stand still", row.snapshot.state);
        return Err(Failure::new(Exit::NotFound, message));
    }
    let settled = commands(&row.snapshot);
    let row = Row::from(row);
    if session.out.is_json() {
        session.out.json(&row)?;
        return Ok(Exit::Ok);
    }
    let incident = &row.incident;
    session.out.fields(&[
        ("run", row.label.clone()),
        ("state", row.state.clone()),
        ("code", word(incident)),
        ("what", incident.message.clone()),
        ("since", instant(incident.since)),
        ("invocation", incident.invoke.map(|invoke| invoke.to_string()).unwrap_or_default()),
        ("event kept", incident.event.as_ref().map(|event| event.name().to_owned()).unwrap_or_default()),
    ]);
    let sends = sends(&incident.evidence);
    if !sends.is_empty() {
        session.out.heading("What was sent");
        session.out.table(&["operation", "attempts", "first sent", "token", "request sha256"], &sends);
    }
    if !incident.evidence.is_null() {
        session.out.heading("Evidence");
        session.out.data(&serde_json::to_string_pretty(&incident.evidence).unwrap_or_default());
    }
    session.out.say(&format!("settle it with {}", settled.join(" or ")));
    Ok(Exit::Ok)
}

/// The sends that an incident's evidence tells of, wherever they stand in it: a row each.
fn sends(evidence: &Value) -> Vec<Vec<String>> {
    let inner: Vec<&Value> = match evidence {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => return Vec::new(),
    };
    let cell = |field: &str| match evidence.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => "-".to_owned(),
        Some(other) => other.to_string(),
    };
    if evidence.get("operation").is_some() && evidence.get("token").is_some() {
        return vec![["operation", "attempts", "first_sent_at", "token", "request_hash"].map(cell).to_vec()];
    }
    inner.into_iter().flat_map(sends).collect()
}

/// The commands that settle a run's incident.
fn commands(snapshot: &Snapshot) -> Vec<String> {
    let label = &snapshot.label;
    let command = |word: &String| match word.as_str() {
        "happened" => format!("`entente incident resolve {label} --happened <json> --reason <text>`"),
        "did_not_happen" => format!("`entente incident resolve {label} --did-not-happen <class> --reason <text>`"),
        "retry" => format!("`entente incident retry {label} --reason <text>`"),
        _ => format!("`entente incident resume {label} --reason <text>`"),
    };
    entente_core::chart::step::settled_by(snapshot).iter().map(command).collect()
}

fn word(incident: &Parked) -> String {
    let code = serde_json::to_value(incident.code).ok();
    code.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn object(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))
}

fn class(text: &str) -> Result<FailureClass, String> {
    let known = FailureClass::ALL.into_iter().find(|class| class.word() == text);
    known.ok_or_else(|| format!("choose one of {}", FailureClass::ALL.map(FailureClass::word).join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sends_are_found_wherever_the_evidence_tells_of_them() {
        let sent = |token: &str| {
            json!({
                "operation": "marketplace.create_offer", "attempts": 2, "first_sent_at": Value::Null,
                "token": token, "request_hash": "ab12", "request": { "offer": { "reference": "A-1" } },
            })
        };
        let row = |token: &str| ["marketplace.create_offer", "2", "-", token, "ab12"].map(str::to_owned).to_vec();
        let unknown = json!({ "class": "outcome_unknown", "message": "?", "evidence": sent("t-1") });
        assert_eq!(sends(&unknown), [row("t-1")]);
        let restored =
            json!({ "effects": [{ "found": {}, "sent": sent("t-1") }, { "found": {}, "sent": sent("t-2") }] });
        assert_eq!(sends(&restored), [row("t-1"), row("t-2")]);
        assert!(sends(&json!({ "effects": [{ "found": { "change": "cs-1" }, "sent": null }] })).is_empty());
        assert!(sends(&Value::Null).is_empty());
    }
}
