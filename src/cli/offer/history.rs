//! `entente offer history`.

use crate::{
    cli::{exit::Exit, failure::Failure, printable, session::Session},
    offers::timeline,
};

/// Show everything that happened to an offer
#[derive(Debug, clap::Args)]
pub struct History {
    /// The offer, such as OFR-2026-00042
    label: String,
    /// Print each record in full, one line of JSON per step
    #[arg(long)]
    ndjson: bool,
}

impl History {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = session.offer(&self.label).await?;
        let store = session.app.store.as_ref();
        let records = timeline::records(store, stored.row.snapshot.run).await?;
        if self.ndjson {
            for record in &records {
                let text =
                    serde_json::to_string(record).map_err(|error| Failure::new(Exit::Error, error.to_string()))?;
                session.out.data(&printable::json(&text));
            }
            return Ok(Exit::Ok);
        }
        let intents = store.intents(&entente_core::scope::Scope::vendor(), stored.row.snapshot.run).await?;
        let entries = timeline::entries(&records, &intents);
        if session.out.is_json() {
            session.out.json(&entries)?;
            return Ok(Exit::Ok);
        }
        let rows = entries.iter().map(|entry| {
            vec![
                entry.seq.to_string(),
                entry.at.to_string(),
                entry.from.clone(),
                entry.state.clone(),
                entry.who.as_ref().map_or_else(|| entry.source.clone(), ToString::to_string),
                entry.what.clone(),
                entry.remote.join(", "),
                entry.notices.join(", "),
            ]
        });
        let heading = ["step", "when", "from", "to", "who", "what", "remote ids", "notices"];
        session.out.table(&heading, &rows.collect::<Vec<_>>());
        Ok(Exit::Ok)
    }
}
