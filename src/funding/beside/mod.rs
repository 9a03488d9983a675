//! What people say of a claim, a request or a partner beside it: each is kept for ever and never changed, and the rules read it.

pub mod audits;
pub mod brand;
pub mod falsity;
pub mod invoices;
pub mod results;

use std::collections::BTreeSet;

use entente_core::{context::funding::ClaimPaper, ids::PersonId};
use entente_store::Store;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    exceptions::{self, Subject},
    stored::Stored,
    versions::{self, Author},
};
use crate::offers::DeskError;

/// Why something is not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// Whoever says it has a hand in the claim.
    #[error("`{who}` has a hand in `{label}`; another person does this")]
    Concerned {
        /// Who.
        who: PersonId,
        /// The claim.
        label: String,
    },
    /// Somebody has said it already.
    #[error("`{by}` has said so of `{label}` already, and that stays")]
    Already {
        /// Who.
        by: PersonId,
        /// The claim.
        label: String,
    },
    /// Nothing asks for it.
    #[error("`{label}` {why}")]
    NotNow {
        /// What it is about.
        label: String,
        /// Why not.
        why: String,
    },
    /// The records could not be read or written.
    #[error(transparent)]
    Records(#[from] DeskError),
}

impl NotKept {
    fn now(label: &str, why: impl Into<String>) -> NotKept {
        NotKept::NotNow { label: label.to_owned(), why: why.into() }
    }
}

/// A claim that somebody of the vendor looks at: itself, and who has a hand in it.
#[derive(Debug)]
pub struct Looked<'a> {
    /// The claim.
    pub claim: &'a Stored<ClaimPaper>,
    /// What exceptions from rules know of it: its authors, and whoever gains by it.
    pub subject: &'a Subject,
}

impl Looked<'_> {
    /// Refuses whoever wrote the claim, asked for its money or gains by it.
    fn not_by_author(&self, who: &PersonId) -> Result<(), NotKept> {
        let sheet = &self.claim.sheet;
        let hands = sheet.authors.contains(who) || sheet.course.submitted_by.contains(who);
        match hands || exceptions::is_concerned(self.subject, who) {
            true => Err(NotKept::Concerned { who: who.clone(), label: self.claim.label().to_owned() }),
            false => Ok(()),
        }
    }

    /// Whoever has voted on it in its last round, in their own name or for somebody.
    fn voters(&self) -> BTreeSet<&PersonId> {
        let round = self.claim.row.snapshot.approvals.iter();
        let votes = round.flat_map(|round| &round.votes);
        votes.flat_map(|vote| std::iter::once(&vote.person).chain(&vote.on_behalf_of)).collect()
    }
}

async fn put<T: Serialize>(
    store: &dyn Store,
    (kind, name, version): (&str, &str, usize),
    what: &T,
    (by, at): (&PersonId, Timestamp),
) -> Result<(), DeskError> {
    let text = serde_json::to_string(what).map_err(|error| unreadable(kind, name, &error))?;
    let version = u32::try_from(version).unwrap_or(u32::MAX);
    versions::put(store, (kind, name, version), &text, Author { by: by.as_str(), at }).await?;
    Ok(())
}

/// Everything that is kept of a kind, by name and oldest first.
async fn all<T: DeserializeOwned>(store: &dyn Store, kind: &str) -> Result<Vec<T>, DeskError> {
    let documents = store.documents(kind).await?;
    let read = |document: &entente_store::StoredDocument| {
        serde_json::from_str(&document.text).map_err(|error| unreadable(kind, &document.name, &error))
    };
    documents.iter().map(read).collect()
}

fn unreadable(kind: &str, name: &str, error: &serde_json::Error) -> DeskError {
    DeskError::Unreadable { what: format!("`{kind}` of `{name}`"), why: error.to_string() }
}
