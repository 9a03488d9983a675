//! Twins: one step of ours that a marketplace applied more than once. Never silent, always a person's decision.

use entente_core::{ids::RunId, offer::Offer, run::Snapshot, scope::Scope};
use entente_port::{ChangeState, Difference, Effect, Error, StepKey, Write};
use entente_store::{IntentRow, Store};
use jiff::Timestamp;
use serde::Deserialize as _;

use crate::{activities::RESENT, connectors::Connection};

/// The activity that makes something which a second time would stand beside the first.
const CREATE: &str = "marketplace.create_offer";

/// Every effect of `write` under `key` that stands or may come to stand.
///
/// # Errors
/// When the marketplace cannot be asked. Where it cannot be searched at all, nothing is found.
pub(super) async fn alive(connection: &Connection, key: &StepKey, write: &Write) -> entente_port::Result<Vec<Effect>> {
    match connection.marketplace.find(key, write).await {
        Ok(effects) => {
            let over = |state: &ChangeState| matches!(state, ChangeState::Failed(_) | ChangeState::Declined { .. });
            Ok(effects.into_iter().filter(|effect| !over(&effect.state)).collect())
        }
        Err(Error::Unsupported(_)) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Offers that stand beside the run's own, made by a step of it that was sent more than once. What was hidden for longer than
/// documented when the offer was published shows here.
///
/// # Errors
/// When the database or the marketplace cannot be asked; the next look asks again.
pub async fn beside(
    store: &dyn Store,
    connection: &Connection,
    snapshot: &Snapshot,
    own: &str,
    now: Timestamp,
) -> anyhow::Result<Option<Difference>> {
    let mut others: Vec<String> = Vec::new();
    for (key, offer) in resent(store.intents(&Scope::vendor(), snapshot.run).await?, snapshot.run) {
        let creation = Write::CreateOffer { offer: Box::new(offer) };
        for effect in alive(connection, &key, &creation).await? {
            if let ChangeState::Applied { offer_id: Some(id), .. } = effect.state
                && id != own
                && stands(connection, &id, now).await?
            {
                others.push(id);
            }
        }
    }
    let field = "/".to_owned();
    Ok((!others.is_empty()).then(|| Difference {
        field,
        ours: format!("one offer, {own}"),
        theirs: format!("also {}, created by the same step: withdraw what is too much", others.join(", ")),
    }))
}

/// The creations that were sent again while the outcome of an earlier send was not known.
fn resent(rows: Vec<IntentRow>, run: RunId) -> impl Iterator<Item = (StepKey, Offer)> {
    let twice = |row: &IntentRow| row.intent.activity == CREATE && row.notes.get(RESENT).is_some();
    rows.into_iter().filter(twice).filter_map(move |row| {
        let offer = Offer::deserialize(row.intent.request.get("offer")?).ok()?;
        Some((StepKey { run, invoke: row.intent.invoke, label: row.label }, offer))
    })
}

/// Whether an offer can still be accepted: one that was withdrawn by hand is no twin any more.
async fn stands(connection: &Connection, offer_id: &str, now: Timestamp) -> entente_port::Result<bool> {
    let remote = connection.marketplace.offer(offer_id).await?;
    let withdrawal = Write::WithdrawOffer { offer_id: offer_id.to_owned() };
    Ok(connection.marketplace.holds(&withdrawal, &remote, now) != Some(true))
}
