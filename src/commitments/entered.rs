//! What people bring of commitments: documents, and statements of clouds; judged before anything is written.

use std::collections::BTreeSet;

use entente_core::{
    commitment::{
        Amount, Commitment, Statement,
        focus::{contract_documents, is_contract_commitments},
    },
    context::commitment::{Revision, revises},
    event::Actor,
    ids::LegalEntityId,
    scope::Scope,
};
use entente_spend::known_clouds;
use entente_store::Message;
use jiff::civil::Date;
use serde_json::json;

use super::{
    CommitmentError,
    family::keeps_sequence,
    launch,
    stored::{self, KIND, Stored},
    visitor::Visitor,
};
use crate::{
    authz::{Action, Resource},
    offers::launch::Sender,
};

/// A document that may be entered.
#[derive(Debug)]
pub struct Entered {
    /// What it says.
    pub commitment: Commitment,
    /// The document.
    pub text: String,
    /// Who enters it.
    pub actor: Actor,
}

impl Entered {
    /// Reads a document of that name, and judges everything that no earlier request has settled.
    ///
    /// # Errors
    /// When it cannot be read or meant, names a legal entity that is not ours, or the person may not.
    pub fn read(visitor: &Visitor<'_>, name: &str, text: &str) -> Result<Entered, CommitmentError> {
        let text = document(name, text)?;
        let commitment = Commitment::from_new_yaml(name, &text, &known_clouds())?;
        is_sold_through(visitor, &commitment)?;
        let resource = Resource::of(KIND, commitment.id.as_str(), &commitment.legal_entity);
        let actor = visitor.acting.of_entity(Action::ManageCommitments, resource, None, None)?;
        Ok(Entered { commitment, text, actor })
    }

    /// Refuses what does not fit the buyer's other commitments.
    ///
    /// # Errors
    /// When what it follows is not there, or they would no longer be a sequence.
    pub async fn fits(&self, visitor: &Visitor<'_>) -> Result<(), CommitmentError> {
        let (commitment, store) = (&self.commitment, visitor.store());
        if let Some(former) = &commitment.succession {
            let scope = Scope::party(commitment.party.clone());
            stored::find(store, &scope, &former.to).await?;
        }
        keeps_sequence(store, &launch::home(commitment), &commitment.id, Some(commitment)).await
    }

    /// Its label, and the messages that start it. A request that was made under its key is not judged again: it has its answer.
    ///
    /// # Errors
    /// As [`Entered::fits`].
    pub async fn start(
        &self,
        visitor: &Visitor<'_>,
        sender: &Sender,
    ) -> Result<(String, Vec<Message>), CommitmentError> {
        if sender.earlier(visitor.store()).await?.is_none() {
            self.fits(visitor).await?;
        }
        Ok(launch::start(visitor.store(), sender, &self.commitment, &self.text).await?)
    }
}

/// A document that may take the place of a commitment's.
#[derive(Debug)]
pub struct Revised {
    /// What it says.
    pub commitment: Commitment,
    /// The document.
    pub text: String,
}

impl Revised {
    /// Reads a document of that name.
    ///
    /// # Errors
    /// When it cannot be read or meant.
    pub fn read(name: &str, text: &str) -> Result<Revised, CommitmentError> {
        let text = document(name, text)?;
        let commitment = Commitment::from_new_yaml(name, &text, &known_clouds())?;
        Ok(Revised { commitment, text })
    }

    /// Refuses what does not go on from what is there, or does not fit the buyer's other commitments.
    ///
    /// # Errors
    /// When it does not.
    pub async fn fits(&self, visitor: &Visitor<'_>, stored: &Stored) -> Result<(), CommitmentError> {
        revises(&self.commitment, &stored.commitment).map_err(|error| CommitmentError::Refused(error.to_string()))?;
        let home = &stored.row.snapshot.home;
        keeps_sequence(visitor.store(), home, &self.commitment.id, Some(&self.commitment)).await
    }

