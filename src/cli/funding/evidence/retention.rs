//! `entente evidence hold|release|expire`: how long files are kept.

use entente_core::{context::funding::ClaimPaper, event::Actor};
use serde_json::json;

use super::Named;
use crate::{
    authz::Action,
    cli::{exit::Exit, failure::Failure, funding::papers, input, session::Session, submit::Sending},
    funding::{
        evidence::{self, NotKept},
        stored::Stored,
    },
};

/// A file of a claim, and why.
#[derive(Debug, clap::Args)]
pub struct Because {
    #[command(flatten)]
    named: Named,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Sending,
}

/// Remove the files whose time is over
///
/// A file goes when the rule on its retention says so, no open claim names it, and nobody holds it.
#[derive(Debug, clap::Args)]
pub struct Expire {
    /// Only list them
    #[arg(long)]
    dry_run: bool,
}

/// Show what happened to a file of a claim
#[derive(Debug, clap::Args)]
pub struct Trail {
    #[command(flatten)]
    named: Named,
}

impl Trail {
    /// Shows every version of a file's record.
    pub async fn run(self, session: &Session) -> Result<Exit, Failure> {
        session.act(Action::ReadLedger, "evidence", &self.named.sha256)?;
        let (claim, file) = self.named.find(session).await?;
        let trail = evidence::trail(session.app.store.as_ref(), &claim.sheet.paper.partner, &file).await?;
        if session.out.is_json() {
            let rows = trail.iter().map(
                |(version, kept)| json!({ "at": version.at, "by": version.by, "record": version.sha256, "file": kept }),
            );
            session.out.json(&rows.collect::<Vec<_>>())?;
            return Ok(Exit::Ok);
        }
        for (version, kept) in &trail {
            let what = match (kept.removed_on, &kept.hold, &kept.released) {
                (Some(on), ..) => format!("removed on {on}"),
                (None, Some(why), _) => format!("held: {why}"),
                (None, None, Some(why)) => format!("released: {why}"),
                (None, None, None) => format!("kept, scan {:?}", kept.scan).to_lowercase(),
            };
            session.out.data(&format!("{} {} {what}", version.at, version.by));
        }
        Ok(Exit::Ok)
    }
}

impl Because {
    /// Begins or ends a legal hold, and notes it in the history of the claim while that goes on.
    pub async fn run(self, session: &Session, hold: evidence::Hold) -> Result<Exit, Failure> {
        let (claim, file) = self.named.find(session).await?;
        let actor = self.actor(session, &claim)?;
        let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
        let verb = match hold {
            evidence::Hold::Begin => "is held",
            evidence::Hold::End => "is no longer held",
        };
        let (party, by) = (&claim.sheet.paper.partner, actor.person.as_str());
        let (kept, record) = evidence::hold(store, (party, &file), hold, (by, &self.reason), now).await?;
        if claim.row.snapshot.ended {
            session.out.say(&format!("`{}` {verb}", kept.name));
            return Ok(Exit::Ok);
        }
        // The partner reads this history: why somebody else wants the file kept stands in the record alone.
        let text = format!("`{}` ({}) {verb}, by record {record}", kept.name, kept.sha256);
        let note = self.sending.sender(session, actor).named(claim.row.snapshot.run, "note", json!({ "text": text }));
        session.send(&self.sending, claim.label(), vec![note]).await?;
        Ok(Exit::Ok)
    }

    fn actor(&self, session: &Session, claim: &Stored<ClaimPaper>) -> Result<Actor, Failure> {
        papers::actor::<ClaimPaper>(session, Action::HoldEvidence, claim.label(), &claim.row.snapshot.home)
    }
}

impl Expire {
    /// Removes what may go, or lists it.
    pub async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let actor = session.act(Action::RemoveEvidence, "evidence", "every file")?;
        let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
        let vault = session.app.evidence.vault().map_err(NotKept::from)?;
        let mut over = evidence::left_behind(store, &vault, now).await?;
        over.extend(evidence::due(store, now).await?);
        let mut rows = Vec::new();
        for due in &over {
            if !self.dry_run {
                evidence::remove(store, &vault, due, actor.person.as_str(), now).await?;
            }
            rows.extend(due.records.iter());
        }
        if session.out.is_json() {
            let rows: Vec<_> = rows.iter().map(|kept| json!({ "party": kept.party, "sha256": kept.sha256, "name": kept.name, "class": kept.class, "received_on": kept.received_on })).collect();
            session.out.json(&json!({ "removed": !self.dry_run, "files": rows }))?;
            return Ok(Exit::Ok);
        }
        for kept in &rows {
            session.out.data(&format!("{} of `{}` ({})", kept.name, kept.party, kept.sha256));
        }
        let what = if self.dry_run { "would be removed" } else { "are removed" };
        session.out.say(&format!("{} files {what}", over.len()));
        Ok(Exit::Ok)
    }
}
