//! The end of the story in one table.

use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};
use entente_core::{offer::totals::totals, scope::Scope};
use entente_store::Store;

use super::teller::Teller;
use crate::offers::stored::{self, StoredOffer};

/// One offer at the end of the story.
pub struct Row {
    /// The offer as stored.
    pub offer: StoredOffer,
    /// Its story.
    pub title: &'static str,
    /// Sends to the marketplace that were recorded.
    pub attempts: u32,
    /// Writes to the marketplace that it asked for.
    pub intents: usize,
    /// Writes that the sandbox applied.
    pub applied: usize,
}

/// Every offer, by label.
pub async fn rows(teller: &Teller) -> anyhow::Result<Vec<Row>> {
    let store: &dyn Store = teller.app().store.as_ref();
    let titles = teller.titles();
    let mut rows = Vec::new();
    for offer in stored::offers(store, Default::default()).await? {
        let run = offer.row.snapshot.run;
        let intents = store.intents(&Scope::vendor(), run).await?;
        let writes: Vec<_> = intents.iter().filter(|row| row.intent.entity.is_some()).collect();
        rows.push(Row {
            title: titles.get(&run).copied().unwrap_or_default(),
            attempts: writes.iter().map(|row| row.attempts).sum(),
            intents: writes.len(),
            applied: teller.stage().applied(&run.to_string()).await?,
            offer,
        });
    }
    Ok(rows)
}

/// The table.
pub fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header([
        "offer",
        "story",
        "buyer",
        "value",
        "ended in",
        "steps",
        "writes",
        "sends",
        "applied",
        "at the marketplace",
    ]);
    for row in rows {
        let snapshot = &row.offer.row.snapshot;
        let document = &row.offer.offer.offer;
        let value = totals(document).map(|totals| totals.total);
        let value = match value {
            Ok(value) if value.minor > 0 => value.to_string(),
            Ok(_) => "by usage".into(),
            Err(error) => error.to_string(),
        };
        let remote = &row.offer.offer.remote;
        let remote = remote.offer_id.clone().or_else(|| remote.earlier.last().map(|id| format!("{id} (withdrawn)")));
        table.add_row([
            snapshot.label.clone(),
            row.title.into(),
            document.buyer.name.clone(),
            value,
            snapshot.state.clone(),
            snapshot.seq.to_string(),
            row.intents.to_string(),
            row.attempts.to_string(),
            row.applied.to_string(),
            remote.unwrap_or_else(|| "–".into()),
        ]);
    }
    table
}
