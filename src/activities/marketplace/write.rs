//! A write to a marketplace: begun here, waited for by `marketplace.await_change`.

use std::time::Duration;

use async_trait::async_trait;
use entente_core::{
    event::{Failure, FailureClass},
    ids::ConnectorId,
    money::Money,
    offer::{Offer, Period},
    scope::Home,
};
use entente_port::{
    CallClass, CallContext, Capability, ChangeId, ChangeState, Effect, Error, FundingApplication, FundingChange,
    Profile, RecoveryClass as PortClass, RemoteOffer, StepKey, Write,
};
use entente_store::RecoveryClass;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Begun, Withheld, attempt_of, failure, unconnected, unreadable};
use crate::{
    activities::{Activity, Attempt, Call, Nature, Recovered, Route, UNSENT},
    connectors::{Connection, Connections},
};

/// Changes of applications for funding that reviewers see.
const PUBLISHED: [&str; 2] = ["marketplace.submit_funding", "marketplace.amend_funding"];

/// One kind of write.
pub struct WriteActivity {
    name: &'static str,
    capability: Capability,
    connections: Connections,
}

/// A request as contexts compute it; each kind of write takes what it needs.
#[derive(Deserialize)]
struct Fields {
    marketplace: ConnectorId,
    #[serde(default)]
    offer: Option<Box<Offer>>,
    #[serde(default)]
    offer_id: Option<String>,
    #[serde(default)]
    expires_on: Option<Date>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    duration: Option<Period>,
    #[serde(default)]
    agreement_id: Option<String>,
    #[serde(default)]
    invoice_id: Option<String>,
    #[serde(default)]
    term_id: Option<String>,
    #[serde(default)]
    change_id: Option<String>,
    #[serde(default)]
    amount: Option<Money>,
    #[serde(default)]
    reason: Value,
    #[serde(default)]
    application: Option<Box<FundingApplication>>,
    #[serde(default)]
    application_id: Option<String>,
    #[serde(default)]
    change: Option<FundingChange>,
}

/// The write of a request, as contexts compute it.
pub(super) fn read_write(capability: Capability, request: &Value) -> Option<Write> {
    write_of(capability, Fields::deserialize(request).ok()?)
}

struct Request {
    marketplace: ConnectorId,
    write: Write,
}

impl WriteActivity {
    /// The write of this ability, under the name that charts use.
    pub fn new(name: &'static str, capability: Capability, connections: Connections) -> WriteActivity {
        WriteActivity { name, capability, connections }
    }

    fn request(&self, request: &Value) -> Result<Request, Failure> {
        let fields = Fields::deserialize(request).map_err(|error| unreadable(self.name, &error))?;
        let marketplace = fields.marketplace.clone();
        let write = write_of(self.capability, fields).ok_or_else(|| {
            failure(
                FailureClass::Rejected,
                format!("the request of `{}` lacks a field that this write needs", self.name),
            )
        })?;
        Ok(Request { marketplace, write })
    }

    fn connection(&self, marketplace: &ConnectorId, home: &Home) -> Result<&Connection, Failure> {
        self.connections.of(marketplace.as_str(), home).ok_or_else(|| unconnected(marketplace, &home.legal_entity))
    }

    fn profile(&self, call: &Call) -> Option<Profile> {
        let request = self.request(&call.request).ok()?;
        let connection = self.connection(&request.marketplace, &call.home).ok()?;
        Some(connection.marketplace.profile(self.capability))
    }
}

fn write_of(capability: Capability, fields: Fields) -> Option<Write> {
    Some(match capability {
        Capability::CreateOffer => Write::CreateOffer { offer: fields.offer? },
        Capability::WithdrawOffer => Write::WithdrawOffer { offer_id: fields.offer_id? },
        Capability::ExtendOffer => {
            Write::ExtendOffer { offer_id: fields.offer_id?, expires_on: fields.expires_on?, offer: fields.offer? }
        }
        Capability::AmendOffer => Write::AmendOffer {
            offer_id: fields.offer_id?,
            name: fields.name,
            description: fields.description,
            duration: fields.duration,
            expires_on: fields.expires_on,
        },
        Capability::CancelAgreement => Write::CancelAgreement {
            agreement_id: fields.agreement_id?,
            reason: serde_json::from_value(fields.reason).ok()?,
            description: fields.description,
        },
        Capability::AdjustBilling => Write::AdjustBilling {
            agreement_id: fields.agreement_id?,
            invoice_id: fields.invoice_id?,
            amount: fields.amount?,
            reason: serde_json::from_value(fields.reason).ok()?,
            description: fields.description,
        },
        Capability::RequestPayment => Write::RequestPayment {
            agreement_id: fields.agreement_id?,
            term_id: fields.term_id?,
            name: fields.name?,
            amount: fields.amount?,
            description: fields.description,
        },
        Capability::WithdrawPayment => {
            Write::WithdrawPayment { agreement_id: fields.agreement_id?, request: ChangeId(fields.change_id?) }
        }
        Capability::ApplyForFunding => Write::ApplyForFunding { application: fields.application? },
        Capability::ChangeFunding => {
            Write::ChangeFunding { application_id: fields.application_id?, change: fields.change? }
        }
        Capability::FindByKey
        | Capability::ReadOffer
        | Capability::ReadProduct
        | Capability::ListAgreements
        | Capability::AcceptEvents
        | Capability::ListInvoices
        | Capability::ReadFunding => return None,
    })
}

