//! `entente close`: month ends for the general ledger.

mod breakage;
mod period;
mod reconcile;
mod rules;
mod show;
mod taken;

use entente_core::{
    ids::LegalEntityId,
    scope::{Entities, Scope},
};

use super::{
    exit::Exit,
    failure::Failure,
    session::{Globals, Session},
};
use crate::{
    authz::Action,
    close::{
        CloseError,
        months::{self, Locked},
    },
};

/// What this is about, in words.
const KIND: &str = "month end";

/// Close months: posting rules, estimates, locked batches for the general ledger, and what it holds of them
#[derive(Debug, clap::Subcommand)]
pub enum Close {
    /// Import and show the rules that map movements to the general ledger
    #[command(subcommand)]
    Rules(rules::Rules),
    /// Propose and approve estimates of what will never be claimed
    #[command(subcommand)]
    Breakage(breakage::Breakage),
    /// Make a month's batch, for somebody else to lock
    Prepare(period::Prepare),
    /// Lock a month for good; whoever prepared it cannot
    Lock(period::Lock),
    /// List the months that were prepared, and how far each has come
    List,
    /// Show a batch: its lines, estimates and roll-forward, or the journals behind a line
    Show(show::Show),
    /// Print a locked batch; the bytes are always the same
    Export(taken::Export),
    /// Note that the general ledger has taken a batch, once
    Acknowledge(taken::Acknowledge),
    /// Compare what the general ledger holds with what it was told
    ///
    /// Ends with 7 when something differs, and names each difference.
    Reconcile(reconcile::Reconcile),
}

impl Close {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        match self {
            Close::Rules(rules) => rules.run(&session).await,
            Close::Breakage(breakage) => breakage.run(&session).await,
            Close::Prepare(prepare) => prepare.run(&session).await,
            Close::Lock(lock) => lock.run(&session).await,
            Close::List => period::list(&session).await,
            Close::Show(show) => show.run(&session).await,
            Close::Export(export) => export.run(&session).await,
            Close::Acknowledge(acknowledge) => acknowledge.run(&session).await,
            Close::Reconcile(reconcile) => reconcile.run(&session).await,
        }
    }
}

impl From<CloseError> for Failure {
    fn from(error: CloseError) -> Failure {
        let exit = match error {
            CloseError::Records(error) => return error.into(),
            CloseError::Period(_) | CloseError::WhichRules { .. } | CloseError::NotByTheseRules { .. } => Exit::Usage,
            CloseError::NoRules(_) | CloseError::NotLocked(_) | CloseError::NotPrepared { .. } => Exit::NotFound,
            CloseError::SamePerson { .. } => Exit::Forbidden,
            CloseError::Broken { .. } => Exit::Differences,
            CloseError::Refused(_)
            | CloseError::NotOver { .. }
            | CloseError::Locked { .. }
            | CloseError::Outdated { .. }
            | CloseError::Done(_) => Exit::Conflict,
        };
        Failure::new(exit, error.to_string())
    }
}

/// Whether a scope reaches a legal entity.
fn within(scope: &Scope, entity: &LegalEntityId) -> bool {
    match &scope.entities {
        Entities::All => true,
        Entities::Only(mine) => mine.contains(entity),
    }
}

/// A locked month by its batch's id, for somebody who may see it.
async fn seen(session: &Session, id: &str) -> Result<Locked, Failure> {
    let entity = months::entity_of(id).ok_or_else(|| CloseError::NotLocked(id.chars().take(160).collect()))?;
    let scope = session.reach(Action::ReadClose, KIND, id)?;
    if !within(&scope, &entity) {
        return Err(CloseError::NotLocked(id.to_owned()).into());
    }
    Ok(months::by_id(session.app.store.as_ref(), id).await?)
}
