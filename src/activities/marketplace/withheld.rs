//! What is known of a write that its connection holds back: the evidence of its run's incident.

use entente_core::{
    event::{Failure, FailureClass},
    ids::ConnectorAccount,
    run::{Incident, IncidentCode},
};
use entente_port::Hold;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::failure;

/// A write that its connection holds back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Withheld {
    /// The connection.
    pub connection: ConnectorAccount,
    /// What would be done there, as charts call it.
    pub operation: String,
    /// What holds it back, and the calls that it would make.
    #[serde(flatten)]
    pub hold: Hold,
}

impl Withheld {
    /// The failure by which its run is parked.
    pub(super) fn failure(&self) -> Failure {
        let message = format!("nothing was sent: {}", self.hold.reason);
        Failure { evidence: json!(self), ..failure(FailureClass::Withheld, message) }
    }

    /// What an incident says of it; `None` when the incident is about something else.
    pub fn of(incident: &Incident) -> Option<Withheld> {
        let evidence = incident.evidence.get("evidence").filter(|_| incident.code == IncidentCode::Withheld)?;
        Withheld::deserialize(evidence).ok()
    }
}
