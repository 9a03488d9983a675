//! Offers: their state, their revisions and their details document.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::detail_time;
use super::entity::Entity;
use super::price::Price;
use super::term::{Term, TermKind};
use crate::period;

pub(crate) use super::entity::Revision;
pub(crate) use super::targeting::Targeting;

/// An offer is a draft until it is released, and stays released for ever
/// (Catalog API: `OfferStateString`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OfferState {
    Draft,
    Released,
}

impl OfferState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Released => "Released",
        }
    }
}

/// How an offer is priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PricingModel {
    Byol,
    Free,
    Usage,
    Contract,
}

/// Who made the offer: the seller, or AWS for a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CreatedBy {
    Seller,
    AwsMarketplace,
}

/// What became of the agreement that the offer was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SourceIntent {
    Replace,
    Renew,
}

/// The agreement that an offer replaces or renews.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SourceAgreement {
    pub(crate) id: String,
    pub(crate) intent: SourceIntent,
}

/// What an offer has of the resale authorization that it was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resale {
    pub(crate) authorization_id: String,
    /// What the reseller adds to the manufacturer's prices, in percent.
    pub(crate) markup: Option<Price>,
    /// The reseller wrote a payment schedule of his own, which excludes a markup.
    pub(crate) own_schedule: bool,
}

/// An offer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) product_id: String,
    pub(crate) offer_set_id: Option<String>,
    pub(crate) state: OfferState,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) pre_existing_agreement: Option<Value>,
    pub(crate) pricing_model: Option<PricingModel>,
    pub(crate) terms: Vec<Term>,
    pub(crate) targeting: Option<Targeting>,
    pub(crate) availability_end: Option<Date>,
    pub(crate) source_agreement: Option<SourceAgreement>,
    #[serde(default)]
    pub(crate) resale: Option<Resale>,
    /// A `CustomerVerificationTerm`, kept as it was written.
    #[serde(default)]
    pub(crate) verification: Option<Value>,
    pub(crate) created_by: CreatedBy,
    pub(crate) released_at: Option<Timestamp>,
    pub(crate) modified_at: Timestamp,
    pub(crate) revision: u32,
    pub(crate) revisions: Vec<Revision>,
    /// Reads do not find it before this moment (injected eventual consistency).
    pub(crate) visible_from: Option<Timestamp>,
}

impl Offer {
    /// A new draft; its first revision is recorded when its change set succeeds.
    pub(crate) fn draft(id: String, owner: &str, product_id: &str, now: Timestamp) -> Self {
        Self {
            id,
            owner: owner.to_owned(),
            product_id: product_id.to_owned(),
            offer_set_id: None,
            state: OfferState::Draft,
            name: None,
            description: None,
            pre_existing_agreement: None,
            pricing_model: None,
            terms: Vec::new(),
            targeting: None,
            availability_end: None,
            source_agreement: None,
            resale: None,
            verification: None,
            created_by: CreatedBy::Seller,
            released_at: None,
            modified_at: now,
            revision: 0,
            revisions: Vec::new(),
            visible_from: None,
        }
    }

    /// Closes a change: the next revision number, its time and its content.
    pub(crate) fn record_revision(&mut self, at: Timestamp, by: &str) {
        self.revision += 1;
        self.modified_at = at;
        let details = self.details();
        self.revisions.push(Revision { number: self.revision, at, by: by.to_owned(), details });
    }

    /// The targeted accounts; empty for a public offer.
    pub(crate) fn buyer_accounts(&self) -> &[String] {
        self.targeting
            .as_ref()
            .and_then(|targeting| targeting.positive_targeting.as_ref())
            .and_then(|positive| positive.buyer_accounts.as_deref())
            .unwrap_or_default()
    }

    /// Targets these accounts and nothing else.
    pub(crate) fn set_buyer_accounts(&mut self, accounts: Vec<String>) {
        self.targeting = Some(Targeting::of_buyers(accounts));
    }

    /// An offer is private when it names accounts, ends on a date, follows an agreement or resells.
    pub(crate) fn is_public(&self) -> bool {
        let follows = self.source_agreement.is_some() || self.resale.is_some();
        self.buyer_accounts().is_empty() && self.availability_end.is_none() && !follows
    }

