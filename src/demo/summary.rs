//! The end of the story in one table.

use std::collections::BTreeSet;

use comfy_table::{Table, presets};
use entente_core::{context::billing_adjustment::Refund, ids::RunId, offer::totals::totals, scope::Scope};
use entente_store::{RunRow, Store};

use super::teller::Teller;
use crate::{
    agreements,
    offers::stored::{self, StoredOffer},
};

/// One offer, refund, commitment or paper of the funds at the end of the story.
pub struct Row {
    /// The run as stored.
    pub run: RunRow,
    /// Its story.
    pub title: &'static str,
    /// What it is worth.
    pub value: String,
    /// What the marketplace calls it.
    pub remote: Option<String>,
    /// Sends to the marketplace that were recorded.
    pub attempts: u32,
    /// Writes to the marketplace that it asked for.
    pub intents: usize,
    /// Writes that the sandbox applied.
    pub applied: usize,
}

/// Every offer and every refund, by label.
pub async fn rows(teller: &Teller) -> anyhow::Result<Vec<Row>> {
    let store: &dyn Store = teller.app().store.as_ref();
    let titles = teller.titles();
    let adjustments = teller.stage().ask("aws/agreement-requests").await?;
    let adjustments = adjustments["adjustments"].as_array().cloned().unwrap_or_default();
    let mut rows = Vec::new();
    for offer in stored::offers(store, Default::default()).await? {
        let applied = teller.stage().applied(&offer.row.snapshot.run.to_string()).await?;
        let (value, remote) = (worth(&offer), remote(&offer));
        rows.push((offer.row, value, remote, applied));
    }
    for refund in agreements::stored::requests::<Refund>(store, Default::default()).await? {
        let key = refund.row.snapshot.run.to_string();
        let applied = adjustments.iter().filter(|made| made.to_string().contains(&key)).count();
        let (value, remote) = (refund.request.ask.amount.to_string(), refund.request.change.map(|change| change.id));
        rows.push((refund.row, value, remote, applied));
    }
    let mut told = Vec::new();
    for (run, value, remote, applied) in rows {
        let intents = store.intents(&Scope::vendor(), run.snapshot.run).await?;
        let writes: Vec<_> = intents.iter().filter(|row| row.intent.entity.is_some()).collect();
        told.push(Row {
            title: titles.get(&run.snapshot.run).copied().unwrap_or_default(),
            value,
            remote,
            attempts: writes.iter().map(|row| row.attempts).sum(),
            intents: writes.len(),
            applied,
            run,
        });
    }
    Ok(told)
}

/// Everything else that the story is about: commitments, partners, the fund, requests, claims and the payout.
pub async fn papers(teller: &Teller, offers: &[Row]) -> anyhow::Result<Vec<Row>> {
    let store: &dyn Store = teller.app().store.as_ref();
    let told: BTreeSet<RunId> = offers.iter().map(|row| row.run.snapshot.run).collect();
    let titles = teller.titles();
    let others = stored::runs(store, Default::default()).await?;
    let others = others.into_iter().filter(|run| !told.contains(&run.snapshot.run));
    let row = |run: RunRow| Row {
        title: titles.get(&run.snapshot.run).copied().unwrap_or_default(),
        value: String::new(),
        remote: None,
        attempts: 0,
        intents: 0,
        applied: 0,
        run,
    };
    Ok(others.map(row).collect())
}

fn worth(offer: &StoredOffer) -> String {
    match totals(&offer.offer.offer).map(|totals| totals.total) {
        Ok(value) if value.minor > 0 => value.to_string(),
        Ok(_) => "by usage".into(),
        Err(error) => error.to_string(),
    }
}

fn remote(offer: &StoredOffer) -> Option<String> {
    let remote = &offer.offer.remote;
    remote.offer_id.clone().or_else(|| remote.earlier.last().cloned())
}

/// The table.
pub fn table(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["run", "story", "value", "ended in", "steps", "writes", "sends", "applied", "marketplace id"]);
    for row in rows {
        let snapshot = &row.run.snapshot;
        table.add_row([
            snapshot.label.clone(),
            row.title.into(),
            row.value.clone(),
            snapshot.state.clone(),
            snapshot.seq.to_string(),
            row.intents.to_string(),
            row.attempts.to_string(),
            row.applied.to_string(),
            row.remote.clone().unwrap_or_else(|| "-".into()),
        ]);
    }
    table.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>().join("\n")
}
