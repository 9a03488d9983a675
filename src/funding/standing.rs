//! Where a paper stands: its state, whom it waits for, what the rules said, who has agreed, and how it came to this.

use std::collections::BTreeSet;

use entente_core::{
    context::{
        funding::{Assessment, Paper},
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

/// Where a paper stands.
#[derive(Debug, Clone, Serialize)]
#[serde(bound = "P: Paper")]
pub struct Standing<P: Paper> {
    /// Its label.
    pub label: String,
    /// What people wrote.
    pub paper: P,
    /// What became of it.
    pub course: P::Course,
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
    /// Everybody whose hand is in it: none of them may approve it.
    pub authors: BTreeSet<PersonId>,
    /// Whom it waits for; nobody once it has ended.
    pub waiting_on: Option<String>,
    /// Since when.
    pub waiting_since: Option<Timestamp>,
    /// What the rules said.
    pub assessment: Option<Assessment>,
    /// Who must agree, and who has.
    pub approvals: Vec<Approval>,
    /// Why the last attempt did not get through.
    pub refusal: Option<Refusal>,
    /// That somebody no longer wants it.
    pub withdrawal: Option<Withdrawal>,
    /// Why it stands still until a person acts.
    pub incident: Option<Incident>,
    /// How it came to this.
    pub timeline: Vec<Entry>,
}

/// Where a paper stands, as far as its snapshot tells: without its history.
pub fn summary<P: Paper>(stored: &Stored<P>) -> Standing<P> {
    let (snapshot, sheet) = (&stored.row.snapshot, &stored.sheet);
    Standing {
        label: snapshot.label.clone(),
        paper: sheet.paper.clone(),
        course: sheet.course.clone(),
        state: snapshot.state.clone(),
        tags: snapshot.tags.clone(),
        ended: snapshot.ended,
        seq: snapshot.seq,
        revision: sheet.revision.clone(),
        requester: sheet.requester.clone(),
        authors: sheet.authors.clone(),
        waiting_on: waiting_on(snapshot, None),
        waiting_since: None,
        assessment: sheet.assessment.clone(),
        approvals: snapshot.approvals.as_ref().map(approvals).unwrap_or_default(),
        refusal: sheet.refusal.clone(),
        withdrawal: sheet.withdrawal.clone(),
        incident: snapshot.incident.clone(),
        timeline: Vec::new(),
    }
}

/// Where a paper stands now.
///
/// # Errors
/// When the database cannot be read.
pub async fn standing<P: Paper>(
    store: &dyn Store,
    stored: &Stored<P>,
    now: Timestamp,
) -> Result<Standing<P>, DeskError> {
    let run = stored.row.snapshot.run;
    let records = timeline::records(store, run).await?;
    let intents = store.intents(&Scope::vendor(), run).await?;
    let mut standing = summary(stored);
    standing.waiting_since = attribution(&records, now).last().filter(|_| !standing.ended).map(|span| span.from);
    standing.timeline = timeline::entries(&records, &intents);
    Ok(standing)
}
