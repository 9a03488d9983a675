//! Whether a buyer lets its daily sums be counted.

use entente_core::{
    commitment::{Commitment, CommitmentId},
    ids::{LegalEntityId, PartyId},
};
use entente_store::{ReadingRow, Store};

use super::judged::judged_elsewhere;
use crate::{cards::stored::sharing, offers::DeskError};

/// Whether daily sums of a commitment are held back: its buyer keeps a card of it here and does not share them. Where the buyer keeps
/// none, there is nobody to ask here.
///
/// # Errors
/// When the database cannot be read, or the card cannot be understood.
pub async fn is_held_back(store: &dyn Store, commitment: &Commitment) -> Result<bool, DeskError> {
    held_back(store, (&commitment.party, &commitment.id, &commitment.legal_entity)).await
}

/// Whether what a reading says is held back.
///
/// # Errors
/// As [`is_held_back`].
pub async fn says_nothing(store: &dyn Store, row: &ReadingRow) -> Result<bool, DeskError> {
    let new = &row.new;
    Ok(judged_elsewhere(row) && held_back(store, (&new.party, &new.commitment, &new.legal_entity)).await?)
}

async fn held_back(
    store: &dyn Store,
    (buyer, commitment, legal_entity): (&PartyId, &CommitmentId, &LegalEntityId),
) -> Result<bool, DeskError> {
    Ok(sharing(store, buyer, commitment, legal_entity).await? == Some(false))
}
