//! The promises, checked on what the story left behind: nothing is assumed.

mod commitments;
mod commits;
mod funds;
mod keys;
mod restored;
mod statements;

use std::{collections::BTreeSet, path::Path};

use entente_core::{
    audit::{Fingerprint, row_hash},
    context::commitment::COMMITMENT,
    run::{Record, fold},
    scope::{Entities, Parties, Scope},
};
use entente_store::{RunFilter, RunRow, Store};

use super::{funding::partners, stories::GAP_TITLE, summary::Row, teller::Teller};
use crate::audit::{export, key::SealKey, seal, verify};

/// The runs of the offers' story: the offers, the amendment of one of them, and the refund.
const RUNS: usize = 19;

/// The writes that people must have agreed to.
const AGREED: [&str; 2] = ["marketplace.create_offer", "marketplace.adjust_billing"];

/// A promise and what was seen.
pub struct Promise {
    /// Its name.
    pub name: &'static str,
    /// Whether it held.
    pub held: bool,
    /// What was counted.
    pub figures: String,
}

/// Checks every promise that the story puts to the test, on its offers and refunds, its commitments and the papers of its funds.
pub async fn check(teller: &Teller, folder: &Path, offers: &[Row], others: &[Row]) -> anyhow::Result<Vec<Promise>> {
    let all: Vec<&Row> = offers.iter().chain(others).collect();
    let papers: Vec<&Row> = others.iter().filter(|row| row.run.snapshot.chart.name != COMMITMENT).collect();
    Ok(vec![
        told(offers),
        funds::told(&papers),
        commitments::told(teller).await?,
        commitments::shown(teller, folder).await?,
        commitments::traced(teller).await?,
        commits::whole(teller, &all).await?,
        histories(teller, &all).await?,
        keys::again(teller, &all).await?,
        effects(offers),
        nothing_hangs(&all),
        funds::balanced(teller).await?,
        funds::two_people(teller, &papers).await?,
        funds::paid_once(teller).await?,
        approvals(teller, offers).await?,
        occurrences(teller).await?,
        seals(teller).await?,
        statements::verified(teller, folder).await?,
        restored::copy(teller, &all).await?,
        scope(teller).await?,
    ])
}

fn told(rows: &[Row]) -> Promise {
    let wrong: Vec<&str> = rows.iter().filter(|row| !as_told(row)).map(|row| row.title).collect();
    Promise {
        name: "the story",
        held: rows.len() == RUNS && wrong.is_empty(),
        figures: format!(
            "{} offers and refunds, {} ended otherwise than told{}{}",
            rows.len(),
            wrong.len(),
            if wrong.is_empty() { "" } else { ": " },
            wrong.join(", ")
        ),
    }
}

/// The tag in which a story must end.
fn as_told(row: &Row) -> bool {
    let wanted = match row.title {
        "rejected by an approver" | "accepted by nobody" => "failure",
        "amended while it runs" | "a tenth of it goes back" => "success",
        "refused by the marketplace" | "taken back by the seller" => "cancelled",
        GAP_TITLE => "live",
        _ => "accepted",
    };
    row.run.snapshot.tags.iter().any(|tag| tag == wanted)
}

async fn histories(teller: &Teller, rows: &[&Row]) -> anyhow::Result<Promise> {
    let store: &dyn Store = teller.app().store.as_ref();
    let (mut steps, mut wrong) = (0, 0);
    for row in rows {
        let snapshot = &row.run.snapshot;
        let history = store.history(&Scope::vendor(), snapshot.run, 1, 100_000).await?;
        let mut head = Fingerprint::ZERO;
        let mut records: Vec<Record> = Vec::new();
        for (at, stored) in history.iter().take(usize::try_from(snapshot.seq)?).enumerate() {
            head = row_hash(&head, snapshot.run, stored.seq, stored.record.as_bytes());
            wrong += usize::from(stored.seq != at as u64 + 1 || stored.hash != head.0);
            records.push(serde_json::from_str(&stored.record)?);
        }
        steps += records.len();
        wrong += usize::from(fold(&records).as_ref() != Ok(snapshot));
    }
    Ok(Promise { name: "P2 fold and chain", held: wrong == 0, figures: format!("{steps} steps, {wrong} differences") })
}

fn effects(rows: &[Row]) -> Promise {
    let twice = rows.iter().filter(|row| row.applied > row.intents).count();
    let lost = rows.iter().find(|row| row.title == "answer lost on the wire");
    let resent = lost.is_some_and(|row| row.applied == row.intents);
    let (applied, sends): (usize, u32) =
        (rows.iter().map(|row| row.applied).sum(), rows.iter().map(|row| row.attempts).sum());
    Promise {
        name: "P4 at most once",
        held: twice == 0 && resent,
        figures: format!("{sends} sends, {applied} applied, {twice} applied twice"),
    }
}

