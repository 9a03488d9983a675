//! What stands still since its partner has left: what is asked for and claimed, and not yet granted or owed.

use entente_core::{
    context::funding::{ClaimPaper, Paper as _, RequestPaper},
    ids::PartyId,
    mdf::model::PartnerStatus,
    run::Snapshot,
};
use entente_store::Store;

use super::{case, stored};
use crate::offers::DeskError;

/// Why nothing new is asked for or claimed for a partner, and what is under way stands still; `None` while it has not left. A partner
/// that is not there has not left either.
///
/// # Errors
/// When the records cannot be read.
pub async fn by_partner(store: &dyn Store, partner: &PartyId) -> Result<Option<String>, DeskError> {
    match stored::partner(store, partner).await {
        Ok(known) if case::status(&known) == PartnerStatus::Left => Ok(Some(format!(
            "partner `{partner}` has left: nothing new is asked for or claimed, what is under way stands still, and what is owed already is paid by a run that names it in `former_partners`"
        ))),
        Ok(_) | Err(DeskError::Store(entente_store::Error::NotFound { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Why nobody is to approve a run: it is a request or a claim of a partner that has left, and its approval would grant or owe
/// something. Proofs of advances, disputes of what is owed already, and money that is claimed back, are decided as ever.
///
/// # Errors
/// When the records cannot be read.
pub async fn vote(store: &dyn Store, snapshot: &Snapshot) -> Result<Option<String>, DeskError> {
    let chart = snapshot.chart.name.as_str();
    let of_money = chart == ClaimPaper::NAME || chart == RequestPaper::NAME;
    let decided = snapshot.tags.iter().any(|tag| DECIDED.contains(&tag.as_str()));
    match of_money && !decided {
        true => by_partner(store, &snapshot.home.party).await,
        false => Ok(None),
    }
}

/// Tags of claims of which something was owed or paid before.
const DECIDED: [&str; 4] = ["payable", "paid", "advanced", "recovering"];
