//! What the papers of this part have in common: they are started, submitted and agreed to under keys of their own.

use anyhow::Context as _;
use entente_core::{chart::step::VOTE, context::funding::Paper, ids::RunId, run::Snapshot, scope::Scope};
use entente_store::Verdict;
use serde_json::{Value, json};

use super::Funding;
use crate::{
    demo::{
        moves::Say,
        teller::{SOURCE, run_under, tagged},
    },
    funding::{launch, stored},
};

/// The tags of papers that are beyond their first approvals.
const PAST: [&str; 8] = ["active", "open", "money_reserved", "committed", "payable", "paid", "sent", "closed"];

/// Reads a paper that the story has written.
pub(super) fn paper<P: Paper>(document: Value) -> anyhow::Result<P> {
    let paper: P = serde_json::from_value(document)?;
    paper.check().map_err(|wrong| anyhow::anyhow!("{} {}", wrong.field, wrong.message))?;
    Ok(paper)
}

impl Funding {
    /// Starts a paper under a key, unless it has been started. What is written depends on the day, so it is written once.
    pub(super) async fn start<P: Paper>(
        &self,
        key: &str,
        person: &str,
        series: &str,
        write: impl AsyncFnOnce() -> anyhow::Result<P>,
    ) -> anyhow::Result<RunId> {
        let run = run_under(key);
        if !self.teller.was_made(key).await? {
            let sender = self.teller.sender(key, person)?;
            let message = launch::start(self.teller.app().store.as_ref(), &sender, series, &write().await?).await?;
            self.teller.send(message).await?;
        }
        Ok(run)
    }

    pub(super) async fn submit(&self, key: &str, person: &str) -> anyhow::Result<()> {
        self.teller.once(&format!("{key}/submit"), person, run_under(key), "submit", Value::Null).await
    }

    /// Everybody whom rules and policy ask agrees, and the paper comes to a state that is beyond its approvals.
    pub(super) async fn agreed(&self, key: &str) -> anyhow::Result<()> {
        let run = run_under(key);
        self.agree(run, &format!("{key}/vote"), &PAST).await?;
        let past = |snapshot: &Snapshot| PAST.iter().any(|tag| tagged(snapshot, tag));
        self.teller.until(run, past).await.map(drop)
    }

    pub(super) async fn agree(&self, run: RunId, key: &str, past: &[&str]) -> anyhow::Result<()> {
        self.teller.say(run, &Say { key: key.to_owned(), verdict: "approve", why: "", past }).await
    }

    /// A paper that the story has started.
    pub(super) async fn paper<P: Paper>(&self, key: &str) -> anyhow::Result<P> {
        Ok(self.stored(key).await?.sheet.paper)
    }

    /// The run of a paper that the story has started.
    pub(super) async fn stored<P: Paper>(&self, key: &str) -> anyhow::Result<stored::Stored<P>> {
        let row = self.teller.row(run_under(key)).await?;
        Ok(stored::typed(row.with_context(|| format!("`{key}` has not been started"))?)?)
    }

    /// Somebody who may not decide tries to, and is refused.
    pub(super) async fn refused_to_vote(&self, key: &str, person: &str, run: RunId, row: &str) -> anyhow::Result<()> {
        let (store, scope) = (self.teller.app().store.as_ref(), Scope::vendor());
        let earlier = store.message(&scope, SOURCE, key).await?;
        let message = match earlier {
            Some(earlier) => earlier.message,
            None => {
                let open = self.teller.row(run).await?.and_then(|row| row.snapshot.approvals);
                let revision = open.context("nobody is asked to approve it")?.subject.revision;
                let data = json!({ "row": row, "verdict": "approve", "revision": revision, "reason": "" });
                self.teller.sender(key, person)?.named(run, VOTE, data)
            }
        };
        match self.teller.verdict(message).await? {
            Verdict::Refused { .. } => Ok(()),
            other => anyhow::bail!("`{person}` has a hand in it, and the vote was not refused: {other:?}"),
        }
    }
}
