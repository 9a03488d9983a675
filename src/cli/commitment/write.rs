//! Entering, revising and ending commitments, and what the cloud says of them.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use entente_core::{
    commitment::{
        Amount, Commitment, Statement as Kept,
        focus::{contract_documents, is_contract_commitments},
    },
    context::commitment::{Ending, Revision, revises},
    ids::{CommitmentId, LegalEntityId},
    scope::Scope,
};
use entente_spend::known_clouds;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{actor, args::Name, find, paint};
use crate::{
    authz::Action,
    cli::{exit::Exit, failure::Failure, input, session::Session, submit::Sending},
    commitments::{
        CommitmentError,
        family::keeps_sequence,
        launch,
        stored::{self, KIND, Stored},
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
        let text = document(&self.file)?;
        let commitment = Commitment::from_new_yaml(&input::name(&self.file), &text, &known_clouds())?;
        is_sold_through(session, &commitment)?;
        let actor =
            session.act_for(Action::ManageCommitments, KIND, commitment.id.as_str(), &commitment.legal_entity)?;
        let store = session.app.store.as_ref();
        if let Some(former) = &commitment.succession {
            let scope = Scope::party(commitment.party.clone());
            stored::find(store, &scope, &former.to).await?;
        }
        keeps_sequence(store, &launch::home(&commitment), &commitment.id, Some(&commitment)).await?;
        if self.dry_run {
            return planned(session, &commitment);
        }
        let sender = self.sending.sender(session, actor);
        let (label, messages) = launch::start(store, &sender, &commitment, &text).await?;
        session.send(&self.sending, &label, messages).await?;
        Ok(Exit::Ok)
    }
}

impl Revise {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = find(session, &self.name.name).await?;
        let text = document(&self.file)?;
        let new = Commitment::from_new_yaml(&input::name(&self.file), &text, &known_clouds())?;
        revises(&new, &stored.commitment).map_err(|error| Failure::usage(error.to_string()))?;
        let home = &stored.row.snapshot.home;
        keeps_sequence(session.app.store.as_ref(), home, &new.id, Some(&new)).await?;
        if self.dry_run {
            actor(session, &stored)?;
            return planned(session, &new);
        }
        let revision = Revision { document: text, reason: self.reason };
        tell(session, &stored, &self.sending, "revise", json!(revision)).await
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

/// A commitment's document: as a person writes it, or of a `ContractCommitment` dataset that this program has exported.
fn document(file: &Path) -> Result<String, Failure> {
    let text = input::document(file)?;
    if !is_contract_commitments(&text) {
        return Ok(text);
    }
    let mut documents = contract_documents(&text).map_err(CommitmentError::from)?;
    match (documents.pop(), documents.len()) {
        (Some(document), 0) => Ok(document),
        (_, more) => {
            let (name, all) = (input::name(file), more + 1);
            let message = format!("`{name}` holds {all} commitments, and one is entered at a time");
            Err(Failure::usage(message).hint("keep the rows of one of them, by `x_CommitmentId`"))
        }
    }
}

/// Refuses a legal entity that nobody works for and nothing is sold through, where it is said of any.
fn is_sold_through(session: &Session, commitment: &Commitment) -> Result<(), Failure> {
    let (entity, app) = (&commitment.legal_entity, &session.app);
    let sells = app.config.connectors.values().map(|connector| &connector.legal_entity);
    let works = app.people.persons().flat_map(|person| &person.legal_entities);
    let known: BTreeSet<&LegalEntityId> = sells.chain(works).collect();
    if known.is_empty() || known.contains(entity) {
        return Ok(());
    }
    let known = known.into_iter().map(|entity| format!("`{entity}`")).collect::<Vec<_>>().join(", ");
    Err(Failure::usage(format!("`{entity}` is no legal entity of yours (field `/legal_entity`); write one of {known}"))
        .hint("legal entities are those of `connectors` in the configuration, and of people in the people file"))
}

/// Refuses a statement that cannot be meant.
fn may_be_said(statement: &Kept, commitment: &Commitment, today: Date) -> Result<(), Failure> {
    let refuse = |option: &str, why: String| Err(Failure::usage(format!("`--{option}`: {why}")));
    let (as_of, currency) = (statement.as_of, commitment.currency);
    if as_of > today || statement.read > today {
        let (option, day) = if as_of > today { ("as-of", as_of) } else { ("read", statement.read) };
        return refuse(option, format!("{day} is still to come"));
    }
    if statement.read < as_of {
        return refuse("read", "the statement was read before the day that it is of; correct one of them".to_owned());
    }
    if let Some(starts) = commitment.starts(today).filter(|starts| as_of < *starts) {
        return refuse("as-of", format!("{as_of} is before the first day of the term, {starts}"));
    }
    if statement.remaining < Amount::ZERO {
        return refuse("remaining", "is below zero; what is used up has nothing left".to_owned());
    }
    if !statement.remaining.is_payable(currency) {
        let decimals = currency.decimals();
        return refuse(
            "remaining",
            format!("{} has more than the {decimals} decimals of {currency}", statement.remaining),
        );
    }
    let committed = commitment.terms(as_of, today).and_then(|terms| terms.committed().ok());
    match committed.filter(|committed| statement.remaining > *committed) {
        Some(committed) => {
            let (remaining, committed) =
                (paint::amount(statement.remaining, currency), paint::amount(committed, currency));
            refuse("remaining", format!("{remaining} is more than is committed, {committed}"))
        }
        None => Ok(()),
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
