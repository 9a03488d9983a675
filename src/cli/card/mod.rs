//! `entente card`: what is known about buyers' commitments, each side's own.

mod create;
mod fact;
mod show;

use entente_core::{context::commitment_card::Statement, event::Actor, ids::LegalEntityId, scope::Scope};
use serde_json::Value;

use super::{
    exit::Exit,
    failure::Failure,
    request::{History, Label},
    session::{Globals, Session},
    submit::Sending,
};
use crate::{
    authz::Action,
    cards::{
        Side, launch,
        stored::{self, StoredCard},
    },
    cli::offer::history,
};

/// Keep what is known about buyers' commitments; each side sees its own cards
#[derive(Debug, clap::Subcommand)]
pub enum Card {
    /// Begin a card: the cloud, the amount and the end, each with its source
    Create(create::Create),
    /// Add facts, withdraw them, or say that nobody knows
    #[command(subcommand)]
    Fact(fact::Fact),
    /// Show a card as it stands today
    Show(show::Show),
    /// List cards
    List(show::List),
    /// List what is to be asked again, and by whom
    Ask,
    /// Show everything that happened to a card
    History(History),
    Share(Share),
    /// Keep a card no longer
    Close(Act),
}

/// Something that is done to a card, without more words.
#[derive(Debug, clap::Args)]
pub struct Act {
    #[command(flatten)]
    label: Label,
    #[command(flatten)]
    sending: Sending,
}

/// Let the seller count a buyer's daily sums, or no longer
///
/// The seller's card says so, and nothing else of the buyer's card. Until then, and after `--stop`, daily sums are refused, and those that
/// were taken in are in no figure and are not shown.
#[derive(Debug, clap::Args)]
pub struct Share {
    #[command(flatten)]
    act: Act,
    /// No longer
    #[arg(long)]
    stop: bool,
}

impl Card {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = &Session::open(globals).await?;
        match self {
            Card::Create(create) => create.run(session).await,
            Card::Fact(fact) => fact.run(session).await,
            Card::Show(show) => show.run(session).await,
            Card::List(list) => list.run(session).await,
            Card::Ask => show::ask(session).await,
            Card::History(shown) => {
                let (_, found) = find(session, &shown.label.label).await?;
                history::tell(session, found.row.snapshot.run, shown.ndjson).await
            }
            Card::Share(share) => {
                let event = if share.stop { "stop_sharing" } else { "share" };
                send(session, &share.act.label.label, &share.act.sending, event, Value::Null).await
            }
            Card::Close(act) => send(session, &act.label.label, &act.sending, "close", Value::Null).await,
        }
    }
}

/// What whoever acts wants to do: keep the seller's cards, or a buyer's own.
fn action(session: &Session) -> Action {
    match session.party() {
        Some(_) => Action::KeepBuyersCards,
        None => Action::KeepCards,
    }
}

/// The side of whoever acts, and what it may read.
fn reach(session: &Session, name: &str) -> Result<(Side, Scope), Failure> {
    let scope = session.reach(action(session), stored::KIND, name)?;
    let side = Side::of(session.party())?;
    let scope = side.scope(scope.entities);
    Ok((side, scope))
}

/// Who acts on a card of a legal entity.
fn actor(session: &Session, name: &str, entity: &LegalEntityId) -> Result<Actor, Failure> {
    session.act_for(action(session), stored::KIND, name, entity)
}

/// A card of the side of whoever acts. To one side, the other's is not there.
async fn find(session: &Session, label: &str) -> Result<(Side, StoredCard), Failure> {
    let (side, scope) = reach(session, label)?;
    let found = stored::by_label(session.app.store.as_ref(), &scope, label).await?;
    Ok((side, found))
}

/// Sends an event to a card of the side of whoever acts.
async fn send(session: &Session, label: &str, sending: &Sending, event: &str, data: Value) -> Result<Exit, Failure> {
    let (side, found) = find(session, label).await?;
    let snapshot = &found.row.snapshot;
    let actor = actor(session, label, &snapshot.home.legal_entity)?;
    let sender = launch::apart(sending.sender(session, actor), &side);
    session.send(sending, label, vec![sender.named(snapshot.run, event, data)]).await?;
    Ok(Exit::Ok)
}

/// Refuses people of another side as those who ask again: whom the other side has is not said either.
fn own_people(session: &Session, said: &[Statement]) -> Result<(), Failure> {
    let side = session.party();
    for (at, statement) in said.iter().enumerate() {
        let known = session.app.people.person(&statement.ask_again);
        if known.is_none_or(|person| person.party.as_ref() != side) {
            let message =
                format!("fact {}: `{}` is nobody of your side (field `ask_again`)", at + 1, statement.ask_again);
            return Err(Failure::usage(message)
                .hint("name a person of your own people file entry's party; nothing was written"));
        }
    }
    Ok(())
}
