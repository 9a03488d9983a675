//! The check of an offer before people look at it: the general rules, the marketplace's rules, and the product as it stands.

use std::sync::Arc;

use async_trait::async_trait;
use entente_core::{
    event::{Failure, FailureClass},
    offer::Offer,
    scope::Home,
};
use entente_port::Severity;
use entente_store::Store;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{Activity, Attempt, Call};
use crate::{
    connectors::Connections,
    offers::{Desk, DeskError, known::Known, preflight},
    world::World,
};

/// What a check asks besides the document: the marketplaces, and the vendor's own records. Without records (where only the
/// activity's name matters) the general rules are checked alone.
pub struct Records {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Policy and calendars.
    pub world: watch::Receiver<Arc<World>>,
    /// The zone in which the vendor reads instants, by IANA name.
    pub zone: String,
}

/// `offer.preflight`.
pub struct Preflight {
    connections: Connections,
    records: Option<Records>,
}

#[derive(Deserialize)]
struct Request {
    offer: Box<Offer>,
    /// The offer as it stands at the marketplace, where the document is to take its place.
    #[serde(default)]
    standing: Option<Box<Offer>>,
}

impl Preflight {
    /// Checks against the rules of these connections.
    pub fn new(connections: Connections, records: Option<Records>) -> Preflight {
        Preflight { connections, records }
    }

    /// What the vendor's records say about the offer of this run.
    async fn known(&self, call: &Call, offer: &Offer) -> Result<Known, DeskError> {
        let Some(records) = &self.records else { return Ok(Known::default()) };
        let desk = Desk {
            store: records.store.clone(),
            connections: self.connections.clone(),
            calendars: records.world.borrow().calendars.clone(),
            zone: records.zone.clone(),
            now: call.now,
        };
        desk.known(offer, Some(call.run)).await
    }
}

#[async_trait]
impl Activity for Preflight {
    fn name(&self) -> &'static str {
        "offer.preflight"
    }

    /// A marketplace that is down is passed over; one that this process may not read yet is waited for.
    fn available(&self, home: &Home, request: &Value) -> bool {
        let marketplace = request.pointer("/offer/marketplace").and_then(Value::as_str);
        let connection = marketplace.and_then(|marketplace| self.connections.of(marketplace, home));
        connection.is_none_or(|connection| connection.pace.share().is_known())
    }

    async fn perform(&self, call: &Call) -> Attempt {
        let request = match Request::deserialize(&call.request) {
            Ok(request) => request,
            Err(error) => return Attempt::Failed(rejected(format!("the offer cannot be read: {error}"), None)),
        };
        let known = match self.known(call, &request.offer).await {
            Ok(known) => known,
            Err(error) => return Attempt::Retry { after: None, why: unread(&error) },
        };
        let mut findings =
            preflight::findings_knowing(&self.connections, &request.offer, &call.home, known, call.now).await;
        if let Some(standing) = &request.standing {
            findings.extend(preflight::frozen(&self.connections, standing, &request.offer, &call.home));
        }
        let evidence = json!({ "findings": findings });
        let worst = findings.iter().find(|finding| finding.severity == Severity::Error);
        match worst {
            None => Attempt::Done(evidence),
            Some(finding) => {
                let message = format!("{}: {}; {}", finding.rule, finding.message, finding.remedy);
                Attempt::Failed(Failure {
                    evidence,
                    code: Some(finding.rule.clone()),
                    ..rejected(message, Some(finding.field.clone()))
                })
            }
        }
    }
}

fn rejected(message: String, field: Option<String>) -> Failure {
    Failure { class: FailureClass::Rejected, message, field, code: None, evidence: Value::Null }
}

fn unread(error: &DeskError) -> Failure {
    let message = format!("the vendor's own records could not be read: {error}");
    Failure { class: FailureClass::Transient, ..rejected(message, None) }
}
