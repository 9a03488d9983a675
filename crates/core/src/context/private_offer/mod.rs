//! The context of the `private_offer` workflow: the document, what is known about it, and what became of it.

mod amendment;
mod apply;
mod data;
mod face;
mod guards;
mod outputs;
mod refs;
mod requests;
mod schema;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use amendment::{AMENDABLE, Amended, Amendment, amended};
pub use data::{Acceptance, AgreementEnd, AgreementUpdate, Amend, Extend, Reissue, Renewed, Revise, Submit};
pub use face::PrivateOfferContext;
pub use refs::{carried_refs, stated_refs};
pub use requests::on_clock;

use crate::{
    ids::PersonId,
    money::Currency,
    offer::{Offer, preflight::Finding},
};

/// Everything a private offer's run knows. The guards, deadlines and requests are functions of this and nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivateOffer {
    /// The run's readable name.
    pub label: String,
    /// The document as it stands.
    pub offer: Offer,
    /// SHA-256 of that document.
    pub revision: String,
    /// Who last submitted or revised it; may not approve it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<PersonId>,
    /// Everybody who wrote, revised, reissued or submitted it, in their own name or for somebody; none may approve it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub authors: BTreeSet<PersonId>,
    /// What was computed about a revision; policy rows test it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<SubmitFacts>,
    /// What the last pre-flight found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The last day to accept, extensions included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Expiry>,
    /// What the marketplace holds.
    #[serde(default, skip_serializing_if = "Remote::is_default")]
    pub remote: Remote,
    /// Why the last attempt did not get through: a marketplace's or an approver's refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// That somebody wants the offer withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
    /// An extension on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Expiry>,
    /// A reissue on its way: what to return to should the marketplace keep the old offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reissue: Option<Box<Standing>>,
    /// A change of the released offer on its way. One that came to nothing because the buyer was faster may stay here, and counts
    /// for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amendment: Option<Box<Amendment>>,
    /// Agreements made by accepting the offer, by id; several when several accounts may accept.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub agreements: BTreeMap<String, Agreement>,
    /// The reminder before the last moment that went out last, by the instant it was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded: Option<Timestamp>,
    /// How far the buyer is.
    #[serde(default, skip_serializing_if = "Readiness::is_default")]
    pub readiness: Readiness,
    /// How the marketplace's offer differs from what was sent.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub drift: Value,
}

/// What the shell computed about a revision: it needs the price book, other offers and calendars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitFacts {
    /// The revision that the facts are about; facts about another one count for nothing.
    pub revision: String,
    /// The discount to list in basis points; absent where no list price is known, which counts as 100 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_bp: Option<i64>,
    /// The list value in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_value_minor: Option<i64>,
    /// The total contract value in minor units.
    pub value_minor: i64,
    /// The total brought to a year, in minor units.
    pub annualised_minor: i64,
    /// The currency of the figures.
    pub currency: Currency,
    /// What this buyer was offered over the last twelve months, this offer included, in minor units of the currency.
    pub cumulative_value_12m_minor: i64,
    /// The currencies of offers to this buyer that the sum leaves out: without a dated rate they do not add.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub cumulative_left_out: BTreeSet<Currency>,
    /// Whether the licence text is a standard one or on the approved list.
    pub eula_approved: bool,
    /// The instant after which the marketplace takes no acceptance.
    pub last_moment: Timestamp,
    /// The marketplace's zone, by IANA name.
    pub marketplace_zone: String,
    /// The seller's zone, by IANA name.
    pub seller_zone: String,
}

/// When an offer can last be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expiry {
    /// The day, in the marketplace's zone.
    pub last_day: Date,
    /// The instant after which no acceptance is taken.
    pub last_moment: Timestamp,
}

/// What a marketplace holds of the offer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remote {
    /// The marketplace's id of the offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer_id: Option<String>,
    /// The revision that was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// When buyers could first accept it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_at: Option<Timestamp>,
    /// A change that the marketplace is still working on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Offers that were withdrawn in favour of the present one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<String>,
}

impl Remote {
    fn is_default(&self) -> bool {
        *self == Remote::default()
    }
}

/// A change that a marketplace performs in its own time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The marketplace's id of the change.
    pub id: String,
    /// What it does.
    pub what: ChangeKind,
    /// Our own key on it, as the connector's shell returned it: by it the change's twins are searched for.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub key: Value,
}

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Makes the offer and publishes it.
    Create,
    /// Moves its last day.
    Extend,
    /// Ends it before its last day.
    Withdraw,
    /// Changes what may be changed after its release.
    Amend,
}

