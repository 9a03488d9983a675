//! `entente offer`: everything about private offers.

mod amend;
mod annotate;
mod change;
mod clone;
mod create;
pub(super) mod dry_run;
mod figures;
pub(super) mod history;
mod list;
mod plan;
mod planned;
pub(super) mod show;
mod waiting;

use super::{
    exit::Exit,
    failure::Failure,
    session::{Globals, Session},
};

/// Plan, create, show and change private offers
#[derive(Debug, clap::Subcommand)]
pub enum Offer {
    /// Show what a document would do: findings, approvals, every remote call, and what differs from what is live
    Plan(plan::Plan),
    /// Create an offer from a document
    Create(create::Create),
    /// List offers
    List(list::List),
    /// Show where an offer stands, who holds it up, and what was sent
    Show(show::Show),
    /// Submit an offer for approval
    Submit(change::Submit),
    /// Replace an offer's document
    Revise(change::Revise),
    /// Make a new document out of an offer
    Clone(clone::Clone),
    /// Give the buyer more time
    Extend(change::Extend),
    /// Change an offer that is released and not yet accepted
    Amend(amend::Amend),
    /// Leave a released offer as it is: its amendment is no longer wanted
    Keep(amend::Keep),
    /// Withdraw an offer
    Withdraw(change::Withdraw),
    /// Withdraw an offer and offer the same to another account
    Reissue(change::Reissue),
    /// Show everything that happened to an offer
    History(history::History),
    /// Record how far the buyer is
    Readiness(annotate::Readiness),
    /// Add a note to an offer's history
    Note(annotate::Note),
    /// List what open offers wait for, and for how long
    Waiting(waiting::Waiting),
}

impl Offer {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        // Documents are read before anything is opened: a bad one leaves no trace.
        match self {
            Offer::Plan(plan) => plan.run(globals).await,
            Offer::Create(create) => create.run(globals).await,
            Offer::Revise(revise) => revise.run(globals).await,
            Offer::Amend(amend) => amend.run(globals).await,
            Offer::List(list) => list.run(&Session::open(globals).await?).await,
            Offer::Show(show) => show.run(&Session::open(globals).await?).await,
            Offer::Submit(submit) => submit.run(&Session::open(globals).await?).await,
            Offer::Clone(clone) => clone.run(&Session::open(globals).await?).await,
            Offer::Extend(extend) => extend.run(&Session::open(globals).await?).await,
            Offer::Keep(keep) => keep.run(&Session::open(globals).await?).await,
            Offer::Withdraw(withdraw) => withdraw.run(&Session::open(globals).await?).await,
            Offer::Reissue(reissue) => reissue.run(&Session::open(globals).await?).await,
            Offer::History(history) => history.run(&Session::open(globals).await?).await,
            Offer::Readiness(readiness) => readiness.run(&Session::open(globals).await?).await,
            Offer::Note(note) => note.run(&Session::open(globals).await?).await,
            Offer::Waiting(waiting) => waiting.run(&Session::open(globals).await?).await,
        }
    }
}

/// Reads an offer's document.
fn document(path: &std::path::Path) -> Result<entente_core::offer::Offer, Failure> {
    let text = super::input::document(path)?;
    Ok(entente_core::offer::Offer::from_yaml(&super::input::name(path), &text)?)
}