#[async_trait]
impl Activity for WriteActivity {
    fn name(&self) -> &'static str {
        self.name
    }

    fn nature(&self) -> Nature {
        // A buyer who has been asked to end an agreement, or to pay, cannot be made not to have been.
        let publishes = matches!(
            self.capability,
            Capability::CreateOffer | Capability::CancelAgreement | Capability::RequestPayment
        );
        // What is handed in, reviewers read; it can be taken back, and written anew.
        if PUBLISHED.contains(&self.name) {
            return Nature { publishes: true, ..Nature::default() };
        }
        let money_out = self.capability == Capability::AdjustBilling;
        Nature { publishes, money_out, irreversible: publishes || money_out }
    }

    fn route(&self, home: &Home, request: &Value) -> Result<Route, Failure> {
        let request = self.request(request)?;
        let connection = self.connection(&request.marketplace, home)?;
        let class = match connection.marketplace.profile(self.capability).class {
            PortClass::TokenDedup => RecoveryClass::TokenDedup,
            PortClass::NaturalKey => RecoveryClass::NaturalKey,
            PortClass::ReadBack => RecoveryClass::ReadBack,
            PortClass::Manual => RecoveryClass::Manual,
        };
        let entity = Some(connection.marketplace.entity(&request.write));
        Ok(Route::Account { account: connection.account.clone(), entity, class })
    }

    fn available(&self, home: &Home, request: &Value) -> bool {
        let connection =
            self.request(request).ok().and_then(|request| self.connection(&request.marketplace, home).ok());
        connection.is_none_or(|connection| connection.pace.is_ready(CallClass::Write))
    }

    async fn held(&self, call: &Call) -> Option<Failure> {
        // What cannot be read or asked here fails again where it is performed, and is told there.
        let request = self.request(&call.request).ok()?;
        let connection = self.connection(&request.marketplace, &call.home).ok()?;
        let hold = connection.guard.hold(&context(call), &request.write).await.ok()??;
        let (connection, operation) = (connection.account.clone(), self.name.to_owned());
        Some(Withheld { connection, operation, hold }.failure())
    }

    async fn perform(&self, call: &Call) -> Attempt {
        let request = match self.request(&call.request) {
            Ok(request) => request,
            Err(failure) => return Attempt::Failed(failure),
        };
        let connection = match self.connection(&request.marketplace, &call.home) {
            Ok(connection) => connection,
            Err(failure) => return Attempt::Failed(failure),
        };
        match connection.marketplace.submit(&context(call), &request.write).await {
            Ok(submitted) => Attempt::Done(output(Some(submitted.change.0), call)),
            // It was allowed a moment ago: looked at again at once, it is held back without having left.
            Err(Error::Withheld(hold)) => {
                Attempt::Wait { after: Duration::ZERO, why: hold.reason, notes: json!({ UNSENT: true }) }
            }
            Err(error) => attempt_of(error),
        }
    }

    fn token_honoured(&self, call: &Call) -> bool {
        let Some((profile, sent)) = self.profile(call).zip(call.first_sent_at) else { return false };
        let window = jiff::SignedDuration::try_from(profile.token_window).unwrap_or_default();
        call.now.duration_since(sent) < window
    }

    async fn recover(&self, call: &Call) -> Recovered {
        let request = match self.request(&call.request) {
            Ok(request) => request,
            Err(why) => return Recovered::Later { after: None, why },
        };
        let connection = match self.connection(&request.marketplace, &call.home) {
            Ok(connection) => connection,
            Err(why) => return Recovered::Later { after: None, why },
        };
        let profile = connection.marketplace.profile(self.capability);
        if profile.class == PortClass::ReadBack {
            return match read_back(connection, &request.write, call.now).await {
                Ok(Some(true)) => Recovered::Applied(output(None, call)),
                Ok(Some(false)) => Recovered::Absent { visibility: None, irreversible: false },
                Ok(None) => Recovered::Absent { visibility: None, irreversible: true },
                Err(error) => not_searched(error),
            };
        }
        match connection.marketplace.find(&step_key(call), &request.write).await {
            Ok(effects) => judge(&effects, &profile, call),
            Err(error) => not_searched(error),
        }
    }
}

