//! `entente card fact`: what is told later, what may no longer be used, and what nobody knows.

use std::path::PathBuf;

use entente_core::{
    commitment::card::{Consent, Topic},
    context::commitment_card::{Told, load_statements},
};
use serde_json::json;

use super::{actor, find, own_people, send};
use crate::{
    cards::launch,
    cli::{exit::Exit, failure::Failure, input, request::Label, session::Session, submit::Sending},
};

/// Characters of a fact's hash that are enough to name it.
const PREFIX_MIN: usize = 6;

/// Add facts, withdraw them, or say that nobody knows
#[derive(Debug, clap::Subcommand)]
pub enum Fact {
    /// Add what was told; it answers what was asked about it
    Add(Add),
    /// Use a fact no longer, because whoever told it does not agree any more
    Withdraw(Withdraw),
    /// Answer that nobody knows better
    Unknown(Unknown),
}

/// Add what was told; it answers what was asked about it
#[derive(Debug, clap::Args)]
pub struct Add {
    #[command(flatten)]
    label: Label,
    /// A list of facts; `-` reads standard input
    #[arg(value_name = "FILE.YAML")]
    file: PathBuf,
    /// Check it, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Use a fact no longer, because whoever told it does not agree any more
#[derive(Debug, clap::Args)]
pub struct Withdraw {
    #[command(flatten)]
    label: Label,
    /// The fact, by at least the first six characters that `card show` lists
    #[arg(long, value_name = "HASH")]
    fact: String,
    #[command(flatten)]
    sending: Sending,
}

/// Answer that nobody knows better
#[derive(Debug, clap::Args)]
pub struct Unknown {
    #[command(flatten)]
    label: Label,
    /// What was asked
    #[arg(long, value_enum, value_name = "TOPIC")]
    about: About,
    #[command(flatten)]
    sending: Sending,
}

/// What a fact is about.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum About {
    /// The cloud
    Cloud,
    /// The amount
    Amount,
    /// What remains
    Remaining,
    /// The end
    Ends,
}

impl About {
    fn topic(self) -> Topic {
        match self {
            About::Cloud => Topic::Cloud,
            About::Amount => Topic::Amount,
            About::Remaining => Topic::Remaining,
            About::Ends => Topic::Ends,
        }
    }
}

impl Fact {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        match self {
            Fact::Add(add) => add.run(session).await,
            Fact::Withdraw(withdraw) => {
                let label = &withdraw.label.label;
                let (_, found) = find(session, label).await?;
                let fact = named(&found.card.facts, &withdraw.fact, label)?;
                send(session, label, &withdraw.sending, "withdraw_consent", json!({ "fact": fact })).await
            }
            Fact::Unknown(unknown) => {
                let data = json!({ "topic": unknown.about.topic() });
                send(session, &unknown.label.label, &unknown.sending, "nobody_knows", data).await
            }
        }
    }
}

impl Add {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let text = input::document(&self.file)?;
        let said = load_statements(&input::name(&self.file), &text)?;
        let label = &self.label.label;
        let (side, found) = find(session, label).await?;
        own_people(session, &said)?;
        let snapshot = &found.row.snapshot;
        let actor = actor(session, label, &snapshot.home.legal_entity)?;
        if self.dry_run {
            if session.out.is_json() {
                session.out.json(&json!({ "label": label, "facts": said }))?;
            }
            session.out.say(&format!("{} facts would be added to `{label}`; nothing was written", said.len()));
            return Ok(Exit::Ok);
        }
        let sender = launch::apart(self.sending.sender(session, actor), &side);
        let data = launch::saying(session.app.store.as_ref(), &sender, &side, &said).await?;
        session.send(&self.sending, label, vec![sender.named(snapshot.run, "say", data)]).await?;
        Ok(Exit::Ok)
    }
}

/// The fact that somebody means by the first characters of its hash. One that was withdrawn is still meant by a request that is
/// made again.
fn named<'a>(facts: &'a [Told], prefix: &str, label: &str) -> Result<&'a str, Failure> {
    let hex = prefix.len() >= PREFIX_MIN && prefix.bytes().all(|byte| byte.is_ascii_hexdigit());
    let lower = prefix.to_ascii_lowercase();
    let meant: Vec<&Told> = facts.iter().filter(|told| hex && told.fact.starts_with(&lower)).collect();
    let usable: Vec<&Told> = meant.iter().copied().filter(|told| told.consent != Consent::Withdrawn).collect();
    match (usable.as_slice(), meant.as_slice()) {
        ([told], _) | ([], [told]) => Ok(&told.fact),
        _ => Err(Failure::usage(format!("`{prefix}` names no fact of `{label}`, or several"))
            .hint(format!("see them with `entente card show {label}`, and write at least {PREFIX_MIN} characters"))),
    }
}
