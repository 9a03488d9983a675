//! What was spent of a commitment, as far as it was taken in.

use entente_core::{
    commitment::{Commitment, drawdown::Drawdown},
    scope::Scope,
};
use entente_store::Store;
use jiff::Timestamp;

use super::CommitmentError;

/// What was taken in for a commitment; until an instant, where one is named.
pub(super) async fn drawdown(
    _: &dyn Store,
    _: &Scope,
    commitment: &Commitment,
    _: Option<Timestamp>,
) -> Result<Drawdown, CommitmentError> {
    Ok(Drawdown::new(commitment))
}
