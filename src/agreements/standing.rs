//! Where a request about an agreement stands: its state, whom it waits for, who has agreed, and how it came to this.

use std::collections::BTreeSet;

use entente_core::{
    context::{
        agreement_request::{Ask, Change, Figures},
        private_offer::{Refusal, Withdrawal},
    },
    ids::PersonId,
    offer::attribution::attribution,
    run::Incident,
    scope::Scope,
};
use entente_store::Store;
use jiff::Timestamp;
use serde::Serialize;

use super::stored::Stored;
use crate::offers::{
    DeskError,
    standing::{Approval, approvals, waiting_on},
    timeline::{self, Entry},
};

/// Where a request stands.
#[derive(Debug, Clone, Serialize)]
#[serde(bound = "A: Ask")]
pub struct Standing<A> {
    /// Its label.
    pub label: String,
    /// What it asks for.
    #[serde(flatten)]
    pub ask: A,
    /// The state of its run.
    pub state: String,
    /// What the rest of the product asks instead of the state's name.
    pub tags: Vec<String>,
    /// Whether it has ended.
    pub ended: bool,
    /// The step it is at.
    pub seq: u64,
    /// The revision that decisions bind to.
    pub revision: String,
    /// Who asked for it.
    pub requester: Option<PersonId>,
    /// Everybody who asked for it or changed it: none of them may approve it.
    pub authors: BTreeSet<PersonId>,
    /// Whom it waits for; nobody once it has ended.
    pub waiting_on: Option<String>,
    /// Since when.
    pub waiting_since: Option<Timestamp>,
    /// When a buyer who stays silent counts as having agreed, once the marketplace has said so.
    pub answer_by: Option<Timestamp>,
    /// What the marketplace and our own records said about it last.
    pub figures: Option<Figures>,
    /// Who must agree, and who has.
    pub approvals: Vec<Approval>,
    /// The marketplace's own request.
    pub change: Option<Change>,
    /// When the marketplace had done what was asked.
    pub applied_at: Option<Timestamp>,
    /// Why the last attempt did not get through.
    pub refusal: Option<Refusal>,
    /// That somebody no longer wants it.
    pub withdrawal: Option<Withdrawal>,
    /// Why it stands still until a person acts.
    pub incident: Option<Incident>,
    /// How it came to this.
    pub timeline: Vec<Entry>,
}

/// Where a request stands, as far as its snapshot tells: without its history.
pub fn summary<A: Ask>(stored: &Stored<A>) -> Standing<A> {
    let (snapshot, known) = (&stored.row.snapshot, &stored.request);
    Standing {
        label: snapshot.label.clone(),
        ask: known.ask.clone(),
        state: snapshot.state.clone(),
        tags: snapshot.tags.clone(),
        ended: snapshot.ended,
        seq: snapshot.seq,
        revision: known.revision.clone(),
        requester: known.requester.clone(),
        authors: known.authors.clone(),
        waiting_on: waiting_on(snapshot, None),
        waiting_since: None,
        answer_by: None,
        figures: known.figures.clone(),
        approvals: snapshot.approvals.as_ref().map(approvals).unwrap_or_default(),
        change: known.change.clone(),
        applied_at: known.applied_at,
        refusal: known.refusal.clone(),
        withdrawal: known.withdrawal.clone(),
        incident: snapshot.incident.clone(),
        timeline: Vec::new(),
    }
}

/// Where a request stands now.
///
/// # Errors
/// When the database cannot be read.
pub async fn standing<A: Ask>(store: &dyn Store, stored: &Stored<A>, now: Timestamp) -> Result<Standing<A>, DeskError> {
    let run = stored.row.snapshot.run;
    let records = timeline::records(store, run).await?;
    let intents = store.intents(&Scope::vendor(), run).await?;
    let mut standing = summary(stored);
    standing.waiting_since = attribution(&records, now).last().filter(|_| !standing.ended).map(|span| span.from);
    let told = intents.iter().rev().find_map(|row| row.notes.get("answer_by")?.as_str()?.parse().ok());
    standing.answer_by = told.filter(|_| !standing.ended);
    standing.timeline = timeline::entries(&records, &intents);
    Ok(standing)
}
