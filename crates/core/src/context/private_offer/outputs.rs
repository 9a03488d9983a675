//! What an activity's result does to the context.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{Change, ChangeKind, PrivateOffer, Refusal};
use crate::{event::Failure, offer::preflight::Finding};

/// What the marketplace's activities return. A write that the marketplace works on in its own time returns `change_id`;
/// one that is done at once returns what the end of such a change would.
#[derive(Debug, Default, Deserialize)]
struct Output {
    #[serde(default)]
    change_id: Option<String>,
    #[serde(default)]
    offer_id: Option<String>,
    #[serde(default)]
    at: Option<Timestamp>,
    #[serde(default)]
    key: Value,
}

#[derive(Debug, Deserialize)]
struct Findings {
    #[serde(default)]
    findings: Vec<Finding>,
}

/// A result that says the effect was applied.
pub(super) fn done(offer: &mut PrivateOffer, activity: &str, output: &Value, now: Timestamp) {
    if activity == "offer.preflight" {
        offer.findings = findings(output);
        return;
    }
    let Some(what) = kind(offer, activity) else { return };
    let output: Output = serde_json::from_value(output.clone()).unwrap_or_default();
    if what == ChangeKind::Create {
        offer.remote.offer_id = output.offer_id.or_else(|| offer.remote.offer_id.take());
    }
    offer.refusal = None;
    match output.change_id.filter(|_| activity != AWAIT) {
        Some(id) => offer.remote.change = Some(Change { id, what, key: output.key }),
        None => finished(offer, what, output.at.unwrap_or(now)),
    }
}

/// A result that says it was not applied, or that people decided against it.
pub(super) fn failed(offer: &mut PrivateOffer, activity: &str, failure: &Failure) {
    if activity == "offer.preflight" {
        offer.findings = findings(&failure.evidence);
    }
    if failure.class.stands_apart() {
        return;
    }
    let what = kind(offer, activity);
    offer.refusal =
        Some(Refusal { message: failure.message.clone(), field: failure.field.clone(), code: failure.code.clone() });
    if activity == AWAIT {
        offer.remote.change = None;
    }
    match what {
        Some(ChangeKind::Create) => offer.remote.offer_id = None,
        Some(ChangeKind::Extend) => offer.extension = None,
        Some(ChangeKind::Withdraw) => {
            offer.withdrawal = None;
            offer.reissue_refused();
        }
        // What stands at the marketplace stays as it is, whoever said no.
        Some(ChangeKind::Amend) | None => offer.amendment = None,
    }
}

const AWAIT: &str = "marketplace.await_change";

fn kind(offer: &PrivateOffer, activity: &str) -> Option<ChangeKind> {
    match activity {
        "marketplace.create_offer" => Some(ChangeKind::Create),
        "marketplace.extend_offer" => Some(ChangeKind::Extend),
        "marketplace.withdraw_offer" => Some(ChangeKind::Withdraw),
        "marketplace.amend_offer" => Some(ChangeKind::Amend),
        AWAIT => offer.remote.change.as_ref().map(|change| change.what),
        _ => None,
    }
}

fn finished(offer: &mut PrivateOffer, what: ChangeKind, at: Timestamp) {
    offer.remote.change = None;
    match what {
        ChangeKind::Create => {
            offer.remote.released_at = Some(at);
            offer.remote.revision = Some(offer.revision.clone());
        }
        ChangeKind::Amend => offer.amendment_applied(),
        ChangeKind::Extend => offer.expiry = offer.extension.take().or_else(|| offer.expiry.take()),
        ChangeKind::Withdraw => {
            offer.remote.earlier.extend(offer.remote.offer_id.take());
            offer.remote.released_at = None;
            offer.remote.revision = None;
            if !offer.agreements.is_empty() {
                // The buyer was faster: what was accepted is the document that stood there.
                offer.reissue_refused();
            } else if let (Some(_), Some(facts)) = (offer.reissue.take(), &offer.facts) {
                let (last_day, last_moment) = (offer.offer.expires_on, facts.last_moment);
                offer.expiry = Some(super::Expiry { last_day, last_moment });
            }
        }
    }
}

fn findings(output: &Value) -> Vec<Finding> {
    serde_json::from_value::<Findings>(output.clone()).map(|output| output.findings).unwrap_or_default()
}
