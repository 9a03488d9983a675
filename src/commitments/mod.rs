//! What people do with commitments, whatever the channel: entering and revising them, and telling where they stand, where they
//! will end and what would close a gap.
//!
//! Nothing here prints, and nothing decides what becomes of a commitment: its chart does.

pub mod ahead;
pub mod buyers_view;
pub mod closing;
pub mod days;
pub mod entered;
pub mod explained;
pub mod export;
pub mod family;
pub mod footing;
pub mod launch;
pub mod listed;
pub mod look;
pub mod offers;
pub mod outlook;
pub mod picture;
pub mod rules;
pub mod sight;
pub mod spent;
pub mod stored;
pub mod visitor;

use entente_core::{
    commitment::{
        AmountError, StatementError,
        drawdown::{DrawdownError, SequenceError},
        focus::FocusError,
        warehouse::WarehouseError,
    },
    offer::DocumentError,
};

use crate::{authz, offers::DeskError, spend::ImportError};

/// Why something about a commitment cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum CommitmentError {
    /// The records cannot be read.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A document cannot be read.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The commitments of the buyer are no sequence, or nothing was known about the day.
    #[error(transparent)]
    Sequence(#[from] SequenceError),
    /// The sums do not fit the commitment.
    #[error(transparent)]
    Drawdown(#[from] DrawdownError),
    /// The figures cannot stand beside the cloud's statement.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// It cannot be written as FOCUS.
    #[error(transparent)]
    Focus(#[from] FocusError),
    /// It cannot be written as tables for a warehouse.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// Whoever asks may not.
    #[error(transparent)]
    NotAllowed(#[from] authz::Refused),
    /// What was said of one field cannot be meant.
    #[error("`{field}`: {why}")]
    Wrong {
        /// The field.
        field: &'static str,
        /// Why not.
        why: String,
        /// What to do instead.
        hint: Option<&'static str>,
    },
    /// What was brought is refused as a whole.
    #[error("{0}")]
    Refused(String),
    /// The files that spend came in cannot be read again.
    #[error(transparent)]
    Spend(#[from] ImportError),
    /// A sum that is no longer exact.
    #[error(transparent)]
    Amount(#[from] AmountError),
}

impl From<entente_store::Error> for CommitmentError {
    fn from(error: entente_store::Error) -> CommitmentError {
        CommitmentError::Desk(error.into())
    }
}
