//! Month end: months of legal entities, prepared by one person, locked by another, exported, acknowledged, compared.
//!
//! Everything is kept as documents that are never changed: rules, estimates and their approvals, each preparation, the
//! chain of locked months, the first export and the acknowledgement. A lock names the SHA-256 of what it locks and of the
//! lock before it.

pub mod books;
pub mod estimates;
mod kept;
pub mod months;
pub mod prepare;
pub mod rules;
pub mod table;

use entente_core::{
    close::Refusal,
    ids::{LegalEntityId, PersonId},
    mdf::statement::NotAPeriod,
};

use crate::offers::DeskError;

/// Why something about a month's end is not done.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The books do not make a batch.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The text is no month.
    #[error(transparent)]
    Period(#[from] NotAPeriod),
    /// Nobody has said how the legal entity books.
    #[error("no rules name the legal entity `{0}`; import some with `entente close rules import`")]
    NoRules(LegalEntityId),
    /// More than one document names it.
    #[error("`{entity}` is named by {found}; say which with --rules")]
    WhichRules {
        /// The legal entity.
        entity: LegalEntityId,
        /// Their names.
        found: String,
    },
    /// The rules do not name the legal entity.
    #[error("the rules `{rules}` do not name the legal entity `{entity}`; add it under `entities` in a new version")]
    NotByTheseRules {
        /// The rules.
        rules: String,
        /// The legal entity.
        entity: LegalEntityId,
    },
    /// The month goes on.
    #[error("{month} is not over in `{zone}`; prepare it from the first of the next month on")]
    NotOver {
        /// The month.
        month: String,
        /// The zone.
        zone: String,
    },
    /// It was locked before.
    #[error("{month} of `{entity}` is locked; what came later goes into the next month, and nothing unlocks it")]
    Locked {
        /// The legal entity.
        entity: LegalEntityId,
        /// The month.
        month: String,
    },
    /// It was not locked yet.
    #[error("there is no locked batch `{0}`; see `entente close list`")]
    NotLocked(String),
    /// Nothing was prepared under this hash.
    #[error("nothing was prepared for {month} of `{entity}` whose hash begins with `{hash}`; see `entente close list`")]
    NotPrepared {
        /// The legal entity.
        entity: LegalEntityId,
        /// The month.
        month: String,
        /// What was asked for.
        hash: String,
    },
    /// Another preparation is newer.
    #[error("`{hash}` is not what was prepared last for {month} of `{entity}`; look at the newest and lock that")]
    Outdated {
        /// The legal entity.
        entity: LegalEntityId,
        /// The month.
        month: String,
        /// What was asked for.
        hash: String,
    },
    /// One person may not do both.
    #[error("`{person}` has {did}, and somebody else has to {approve}")]
    SamePerson {
        /// Who.
        person: PersonId,
        /// What they have done.
        did: &'static str,
        /// What they want.
        approve: &'static str,
    },
    /// Somebody was faster, or it was done before.
    #[error("{0}")]
    Done(String),
    /// The kept documents contradict each other.
    #[error("{what} is not what was kept: {why}; restore the last backup")]
    Broken {
        /// What.
        what: String,
        /// Why.
        why: String,
    },
    /// The records could not be read or written.
    #[error(transparent)]
    Records(#[from] DeskError),
}

impl From<entente_store::Error> for CloseError {
    fn from(error: entente_store::Error) -> CloseError {
        CloseError::Records(error.into())
    }
}
