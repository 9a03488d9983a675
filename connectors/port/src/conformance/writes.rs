//! A write has one effect, and is found again by our key.

use super::Trial;
use crate::{Capability, ChangeState, RecoveryClass, Write};

const ONCE: &str = "the same token and write, sent twice, has one effect";
const FOUND: &str = "a write is found by its key, with where it stands";
const ABSENT: &str = "a key that was never sent finds nothing";
const COMPARED: &str = "a found write tells whether it carries the same request";

pub(super) async fn try_laws(trial: &mut Trial<'_>) {
    if !trial.can(Capability::CreateOffer) {
        return;
    }
    let offer = trial.next_offer();
    let other = trial.next_offer();
    let call = trial.fresh_call();
    let write = Write::CreateOffer { offer: Box::new(offer) };
    if trial.apply(ONCE, &call, &write).await.is_none() {
        return;
    }
    if trial.marketplace.profile(Capability::CreateOffer).class == RecoveryClass::TokenDedup {
        once(trial, &call, &write).await;
    }
    if trial.can(Capability::FindByKey) {
        found(trial, &call, &write, &Write::CreateOffer { offer: Box::new(other) }).await;
    }
}

async fn once(trial: &mut Trial<'_>, call: &crate::CallContext, write: &Write) {
    match trial.marketplace.submit(call, write).await {
        Ok(again) => drop(trial.end_of(ONCE, &again.change).await),
        Err(error) => trial.breach(ONCE, format!("the second sending was refused: {error}")),
    }
    let applied = trial.bench.applied(call.token).await;
    trial.check(ONCE, applied == 1, || format!("applied {applied} times"));
}

async fn found(trial: &mut Trial<'_>, call: &crate::CallContext, write: &Write, other: &Write) {
    trial.bench.settle().await;
    match trial.marketplace.find(&call.key, write).await {
        Ok(effects) => {
            let applied = |state: &ChangeState| matches!(state, ChangeState::Applied { offer_id: Some(_), .. });
            let one = effects.len() == 1 && effects.iter().all(|effect| applied(&effect.state));
            trial.check(FOUND, one, || format!("found {effects:?}"));
            trial.check(COMPARED, effects.iter().all(|effect| effect.same_request), || {
                format!("the same request: {effects:?}")
            });
        }
        Err(error) => trial.breach(FOUND, error.to_string()),
    }
    match trial.marketplace.find(&call.key, other).await {
        Ok(effects) => {
            let told = !effects.is_empty() && effects.iter().all(|effect| !effect.same_request);
            trial.check(COMPARED, told, || format!("another request: {effects:?}"));
        }
        Err(error) => trial.breach(COMPARED, error.to_string()),
    }
    let never = trial.fresh_call();
    let nothing = trial.marketplace.find(&never.key, write).await;
    trial.check(ABSENT, nothing.as_ref().is_ok_and(Vec::is_empty), || format!("{nothing:?}"));
}
