//! Requests about agreements: an early end, money back, a payment. Each one carries our key in its description, so that it is
//! found again after a lost answer, and an idempotency token of ours.
//!
//! The buyer reads the description, and with it our key.
//!
//! The SDK has 25 of the API's 36 operations. Those that it lacks are the buyer's: reading and cancelling his own agreement
//! requests, his organisation's approvals, contacts. A seller needs none of them.

mod adjustment;
mod cancellation;
mod fields;
pub(crate) mod mark;
mod payment;
mod send;

use entente_port::{
    CallContext, ChangeId, ChangeState, Effect, Error, OwnWrite, PlannedCall, Result, StepKey, Submitted, Write,
};
use jiff::Timestamp;
use serde_json::Value;

use self::{adjustment::Adjustment, cancellation::Cancellation, payment::Payment};
use crate::client::Client;

/// A request as it is sent, and as it is read back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Request {
    Cancellation(Cancellation),
    Adjustment(Adjustment),
    Payment(Payment),
}

/// The service's ids of a request: nothing can be asked about it without its agreement's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestId {
    agreement: String,
    kind: Kind,
    request: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cancellation,
    Adjustment,
    Payment,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::Cancellation, Kind::Adjustment, Kind::Payment];

    fn of(id: &str) -> Option<Kind> {
        match id.split_once('-')?.0 {
            "acr" => Some(Kind::Cancellation),
            "ba" => Some(Kind::Adjustment),
            "pr" => Some(Kind::Payment),
            _ => None,
        }
    }
}

impl RequestId {
    /// Of a change that is a request; `None` for change sets, whose ids have no slash.
    pub(crate) fn parse(change: &ChangeId) -> Option<RequestId> {
        let (agreement, request) = change.0.rsplit_once('/')?;
        let kind = Kind::of(request)?;
        Some(RequestId { agreement: agreement.to_owned(), kind, request: request.to_owned() })
    }

    fn change(&self) -> ChangeId {
        ChangeId(format!("{}/{}", self.agreement, self.request))
    }
}

/// A request as it stands at the service.
struct Seen {
    request: Request,
    state: ChangeState,
    began_at: Timestamp,
}

impl Seen {
    fn key(&self) -> Option<StepKey> {
        mark::key_in(self.request.description()?)
    }
}

impl Request {
    /// The request that a write makes; `None` for a write about an offer. One that the service would refuse for its form is
    /// refused here.
    pub(crate) fn of(key: &StepKey, write: &Write) -> Result<Option<Request>> {
        Ok(Some(match write {
            Write::CancelAgreement { agreement_id, reason, description } => {
                Request::Cancellation(Cancellation::new(key, agreement_id, *reason, description.as_deref())?)
            }
            Write::AdjustBilling { agreement_id, invoice_id, amount, reason, description } => Request::Adjustment(
                Adjustment::new(key, agreement_id, invoice_id, *amount, *reason, description.as_deref())?,
            ),
            Write::RequestPayment { agreement_id, term_id, name, amount, description } => {
                Request::Payment(Payment::new(key, agreement_id, term_id, name, *amount, description.as_deref())?)
            }
            Write::CreateOffer { .. }
            | Write::WithdrawOffer { .. }
            | Write::ExtendOffer { .. }
            | Write::AmendOffer { .. }
            | Write::WithdrawPayment { .. }
            | Write::ApplyForFunding { .. }
            | Write::ChangeFunding { .. } => return Ok(None),
        }))
    }

    fn description(&self) -> Option<&str> {
        match self {
            Request::Cancellation(request) => request.description.as_deref(),
            Request::Adjustment(request) => request.description.as_deref(),
            Request::Payment(request) => request.description.as_deref(),
        }
    }

    /// The call that sends it.
    pub(crate) fn planned(&self, token: &str) -> PlannedCall {
        let (operation, body): (&str, Value) = match self {
            Request::Cancellation(request) => ("SendAgreementCancellationRequest", request.body(token)),
            Request::Adjustment(request) => ("BatchCreateBillingAdjustmentRequest", request.body(token)),
            Request::Payment(request) => ("SendAgreementPaymentRequest", request.body(token)),
        };
        PlannedCall { operation: operation.to_owned(), body }
    }

    /// Sends it. The token is always ours: the SDK would make a new one for each attempt.
    pub(crate) async fn submit(&self, client: &Client, call: &CallContext) -> Result<Submitted> {
        let token = call.token.to_string();
        let (agreement, kind, request) = match self {
            Request::Cancellation(request) => {
                (&request.agreement_id, Kind::Cancellation, request.send(client, &token).await?)
            }
            Request::Adjustment(request) => {
                (&request.agreement_id, Kind::Adjustment, request.send(client, &token).await?)
            }
            Request::Payment(request) => (&request.agreement_id, Kind::Payment, request.send(client, &token).await?),
        };
        Ok(Submitted { change: RequestId { agreement: agreement.clone(), kind, request }.change() })
    }

