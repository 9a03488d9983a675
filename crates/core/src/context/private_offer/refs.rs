//! The ids in other systems that an offer carries, as its events state them.

use std::collections::BTreeMap;

use serde::Deserialize as _;
use serde_json::Value;

use crate::event::Body;

/// The ids that a document's arrival states: at the start of a run, and with each revision. `None` where an event brings no
/// document, so that the ids before it stay.
pub fn stated_refs(body: &Body) -> Option<BTreeMap<String, String>> {
    let document = match body {
        Body::Started { input } => Some(input),
        Body::Named { name, data } if name == "revise" => data.get("offer"),
        _ => None,
    };
    document.map(carried_refs)
}

/// The ids that a document carries; none where it is no offer.
pub fn carried_refs(document: &Value) -> BTreeMap<String, String> {
    let refs = document.get("external_refs").map(BTreeMap::deserialize);
    refs.and_then(Result::ok).unwrap_or_default()
}
