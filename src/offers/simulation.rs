//! Judging the past under a changed policy, and the record of it that activating the policy asks for.

use std::collections::BTreeMap;

use entente_core::{
    context::raised,
    money::{Currency, Money},
    policy::{Policy, Simulation, approvals::Subject},
};
use entente_store::{RunFilter, Store, StoredDocument};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{DeskError, stored};
use crate::app::contexts;

const KIND: &str = "simulation";

/// A simulation and what its differences are worth.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// What differs, offer by offer.
    #[serde(flatten)]
    pub simulation: Simulation,
    /// The offers' values by label.
    pub values: BTreeMap<String, Money>,
    /// The value of offers that the new policy asks more about, by currency.
    pub asked_more: Vec<Money>,
    /// The value of offers that the new policy asks less about, by currency.
    pub asked_less: Vec<Money>,
}

/// Judges everything that people were asked about since an instant under the policy of this name. Nothing is written.
///
/// # Errors
/// When the database cannot be read.
pub async fn judge(store: &dyn Store, old: &Policy, new: &Policy, since: Timestamp) -> Result<Judged, DeskError> {
    let contexts = contexts();
    let context = contexts.get(&new.name);
    let filter = RunFilter { chart: Some(new.name.clone()), created_from: Some(since), ..RunFilter::default() };
    let mut past: Vec<(String, Subject)> = Vec::new();
    for row in stored::runs(store, filter).await? {
        let round = row.snapshot.approvals.as_ref().map(|round| round.subject.clone());
        let subject = round.or_else(|| {
            let known = raised(context?.as_ref(), &row.snapshot).ok()?;
            context?.subject(known.as_ref()).ok()
        });
        past.extend(subject.map(|subject| (row.snapshot.label.clone(), subject)));
    }
    let simulation = Simulation::run(old, new, past.iter().map(|(label, subject)| (label.as_str(), subject)));
    let values = past.iter().filter_map(|(label, subject)| Some((label.clone(), value(subject)?))).collect();
    let (asked_more, asked_less) = (worth(&simulation, &values, true), worth(&simulation, &values, false));
    Ok(Judged { simulation, values, asked_more, asked_less })
}

/// Keeps a simulation, so that its id can be shown when the policy is activated.
///
/// # Errors
/// When the database cannot be written.
pub async fn keep(store: &dyn Store, judged: &Judged, by: &str, at: Timestamp) -> Result<(), DeskError> {
    let text = serde_json::to_string(&judged.simulation)
        .map_err(|error| DeskError::Unreadable { what: "the simulation".into(), why: error.to_string() })?;
    let document = StoredDocument {
        kind: KIND.into(),
        name: judged.simulation.id.clone(),
        version: 1,
        sha256: hex::encode(Sha256::digest(text.as_bytes())),
        text,
        by: by.to_owned(),
        at,
        active: false,
    };
    Ok(store.put_document(&document).await?)
}

/// The two policies that a kept simulation compared, by hash: the old one and the new one.
///
/// # Errors
/// When the database cannot be read.
pub async fn compared(store: &dyn Store, id: &str) -> Result<Option<(String, String)>, DeskError> {
    let found = store.documents(KIND).await?.into_iter().find(|document| document.name == id);
    let Some(document) = found else { return Ok(None) };
    let unreadable = |why: String| DeskError::Unreadable { what: format!("simulation `{id}`"), why };
    let value: serde_json::Value =
        serde_json::from_str(&document.text).map_err(|error| unreadable(error.to_string()))?;
    let text = |name: &str| value.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    text("old").zip(text("new")).map(Some).ok_or_else(|| unreadable("it names no policies".into()))
}

fn value(subject: &Subject) -> Option<Money> {
    let minor = subject.facts.get("value_minor")?.as_i64()?;
    let currency: Currency = subject.facts.get("currency")?.as_str()?.parse().ok()?;
    Some(Money { minor, currency })
}

fn worth(simulation: &Simulation, values: &BTreeMap<String, Money>, more: bool) -> Vec<Money> {
    let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
    for difference in &simulation.differences {
        let concerned = if more { !difference.newly.is_empty() } else { !difference.no_longer.is_empty() };
        if let Some(value) = values.get(&difference.label).filter(|_| concerned) {
            let sum = sums.entry(value.currency).or_default();
            *sum = sum.saturating_add(value.minor);
        }
    }
    sums.into_iter().map(|(currency, minor)| Money { minor, currency }).collect()
}
