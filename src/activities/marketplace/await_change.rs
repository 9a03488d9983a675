//! The wait for a change that a marketplace works on, or that its buyer has yet to answer: polled with growing pauses, and bounded.

use std::time::Duration;

use async_trait::async_trait;
use entente_core::{
    event::{Failure, FailureClass},
    ids::ConnectorId,
    scope::Home,
};
use entente_port::{CallClass, Capability, ChangeId, ChangeState, Error, StepKey, Write};
use entente_store::RecoveryClass;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Addressed, attempt_of, failure, twins, unconnected, unreadable,
    write::{evidence, read_write},
};
use crate::{
    activities::{Activity, Attempt, Call, Route},
    connectors::{Connection, Connections},
};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// People take days: nothing is lost by asking seldom.
const LONGEST_PAUSE_FOR_BUYER: Duration = Duration::from_mins(15);

/// After this time a change counts as stuck and a person is asked. Marketplaces speak of minutes to hours.
const STUCK_AFTER: SignedDuration = SignedDuration::from_hours(72);

/// Waits until a change has ended.
pub struct AwaitChange {
    connections: Connections,
}

#[derive(Deserialize)]
struct Request {
    marketplace: ConnectorId,
    #[serde(default)]
    change_id: Option<String>,
    /// Our key on the write; absent on changes begun by hand.
    #[serde(default)]
    key: Option<StepKey>,
    /// What the change does, as the context calls it.
    #[serde(default)]
    what: String,
}

/// The write whose twin would do harm: an offer that stands twice, money that goes back or is asked for twice.
fn harmful_twice(what: &str, request: &Value) -> Option<Write> {
    let capability = match what {
        "create" => Capability::CreateOffer,
        "marketplace.adjust_billing" => Capability::AdjustBilling,
        "marketplace.request_payment" => Capability::RequestPayment,
        _ => return None,
    };
    read_write(capability, request)
}

impl AwaitChange {
    /// Waits on these connections.
    pub fn new(connections: Connections) -> AwaitChange {
        AwaitChange { connections }
    }

    fn connection(&self, marketplace: &ConnectorId, home: &Home) -> Result<&Connection, Failure> {
        self.connections.of(marketplace.as_str(), home).ok_or_else(|| unconnected(marketplace, &home.legal_entity))
    }

    async fn wait(&self, call: &Call, request: &Request, connection: &Connection, change_id: &str) -> Attempt {
        let state = match connection.marketplace.change(&ChangeId(change_id.into())).await {
            Ok(state) => state,
            Err(Error::OutcomeUnknown { reason, .. }) => {
                return Attempt::Retry { after: None, why: failure(FailureClass::Transient, reason) };
            }
            // A fresh change may not be readable yet; the bound below ends the wait for one that never was.
            Err(Error::NotFound { .. }) => ChangeState::Pending,
            Err(error) => return attempt_of(error),
        };
        match state {
            ChangeState::Pending => pause(call, change_id, LONGEST_PAUSE, None),
            ChangeState::AwaitingBuyer { answer_by } => {
                let patience = answer_by.unwrap_or(Timestamp::MAX);
                pause(call, change_id, LONGEST_PAUSE_FOR_BUYER, Some(patience))
            }
            ChangeState::Applied { offer_id, at } => {
                if let (Some(write), Some(key)) = (harmful_twice(&request.what, &call.request), &request.key)
                    && let Some(twins) = twins(connection, key, &write).await
                {
                    return twins;
                }
                Attempt::Done(json!({ "offer_id": offer_id, "at": at, "change_id": change_id }))
            }
            ChangeState::Declined { reason, .. } => {
                let said = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                Attempt::Failed(failure(
                    FailureClass::Declined,
                    format!("the buyer declined change `{change_id}`{said}"),
                ))
            }
            ChangeState::Failed(Error::Transient { reason, .. }) => {
                let message = format!("the marketplace gave up change `{change_id}` for reasons of its own: {reason}");
                Attempt::Failed(Failure {
                    code: Some("server_fault".into()),
                    ..failure(FailureClass::Conflict, message)
                })
            }
            ChangeState::Failed(error) => match attempt_of(error) {
                Attempt::Failed(why) => Attempt::Failed(why),
                other => {
                    Attempt::Failed(failure(FailureClass::Conflict, format!("change `{change_id}` failed: {other:?}")))
                }
            },
        }
    }
}

