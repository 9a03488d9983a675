//! Entering, revising and ending commitments, and what the cloud says of them.

use std::path::PathBuf;

use entente_core::{
    commitment::{Amount, Commitment, Statement as Kept},
    context::commitment::Ending,
    ids::CommitmentId,
};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{actor, args::Name, find, paint, visitor};
use crate::{
    cli::{exit::Exit, failure::Failure, input, session::Session, submit::Sending},
    commitments::{
        entered::{Entered, Revised, may_be_said},
        family::keeps_sequence,
        stored::Stored,
    },
};

/// Enter a commitment
#[derive(Debug, clap::Args)]
pub struct Create {
    /// The document, or the `ContractCommitment` dataset of an export; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Read and check it, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Bring another document of a commitment, with one version of its terms more
///
/// What was agreed stays: earlier figures can be told again as they were told.
#[derive(Debug, clap::Args)]
pub struct Revise {
    #[command(flatten)]
    name: Name,
    /// The document, or the `ContractCommitment` dataset of an export; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    /// Read and check it, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Keep what the cloud itself says
#[derive(Debug, clap::Subcommand)]
pub enum Statement {
    /// Type in what the cloud says remains
    Add(Add),
}

/// Type in what the cloud says remains
#[derive(Debug, clap::Args)]
pub struct Add {
    #[command(flatten)]
    name: Name,
    /// The day at whose end it remained
    #[arg(long, value_name = "DAY")]
    as_of: Date,
    /// What remained over the whole term
    #[arg(long, value_name = "AMOUNT")]
    remaining: Amount,
    /// Where it was read, such as a portal
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    source: String,
    /// The day it was read [default: today]
    #[arg(long, value_name = "DAY")]
    read: Option<Date>,
    /// Say what would be kept, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Have it looked at now
#[derive(Debug, clap::Args)]
pub struct Look {
    #[command(flatten)]
    name: Name,
    #[command(flatten)]
    sending: Sending,
}

/// Say that a commitment is over, or that it went into another one
#[derive(Debug, clap::Args)]
pub struct End {
    #[command(flatten)]
    name: Name,
    /// What it went into
    #[arg(long, value_name = "COMMITMENT")]
    rolled_into: Option<CommitmentId>,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    /// Say what would happen, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Take back a commitment that was entered by mistake
#[derive(Debug, clap::Args)]
pub struct Withdraw {
    #[command(flatten)]
    name: Name,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Sending,
}

impl Create {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let text = input::document(&self.file)?;
        session.person()?;
        let visitor = visitor(session)?;
        let entered = Entered::read(&visitor, &input::name(&self.file), &text)?;
        if self.dry_run {
            entered.fits(&visitor).await?;
            return planned(session, &entered.commitment);
        }
        let sender = self.sending.sender(session, entered.actor.clone());
        let (label, messages) = entered.start(&visitor, &sender).await?;
        session.send(&self.sending, &label, messages).await?;
        Ok(Exit::Ok)
    }
}

impl Revise {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = find(session, &self.name.name).await?;
        let text = input::document(&self.file)?;
        let revised = Revised::read(&input::name(&self.file), &text)?;
        let visitor = visitor(session)?;
        if self.dry_run {
            revised.fits(&visitor, &stored).await?;
            actor(session, &stored)?;
            return planned(session, &revised.commitment);
        }
        let sender = self.sending.sender(session, actor(session, &stored)?);
        let message = revised.message(&visitor, &sender, &stored, self.reason).await?;
        session.send(&self.sending, stored.label(), vec![message]).await?;
        Ok(Exit::Ok)
    }
}

impl Statement {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let Statement::Add(add) = self;
        let stored = find(session, &add.name.name).await?;
        let today = stored.commitment.day_of(session.app.clock.now());
        let statement = Kept {
            as_of: add.as_of,
            remaining: add.remaining,
            original: None,
            source: add.source,
            file: None,
            read: add.read.unwrap_or(today),
        };
        may_be_said(&statement, &stored.commitment, today)?;
        if add.dry_run {
            actor(session, &stored)?;
            let remaining = paint::amount(statement.remaining, stored.commitment.currency);
            return without(session, &json!(statement), &format!("{remaining} remained on {}", statement.as_of));
        }
        tell(session, &stored, &add.sending, "statement", json!(statement)).await
    }
}

impl Look {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = find(session, &self.name.name).await?;
        tell(session, &stored, &self.sending, "look", Value::Null).await
    }
}

impl End {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = find(session, &self.name.name).await?;
        if let Some(into) = &self.rolled_into {
            visitor(session)?.may_follow(&stored, into).await?;
        }
        let event = if self.rolled_into.is_some() { "roll_over" } else { "end" };
        let ending = Ending { into: self.rolled_into, reason: self.reason };
        if self.dry_run {
            actor(session, &stored)?;
            let into = ending.into.as_ref().map(|into| format!(", and goes into `{into}`")).unwrap_or_default();
            return without(session, &json!(ending), &format!("`{}` is over{into}", stored.label()));
        }
        tell(session, &stored, &self.sending, event, json!(ending)).await
    }
}

impl Withdraw {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = find(session, &self.name.name).await?;
        let home = &stored.row.snapshot.home;
        keeps_sequence(session.app.store.as_ref(), home, &stored.commitment.id, None).await?;
        tell(session, &stored, &self.sending, "withdraw", json!({ "reason": self.reason })).await
    }
}

/// Sends an event to a commitment.
async fn tell(
    session: &Session,
    stored: &Stored,
    sending: &Sending,
    event: &str,
    data: Value,
) -> Result<Exit, Failure> {
    let sender = sending.sender(session, actor(session, stored)?);
    let message = sender.named(stored.row.snapshot.run, event, data);
    session.send(sending, stored.label(), vec![message]).await?;
    Ok(Exit::Ok)
}

/// What would be kept.
fn planned(session: &Session, commitment: &Commitment) -> Result<Exit, Failure> {
    let versions = commitment.versions().iter().map(|terms| {
        let committed = terms.committed().map(|all| paint::amount(all, commitment.currency)).unwrap_or_default();
        format!(
            "valid from {}, known from {}: {committed} to {} ({})",
            terms.valid_from,
            terms.known_from,
            terms.ends(),
            terms.note
        )
    });
    let words = versions.collect::<Vec<_>>().join("\n");
    without(session, &json!(commitment), &format!("`{}`\n{words}", commitment.id))
}

/// Says what would happen, and that it did not.
fn without(session: &Session, data: &Value, words: &str) -> Result<Exit, Failure> {
    match session.out.is_json() {
        true => session.out.json(data)?,
        false => session.out.data(words),
    }
    session.out.say("nothing was written");
    Ok(Exit::Ok)
}
