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

use entente_core::event::Actor;

use super::{
    exit::Exit,
    failure::Failure,
    request::{History, List},
    session::{Globals, Session},
};
use crate::{
    cli::offer::history,
    commitments::{
        CommitmentError,
        stored::{KIND, Stored},
        visitor::Visitor,
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

/// Whoever asks.
fn visitor(session: &Session) -> Result<Visitor<'_>, Failure> {
    Ok(Visitor { app: &session.app, acting: session.asks(KIND)? })
}

/// A commitment by its id or its label, in reach of whoever asks.
async fn find(session: &Session, name: &str) -> Result<Stored, Failure> {
    Ok(visitor(session)?.find(name).await?)
}

/// Whoever changes a commitment.
fn actor(session: &Session, stored: &Stored) -> Result<Actor, Failure> {
    session.person()?;
    Ok(visitor(session)?.manages(stored)?)
}

impl From<CommitmentError> for Failure {
    fn from(error: CommitmentError) -> Failure {
        match error {
            CommitmentError::Desk(error) => error.into(),
            CommitmentError::Document(error) => error.into(),
            CommitmentError::NotAllowed(refused) => refused.into(),
            CommitmentError::Spend(error) => error.into(),
            CommitmentError::Wrong { field, why, hint } => {
                let failure = Failure::usage(format!("`--{}`: {why}", field.replace('_', "-")));
                hint.into_iter().fold(failure, Failure::hint)
            }
            CommitmentError::Refused(_)
            | CommitmentError::Sequence(_)
            | CommitmentError::Drawdown(_)
            | CommitmentError::Statement(_)
            | CommitmentError::Focus(_)
            | CommitmentError::Warehouse(_) => Failure::usage(error.to_string()),
            CommitmentError::Amount(_) => Failure::new(Exit::Error, error.to_string()),
        }
    }
}
