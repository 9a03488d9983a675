//! What was written reads back, in the marketplace's words and in ours.

use jiff::ToSpan;

use super::Trial;
use crate::{Capability, RemoteOffer, RemoteOfferState, Write};

const CREATED: &str = "a created offer reads back without differences";
const WITHDRAWN: &str = "a withdrawn offer reads back as withdrawn";
const EXTENDED: &str = "an extended offer reads back with its new last day";
const AMENDED: &str = "an amended offer reads back with its new name";

pub(super) async fn try_laws(trial: &mut Trial<'_>) {
    if !trial.can(Capability::CreateOffer) || !trial.can(Capability::ReadOffer) {
        return;
    }
    let Some((id, offer, _)) = trial.released(CREATED).await else { return };
    if let Some(remote) = read(trial, CREATED, &id).await {
        trial.check(CREATED, remote.state == RemoteOfferState::Released, || format!("state {:?}", remote.state));
        let differences = trial.marketplace.differences(&offer, &remote);
        trial.check(CREATED, differences.is_empty(), || format!("{differences:?}"));
        let mut renamed = offer.clone();
        renamed.name.push_str(" (changed)");
        let seen = trial.marketplace.differences(&renamed, &remote);
        trial.check(CREATED, !seen.is_empty(), || "another name is no difference".to_owned());
    }
    if trial.can(Capability::AmendOffer) {
        let name = format!("{} amended", offer.name);
        let write = Write::AmendOffer {
            offer_id: id.clone(),
            name: Some(name),
            description: None,
            duration: None,
            expires_on: None,
        };
        becomes_true(trial, AMENDED, &id, &write).await;
    }
    if trial.can(Capability::ExtendOffer) {
        let mut later = offer.clone();
        later.expires_on = offer.expires_on.saturating_add(3.days());
        let write = Write::ExtendOffer { offer_id: id.clone(), expires_on: later.expires_on, offer: Box::new(later) };
        becomes_true(trial, EXTENDED, &id, &write).await;
    }
    if trial.can(Capability::WithdrawOffer) {
        becomes_true(trial, WITHDRAWN, &id, &Write::WithdrawOffer { offer_id: id.clone() }).await;
    }
}

async fn read(trial: &mut Trial<'_>, law: &'static str, id: &str) -> Option<RemoteOffer> {
    trial.bench.settle().await;
    match trial.marketplace.offer(id).await {
        Ok(remote) => Some(remote),
        Err(error) => {
            trial.breach(law, format!("`{id}` cannot be read: {error}"));
            None
        }
    }
}

/// The write's effect does not stand before it was sent, and stands afterwards.
async fn becomes_true(trial: &mut Trial<'_>, law: &'static str, id: &str, write: &Write) {
    for (sent, expected) in [(false, Some(false)), (true, Some(true))] {
        if sent {
            let call = trial.fresh_call();
            if trial.apply(law, &call, write).await.is_none() {
                return;
            }
        }
        let Some(remote) = read(trial, law, id).await else { return };
        let holds = trial.marketplace.holds(write, &remote, trial.bench.now());
        trial.check(law, holds == expected, || format!("sent: {sent}, holds: {holds:?}, remote: {remote:?}"));
    }
}
