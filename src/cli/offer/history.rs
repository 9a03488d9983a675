//! `entente offer history`.

use entente_core::{ids::RunId, scope::Scope};
use serde_json::json;

use crate::{
    cli::{archive, exit::Exit, failure::Failure, output::instant, printable, session::Session},
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
        tell(session, stored.row.snapshot.run, self.ndjson).await
    }
}

/// Shows every step of a run, whatever its workflow.
pub async fn tell(session: &Session, run: RunId, ndjson: bool) -> Result<Exit, Failure> {
    let store = session.app.store.as_ref();
    if session.out.is_json() && !ndjson {
        session.out.json(&timeline::told(store, run).await?)?;
        return Ok(Exit::Ok);
    }
    if let Some(place) = archive::place(session, run).await? {
        match ndjson {
            true => session.out.json(&json!({ "archive": timeline::place_json(&place) }))?,
            false => archive::tell_place(&session.out, &place),
        }
        return Ok(Exit::Ok);
    }
    let records = timeline::records(store, run).await?;
    if ndjson {
        for record in &records {
            let text = serde_json::to_string(record).map_err(|error| Failure::new(Exit::Error, error.to_string()))?;
            session.out.data(&printable::json(&text));
        }
        return Ok(Exit::Ok);
    }
    let intents = store.intents(&Scope::vendor(), run).await?;
    let entries = timeline::entries(&records, &intents);
    let rows = entries.iter().map(|entry| {
        vec![
            entry.seq.to_string(),
            instant(entry.at),
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
