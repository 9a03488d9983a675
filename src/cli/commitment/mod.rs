//! `entente commitment`: what buyers have promised a cloud to spend.

mod ahead;
mod args;
mod chart;
mod draw;
mod explain;
mod export;
mod files;
mod foreign;
mod list;
mod offers;
mod paint;
mod show;
mod write;

use entente_core::{
    event::Actor,
    ids::CommitmentId,
    scope::{Parties, Scope},
};

use super::{
    exit::Exit,
    failure::Failure,
    request::{History, List},
    session::{Globals, Session},
};
use crate::{
    authz::Action,
    cli::offer::history,
    commitments::{
        CommitmentError,
        stored::{self, KIND, Stored},
    },
};

/// Follow what buyers have promised a cloud to spend: what is left, where it ends, what would close a gap
#[derive(Debug, clap::Subcommand)]
pub enum Commitment {
    /// Enter a commitment
    Create(write::Create),
    /// Bring another document of a commitment, with one version of its terms more
    Revise(write::Revise),
    /// List commitments
    List(List),
    /// Show where a commitment stands, on any day and as it was known on any day
    Show(show::Show),
    /// Show everything that happened to a commitment
    History(History),
    /// Show where the current period will end, with every model's past error
    Forecast(ahead::Forecast),
    /// Show where it would end if something were added
    WhatIf(ahead::WhatIf),
    /// Show open and possible offers, each with the share of the gap that it covers and why it counts
    Offers(offers::Offers),
    /// Explain what of the spend counts, sum by sum: the rule that decided with its source, and the rows of which file it is made of
    Explain(explain::Explain),
    /// Write it as FOCUS, or as tables for the warehouse that holds the bill
    Export(export::Export),
    /// Draw its pictures as SVG: burn-down, months, and what of the spend counts
    Draw(draw::Draw),
    /// Keep what the cloud itself says
    #[command(subcommand)]
    Statement(write::Statement),
    /// Have it looked at now
    Look(write::Look),
    /// Say that a commitment is over, or that it went into another one
    End(write::End),
    /// Take back a commitment that was entered by mistake
    Withdraw(write::Withdraw),
}

impl Commitment {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        match self {
            Commitment::Create(create) => create.run(&session).await,
            Commitment::Revise(revise) => revise.run(&session).await,
            Commitment::List(list) => list::list(&session, list).await,
            Commitment::Show(show) => show.run(&session).await,
            Commitment::History(shown) => {
                let stored = find(&session, &shown.label.label).await?;
                history::tell(&session, stored.row.snapshot.run, shown.ndjson).await
            }
            Commitment::Forecast(forecast) => forecast.run(&session).await,
            Commitment::WhatIf(what_if) => what_if.run(&session).await,
            Commitment::Offers(offers) => offers.run(&session).await,
            Commitment::Explain(explain) => explain.run(&session).await,
            Commitment::Export(export) => export.run(&session).await,
            Commitment::Draw(draw) => draw.run(&session).await,
            Commitment::Statement(statement) => statement.run(&session).await,
            Commitment::Look(look) => look.run(&session).await,
            Commitment::End(end) => end.run(&session).await,
            Commitment::Withdraw(withdraw) => withdraw.run(&session).await,
        }
    }
}

/// What whoever asks may see: a buyer's person what is the buyer's own.
fn reach(session: &Session, name: &str) -> Result<Scope, Failure> {
    match session.buyer() {
        Some(buyer) => {
            let scope = session.reach(Action::ReadOwnCommitments, KIND, name)?;
            Ok(Scope { parties: Parties::Only(buyer.clone()), ..scope })
        }
        None => session.reach(Action::ReadCommitments, KIND, name),
    }
}

/// A commitment by its id or its label, in reach of whoever asks. Labels count the commitments of all buyers, so that a buyer's
/// person names its own by their ids alone.
async fn find(session: &Session, name: &str) -> Result<Stored, Failure> {
    let scope = reach(session, name)?;
    let store = session.app.store.as_ref();
    if session.buyer().is_none() {
        return Ok(stored::named(store, &scope, name).await?);
    }
    let missing = || entente_store::Error::NotFound { kind: KIND, id: name.to_owned() };
    let id: CommitmentId = name.parse().map_err(|_| missing())?;
    Ok(stored::find(store, &scope, &id).await?)
}

/// Whoever changes a commitment.
fn actor(session: &Session, stored: &Stored) -> Result<Actor, Failure> {
    let entity = &stored.row.snapshot.home.legal_entity;
    session.act_for(Action::ManageCommitments, KIND, stored.label(), entity)
}

impl From<CommitmentError> for Failure {
    fn from(error: CommitmentError) -> Failure {
        match error {
            CommitmentError::Desk(error) => error.into(),
            CommitmentError::Document(error) => error.into(),
            CommitmentError::Sequence(_)
            | CommitmentError::Drawdown(_)
            | CommitmentError::Statement(_)
            | CommitmentError::Focus(_)
            | CommitmentError::Warehouse(_) => Failure::usage(error.to_string()),
            CommitmentError::Amount(_) => Failure::new(Exit::Error, error.to_string()),
        }
    }
}
