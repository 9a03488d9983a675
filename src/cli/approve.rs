//! `entente approve|reject|send-back`: one person's vote on one revision, whatever it is about.

use std::collections::BTreeSet;

use entente_core::{ids::PersonId, policy::approvals::Verdict};
use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    input,
    session::{Globals, Session},
    submit::Trying,
};
use crate::{authz::Action, decision, funding::frozen};

/// The fewest characters by which a revision may be named.
const PREFIX_MIN: usize = 6;

/// Items that one command may approve.
const AT_ONCE_MAX: usize = 50;

/// What every vote may say besides.
#[derive(Debug, Clone, clap::Args)]
struct Options {
    /// The approval meant, where you may give several
    #[arg(long, value_name = "ROW")]
    row: Option<String>,
    /// For whom, where you stand in for somebody
    #[arg(long, value_name = "PERSON")]
    on_behalf_of: Option<PersonId>,
    #[command(flatten)]
    sending: Trying,
}

/// A vote on one item.
#[derive(Debug, clap::Args)]
struct Ballot {
    /// What is to be decided, such as OFR-2026-00042 or RFD-2026-00007
    label: String,
    /// The revision that you looked at, or its first characters
    #[arg(long, value_name = "HASH")]
    revision: String,
    #[command(flatten)]
    options: Options,
}

/// Approve revisions of offers, refunds or other requests
///
/// Several at once are written with their revisions: `approve OFR-2026-00042@08d2fa OFR-2026-00043@77ab01`. Each is decided
/// by itself, and the command ends with the first one's exit code that did not count.
#[derive(Debug, clap::Args)]
pub struct Approve {
    /// What is to be approved: a label, or a label with its revision; at most 50
    #[arg(required = true, value_name = "LABEL[@HASH]", num_args = 1..)]
    items: Vec<String>,
    /// The revision that you looked at, or its first characters, where one label is given without
    #[arg(long, value_name = "HASH")]
    revision: Option<String>,
    #[command(flatten)]
    options: Options,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

/// Reject an offer, a refund or another request for good
#[derive(Debug, clap::Args)]
pub struct Reject {
    #[command(flatten)]
    ballot: Ballot,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
}

/// Return an offer, a refund or another request for changes
#[derive(Debug, clap::Args)]
pub struct SendBack {
    #[command(flatten)]
    ballot: Ballot,
    /// What should be changed
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
}

impl Approve {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let ballots = self.ballots()?;
        let alone = ballots.len() == 1;
        let mut first = None;
        for ballot in ballots {
            match ballot.cast(&session, Verdict::Approve, &self.reason).await {
                Ok(()) => {}
                Err(failure) if alone => return Err(failure),
                Err(failure) => {
                    session.out.fail(&failure);
                    first.get_or_insert(failure.exit);
                }
            }
        }
        Ok(first.unwrap_or(Exit::Ok))
    }

    /// One vote per item, each for the revision that was looked at.
    fn ballots(&self) -> Result<Vec<Ballot>, Failure> {
        if self.items.len() > AT_ONCE_MAX {
            let message = format!("{} items are given; at most {AT_ONCE_MAX} are approved at once", self.items.len());
            return Err(Failure::usage(message));
        }
        let mut seen = BTreeSet::new();
        let mut ballots = Vec::new();
        for item in &self.items {
            let (label, revision) = match (item.split_once('@'), &self.revision) {
                (Some((label, revision)), None) => (label, revision),
                (None, Some(revision)) if self.items.len() == 1 => (item.as_str(), revision.as_str()),
                (Some(_), Some(_)) => {
                    return Err(Failure::usage(format!("`{item}` names its revision; leave --revision out")));
                }
                (None, _) => {
                    return Err(Failure::usage(format!("`{item}` names no revision; write `{item}@<hash>`")));
                }
            };
            if !seen.insert(label) {
                return Err(Failure::usage(format!("`{label}` is given twice")));
            }
            let mut options = self.options.clone();
            if self.items.len() > 1 {
                options.sending = options.sending.of(label);
            }
            ballots.push(Ballot { label: label.to_owned(), revision: revision.to_owned(), options });
        }
        Ok(ballots)
    }
}

impl Reject {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        self.ballot.cast(&Session::open(globals).await?, Verdict::Reject, &self.reason).await.map(|()| Exit::Ok)
    }
}

impl SendBack {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        self.ballot.cast(&Session::open(globals).await?, Verdict::SendBack, &self.reason).await.map(|()| Exit::Ok)
    }
}

impl Ballot {
    async fn cast(self, session: &Session, verdict: Verdict, reason: &str) -> Result<(), Failure> {
        let decision = decision::by_label(&session.app, &self.label).await?;
        session.seen(&decision.row.snapshot, decision.kind)?;
        if session.party().is_some_and(|party| *party != decision.row.snapshot.home.party) {
            // To a partner's person, what is another party's is not there.
            return Err(entente_store::Error::NotFound { kind: decision.kind, id: self.label }.into());
        }
        let approves = verdict == Verdict::Approve;
        if let Some(why) = frozen::vote(session.app.store.as_ref(), &decision.row.snapshot).await?.filter(|_| approves)
        {
            return Err(Failure::new(Exit::Conflict, format!("`{}`: {why}", self.label)));
        }
        let revision = self.revision_of(&decision.revision)?;
        let (value, snapshot, options) = (decision.value, &decision.row.snapshot, &self.options);
        let (entity, stand_in) = (&snapshot.home.legal_entity, options.on_behalf_of.as_ref());
        let actor = session.act_as(Action::Vote, decision.kind, &self.label, entity, stand_in, value)?;
        let mut data = json!({ "verdict": verdict, "reason": reason, "revision": revision });
        if let (Some(row), Some(fields)) = (&options.row, data.as_object_mut()) {
            fields.insert("row".into(), json!(row));
        }
        let sending = options.sending.sending();
        let message = sending.sender(session, actor).named(snapshot.run, entente_core::chart::step::VOTE, data);
        session.send(&sending, &self.label, vec![message]).await
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
        Err(Failure::new(Exit::Conflict, message)
            .hint(format!("look again with `{}`", decision::shown_by(&self.label))))
    }
}