    /// The last instant at which it can be accepted.
    pub(crate) fn available_until(&self) -> Option<Timestamp> {
        self.availability_end.map(period::end_of)
    }

    pub(crate) fn is_expired(&self, now: Timestamp) -> bool {
        self.available_until().is_some_and(|end| end < now)
    }

    pub(crate) fn is_visible(&self, now: Timestamp) -> bool {
        self.visible_from.is_none_or(|from| from <= now)
    }

    /// Whether it replaces an agreement.
    pub(crate) fn replaces(&self) -> Option<&str> {
        self.source_agreement
            .as_ref()
            .filter(|source| source.intent == SourceIntent::Replace)
            .map(|source| source.id.as_str())
    }

    /// Puts terms in the place of those of the same kinds.
    pub(crate) fn replace_terms(&mut self, kinds: &[TermKind], terms: Vec<Term>) {
        self.terms.retain(|term| !kinds.contains(&term.kind()));
        self.terms.extend(terms);
    }

    pub(crate) fn has_term(&self, kind: TermKind) -> bool {
        self.terms.iter().any(|term| term.kind() == kind)
    }

    /// The kinds of targeting, as `ListEntities` names them.
    pub(crate) fn targeting_kinds(&self) -> Vec<&'static str> {
        let positive = self.targeting.as_ref().and_then(|targeting| targeting.positive_targeting.as_ref());
        let mut kinds = Vec::new();
        if !self.buyer_accounts().is_empty() {
            kinds.push("BuyerAccounts");
        }
        let negative = self.targeting.as_ref().is_some_and(|targeting| targeting.negative_targeting.is_some());
        if negative || positive.is_some_and(|positive| positive.country_codes.is_some()) {
            kinds.push("CountryCodes");
        }
        if kinds.is_empty() {
            kinds.push("None");
        }
        kinds
    }

    /// The details document of `DescribeEntity`. Days that were written as `YYYY-MM-DD` read back as
    /// instants, as the service does.
    pub(crate) fn details(&self) -> Value {
        let mut terms: Vec<Value> = self.terms.iter().map(Term::read_form).collect();
        terms.extend(self.verification.clone());
        let mut details = json!({
            "Id": self.id,
            "State": self.state.name(),
            "ProductId": self.product_id,
            "Terms": terms,
            "Rules": self.rules(),
        });
        let resale = self.resale.as_ref();
        let markup = resale.and_then(|resale| resale.markup.as_ref()).map(|percent| percent.as_str().into());
        let optional = [
            ("Name", self.name.clone().map(Value::String)),
            ("Description", self.description.clone().map(Value::String)),
            ("OfferSetId", self.offer_set_id.clone().map(Value::String)),
            ("PreExistingAgreement", self.pre_existing_agreement.clone()),
            ("ResaleAuthorizationId", resale.map(|resale| resale.authorization_id.clone().into())),
            ("MarkupPercentage", markup),
        ];
        if let Value::Object(map) = &mut details {
            map.extend(optional.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
        }
        details
    }

    fn rules(&self) -> Vec<Value> {
        let mut rules = Vec::new();
        if let Some(targeting) = &self.targeting {
            let mut rule = json!({ "Type": "TargetingRule" });
            if let (Value::Object(rule), Ok(Value::Object(parts))) = (&mut rule, serde_json::to_value(targeting)) {
                rule.extend(parts);
            }
            rules.push(rule);
        }
        if let Some(end) = self.available_until() {
            rules.push(json!({ "Type": "AvailabilityRule", "AvailabilityEndDate": detail_time(end) }));
        }
        rules
    }
}

impl Entity for Offer {
    fn blank(id: String, owner: &str, now: Timestamp) -> Self {
        Self::draft(id, owner, "", now)
    }

    fn is_released(&self) -> bool {
        self.state == OfferState::Released
    }

    fn is_public(&self) -> bool {
        Offer::is_public(self)
    }

    fn record_revision(&mut self, at: Timestamp, by: &str) {
        Offer::record_revision(self, at, by);
    }
}