/// Why something did not get through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// What happened and what to do next.
    pub message: String,
    /// The field of the document that caused it, as a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The other side's own code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// That somebody wants the offer withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Why.
    pub reason: String,
    /// Who, where a person asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// When.
    pub at: Timestamp,
}

/// What stands at the marketplace while a reissue is under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// The document that was published.
    pub offer: Offer,
    /// The facts about it.
    pub facts: Option<SubmitFacts>,
    /// Its last day.
    pub expiry: Option<Expiry>,
    /// Who asked for its approval.
    pub requester: Option<PersonId>,
    /// Who had a hand in it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub authors: BTreeSet<PersonId>,
}

/// An agreement between vendor and buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// When the buyer accepted.
    pub accepted_at: Timestamp,
    /// The account that accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The marketplace's id of the offer that was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer_id: Option<String>,
    /// When it begins; absent means on acceptance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// When it ends, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// Its value as the marketplace states it, in minor units of the offer's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_minor: Option<i64>,
    /// How it stands.
    pub status: AgreementStatus,
    /// The agreement that follows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed_by: Option<String>,
}

/// How an agreement stands, in words that every marketplace maps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementStatus {
    /// In force, or waiting for its start.
    Active,
    /// Ended on its last day.
    Expired,
    /// Ended early by one side.
    Cancelled,
    /// Ended by the marketplace, for example because nobody paid.
    Terminated,
    /// Followed by a new agreement.
    Renewed,
    /// Followed by another offer's agreement.
    Replaced,
}

/// How far the buyer is: what an offer waits for that no marketplace tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Readiness {
    /// Who on the buyer's side confirmed the account ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_confirmed_by: Option<String>,
    /// Whether the accepter has the permission to accept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepter_permission: Option<bool>,
    /// The purchase order's number, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<String>,
    /// How the legal review stands: `open`, `agreed`, `not needed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal: Option<String>,
    /// What happens next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
    /// Who does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Whom everybody waits for, where it is not the buyer as such: `buyer_legal`, `buyer_procurement`, `seller`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_on: Option<String>,
}

impl Readiness {
    fn is_default(&self) -> bool {
        *self == Readiness::default()
    }
}

impl PrivateOffer {
    /// The first context of a run.
    pub fn new(offer: Offer, label: &str) -> PrivateOffer {
        PrivateOffer {
            label: label.to_owned(),
            revision: offer.revision().hash,
            offer,
            requester: None,
            authors: BTreeSet::new(),
            facts: None,
            findings: Vec::new(),
            expiry: None,
            remote: Remote::default(),
            refusal: None,
            withdrawal: None,
            extension: None,
            reissue: None,
            amendment: None,
            agreements: BTreeMap::new(),
            reminded: None,
            readiness: Readiness::default(),
            drift: Value::Null,
        }
    }

    /// Whether the facts are about the document as it stands, and agree with it where it can be told.
    pub fn facts_current(&self) -> bool {
        self.facts.as_ref().is_some_and(|facts| facts.revision == self.revision && facts.agree_with(&self.offer))
    }
}

impl SubmitFacts {
    /// Whether the figures are those of the document: the value and its currency are computed again.
    pub fn agree_with(&self, offer: &Offer) -> bool {
        let totals = crate::offer::totals::totals(offer);
        self.currency == offer.currency && totals.is_ok_and(|totals| totals.total.minor == self.value_minor)
    }
}

impl PrivateOffer {
    /// The document as it stands: with the last day that the buyer was given.
    pub fn standing(&self) -> Offer {
        let mut offer = self.offer.clone();
        offer.expires_on = self.expiry.as_ref().map_or(offer.expires_on, |expiry| expiry.last_day);
        offer
    }

    /// The document as it would be for another buyer account: what a reissue publishes. Time that the buyer was given stays given.
    pub fn reissued(&self, account: &str) -> Offer {
        let mut offer = self.standing();
        offer.buyer.accounts = vec![account.to_owned()];
        offer
    }

    /// Whether the offer is for this account already, and for no other.
    pub fn is_for(&self, account: &str) -> bool {
        self.offer.buyer.accounts == [account]
    }
}
