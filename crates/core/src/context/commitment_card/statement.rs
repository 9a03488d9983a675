//! What people write: a card to begin with, and what is said later.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Told;
use crate::{
    commitment::{
        CommitmentId,
        card::{Confidence, Consent, Fact, Owner, Says, Topic},
    },
    context::{FieldError, agreement_request::filled, funding::check_at},
    ids::{LegalEntityId, PartyId, PersonId},
    offer::{DocumentError, source},
};

/// Something that was said about a commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// What was said.
    pub says: Says,
    /// Who told it.
    pub told_by: String,
    /// Where it is from, such as a call or a slide.
    pub source: String,
    /// The day that it is about.
    pub as_of: Date,
    /// How sure it is.
    pub confidence: Confidence,
    /// Whether it may be used.
    pub consent: Consent,
    /// The last day on which it may be relied on.
    pub expires: Date,
    /// Who asks again.
    pub ask_again: PersonId,
}

/// A card as people write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardPaper {
    /// The buyer.
    pub buyer: PartyId,
    /// The commitment.
    pub commitment: CommitmentId,
    /// The vendor's legal entity that deals with the buyer.
    pub legal_entity: LegalEntityId,
    /// What was said: the cloud, the amount and the end at least.
    pub facts: Vec<Statement>,
}

/// What a card begins with.
const FIRST: [Topic; 3] = [Topic::Cloud, Topic::Amount, Topic::Ends];

impl Statement {
    /// What a run knows of it, under the hash that it is kept by.
    pub fn told(&self, fact: String) -> Told {
        Told {
            fact,
            topic: self.says.topic(),
            as_of: self.as_of,
            confidence: self.confidence,
            consent: self.consent,
            expires: self.expires,
            ask_again: self.ask_again.clone(),
        }
    }

    /// The fact that it is on a side's card.
    pub fn fact(self, side: Owner) -> Fact {
        let Statement { says, told_by, source, as_of, confidence, consent, expires, ask_again } = self;
        Fact { side, says, told_by, source, as_of, confidence, consent, expires, ask_again }
    }

    fn check(&self) -> Result<(), FieldError> {
        filled("/told_by", &self.told_by)?;
        filled("/source", &self.source)?;
        usable(self.consent)?;
        in_order(self.as_of, self.expires)
    }
}

impl CardPaper {
    fn check(&self) -> Result<(), FieldError> {
        check_all("/facts", &self.facts)?;
        complete(self.facts.iter().map(|fact| fact.says.topic()))
    }
}

/// What nobody agrees to is not told at all.
pub(super) fn usable(consent: Consent) -> Result<(), FieldError> {
    let agreed = consent != Consent::Withdrawn;
    check_at(agreed, "/consent", "is withdrawn from the start; leave the fact out, or write `given` or `not_needed`")
}

/// A fact does not expire before the day that it is about.
pub(super) fn in_order(as_of: Date, expires: Date) -> Result<(), FieldError> {
    check_at(as_of <= expires, "/expires", "lies before the day that the fact is about; correct one of them")
}

/// A card begins with a cloud, an amount and an end, each with its source and its day.
pub(super) fn complete(topics: impl Iterator<Item = Topic>) -> Result<(), FieldError> {
    let known: BTreeSet<Topic> = topics.collect();
    let missing: Vec<&str> = FIRST.iter().filter(|topic| !known.contains(topic)).map(|topic| topic.words()).collect();
    let message = format!("do not say {}; a card begins with the cloud, the amount and the end", missing.join(" or "));
    check_at(missing.is_empty(), "/facts", message)
}

fn check_all(field: &str, statements: &[Statement]) -> Result<(), FieldError> {
    statements.iter().enumerate().try_for_each(|(at, statement)| {
        statement.check().map_err(|error| FieldError { field: format!("{field}/{at}{}", error.field), ..error })
    })
}

/// Reads a card that a person wrote. The first defect is returned, with its place in the file.
///
/// # Errors
/// When it is no YAML within the budgets, lacks a field or has an unknown one, or says what cannot be.
pub fn load(file: &str, text: &str) -> Result<CardPaper, DocumentError> {
    source::made(file, text, |paper: CardPaper| paper.check().map(|()| paper))
}

/// Reads what was said later: a list of statements.
///
/// # Errors
/// As [`load`].
pub fn load_statements(file: &str, text: &str) -> Result<Vec<Statement>, DocumentError> {
    source::made(file, text, |statements: Vec<Statement>| {
        check_at(!statements.is_empty(), "", "says nothing; write at least one fact")?;
        check_all("", &statements).map(|()| statements)
    })
}
