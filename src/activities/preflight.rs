//! The check of an offer before people look at it: the general rules, the marketplace's rules, and the product as it stands.

use async_trait::async_trait;
use entente_core::event::{Failure, FailureClass};
use entente_port::Severity;
use serde::Deserialize;
use serde_json::json;

use super::{Activity, Attempt, Call};
use crate::{connectors::Connections, offers::preflight};

/// `offer.preflight`.
pub struct Preflight {
    connections: Connections,
}

#[derive(Deserialize)]
struct Request {
    offer: Box<entente_core::offer::Offer>,
}

impl Preflight {
    /// Checks against the rules of these connections.
    pub fn new(connections: Connections) -> Preflight {
        Preflight { connections }
    }
}

#[async_trait]
impl Activity for Preflight {
    fn name(&self) -> &'static str {
        "offer.preflight"
    }

    async fn perform(&self, call: &Call) -> Attempt {
        let request = match Request::deserialize(&call.request) {
            Ok(request) => request,
            Err(error) => return Attempt::Failed(rejected(format!("the offer cannot be read: {error}"), None)),
        };
        let findings = preflight::findings(&self.connections, &request.offer, &call.home, call.now).await;
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
    Failure { class: FailureClass::Rejected, message, field, code: None, evidence: serde_json::Value::Null }
}
