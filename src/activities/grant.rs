//! The check of a grant before people are asked, and before it is sent: the benefit, its form, and what it draws on.

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::{
    context::funding::{Amendment, CHECK_GRANT, GRANT_APPLICATION_KEY, GRANT_SOURCE_KEY, GrantPaper, Objection},
    event::{Failure, FailureClass},
    ids::ConnectorId,
    scope::{Home, Scope},
};
use entente_port::{Allocation, AllocationStatus, CallClass, Capability, Error};
use entente_store::{Error as StoreError, RecoveryClass, Store};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Activity, Attempt, Call, Route,
    marketplace::{attempt_of, failure, unconnected, unreadable},
};
use crate::{
    connectors::{Connection, Connections},
    funding::stored,
    offers::DeskError,
};

/// The tag of grants whose money the marketplace has set aside already.
const GRANTED: &str = "granted";

/// The tag of grants that the marketplace has, or is being sent.
const SENT: &str = "sent";

/// Checks grants.
pub struct CheckGrant {
    connections: Connections,
    store: Option<Arc<dyn Store>>,
}

#[derive(Deserialize)]
struct Request {
    marketplace: ConnectorId,
    label: String,
    paper: GrantPaper,
    #[serde(default)]
    amendment: Option<Amendment>,
    /// Whether the marketplace has the application already: its days were judged when it came.
    #[serde(default)]
    applied: bool,
}

impl CheckGrant {
    /// Checks against these connections and these records.
    pub fn new(connections: Connections, store: Option<Arc<dyn Store>>) -> CheckGrant {
        CheckGrant { connections, store }
    }

    fn request(&self, request: &Value) -> Result<Request, Failure> {
        Request::deserialize(request).map_err(|error| unreadable(self.name(), &error))
    }

    fn connection(&self, request: &Request, home: &Home) -> Result<&Connection, Failure> {
        let connection = self.connections.of(request.marketplace.as_str(), home);
        connection.ok_or_else(|| unconnected(&request.marketplace, &home.legal_entity))
    }

    async fn check(&self, call: &Call) -> Result<Value, Attempt> {
        let request = self.request(&call.request).map_err(Attempt::Failed)?;
        let connection = self.connection(&request, &call.home).map_err(Attempt::Failed)?;
        let marketplace = &connection.marketplace;
        let unsupported = || attempt_of(Error::Unsupported(Capability::ApplyForFunding));
        let rules = marketplace.funding_rules().ok_or_else(unsupported)?;
        let zone = TimeZone::get(marketplace.zone()).unwrap_or(TimeZone::UTC);
        let paper = &request.paper;
        let benefit = marketplace.benefit(&paper.benefit).await.map_err(|error| unread(error, "/benefit"))?;
        if !benefit.active {
            let message = format!("`{}` cannot be applied for any more; choose another benefit", paper.benefit);
            return Err(objected(Objection { field: "/benefit".to_owned(), message }));
        }
        if !benefit.kinds.is_empty() && !benefit.kinds.contains(&paper.kind) {
            let message = format!("`{}` is given as {}; write that", paper.benefit, benefit.kinds.join(" or "));
            return Err(objected(Objection { field: "/kind".to_owned(), message }));
        }
        let under_review = request.amendment.is_some() && request.applied;
        let today = (!under_review).then(|| call.now.to_zoned(zone.clone()).date());
        let amended = request.amendment.as_ref().and_then(|amendment| amendment.objection(&paper.details));
        match amended.or_else(|| paper.objection(&rules, benefit.schema.as_ref(), today)) {
            Some(objection) => return Err(objected(objection)),
            None => self.claims(&request, &call.home).await?,
        }
        self.covered(&request, connection, call).await?;
        Ok(json!({ "claim_by": paper.claim_by(&rules, &zone) }))
    }

    /// Whether what it draws on is there and has enough left, beside what other grants of ours draw on it.
    async fn covered(&self, request: &Request, connection: &Connection, call: &Call) -> Result<(), Attempt> {
        let paper = &request.paper;
        let Some(source) = &paper.draws_on else { return Ok(()) };
        let refuse = |message: String| objected(Objection { field: "/draws_on".to_owned(), message });
        let all = connection.marketplace.allocations().await.map_err(|error| unread(error, "/draws_on"))?;
        let Some(allocation) = all.iter().find(|known| known.reference == *source) else {
            return Err(refuse(format!(
                "there is no `{source}`; see what there is with `entente funding allocations`"
            )));
        };
        self.claimed(request, allocation, &call.home).await?;
        let usable = allocation.usable_for.is_empty() || allocation.usable_for.contains(&paper.benefit);
        if allocation.status != AllocationStatus::Active || !usable {
            return Err(refuse(format!("`{}` cannot be used for benefit `{}`", allocation.name, paper.benefit)));
        }
        let held = self.held(request, call).await?;
        match exceeded(paper, allocation, held) {
            Some(message) => Err(objected(Objection { field: "/amount".to_owned(), message })),
            None => Ok(()),
        }
    }

