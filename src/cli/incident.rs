//! `entente incident`: what stands still, with its evidence, and how people settle it.

use entente_core::{
    chart::step::PARK,
    event::{Body, FailureClass, Resolution},
    run::Incident as Parked,
    scope::Scope,
};
use entente_store::{RunFilter, RunRow};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    exit::Exit,
    failure::Failure,
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
    #[arg(long, value_name = "TEXT")]
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
    #[arg(long, value_name = "TEXT")]
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

async fn run(session: &Session, label: &str) -> Result<RunRow, Failure> {
    let row = session.app.store.run_by_label(&Scope::vendor(), label).await?;
    row.ok_or_else(|| entente_store::Error::NotFound { kind: "run", id: label.to_owned() }.into())
}

async fn list(session: &Session) -> Result<Exit, Failure> {
    let filter = RunFilter { parked: Some(true), ..RunFilter::default() };
    let rows: Vec<Row> = stored::runs(session.app.store.as_ref(), filter).await?.into_iter().map(Row::from).collect();
    if session.out.is_json() {
        session.out.json(&rows)?;
        return Ok(Exit::Ok);
    }
    let cells = rows.iter().map(|row| {
        vec![
            row.label.clone(),
            row.state.clone(),
            word(&row.incident),
            row.incident.since.to_string(),
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
        ("since", incident.since.to_string()),
        ("invocation", incident.invoke.map(|invoke| invoke.to_string()).unwrap_or_default()),
        ("event kept", incident.event.as_ref().map(|event| event.name().to_owned()).unwrap_or_default()),
    ]);
    if !incident.evidence.is_null() {
        session.out.heading("Evidence");
        session.out.data(&serde_json::to_string_pretty(&incident.evidence).unwrap_or_default());
    }
    session.out.say(&format!("settle it with `entente incident retry|resolve|resume {label} --reason …`"));
    Ok(Exit::Ok)
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