    /// Every request on its agreement that carries our key, oldest first. Two of them are twins: both are reported.
    pub(crate) async fn find(&self, client: &Client, key: &StepKey) -> Result<Vec<Effect>> {
        let (agreement, kind) = match self {
            Request::Cancellation(request) => (&request.agreement_id, Kind::Cancellation),
            Request::Adjustment(request) => (&request.agreement_id, Kind::Adjustment),
            Request::Payment(request) => (&request.agreement_id, Kind::Payment),
        };
        let mut found = Vec::new();
        for listed in list(client, kind, Some(agreement), None).await? {
            let seen = read(client, &listed.id).await?;
            if seen.key().is_some_and(|other| (other.run, other.invoke) == (key.run, key.invoke)) {
                let same_request = seen.request == *self;
                found.push(Effect { change: listed.id.change(), state: seen.state, same_request });
            }
        }
        Ok(found)
    }
}

/// The call that takes a request for a payment back.
pub(crate) fn planned_withdrawal(agreement_id: &str, request: &ChangeId) -> Result<PlannedCall> {
    let id = payment::of_agreement(agreement_id, request)?;
    Ok(PlannedCall { operation: "CancelAgreementPaymentRequest".to_owned(), body: payment::withdrawal(&id) })
}

/// Takes a request for a payment back. One that is over already as asked is left as it is; one that the buyer has answered stays
/// answered, and that is refused.
pub(crate) async fn withdraw(client: &Client, agreement_id: &str, request: &ChangeId) -> Result<Submitted> {
    let id = payment::of_agreement(agreement_id, request)?;
    let busy = match payment::withdraw(client, &id).await {
        Ok(()) => return Ok(Submitted { change: request.clone() }),
        Err(busy @ Error::Conflict { .. }) => busy,
        Err(error) => return Err(error),
    };
    match read(client, &id).await?.state {
        ChangeState::Failed(_) => Ok(Submitted { change: request.clone() }),
        ChangeState::Pending | ChangeState::AwaitingBuyer { .. } => Err(busy),
        ChangeState::Applied { .. } | ChangeState::Declined { .. } => {
            Err(refused("/request", format!("the buyer has answered payment request `{}`", id.request)))
        }
    }
}

/// Where a request stands.
pub(crate) async fn state(client: &Client, id: &RequestId) -> Result<ChangeState> {
    Ok(read(client, id).await?.state)
}

/// Every request with a key of ours that began at or after `since`, oldest first.
pub(crate) async fn ours_since(client: &Client, since: Timestamp) -> Result<Vec<OwnWrite>> {
    let mut ours = Vec::new();
    for kind in Kind::ALL {
        for listed in list(client, kind, None, Some(since)).await? {
            if listed.began_at < since {
                continue;
            }
            let seen = read(client, &listed.id).await?;
            if let Some(key) = seen.key() {
                let change = listed.id.change();
                ours.push(OwnWrite { key, change, began_at: seen.began_at, state: seen.state });
            }
        }
    }
    ours.sort_by_key(|write| write.began_at);
    Ok(ours)
}

/// Asks for each list once, whatever it holds.
pub(crate) async fn try_lists(client: &Client, agreement: &str) -> Result<()> {
    for kind in Kind::ALL {
        list(client, kind, Some(agreement), None).await?;
    }
    Ok(())
}

/// One line of a list. It lacks the description, and so our key.
struct Listed {
    id: RequestId,
    began_at: Timestamp,
}

async fn list(client: &Client, kind: Kind, agreement: Option<&str>, since: Option<Timestamp>) -> Result<Vec<Listed>> {
    let mut rows = match kind {
        Kind::Cancellation => cancellation::list(client, agreement).await?,
        Kind::Adjustment => adjustment::list(client, agreement, since).await?,
        Kind::Payment => payment::list(client, agreement).await?,
    };
    rows.sort_by(|a, b| (a.began_at, &a.id.request).cmp(&(b.began_at, &b.id.request)));
    Ok(rows)
}

async fn read(client: &Client, id: &RequestId) -> Result<Seen> {
    match id.kind {
        Kind::Cancellation => cancellation::read(client, id).await,
        Kind::Adjustment => adjustment::read(client, id).await,
        Kind::Payment => payment::read(client, id).await,
    }
}

/// A refusal before anything is sent.
fn refused(field: &str, reason: impl Into<String>) -> Error {
    Error::Rejected {
        marketplace: crate::failure::MARKETPLACE,
        field: Some(field.to_owned()),
        code: None,
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_id_tells_requests_from_change_sets() {
        for id in ["agmt-1/acr-a", "agmt-1/ba-a", "agmt-1/pr-a", "odd/agmt/pr-a"] {
            let parsed = RequestId::parse(&ChangeId(id.to_owned())).unwrap();
            assert_eq!(parsed.change().0, id);
        }
        for id in ["", "cs-1", "5lmxmh9ps2z5b44r1bb6l2z3v", "agmt-1/", "agmt-1/offer-a"] {
            assert_eq!(RequestId::parse(&ChangeId(id.to_owned())), None, "{id}");
        }
    }
}