/// What the effects under our key say.
fn judge(effects: &[Effect], profile: &Profile, call: &Call) -> Recovered {
    if effects.is_empty() {
        return Recovered::Absent { visibility: profile.visibility, irreversible: profile.irreversible };
    }
    let ours: Vec<&Effect> = effects.iter().filter(|effect| effect.same_request).collect();
    let over = |state: &ChangeState| matches!(state, ChangeState::Failed(_) | ChangeState::Declined { .. });
    let alive: Vec<&&Effect> = ours.iter().filter(|effect| !over(&effect.state)).collect();
    match (ours.as_slice(), alive.as_slice()) {
        ([], _) => Recovered::Different { evidence: evidence(effects) },
        (_, [_, _, ..]) => Recovered::Twins { evidence: evidence(effects) },
        (_, [one]) => Recovered::Applied(output(Some(one.change.0.clone()), call)),
        ([first, ..], []) => Recovered::Applied(output(Some(first.change.0.clone()), call)),
    }
}

/// Effects as people read them.
pub(super) fn evidence(effects: &[Effect]) -> Value {
    let rows = effects.iter().map(|effect| {
        let state = match &effect.state {
            ChangeState::Pending => "under way".to_owned(),
            ChangeState::AwaitingBuyer { .. } => "waits for the buyer".to_owned(),
            ChangeState::Declined { .. } => "declined by the buyer".to_owned(),
            ChangeState::Applied { offer_id, .. } => {
                format!("applied{}", offer_id.as_ref().map(|id| format!(", offer {id}")).unwrap_or_default())
            }
            ChangeState::Failed(error) => format!("failed: {error}"),
        };
        json!({ "change": effect.change, "state": state, "same_request": effect.same_request })
    });
    rows.collect()
}

/// A search that failed itself says nothing about what it was for.
fn not_searched(error: Error) -> Recovered {
    match attempt_of(error) {
        Attempt::Paused { why } => Recovered::Paused { why },
        Attempt::Retry { after, why } => Recovered::Later { after, why },
        Attempt::Busy { after, why } => Recovered::Later { after: Some(after), why },
        Attempt::Wait { after, why, .. } => {
            Recovered::Later { after: Some(after), why: failure(FailureClass::Conflict, why) }
        }
        Attempt::Failed(why) | Attempt::Unknown { why } => Recovered::Later { after: None, why },
        Attempt::Done(_) => Recovered::Absent { visibility: None, irreversible: true },
    }
}

async fn read_back(connection: &Connection, write: &Write, now: jiff::Timestamp) -> entente_port::Result<Option<bool>> {
    let offer_id = match write {
        Write::WithdrawPayment { request, .. } => return taken_back(connection, request).await,
        Write::ChangeFunding { application_id, change } => {
            let remote = connection.marketplace.funding(application_id).await?;
            return Ok(connection.marketplace.funding_holds(change, &remote));
        }
        Write::WithdrawOffer { offer_id }
        | Write::ExtendOffer { offer_id, .. }
        | Write::AmendOffer { offer_id, .. } => offer_id,
        // A new offer has no id yet by which it could be read, and an offer says nothing about its agreements.
        Write::CreateOffer { .. }
        | Write::CancelAgreement { .. }
        | Write::AdjustBilling { .. }
        | Write::RequestPayment { .. }
        | Write::ApplyForFunding { .. } => return Ok(None),
    };
    let remote: RemoteOffer = connection.marketplace.offer(offer_id).await?;
    Ok(connection.marketplace.holds(write, &remote, now))
}

/// Whether a request for a payment is over without having been answered. One that was answered cannot be taken back any more:
/// sent again, the write is refused, which is its answer.
async fn taken_back(connection: &Connection, request: &ChangeId) -> entente_port::Result<Option<bool>> {
    Ok(Some(matches!(connection.marketplace.change(request).await?, ChangeState::Failed(_))))
}

fn context(call: &Call) -> CallContext {
    CallContext { token: call.token, key: step_key(call) }
}

fn step_key(call: &Call) -> StepKey {
    StepKey { run: call.run, invoke: call.invoke, label: call.label.clone() }
}

fn output(change_id: Option<String>, call: &Call) -> Value {
    json!(Begun { change_id, key: step_key(call) })
}
