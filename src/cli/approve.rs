//! `entente approve|reject|send-back`: one person's vote on one revision.

use entente_core::{ids::PersonId, offer::totals::totals, policy::approvals::Verdict};
use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    session::{Globals, Session},
    submit::Sending,
};
use crate::authz::Action;

/// The fewest characters by which a revision may be named.
const PREFIX_MIN: usize = 6;

/// What every vote says.
#[derive(Debug, clap::Args)]
struct Ballot {
    /// The offer, such as OFR-2026-00042
    label: String,
    /// The revision that you looked at, or its first characters
    #[arg(long, value_name = "HASH")]
    revision: String,
    /// The approval meant, where you may give several
    #[arg(long, value_name = "ROW")]
    row: Option<String>,
    /// For whom, where you stand in for somebody
    #[arg(long, value_name = "PERSON")]
    on_behalf_of: Option<PersonId>,
    #[command(flatten)]
    sending: Sending,
}

/// Approve a revision of an offer
#[derive(Debug, clap::Args)]
pub struct Approve {
    #[command(flatten)]
    ballot: Ballot,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

/// Reject an offer for good
#[derive(Debug, clap::Args)]
pub struct Reject {
    #[command(flatten)]
    ballot: Ballot,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Return an offer for changes
#[derive(Debug, clap::Args)]
pub struct SendBack {
    #[command(flatten)]
    ballot: Ballot,
    /// What should be changed
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl Approve {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        self.ballot.cast(globals, Verdict::Approve, &self.reason).await
    }
}

impl Reject {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        self.ballot.cast(globals, Verdict::Reject, &self.reason).await
    }
}

impl SendBack {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        self.ballot.cast(globals, Verdict::SendBack, &self.reason).await
    }
}

impl Ballot {
    async fn cast(self, globals: &Globals, verdict: Verdict, reason: &str) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let stored = session.offer(&self.label).await?;
        let revision = self.revision_of(&stored.offer.revision)?;
        let value = totals(&stored.offer.offer).ok().map(|totals| totals.total);
        let entity = &session.home(&stored).legal_entity;
        let actor = session.act_as(Action::Vote, "offer", &self.label, entity, self.on_behalf_of.as_ref(), value)?;
        let mut data = json!({ "verdict": verdict, "reason": reason, "revision": revision });
        if let (Some(row), Some(fields)) = (&self.row, data.as_object_mut()) {
            fields.insert("row".into(), json!(row));
        }
        let message =
            self.sending.sender(&session, actor).named(stored.row.snapshot.run, entente_core::chart::step::VOTE, data);
        session.send(&self.sending, &self.label, vec![message]).await?;
        Ok(Exit::Ok)
    }

    /// The full hash that the person means, if it is the revision to be decided.
    fn revision_of(&self, current: &str) -> Result<String, Failure> {
        let prefix = self.revision.to_ascii_lowercase();
        if prefix.len() < PREFIX_MIN || !prefix.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let message =
                format!("`{}` is no revision; write at least its first {PREFIX_MIN} hexadecimal digits", self.revision);
            return Err(Failure::usage(message));
        }
        if current.starts_with(&prefix) {
            return Ok(current.to_owned());
        }
        let start: String = current.chars().take(12).collect();
        let message = format!("`{}` is at revision `{start}` now, and you looked at `{}`", self.label, self.revision);
        Err(Failure::new(Exit::Conflict, message).hint(format!("look again with `entente offer show {}`", self.label)))
    }
}
