//! What was spent of a commitment, from what was taken in.

use entente_core::{
    commitment::{Commitment, drawdown::Drawdown},
    scope::Scope,
};
use entente_store::Store;
use jiff::Timestamp;

use super::CommitmentError;
use crate::spend::{self, DrawdownFailed};

/// What was taken in for a commitment before an instant, or until now.
pub(super) async fn drawdown(
    store: &dyn Store,
    scope: &Scope,
    commitment: &Commitment,
    until: Option<Timestamp>,
) -> Result<Drawdown, CommitmentError> {
    spend::drawdown(store, scope, commitment, until).await.map_err(|error| match error {
        DrawdownFailed::Store(error) => error.into(),
        DrawdownFailed::Drawdown(error) => error.into(),
    })
}
