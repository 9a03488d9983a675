//! What a request would send, exactly, without sending it.

use entente_core::{
    context::{
        agreement_cancellation::Cancellation, agreement_payment_request::PaymentRequest, agreement_request::Ask,
        billing_adjustment::Refund,
    },
    ids::{InvokeId, RunId, derived},
};
use entente_port::{AdjustmentReason, CallContext, CancellationReason, PlannedCall, StepKey, Write};
use serde::de::DeserializeOwned;
use serde_json::json;
use uuid::Uuid;

use crate::{connectors::Connection, offers::DeskError};

/// What a request asks of a marketplace, in the port's words.
pub trait Sendable: Ask {
    /// The write.
    ///
    /// # Errors
    /// When its reason is no word that marketplaces know.
    fn write(&self) -> Result<Write, UnknownReason>;
}

/// A reason that no marketplace knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no reason that marketplaces know; write one that the command's help lists")]
pub struct UnknownReason(String);

fn word<R: DeserializeOwned>(reason: &str) -> Result<R, UnknownReason> {
    serde_json::from_value(json!(reason)).map_err(|_| UnknownReason(reason.to_owned()))
}

impl Sendable for Refund {
    fn write(&self) -> Result<Write, UnknownReason> {
        Ok(Write::AdjustBilling {
            agreement_id: self.agreement_id.clone(),
            invoice_id: self.invoice_id.clone(),
            amount: self.amount,
            reason: word::<AdjustmentReason>(&self.reason)?,
            description: self.description.clone(),
        })
    }
}

impl Sendable for Cancellation {
    fn write(&self) -> Result<Write, UnknownReason> {
        Ok(Write::CancelAgreement {
            agreement_id: self.agreement_id.clone(),
            reason: word::<CancellationReason>(&self.reason)?,
            description: self.description.clone(),
        })
    }
}

impl Sendable for PaymentRequest {
    fn write(&self) -> Result<Write, UnknownReason> {
        Ok(Write::RequestPayment {
            agreement_id: self.agreement_id.clone(),
            term_id: self.term_id.clone(),
            name: self.name.clone(),
            amount: self.amount,
            description: self.description.clone(),
        })
    }
}

/// The calls that a write would make. Token and step are placeholders until the request's own step exists; `label` is that of
/// its run, or like it.
///
/// # Errors
/// When the connector cannot make such a write.
pub fn planned(connection: &Connection, label: &str, write: &Write) -> Result<Vec<PlannedCall>, DeskError> {
    let run = RunId(derived(&["plan", label, write.agreement_id().unwrap_or_default()]));
    let key = StepKey { run, invoke: InvokeId { seq: 1, n: 0 }, label: label.to_owned() };
    Ok(connection.marketplace.plan(&CallContext { token: Uuid::nil(), key }, write)?)
}
