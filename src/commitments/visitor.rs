//! Whoever asks for commitments, by whatever channel: what is in reach, and what may be changed.

use entente_core::{
    commitment::Commitment,
    event::Actor,
    ids::CommitmentId,
    scope::{Parties, Scope},
};
use entente_store::Store;
use jiff::Timestamp;

use super::{
    CommitmentError,
    stored::{self, KIND, Stored},
};
use crate::{
    app::App,
    authz::{Acting, Action, Resource},
    offers::DeskError,
};

/// Somebody who asks for commitments.
#[derive(Clone, Copy)]
pub struct Visitor<'a> {
    /// The installation.
    pub app: &'a App,
    /// Who asks.
    pub acting: Acting<'a>,
}

impl Visitor<'_> {
    /// The database.
    pub fn store(&self) -> &dyn Store {
        self.app.store.as_ref()
    }

    /// Business time.
    pub fn now(&self) -> Timestamp {
        self.acting.at
    }

    /// Whether a buyer's person asks.
    pub fn is_of_a_buyer(&self) -> bool {
        self.acting.buyer().is_some()
    }

    /// What whoever asks may see: a buyer's person what is the buyer's own.
    ///
    /// # Errors
    /// When the person may see none.
    pub fn reach(&self, name: &str) -> Result<Scope, CommitmentError> {
        match self.acting.buyer() {
            Some(buyer) => {
                let scope = self.acting.reach(Action::ReadOwnCommitments, KIND, name)?;
                Ok(Scope { parties: Parties::Only(buyer.clone()), ..scope })
            }
            None => Ok(self.acting.reach(Action::ReadCommitments, KIND, name)?),
        }
    }

    /// A commitment by its id or its label, in reach of whoever asks. Labels count the commitments of all buyers, so that a buyer's
    /// person names its own by their ids alone.
    ///
    /// # Errors
    /// When there is none in reach, or the person may see none.
    pub async fn find(&self, name: &str) -> Result<Stored, CommitmentError> {
        let scope = self.reach(name)?;
        if !self.is_of_a_buyer() {
            return Ok(stored::named(self.store(), &scope, name).await?);
        }
        let missing = || entente_store::Error::NotFound { kind: KIND, id: name.to_owned() };
        let id: CommitmentId = name.parse().map_err(|_| missing())?;
        Ok(stored::find(self.store(), &scope, &id).await?)
    }

    /// Finds that a commitment may have gone into another one: that there is one, and that it is the same buyer's, to the same cloud and
    /// in the same currency.
    ///
    /// # Errors
    /// [`CommitmentError::Wrong`] otherwise; when the database cannot be read.
    pub async fn may_follow(&self, stored: &Stored, into: &CommitmentId) -> Result<(), CommitmentError> {
        let scope = self.reach(into.as_str())?;
        let one = &stored.commitment;
        let why = match stored::find(self.store(), &scope, into).await {
            Err(DeskError::Store(entente_store::Error::NotFound { .. })) => format!("there is no commitment `{into}`"),
            Err(error) => return Err(error.into()),
            Ok(_) if one.id == *into => "it cannot go into itself".to_owned(),
            Ok(found) => {
                let other = &found.commitment;
                let of = |it: &Commitment| format!("`{}` is {}'s, to {} in {}", it.id, it.party, it.cloud, it.currency);
                let alike = one.party == other.party && one.cloud == other.cloud && one.currency == other.currency;
                if alike {
                    return Ok(());
                }
                format!("{}, and {}", of(one), of(other))
            }
        };
        Err(CommitmentError::Wrong { field: "rolled_into", why, hint: None })
    }

    /// Whoever asks, as the one who changes a commitment.
    ///
    /// # Errors
    /// When the person may not.
    pub fn manages(&self, stored: &Stored) -> Result<Actor, CommitmentError> {
        let resource = Resource::of(KIND, stored.label(), &stored.row.snapshot.home.legal_entity);
        Ok(self.acting.of_entity(Action::ManageCommitments, resource, None, None)?)
    }
}
