//! The check of a request about an agreement: what the marketplace holds, and what our own records say.

use std::{marker::PhantomData, sync::Arc};

use async_trait::async_trait;
use entente_core::{
    context::{
        agreement_cancellation::Cancellation, agreement_payment_request::PaymentRequest, billing_adjustment::Refund,
    },
    event::{Failure, FailureClass},
    scope::Home,
};
use entente_port::{CallClass, Capability};
use entente_store::{RecoveryClass, Store};
use serde_json::{Value, json};

use super::{
    Activity, Attempt, Call, Route,
    marketplace::{attempt_of, failure, unconnected, unreadable},
};
use crate::{
    agreements::{
        dry_run::{Sendable, planned},
        figures::figures,
    },
    connectors::{Connection, Connections},
    offers::DeskError,
};

/// A request that can be checked.
pub trait Checked: Sendable {
    /// The ability that it needs.
    const NEEDS: Capability;
    /// A failure with the code of a request that the figures speak against.
    fn coded(failure: Failure) -> Failure;
}

impl Checked for Refund {
    const NEEDS: Capability = Capability::AdjustBilling;
    fn coded(failure: Failure) -> Failure {
        Failure { code: Some("not_adjustable".into()), ..failure }
    }
}

impl Checked for Cancellation {
    const NEEDS: Capability = Capability::CancelAgreement;
    fn coded(failure: Failure) -> Failure {
        Failure { code: Some("not_in_force".into()), ..failure }
    }
}

impl Checked for PaymentRequest {
    const NEEDS: Capability = Capability::RequestPayment;
    fn coded(failure: Failure) -> Failure {
        Failure { code: Some("not_payable".into()), ..failure }
    }
}

/// The check of the requests that ask for an `A`.
pub struct Check<A> {
    connections: Connections,
    store: Option<Arc<dyn Store>>,
    of: PhantomData<fn() -> A>,
}

impl<A: Checked> Check<A> {
    /// Checks against these connections and these records. Without records (where only the activity's name matters) the
    /// marketplace alone is asked.
    pub fn new(connections: Connections, store: Option<Arc<dyn Store>>) -> Check<A> {
        Check { connections, store, of: PhantomData }
    }

    fn asked(request: &Value) -> Result<A, Failure> {
        let ask = request.get("ask").cloned().unwrap_or_default();
        A::deserialize(ask).map_err(|error| unreadable(A::CHECK, &error))
    }

    fn connection(&self, ask: &A, home: &Home) -> Result<&Connection, Failure> {
        let connection = self.connections.of(ask.marketplace().as_str(), home);
        connection.ok_or_else(|| unconnected(ask.marketplace(), &home.legal_entity))
    }

    async fn check(&self, call: &Call) -> Result<Value, Attempt> {
        let ask = Self::asked(&call.request).map_err(Attempt::Failed)?;
        let connection = self.connection(&ask, &call.home).map_err(Attempt::Failed)?;
        if !connection.marketplace.capabilities().contains(&A::NEEDS) {
            return Err(attempt_of(entente_port::Error::Unsupported(A::NEEDS)));
        }
        let refused = |field: &str, message: String| Failure {
            field: Some(field.to_owned()),
            ..failure(FailureClass::Rejected, message)
        };
        let write = ask.write().map_err(|unknown| Attempt::Failed(refused("/reason", unknown.to_string())))?;
        // What the connector would refuse for its form alone, nobody needs to look at.
        planned(connection, &call.label, &write).map_err(unread)?;
        let figures = figures(self.store.as_deref(), connection, &ask, Some(&call.label)).await.map_err(unread)?;
        let evidence = json!({ "figures": figures });
        match ask.objection(&figures) {
            None => Ok(evidence),
            Some(objection) => {
                let failure = Failure { evidence, ..refused(objection.field, objection.message) };
                Err(Attempt::Failed(A::coded(failure)))
            }
        }
    }
}

/// What could not be read says nothing about the request, unless it is that the agreement does not exist.
fn unread(error: DeskError) -> Attempt {
    match error {
        DeskError::Marketplace(error @ entente_port::Error::NotFound { .. }) => {
            let message = format!("{error}: correct the id of the agreement");
            Attempt::Failed(Failure {
                field: Some("/agreement_id".to_owned()),
                ..failure(FailureClass::NotFound, message)
            })
        }
        DeskError::Marketplace(entente_port::Error::OutcomeUnknown { reason, .. }) => {
            Attempt::Retry { after: None, why: failure(FailureClass::Transient, reason) }
        }
        DeskError::Marketplace(error) => attempt_of(error),
        error => {
            let message = format!("the vendor's own records could not be read: {error}");
            Attempt::Retry { after: None, why: failure(FailureClass::Transient, message) }
        }
    }
}

#[async_trait]
impl<A: Checked> Activity for Check<A> {
    fn name(&self) -> &'static str {
        A::CHECK
    }

    fn route(&self, home: &Home, request: &Value) -> Result<Route, Failure> {
        let account = self.connection(&Self::asked(request)?, home)?.account.clone();
        Ok(Route::Account { account, entity: None, class: RecoveryClass::Local })
    }

    fn available(&self, home: &Home, request: &Value) -> bool {
        let ask = Self::asked(request).ok();
        let connection = ask.and_then(|ask| self.connection(&ask, home).ok());
        connection.is_none_or(|connection| connection.pace.is_ready(CallClass::Agreement))
    }

    async fn perform(&self, call: &Call) -> Attempt {
        match self.check(call).await {
            Ok(figures) => Attempt::Done(figures),
            Err(attempt) => attempt,
        }
    }
}