    /// The message that brings it. A request that was made under its key is not judged again: it has its answer.
    ///
    /// # Errors
    /// As [`Revised::fits`].
    pub async fn message(
        self,
        visitor: &Visitor<'_>,
        sender: &Sender,
        stored: &Stored,
        reason: String,
    ) -> Result<Message, CommitmentError> {
        if sender.earlier(visitor.store()).await?.is_none() {
            self.fits(visitor, stored).await?;
        }
        let revision = Revision { document: self.text, reason };
        Ok(sender.named(stored.row.snapshot.run, "revise", json!(revision)))
    }
}

/// A commitment's document: as a person writes it, or of a `ContractCommitment` dataset that this program has exported.
fn document(name: &str, text: &str) -> Result<String, CommitmentError> {
    if !is_contract_commitments(text) {
        return Ok(text.to_owned());
    }
    let mut documents = contract_documents(text)?;
    match (documents.pop(), documents.len()) {
        (Some(document), 0) => Ok(document),
        (_, more) => {
            let all = more + 1;
            Err(CommitmentError::Refused(format!(
                "`{name}` holds {all} commitments, and one is entered at a time; keep the rows of one of them, by `x_CommitmentId`"
            )))
        }
    }
}

/// Refuses a legal entity that nobody works for and nothing is sold through, where it is said of any.
fn is_sold_through(visitor: &Visitor<'_>, commitment: &Commitment) -> Result<(), CommitmentError> {
    let entity = &commitment.legal_entity;
    let sells = visitor.app.config.connectors.values().map(|connector| &connector.legal_entity);
    let works = visitor.acting.people.persons().flat_map(|person| &person.legal_entities);
    let known: BTreeSet<&LegalEntityId> = sells.chain(works).collect();
    if known.is_empty() || known.contains(entity) {
        return Ok(());
    }
    let known = known.into_iter().map(|entity| format!("`{entity}`")).collect::<Vec<_>>().join(", ");
    Err(CommitmentError::Refused(format!(
        "`{entity}` is no legal entity of yours (field `/legal_entity`); write one of {known}: they are those of `connectors` in the \
         configuration, and of people in the people file"
    )))
}

/// Refuses a statement that cannot be meant.
///
/// # Errors
/// With the field that is wrong.
pub fn may_be_said(statement: &Statement, commitment: &Commitment, today: Date) -> Result<(), CommitmentError> {
    let refuse = |field: &'static str, why: String| Err(CommitmentError::Wrong { field, why, hint: None });
    let (as_of, currency) = (statement.as_of, commitment.currency);
    if as_of > today || statement.read > today {
        let (field, day) = if as_of > today { ("as_of", as_of) } else { ("read", statement.read) };
        return refuse(field, format!("{day} is still to come"));
    }
    if statement.read < as_of {
        return refuse("read", "the statement was read before the day that it is of; correct one of them".to_owned());
    }
    if let Some(starts) = commitment.starts(today).filter(|starts| as_of < *starts) {
        return refuse("as_of", format!("{as_of} is before the first day of the term, {starts}"));
    }
    if statement.remaining < Amount::ZERO {
        return refuse("remaining", "is below zero; what is used up has nothing left".to_owned());
    }
    if !statement.remaining.is_payable(currency) {
        let decimals = currency.decimals();
        return refuse(
            "remaining",
            format!("{} has more than the {decimals} decimals of {currency}", statement.remaining),
        );
    }
    let show = |amount: Amount| {
        amount.money(currency).map_or_else(|_| format!("{currency} {amount}"), |money| money.to_string())
    };
    let committed = commitment.terms(as_of, today).and_then(|terms| terms.committed().ok());
    match committed.filter(|committed| statement.remaining > *committed) {
        Some(committed) => {
            let (remaining, committed) = (show(statement.remaining), show(committed));
            refuse("remaining", format!("{remaining} is more than is committed, {committed}"))
        }
        None => Ok(()),
    }
}