fn nothing_hangs(rows: &[&Row]) -> Promise {
    let parked = rows.iter().filter(|row| row.run.snapshot.incident.is_some()).count();
    let open = rows.iter().filter(|row| !row.run.snapshot.ended && !row.run.snapshot.invokes.is_empty()).count();
    Promise {
        name: "P5 nothing hangs",
        held: parked + open == 0,
        figures: format!("{parked} parked, {open} with work under way"),
    }
}

/// Everything that was published, and all money that went back, passed approvals of exactly the revision that was sent, by somebody else.
async fn approvals(teller: &Teller, rows: &[Row]) -> anyhow::Result<Promise> {
    let store: &dyn Store = teller.app().store.as_ref();
    let (mut published, mut unapproved) = (0, 0);
    for row in rows {
        let run = row.run.snapshot.run;
        for intent in store.intents(&Scope::vendor(), run).await? {
            if !AGREED.contains(&intent.intent.activity.as_str()) {
                continue;
            }
            published += 1;
            let revision = intent
                .intent
                .request
                .get("revision")
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let history = store.history(&Scope::vendor(), run, 1, 100_000).await?;
            let mut before = Vec::new();
            for stored in history.iter().take_while(|stored| stored.seq < intent.intent.invoke.seq) {
                before.push(serde_json::from_str::<Record>(&stored.record)?);
            }
            let round = fold(&before)?.approvals;
            let agreed = round.is_some_and(|round| {
                let voters: BTreeSet<_> =
                    round.votes.iter().filter(|vote| !vote.void).map(|vote| &vote.person).collect();
                round.subject.revision == revision
                    && !voters.is_empty()
                    && !voters.iter().any(|voter| round.subject.is_from(voter))
            });
            unapproved += usize::from(!agreed);
        }
    }
    Ok(Promise {
        name: "P8 approvals bind",
        held: unapproved == 0 && published > 0,
        figures: format!(
            "{published} creations and refunds, {unapproved} without a second person's vote on that revision"
        ),
    })
}

async fn occurrences(teller: &Teller) -> anyhow::Result<Promise> {
    let store: &dyn Store = teller.app().store.as_ref();
    let (mut seen, mut doubled) = (0, 0);
    for job in ["observe", "drift", "seal", "backup"] {
        let rows = store.occurrences(job, 10_000).await?;
        let distinct: BTreeSet<_> = rows.iter().map(|row| row.scheduled_for).collect();
        seen += rows.len();
        doubled += rows.len() - distinct.len();
    }
    Ok(Promise {
        name: "P9 jobs once",
        held: doubled == 0 && seen > 0,
        figures: format!("{seen} occurrences, {doubled} doubled"),
    })
}

async fn seals(teller: &Teller) -> anyhow::Result<Promise> {
    let app = teller.app();
    let database = app.database.beside();
    let key = SealKey::beside(database)?;
    seal::seal(app.store.as_ref(), &key, database, app.clock.now()).await?;
    let mut written = Vec::new();
    export::export(app.store.as_ref(), &mut written).await?;
    let report = verify::verify(written.as_slice(), Some(key.public()))?;
    Ok(Promise {
        name: "P10 history verifies",
        held: report.findings.is_empty() && report.seals > 0,
        figures: format!("{} rows under {} seals, {} findings", report.rows, report.seals, report.findings.len()),
    })
}

async fn scope(teller: &Teller) -> anyhow::Result<Promise> {
    let seen_by = async |party: &str| -> anyhow::Result<Vec<RunRow>> {
        let only = Scope { entities: Entities::All, parties: Parties::Only(party.parse()?) };
        Ok(teller.app().store.runs(&only, &RunFilter::default()).await?.rows)
    };
    let seen = seen_by("another-partner").await?.len();
    let (mut own, mut crossed) = (0, 0);
    for partner in partners() {
        let rows = seen_by(partner).await?;
        let ours = rows.iter().filter(|row| row.snapshot.home.party.as_str() == partner).count();
        (own, crossed) = (own + ours, crossed + rows.len() - ours);
    }
    Ok(Promise {
        name: "P12 nothing crosses",
        held: seen + crossed == 0 && own > 0,
        figures: format!("another party sees {seen} runs, the partners {own} of their own and {crossed} of others"),
    })
}
