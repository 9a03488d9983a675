//! A change of an offer that is released and not yet accepted: what may change, and what became of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Expiry, PrivateOffer, SubmitFacts, data::Amend};
use crate::{
    event::Event,
    ids::PersonId,
    offer::{Offer, document::Term, revision},
    policy::approvals::Projection,
};

/// A changed document on its way; the offer's own is the one that stands at the marketplace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// The document as it shall be.
    pub offer: Offer,
    /// The facts about it.
    pub facts: SubmitFacts,
    /// Who asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<PersonId>,
    /// Everybody who had a hand in it or in the offer.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub authors: BTreeSet<PersonId>,
}

/// The fields that may differ between a released offer and its amendment. Justification and notes never leave us.
pub const AMENDABLE: [&str; 6] = ["/name", "/description", "/term/duration", "/expires_on", "/justification", "/notes"];

/// What the marketplace is asked to change; absent means that it stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Amended {
    /// The new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The new description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How long the agreement lasts from acceptance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<crate::offer::Period>,
    /// The new last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<jiff::civil::Date>,
}

/// What an amendment would change at the marketplace.
pub fn amended(standing: &Offer, wanted: &Offer) -> Amended {
    let duration = |offer: &Offer| offer.term.and_then(|term: Term| term.duration);
    Amended {
        name: (wanted.name != standing.name).then(|| wanted.name.clone()),
        description: (wanted.description != standing.description).then(|| wanted.description.clone()),
        duration: duration(wanted).filter(|wish| Some(*wish) != duration(standing)),
        expires_on: (wanted.expires_on != standing.expires_on).then_some(wanted.expires_on),
    }
}

impl PrivateOffer {
    /// Why a document cannot take the place of the one that stands at the marketplace, with the field.
    pub fn amendment_refused(&self, wanted: &Offer, expiry: &Expiry) -> Option<(String, String)> {
        let standing = self.standing();
        let changes = revision::differences(&standing, wanted);
        if let Some(frozen) = changes.iter().find(|change| !AMENDABLE.contains(&change.field.as_str())) {
            let message = "stays as it was released; reissue the offer, or withdraw it and make another one";
            return Some((frozen.field.clone(), message.to_owned()));
        }
        let amended = amended(&standing, wanted);
        if amended == Amended::default() {
            let gone = changes.iter().any(|change| change.field == "/term/duration");
            let (field, message) = match gone {
                true => ("/term/duration", "cannot be taken away again; write how long the agreement lasts"),
                false => ("", "nothing that the marketplace holds would change"),
            };
            return Some((field.to_owned(), message.to_owned()));
        }
        let why = amended.expires_on.and_then(|_| self.extension_refused(expiry))?;
        Some(("/expires_on".to_owned(), why))
    }

    /// The offer as it would be once an amendment that is on its way has been made.
    pub fn as_amended(&self) -> Option<PrivateOffer> {
        let mut amended = self.clone();
        amended.amendment.as_ref()?;
        amended.amendment_applied();
        Some(amended)
    }

    /// The document that is judged and approved now: an amendment, where one is on its way.
    pub(super) fn at_hand(&self) -> &Offer {
        self.amendment.as_ref().map_or(&self.offer, |amendment| &amendment.offer)
    }

    pub(super) fn amend(&mut self, amend: &Amend, event: &Event) {
        self.amendment = None;
        let Ok(offer) = Offer::from_json(&amend.offer) else { return };
        let expiry = Expiry { last_day: offer.expires_on, last_moment: amend.facts.last_moment };
        let current = amend.facts.revision == offer.revision().hash && amend.facts.agree_with(&offer);
        if !current || self.amendment_refused(&offer, &expiry).is_some() {
            return;
        }
        let mut authors = self.authors.clone();
        let mut requester = None;
        if let Some(actor) = &event.actor {
            requester = Some(actor.person.clone());
            authors.extend(std::iter::once(&actor.person).chain(&actor.on_behalf_of).cloned());
        }
        self.refusal = None;
        self.amendment = Some(Box::new(Amendment { offer, facts: amend.facts.clone(), requester, authors }));
    }

    /// Whether the amendment on its way leaves everything as it is that votes on prices or licences bind to.
    pub(super) fn amendment_administrative(&self) -> bool {
        self.amendment.as_ref().is_some_and(|amendment| self.administrative(&amendment.offer))
    }

    /// Whether another document leaves everything as it stands that votes on prices or licences bind to.
    pub fn administrative(&self, wanted: &Offer) -> bool {
        let (standing, wanted) = (self.standing().revision(), wanted.revision());
        let same = |part: &Projection| standing.projections.get(part) == wanted.projections.get(part);
        same(&Projection::Commercial) && same(&Projection::Legal)
    }

    /// The marketplace has it: the amended document is the offer's own from now on.
    pub(super) fn amendment_applied(&mut self) {
        let Some(amendment) = self.amendment.take() else { return };
        let Amendment { offer, facts, requester, authors } = *amendment;
        let (last_day, last_moment) = (offer.expires_on, facts.last_moment);
        self.revision = offer.revision().hash;
        self.remote.revision = Some(self.revision.clone());
        self.offer = offer;
        self.expiry = Some(Expiry { last_day, last_moment });
        self.facts = Some(facts);
        self.requester = requester.or_else(|| self.requester.take());
        self.authors = authors;
    }
}
