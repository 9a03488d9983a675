//! The wait for a review, and for what it grants: an application is read until something about it has changed.

use std::time::Duration;

use async_trait::async_trait;
use entente_core::{
    context::funding::{AWAIT_GRANT, GrantStanding, GrantStatus},
    event::{Failure, FailureClass},
    ids::ConnectorId,
    money::Money,
    scope::Home,
};
use entente_port::{Allocation, AllocationStatus, ApplicationStatus, CallClass, Error, RemoteApplication};
use entente_store::RecoveryClass;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{attempt_of, failure, unconnected, unreadable};
use crate::{
    activities::{Activity, Attempt, Call, Route},
    connectors::{Connection, Connections},
};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Reviews take days: nothing is lost by asking seldom.
const LONGEST_PAUSE: Duration = Duration::from_mins(15);

/// Waits until something about an application for funding has changed.
pub struct AwaitFunding {
    connections: Connections,
}

#[derive(Deserialize)]
struct Request {
    marketplace: ConnectorId,
    application_id: String,
    /// What is known of it.
    #[serde(default)]
    seen: Option<GrantStanding>,
}

impl AwaitFunding {
    /// Waits on these connections.
    pub fn new(connections: Connections) -> AwaitFunding {
        AwaitFunding { connections }
    }

    fn request(&self, request: &Value) -> Result<Request, Failure> {
        Request::deserialize(request).map_err(|error| unreadable(self.name(), &error))
    }

    fn connection(&self, request: &Request, home: &Home) -> Result<&Connection, Failure> {
        let connection = self.connections.of(request.marketplace.as_str(), home);
        connection.ok_or_else(|| unconnected(&request.marketplace, &home.legal_entity))
    }
}

#[async_trait]
impl Activity for AwaitFunding {
    fn name(&self) -> &'static str {
        AWAIT_GRANT
    }

    fn route(&self, home: &Home, request: &Value) -> Result<Route, Failure> {
        let account = self.connection(&self.request(request)?, home)?.account.clone();
        Ok(Route::Account { account, entity: None, class: RecoveryClass::Local })
    }

    fn available(&self, home: &Home, request: &Value) -> bool {
        let request = self.request(request).ok();
        let connection = request.and_then(|request| self.connection(&request, home).ok());
        connection.is_none_or(|connection| connection.pace.is_ready(CallClass::Change))
    }

    async fn perform(&self, call: &Call) -> Attempt {
        let request = match self.request(&call.request) {
            Ok(request) => request,
            Err(failure) => return Attempt::Failed(failure),
        };
        let connection = match self.connection(&request, &call.home) {
            Ok(connection) => connection,
            Err(failure) => return Attempt::Failed(failure),
        };
        match connection.marketplace.funding(&request.application_id).await {
            Ok(remote) => match standing(&remote) {
                now if Some(&now) == request.seen.as_ref() => pause(call, &request.application_id),
                now => Attempt::Done(json!({ "standing": now })),
            },
            Err(Error::OutcomeUnknown { reason, .. }) => {
                Attempt::Retry { after: None, why: failure(FailureClass::Transient, reason) }
            }
            Err(error) => attempt_of(error),
        }
    }
}

/// Waits on, longer each time.
fn pause(call: &Call, application: &str) -> Attempt {
    let looks = call.notes.get("looks").and_then(Value::as_u64).unwrap_or(0);
    let factor = 1_u32.checked_shl(u32::try_from(looks).unwrap_or(31).min(16)).unwrap_or(u32::MAX);
    Attempt::Wait {
        after: FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE),
        why: format!("application `{application}` stands where it stood"),
        notes: json!({ "looks": looks.saturating_add(1) }),
    }
}

/// Where an application stands, as runs keep it.
fn standing(remote: &RemoteApplication) -> GrantStanding {
    let allocations = &remote.allocations;
    let is = |status: AllocationStatus| move |one: &Allocation| one.status == status;
    let closed = |one: &Allocation| matches!(one.status, AllocationStatus::Fulfilled | AllocationStatus::Inactive);
    let fulfilled = !allocations.is_empty() && allocations.iter().all(is(AllocationStatus::Fulfilled));
    GrantStanding {
        status: match &remote.status {
            ApplicationStatus::Draft => GrantStatus::Draft,
            ApplicationStatus::InReview => GrantStatus::InReview,
            ApplicationStatus::ActionRequired => GrantStatus::ActionRequired,
            ApplicationStatus::Approved => GrantStatus::Approved,
            ApplicationStatus::Rejected => GrantStatus::Rejected,
            ApplicationStatus::Cancelled => GrantStatus::Cancelled,
            ApplicationStatus::Unrecognised(word) => GrantStatus::Unrecognised(word.clone()),
        },
        stage: remote.stage.clone(),
        reason: remote.reason.clone(),
        codes: remote.reason_codes.clone(),
        allocations: allocations.iter().map(|one| one.reference.clone()).collect(),
        granted: sum(allocations.iter().filter_map(|one| one.granted)),
        used: sum(allocations.iter().filter_map(|one| one.used)),
        expires_at: allocations.iter().filter_map(|one| one.expires_at).max(),
        fulfilled,
        over: !allocations.is_empty() && !fulfilled && allocations.iter().all(closed),
    }
}

/// The sum of amounts in one currency; none of amounts in several, which is no amount.
fn sum(amounts: impl Iterator<Item = Money> + Clone) -> Option<Money> {
    let currency = amounts.clone().next()?.currency;
    Money::sum(currency, amounts).ok()
}
