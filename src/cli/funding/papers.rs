//! What the commands about partners, funds, requests, claims and payout runs have in common.

use std::path::{Path, PathBuf};

use entente_core::{
    context::funding::{Paper, load},
    event::Actor,
    ids::PartyId,
    scope::{Home, Parties, Scope},
};
use entente_store::Error as StoreError;
use serde_json::{Map, Value, json};

use super::shown;
pub use crate::cli::request::{History, Label, List};
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        offer::{history, show},
        session::Session,
        submit::{Sending, Trying},
    },
    funding::{
        frozen, launch, outside,
        standing::{self, Standing},
        stored::{self, Stored},
    },
    offers::standing::electorate,
};

/// How the command line speaks of a kind of paper.
pub trait Spoken: Paper {
    /// What people call it.
    const KIND: &'static str;
    /// What its labels begin with.
    const SERIES: &'static str;
    /// What the person does who writes or changes it.
    const ACTION: Action;
    /// Whether nothing new of it is written for a partner that has left.
    const ASKS_FOR_MONEY: bool = false;
    /// What the person does who sees it.
    const READ: Action = Action::ReadFunds;
    /// The heading of its own columns in lists.
    const COLUMNS: &'static [&'static str];
    /// Its own columns in lists.
    fn columns(standing: &Standing<Self>) -> Vec<String>;
    /// What it says and what became of it, line by line.
    fn fields(standing: &Standing<Self>) -> Vec<(&'static str, String)>;
    /// Tables that belong to it: heading, columns, rows.
    fn tables(standing: &Standing<Self>) -> Vec<shown::Part> {
        let _ = standing;
        Vec::new()
    }
}

/// A new paper.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// The document; `-` reads standard input
    #[arg(value_name = "FILE.YAML")]
    pub file: PathBuf,
    /// Submit it at once
    #[arg(long)]
    pub submit: bool,
    #[command(flatten)]
    pub sending: Sending,
}

/// Another document in the place of one.
#[derive(Debug, clap::Args)]
pub struct Revise {
    #[command(flatten)]
    pub label: Label,
    /// The document; `-` reads standard input
    #[arg(value_name = "FILE.YAML")]
    pub file: PathBuf,
    #[command(flatten)]
    pub sending: Sending,
}

/// Something that is done to a paper, without more words.
#[derive(Debug, clap::Args)]
pub struct Act {
    #[command(flatten)]
    pub label: Label,
    #[command(flatten)]
    pub sending: Trying,
}

/// Something that is done to a paper for a reason.
#[derive(Debug, clap::Args)]
pub struct Because {
    #[command(flatten)]
    pub label: Label,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    pub reason: String,
    #[command(flatten)]
    pub sending: Trying,
}

/// What whoever asks may see: a partner's person what is the partner's own.
pub fn reach(session: &Session, kind: &'static str, name: &str) -> Result<Scope, Failure> {
    reach_as(session, Action::ReadFunds, kind, name)
}

fn reach_as(session: &Session, action: Action, kind: &'static str, name: &str) -> Result<Scope, Failure> {
    let scope = session.reach(action, kind, name)?;
    Ok(match session.party() {
        Some(party) => Scope { parties: Parties::Only(party.clone()), ..scope },
        None => scope,
    })
}

/// Who acts on something at home there. To a partner's person, what is another party's is not there.
pub fn actor<P: Spoken>(session: &Session, action: Action, name: &str, home: &Home) -> Result<Actor, Failure> {
    if session.party().is_some_and(|party| *party != home.party) {
        return Err(StoreError::NotFound { kind: P::KIND, id: name.to_owned() }.into());
    }
    session.act_for(action, P::KIND, name, &home.legal_entity)
}

/// Reads a paper.
pub fn document<P: Paper>(file: &Path) -> Result<P, Failure> {
    let text = input::document(file)?;
    Ok(load(&input::name(file), &text)?)
}

/// Starts a paper, and submits it where that is wanted.
pub async fn create<P: Spoken>(session: &Session, paper: &P, submit: bool, sending: &Sending) -> Result<Exit, Failure> {
    let home = launch::home(paper)?;
    let actor = actor::<P>(session, P::ACTION, &paper.title(), &home)?;
    still_partner::<P>(session, paper.party()).await?;
    let sender = sending.sender(session, actor);
    let start = launch::start(session.app.store.as_ref(), &sender, P::SERIES, paper).await?;
    let label = start.start.as_ref().map(|start| start.label.clone()).unwrap_or_default();
    let run = start.run;
    let mut messages = vec![start];
    if submit {
        messages.push(sender.also("submit").named(run, "submit", Value::Null));
    }
    session.send(sending, &label, messages).await?;
    Ok(Exit::Ok)
}

/// Refuses to ask for more in the name of a partner that has left.
pub async fn still_partner<P: Spoken>(session: &Session, party: Option<&PartyId>) -> Result<(), Failure> {
    let Some(party) = party.filter(|_| P::ASKS_FOR_MONEY) else { return Ok(()) };
    match frozen::by_partner(session.app.store.as_ref(), party).await? {
        Some(why) => Err(Failure::new(Exit::Conflict, why)),
        None => Ok(()),
    }
}

/// Finds a paper in reach.
pub async fn find<P: Spoken>(session: &Session, label: &str) -> Result<Stored<P>, Failure> {
    let scope = reach_as(session, P::READ, P::KIND, label)?;
    Ok(stored::by_label(session.app.store.as_ref(), &scope, P::KIND, label).await?)
}

