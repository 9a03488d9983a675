//! `entente offer waiting`.

use entente_core::offer::attribution::{attribution, by_party};
use entente_store::RunFilter;
use jiff::Timestamp;
use serde::Serialize;

use super::show::length;
use crate::{
    cli::{exit::Exit, failure::Failure, session::Session},
    offers::{standing, stored, timeline},
};

/// List what open offers wait for, and for how long
#[derive(Debug, clap::Args)]
pub struct Waiting {
    /// Only offers that wait for this party, such as buyer or approvers
    #[arg(long, value_name = "PARTY")]
    on: Option<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    label: String,
    buyer: String,
    waiting_on: String,
    since: Option<Timestamp>,
    seconds: i64,
    seconds_by_party: std::collections::BTreeMap<String, i64>,
    next_step: Option<String>,
    owner: Option<String>,
    open: Vec<&'static str>,
    last_day: jiff::civil::Date,
    external_refs: std::collections::BTreeMap<String, String>,
}

impl Waiting {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let store = session.app.store.as_ref();
        let now = session.app.clock.now();
        let mut rows = Vec::new();
        for offer in stored::offers(store, RunFilter { ended: Some(false), ..RunFilter::default() }).await? {
            let summary = standing::summary(&offer);
            let Some(waiting_on) = summary.waiting_on.clone() else { continue };
            if self.on.as_ref().is_some_and(|on| *on != waiting_on) {
                continue;
            }
            let spans = attribution(&timeline::records(store, offer.row.snapshot.run).await?, now);
            let last = spans.last();
            rows.push(Row {
                since: last.map(|span| span.from),
                seconds: last.map_or(0, |span| now.duration_since(span.from).as_secs()),
                seconds_by_party: by_party(&spans).into_iter().map(|(party, time)| (party, time.as_secs())).collect(),
                open: summary.checklist.iter().filter(|check| !check.done).map(|check| check.what).collect(),
                label: summary.label,
                buyer: summary.buyer,
                waiting_on,
                next_step: summary.readiness.next_step,
                owner: summary.readiness.owner,
                last_day: summary.last_day,
                external_refs: summary.external_refs,
            });
        }
        rows.sort_by(|a, b| b.seconds.cmp(&a.seconds).then_with(|| a.label.cmp(&b.label)));
        if session.out.is_json() {
            session.out.json(&rows)?;
            return Ok(Exit::Ok);
        }
        let cells = rows.iter().map(|row| {
            vec![
                row.label.clone(),
                row.waiting_on.clone(),
                length(row.seconds),
                row.buyer.clone(),
                row.next_step.clone().unwrap_or_else(|| "-".into()),
                row.owner.clone().unwrap_or_else(|| "-".into()),
                row.open.join(", "),
                row.last_day.to_string(),
            ]
        });
        let heading = ["offer", "waiting on", "for", "buyer", "next step", "owner", "buyer has open", "last day"];
        session.out.table(&heading, &cells.collect::<Vec<_>>());
        Ok(Exit::Ok)
    }
}
