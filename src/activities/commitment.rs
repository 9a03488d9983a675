//! The look at a commitment: its figures, where it will end, and what is to be told.

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::{
    commitment::{Alert, Spell},
    context::commitment::LOOK_AT_COMMITMENT,
    event::{Failure, FailureClass},
    ids::CommitmentId,
    scope::Scope,
};
use entente_store::Store;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use super::{Activity, Attempt, Call, letters::Letters};
use crate::{
    commitments::{CommitmentError, family::Family, look, spent, stored},
    funding::tell::{self, Told},
    offers::DeskError,
    spend,
};

/// `commitment.look`.
pub struct LookAtCommitment {
    store: Option<Arc<dyn Store>>,
    letters: Letters,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    commitment: CommitmentId,
    looked: Option<Date>,
    told: Vec<Alert>,
    #[serde(default)]
    spells: Vec<Spell>,
}

impl LookAtCommitment {
    /// Looks at these records, and tells other commitments by these letters.
    pub fn new(store: Option<Arc<dyn Store>>, letters: Letters) -> LookAtCommitment {
        LookAtCommitment { store, letters }
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
        let rules = spend::in_force(store).await.map_err(|error| missed(error.into()))?;
        let Request { looked: last, told, spells, .. } = &request;
        let before = look::Before { entered, last: *last, told, spells, changed: &changed, rules: &rules };
        let found = look::look(&family, &before, call.now).map_err(missed)?;
        if last.is_none() {
            self.tell_former(store, call, &stored).await.map_err(missed)?;
        }
        Ok(found.look.output(&found.news.alerts, &found.news.spells))
    }

    /// Has the commitment looked at in whose place this one comes, as soon as it is there: nothing counts for it any more, or not
    /// before it is used up.
    async fn tell_former(
        &self,
        store: &dyn Store,
        call: &Call,
        stored: &stored::Stored,
    ) -> Result<(), CommitmentError> {
        let Some(succession) = &stored.commitment.succession else { return Ok(()) };
        let scope = Scope::party(call.home.party.clone());
        let former = match stored::find(store, &scope, &succession.to).await {
            Ok(former) => former,
            Err(DeskError::Store(entente_store::Error::NotFound { .. })) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let (to, id) = (former.row.snapshot.run, format!("followed/{}", former.commitment.id));
        let told = Told { to, id, event: "look", data: Value::Null, until: None };
        Ok(tell::send(store, &self.letters, call.run, &[told], call.now).await?)
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