/// Sends an event to a paper, in the name of whoever may do that.
pub async fn send<P: Spoken>(
    session: &Session,
    label: &str,
    sending: &Sending,
    action: Action,
    event: &str,
    data: Value,
) -> Result<Exit, Failure> {
    let stored = find::<P>(session, label).await?;
    let snapshot = &stored.row.snapshot;
    let actor = actor::<P>(session, action, label, &snapshot.home)?;
    let message = sending.sender(session, actor).named(snapshot.run, event, data);
    session.send(sending, label, vec![message]).await?;
    Ok(Exit::Ok)
}

/// Puts another document in the place of a paper.
pub async fn revise<P: Spoken>(session: &Session, revise: &Revise, paper: &P) -> Result<Exit, Failure> {
    let stored = find::<P>(session, &revise.label.label).await?;
    if !paper.replaces(&stored.sheet.paper) {
        let message = format!("`{}` is about something else: {}", revise.label.label, stored.sheet.paper.title());
        return Err(Failure::usage(message).hint("what it is about stays; create another one instead"));
    }
    still_partner::<P>(session, paper.party()).await?;
    send::<P>(session, &revise.label.label, &revise.sending, P::ACTION, "revise", json!({ "paper": paper })).await
}

/// Submits a paper.
pub async fn submit<P: Spoken>(session: &Session, act: &Act) -> Result<Exit, Failure> {
    let stored = find::<P>(session, &act.label.label).await?;
    still_partner::<P>(session, stored.sheet.paper.party()).await?;
    send::<P>(session, &act.label.label, &act.sending.sending(), P::ACTION, "submit", Value::Null).await
}

/// Sends an event that has a reason.
pub async fn because<P: Spoken>(
    session: &Session,
    because: &Because,
    action: Action,
    event: &str,
) -> Result<Exit, Failure> {
    let data = json!({ "reason": because.reason });
    send::<P>(session, &because.label.label, &because.sending.sending(), action, event, data).await
}

/// Lists papers.
pub async fn list<P: Spoken>(session: &Session, list: List) -> Result<Exit, Failure> {
    let scope = reach_as(session, P::READ, P::KIND, "list")?;
    let papers = stored::papers::<P>(session.app.store.as_ref(), &scope, list.filter()).await?;
    let mut rows: Vec<Standing<P>> = papers.iter().map(standing::summary).collect();
    rows.iter_mut().for_each(|row| for_whoever_asks(session, row));
    if session.out.is_json() {
        session.out.json(&rows)?;
        return Ok(Exit::Ok);
    }
    let cells = rows.iter().map(|row| {
        let parked = if row.incident.is_some() { " (parked)" } else { "" };
        let waiting = row.waiting_on.clone().unwrap_or_else(|| "-".into());
        let first = [row.label.clone(), format!("{}{parked}", row.state), waiting];
        first.into_iter().chain(P::columns(row)).collect()
    });
    let heading: Vec<&str> = [P::KIND, "state", "waiting on"].iter().chain(P::COLUMNS).copied().collect();
    session.out.table(&heading, &cells.collect::<Vec<_>>());
    if rows.is_empty() {
        session.out.say(&format!("there is no such {}", P::KIND));
    }
    Ok(Exit::Ok)
}

/// Takes out what is not for whoever asks.
fn for_whoever_asks<P: Paper>(session: &Session, standing: &mut Standing<P>) {
    if session.partner().is_some() {
        outside::for_partner(standing, |person| session.is_of_ones_own(person));
    }
}

/// Shows where a paper stands.
pub async fn show<P: Spoken>(session: &Session, label: &str) -> Result<Exit, Failure> {
    show_stored(session, &find::<P>(session, label).await?).await
}

/// Shows where a paper stands that was read already.
pub async fn show_stored<P: Spoken>(session: &Session, stored: &Stored<P>) -> Result<Exit, Failure> {
    show_with(session, stored, Map::new()).await
}

/// As [`show_stored`], with more fields as JSON.
pub async fn show_with<P: Spoken>(
    session: &Session,
    stored: &Stored<P>,
    beside: Map<String, Value>,
) -> Result<Exit, Failure> {
    let mut standing = standing::standing(session.app.store.as_ref(), stored, session.app.clock.now()).await?;
    let world = session.app.world.borrow().clone();
    let (snapshot, people) = (&stored.row.snapshot, &session.app.people);
    electorate(&mut standing.approvals, snapshot, world.policies.of(&snapshot.chart.name), people);
    for_whoever_asks(session, &mut standing);
    if session.out.is_json() {
        if beside.is_empty() {
            session.out.json(&standing)?;
            return Ok(Exit::Ok);
        }
        let mut all = serde_json::to_value(&standing).map_err(|error| Failure::new(Exit::Error, error.to_string()))?;
        all.as_object_mut().into_iter().for_each(|fields| fields.extend(beside.clone()));
        session.out.json(&all)?;
        return Ok(Exit::Ok);
    }
    shown::facts(&session.out, &standing);
    if !standing.approvals.is_empty() {
        show::approvals(&session.out, &standing.approvals);
    }
    show::timeline(&session.out, &standing.timeline);
    Ok(Exit::Ok)
}

/// Shows everything that happened to a paper.
pub async fn tell<P: Spoken>(session: &Session, shown: &History) -> Result<Exit, Failure> {
    let stored = find::<P>(session, &shown.label.label).await?;
    history::tell(session, stored.row.snapshot.run, shown.ndjson).await
}
