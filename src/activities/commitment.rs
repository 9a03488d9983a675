//! The look at a commitment: its figures, where it will end, and what is to be told.

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::{
    commitment::Alert,
    context::commitment::LOOK_AT_COMMITMENT,
    event::{Failure, FailureClass},
    ids::CommitmentId,
    scope::Scope,
};
use entente_store::Store;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use super::{Activity, Attempt, Call};
use crate::{
    commitments::{CommitmentError, family::Family, look, spent, stored},
    offers::DeskError,
};

/// `commitment.look`.
pub struct LookAtCommitment {
    store: Option<Arc<dyn Store>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    commitment: CommitmentId,
    looked: Option<Date>,
    told: Vec<Alert>,
}

impl LookAtCommitment {
    /// Looks at these records.
    pub fn new(store: Option<Arc<dyn Store>>) -> LookAtCommitment {
        LookAtCommitment { store }
    }

    async fn look(&self, call: &Call) -> Result<Value, Attempt> {
        let unread = |why: String| Attempt::Failed(failure(FailureClass::Rejected, why));
        let store = self.store.as_deref().ok_or_else(|| unread("this process has no records to look at".into()))?;
        let request = Request::deserialize(&call.request)
            .map_err(|error| unread(format!("the request cannot be read: {error}")))?;
        let scope = Scope::party(call.home.party.clone());
        let stored = stored::find(store, &scope, &request.commitment).await;
        let stored = stored.map_err(|error| missed(error.into()))?;
        let today = stored.commitment.day_of(call.now);
        let family = Family::of(store, &stored, today, call.now).await.map_err(missed)?;
        let entered = stored.contract.documents.first().map_or(call.now, |written| written.at);
        let since = request.looked.unwrap_or(today);
        let changed = spent::changed(store, &scope, &stored.commitment, since).await.map_err(missed)?;
        let before = look::Before { entered, last: request.looked, told: &request.told, changed: &changed };
        let found = look::look(&family, &before, call.now).map_err(missed)?;
        Ok(found.look.output(&found.alerts))
    }
}

fn failure(class: FailureClass, message: String) -> Failure {
    Failure { class, message, field: None, code: None, evidence: Value::Null }
}

/// Records that cannot be read are tried again; whatever else is wrong is told.
fn missed(error: CommitmentError) -> Attempt {
    let again = matches!(&error, CommitmentError::Desk(DeskError::Store(error))
        if !matches!(error, entente_store::Error::NotFound { .. }));
    match again {
        true => Attempt::Retry { after: None, why: failure(FailureClass::Transient, error.to_string()) },
        false => Attempt::Failed(failure(FailureClass::Rejected, error.to_string())),
    }
}

#[async_trait]
impl Activity for LookAtCommitment {
    fn name(&self) -> &'static str {
        LOOK_AT_COMMITMENT
    }

    async fn perform(&self, call: &Call) -> Attempt {
        match self.look(call).await {
            Ok(output) => Attempt::Done(output),
            Err(attempt) => attempt,
        }
    }
}