    /// Whether what was granted on an application of ours is claimed as that, which finance has to agree to.
    async fn claimed(&self, request: &Request, allocation: &Allocation, home: &Home) -> Result<(), Attempt> {
        let (None, Some(store), Some(id)) = (&request.paper.claims, &self.store, &allocation.application) else {
            return Ok(());
        };
        let ours = stored::by_key::<GrantPaper>(store.as_ref(), GRANT_APPLICATION_KEY, id).await.map_err(unrecorded)?;
        let Some(grant) = ours.iter().find(|one| one.row.snapshot.home == *home) else { return Ok(()) };
        let message = format!("is not said; `{}` was granted on `{}`: name that", allocation.name, grant.label());
        Err(objected(Objection { field: "/claims".to_owned(), message }))
    }

    /// Whether what it claims was granted to the same legal entity, and is what it draws on.
    async fn claims(&self, request: &Request, home: &Home) -> Result<(), Attempt> {
        let (Some(label), Some(store)) = (&request.paper.claims, &self.store) else { return Ok(()) };
        let refuse = |message: String| objected(Objection { field: "/claims".to_owned(), message });
        let found = stored::by_label::<GrantPaper>(store.as_ref(), &Scope::vendor(), "funding", label).await;
        let grant = match found {
            Err(DeskError::Store(StoreError::NotFound { .. })) => None,
            found => Some(found.map_err(unrecorded)?),
        };
        let Some(grant) = grant.filter(|grant| grant.row.snapshot.home == *home) else {
            return Err(refuse(format!(
                "names `{label}`, which is no application here; write the label of what was granted"
            )));
        };
        let granted = grant.sheet.course.standing.as_ref().map(|standing| standing.allocations.as_slice());
        let source = request.paper.draws_on.as_ref();
        let drawn = source.is_some_and(|source| granted.unwrap_or_default().contains(source));
        if !grant.has(GRANTED) || grant.sheet.paper.marketplace != request.marketplace || !drawn {
            return Err(refuse(format!(
                "names `{label}`, on which what it draws on was not granted; see `entente funding show`"
            )));
        }
        Ok(())
    }

    /// What others that are not granted yet would draw on the same: those that the marketplace has or is about to have, and
    /// before it has this one, those that were asked for earlier.
    async fn held(&self, request: &Request, call: &Call) -> Result<i64, Attempt> {
        let (Some(store), Some(source)) = (&self.store, &request.paper.draws_on) else { return Ok(0) };
        let others =
            stored::by_key::<GrantPaper>(store.as_ref(), GRANT_SOURCE_KEY, source).await.map_err(unrecorded)?;
        let before = others.iter().filter(|other| {
            let there = other.has(SENT) || other.sheet.course.application.is_some();
            let earlier = !request.applied && other.label() < request.label.as_str();
            !other.row.snapshot.ended
                && !other.has(GRANTED)
                && other.row.snapshot.home == call.home
                && other.label() != request.label
                && (there || earlier)
                && other.sheet.paper.amount.currency == request.paper.amount.currency
        });
        Ok(before.fold(0, |sum: i64, other| sum.saturating_add(other.sheet.paper.amount.minor)))
    }
}

/// Why the rest of an allocation does not cover a grant.
fn exceeded(paper: &GrantPaper, allocation: &Allocation, held: i64) -> Option<String> {
    let left = allocation.left?;
    if left.currency != paper.amount.currency {
        return Some(format!("is in {}, and `{}` is in {}", paper.amount.currency, allocation.name, left.currency));
    }
    let free = entente_core::money::Money { minor: left.minor.saturating_sub(held).max(0), ..left };
    let message = || format!("{} is more than is left of `{}`: {free}; ask for less", paper.amount, allocation.name);
    (paper.amount.minor > free.minor).then(message)
}

/// The vendor's own records can be read later.
fn unrecorded(error: DeskError) -> Attempt {
    let message = format!("the vendor's own records could not be read: {error}");
    Attempt::Retry { after: None, why: failure(FailureClass::Transient, message) }
}

/// What could not be read says nothing about the grant, unless it is that something does not exist.
fn unread(error: Error, field: &str) -> Attempt {
    match error {
        Error::NotFound { object } => {
            objected(Objection { field: field.to_owned(), message: format!("{object} was not found; correct the id") })
        }
        Error::OutcomeUnknown { reason, .. } => {
            Attempt::Retry { after: None, why: failure(FailureClass::Transient, reason) }
        }
        error => attempt_of(error),
    }
}

fn objected(objection: Objection) -> Attempt {
    let why = failure(FailureClass::Rejected, objection.message);
    Attempt::Failed(Failure { field: Some(objection.field), code: Some("not_fundable".to_owned()), ..why })
}

#[async_trait]
impl Activity for CheckGrant {
    fn name(&self) -> &'static str {
        CHECK_GRANT
    }

    fn route(&self, home: &Home, request: &Value) -> Result<Route, Failure> {
        let account = self.connection(&self.request(request)?, home)?.account.clone();
        Ok(Route::Account { account, entity: None, class: RecoveryClass::Local })
    }

    fn available(&self, home: &Home, request: &Value) -> bool {
        let request = self.request(request).ok();
        let connection = request.and_then(|request| self.connection(&request, home).ok());
        connection.is_none_or(|connection| connection.pace.is_ready(CallClass::Entity))
    }

    async fn perform(&self, call: &Call) -> Attempt {
        match self.check(call).await {
            Ok(checked) => Attempt::Done(checked),
            Err(attempt) => attempt,
        }
    }
}
