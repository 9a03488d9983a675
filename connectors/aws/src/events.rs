//! EventBridge envelopes as hints. Delivery is best effort, so that events may be lost, late, doubled and out of order: an event
//! names what to look at, and nothing that it says is believed.
//!
//! Source: <https://docs.aws.amazon.com/marketplace/latest/userguide/notifications-eventbridge.html>

use std::collections::BTreeSet;

use entente_port::{Error, Hint, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::failure::MARKETPLACE;

/// The largest event that is read. EventBridge itself allows 256 KiB.
const EVENT_MAX: usize = 256 * 1024;

/// What all envelopes have in common; everything else may come and go.
#[derive(Deserialize)]
struct Envelope {
    id: String,
    source: String,
    #[serde(default)]
    account: Option<String>,
    #[serde(default)]
    detail: Value,
}

/// Reads an envelope. One of an unknown kind is still a hint, with whatever ids it names.
pub(crate) fn hint(body: &[u8]) -> Result<Hint> {
    if body.len() > EVENT_MAX {
        return Err(refused(format!("the event has {} bytes, more than EventBridge sends", body.len())));
    }
    let envelope: Envelope = serde_json::from_slice(body)
        .map_err(|error| refused(format!("it is not an EventBridge envelope ({error})")))?;
    if !envelope.source.starts_with("aws.") {
        return Err(refused(format!(
            "events of `{}` do not come from AWS",
            envelope.source.chars().take(80).collect::<String>()
        )));
    }
    let at = |pointers: &[&str]| -> Vec<String> {
        let found = pointers.iter().filter_map(|pointer| envelope.detail.pointer(pointer)).filter_map(Value::as_str);
        found.filter(|id| !id.is_empty()).map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let mut offers = at(&["/offer/id", "/agreement/offerId"]);
    let of_set = envelope.detail.get("associatedOffers").and_then(Value::as_array).into_iter().flatten();
    offers.extend(of_set.filter_map(|entry| entry.pointer("/offer/id")?.as_str()).map(str::to_owned));
    let mut changes = at(&["/ChangeSetId"]);
    // A request is asked about under its agreement.
    if let [agreement] = at(&["/agreement/id"]).as_slice() {
        let requests = at(&["/agreementCancellationRequest/id", "/billingAdjustmentRequest/id"]);
        changes.extend(requests.iter().map(|request| format!("{agreement}/{request}")));
    }
    Ok(Hint {
        offers,
        agreements: at(&["/agreement/id", "/agreement/previousAgreementId"]),
        changes,
        id: envelope.id,
        account: envelope.account,
    })
}

fn refused(reason: String) -> Error {
    Error::Rejected { marketplace: MARKETPLACE, field: None, code: None, reason }
}
