//! `entente notices`: what people were told, and what could not be delivered.

use entente_core::scope::Scope;
use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    session::{Globals, Session},
};
use crate::{cards::out_of_sight, decision};

/// See what people were told
#[derive(Debug, clap::Subcommand)]
pub enum Notices {
    /// List notices that could not be delivered, or all of one run
    List {
        /// The run, such as OFR-2026-00042
        label: Option<String>,
    },
}

impl Notices {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let Notices::List { label } = self;
        let session = Session::open(globals).await?;
        let run = match &label {
            Some(label) => {
                let decision = decision::by_label(&session.app, label).await?;
                session.seen(&decision.row.snapshot, decision.kind)?;
                Some(decision.row.snapshot.run)
            }
            None => None,
        };
        let mut rows = session.app.store.notices(&Scope::vendor(), run).await?;
        let others = out_of_sight(session.app.store.as_ref(), session.party(), &rows).await?;
        rows.retain(|row| row.run.is_none_or(|run| !others.contains(&run)));
        if session.out.is_json() {
            let rows = rows.iter().map(|row| {
                let (id, name, error) = (&row.id, &row.name, &row.error);
                json!({ "id": id, "name": name, "status": row.status, "attempts": row.attempts, "not_before": row.not_before, "error": error, "data": row.data })
            });
            session.out.json(&rows.collect::<Vec<_>>())?;
            return Ok(Exit::Ok);
        }
        let cells = rows.iter().map(|row| {
            let status = serde_json::to_value(row.status).ok();
            let status = status.as_ref().and_then(|status| status.as_str()).unwrap_or_default().to_owned();
            let about = ["label", "account", "job"].into_iter().find_map(|field| row.data.get(field)?.as_str());
            let about = about.unwrap_or_default().to_owned();
            vec![
                row.name.clone(),
                about,
                status,
                row.attempts.to_string(),
                row.error.clone().unwrap_or_default(),
                row.id.clone(),
            ]
        });
        session.out.table(&["notice", "about", "is", "attempts", "last error", "id"], &cells.collect::<Vec<_>>());
        Ok(Exit::Ok)
    }
}