#[async_trait]
impl Activity for AwaitChange {
    fn name(&self) -> &'static str {
        "marketplace.await_change"
    }

    fn route(&self, home: &Home, request: &Value) -> Result<Route, Failure> {
        let addressed = Addressed::deserialize(request).map_err(|error| unreadable(self.name(), &error))?;
        let connection = self.connection(&addressed.marketplace, home)?;
        Ok(Route::Account { account: connection.account.clone(), entity: None, class: RecoveryClass::Local })
    }

    fn available(&self, home: &Home, request: &Value) -> bool {
        let addressed = Addressed::deserialize(request).ok();
        let connection = addressed.and_then(|addressed| self.connection(&addressed.marketplace, home).ok());
        connection.is_none_or(|connection| connection.pace.is_ready(CallClass::Change))
    }

    async fn perform(&self, call: &Call) -> Attempt {
        let request = match Request::deserialize(&call.request) {
            Ok(request) => request,
            Err(error) => return Attempt::Failed(unreadable(self.name(), &error)),
        };
        let connection = match self.connection(&request.marketplace, &call.home) {
            Ok(connection) => connection,
            Err(failure) => return Attempt::Failed(failure),
        };
        match &request.change_id {
            Some(change_id) => self.wait(call, &request, connection, change_id).await,
            None => Attempt::Done(json!({ "offer_id": Value::Null, "at": call.now, "change_id": Value::Null })),
        }
    }
}

/// Waits on. Until `answer_by` the buyer may take their time, and only from then on does the change count as under way.
fn pause(call: &Call, change_id: &str, longest: Duration, answer_by: Option<Timestamp>) -> Attempt {
    let noted = call.notes.get("since").and_then(|since| since.as_str()?.parse::<Timestamp>().ok());
    let since = match answer_by {
        Some(answer_by) => answer_by.min(call.now),
        None => noted.unwrap_or(call.now),
    };
    if call.now.duration_since(since) > STUCK_AFTER {
        let message = format!(
            "change `{change_id}` has not ended since {since}: ask the marketplace, then say what became of it"
        );
        return Attempt::Failed(Failure {
            code: Some("stuck".into()),
            ..failure(FailureClass::OutcomeUnknown, message)
        });
    }
    let polls = call.notes.get("polls").and_then(Value::as_u64).unwrap_or(0);
    let factor = 1u32.checked_shl(u32::try_from(polls).unwrap_or(31).min(16)).unwrap_or(u32::MAX);
    let mut notes = json!({ "since": since, "polls": polls.saturating_add(1) });
    if let (Some(answer_by), Some(fields)) = (answer_by.filter(|by| *by < Timestamp::MAX), notes.as_object_mut()) {
        fields.insert("answer_by".into(), json!(answer_by));
    }
    let whom = if answer_by.is_some() { "waits for the buyer" } else { "is under way" };
    Attempt::Wait {
        after: FIRST_PAUSE.saturating_mul(factor).min(longest),
        why: format!("change `{change_id}` {whom}"),
        notes,
    }
}

/// A second effect under the same key: never silent, always a person's decision.
async fn twins(connection: &Connection, key: &StepKey, write: &Write) -> Option<Attempt> {
    let effects = match twins::alive(connection, key, write).await {
        Ok(effects) => effects,
        Err(error) => return Some(attempt_of(error)),
    };
    (effects.len() > 1).then(|| {
        let message = format!(
            "step {} of {} was applied {} times: undo the twin by hand, then say that it happened",
            key.invoke,
            key.label,
            effects.len()
        );
        Attempt::Failed(Failure {
            code: Some("twin".into()),
            evidence: evidence(&effects),
            ..failure(FailureClass::OutcomeUnknown, message)
        })
    })
}
