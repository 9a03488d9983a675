//! The context of the `commitment_card` workflow: what one side knows about a buyer's commitment.
//!
//! Seller and buyer each keep a run of their own, so that nothing of one is within the other's reach. A run knows of each fact
//! when it is to be asked again and by whom, and the hash of the statement: what was said is kept apart from every history.

mod apply;
mod asking;
mod data;
mod face;
mod statement;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub use asking::ASK_AGAIN;
pub use data::{About, Opening, Saying, Withdrawing};
pub use face::CommitmentCardContext;
pub use statement::{CardPaper, Statement, load, load_statements};

use crate::{
    commitment::{
        CommitmentId,
        card::{Card, Confidence, Consent, Owner, Topic},
    },
    ids::{LegalEntityId, PartyId, PersonId},
};

/// The kind of key under which a side's card is found.
pub const CARD_KEY: &str = "card";

/// The role of the seller's people who keep cards.
pub const SELLERS: &str = "alliance_manager";

/// The role of a buyer's people who keep their own cards.
pub const BUYERS: &str = "buyer_user";

/// What a card is about, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The buyer.
    pub buyer: PartyId,
    /// The commitment.
    pub commitment: CommitmentId,
    /// The vendor's legal entity that deals with the buyer.
    pub legal_entity: LegalEntityId,
    /// Whose card it is.
    pub side: Owner,
}

/// What a run knows of a fact. What was said, by whom and where is in the statement, under its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// SHA-256 of the statement and its salt, in hexadecimal.
    pub fact: String,
    /// What it is about.
    pub topic: Topic,
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

/// That nobody knows better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unknown {
    /// Who said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// When.
    pub at: Timestamp,
}

/// Everything that the run of a card knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitmentCard {
    /// The run's readable name.
    pub label: String,
    /// What it is about, and whose it is.
    pub subject: Subject,
    /// Every fact that was told, in the order in which it was.
    pub facts: Vec<Told>,
    /// What is being asked again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub asking: BTreeSet<Topic>,
    /// What nobody knows better; asked again only after somebody has said something new.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: BTreeMap<Topic, Unknown>,
    /// Whether the buyer shares its daily sums.
    #[serde(default)]
    pub shares_daily_sums: bool,
}

impl CommitmentCard {
    /// The first context of a run.
    pub fn new(opening: Opening, label: &str) -> CommitmentCard {
        CommitmentCard {
            label: label.to_owned(),
            subject: opening.subject,
            facts: opening.facts,
            asking: BTreeSet::new(),
            unknown: BTreeMap::new(),
            shares_daily_sums: false,
        }
    }

    /// The card with what was said, as far as it may still be used and the statement is there.
    pub fn card(&self, statement: impl Fn(&str) -> Option<Statement>, shares_daily_sums: bool) -> Card {
        let usable = self.facts.iter().filter(|told| told.consent != Consent::Withdrawn);
        let facts = usable.filter_map(|told| Some(statement(&told.fact)?.fact(self.subject.side)));
        Card { buyer: self.subject.buyer.clone(), facts: facts.collect(), shares_daily_sums }
    }

    /// The value of the key under which a side's card is found.
    pub fn key(subject: &Subject) -> String {
        let side = match subject.side {
            Owner::Seller => "seller",
            Owner::Buyer => "buyer",
        };
        format!("{side}/{}/{}/{}", subject.legal_entity, subject.buyer, subject.commitment)
    }
}
