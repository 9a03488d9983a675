//! Resale authorizations: a manufacturer lets one reseller make offers for a product.
//!
//! Rules: AWS Marketplace Catalog API, "Work with resale authorizations" and "Work with channel partner
//! private offers".

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::entity::{Entity, Revision};
use super::offer::PricingModel;
use super::price::Price;
use super::resale_term::{ResaleTerm, ResaleTermKind};
use super::term::Term;
use super::{Aws, catalog_time, detail_time};
use crate::period;

/// A draft is invisible to the reseller; a restricted one makes no new offers, for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AuthorizationStatus {
    Draft,
    Active,
    Restricted,
}

impl AuthorizationStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Active => "Active",
            Self::Restricted => "Restricted",
        }
    }
}

/// A resale authorization.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ResaleAuthorization {
    pub(crate) id: String,
    /// The manufacturer.
    pub(crate) owner: String,
    pub(crate) reseller: String,
    pub(crate) product_id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) status: AuthorizationStatus,
    pub(crate) pre_existing_agreement: Option<Value>,
    pub(crate) pricing_model: Option<PricingModel>,
    pub(crate) terms: Vec<ResaleTerm>,
    pub(crate) availability_end: Option<Date>,
    /// How many offers may be made; any number when absent.
    pub(crate) offers_max: Option<u32>,
    pub(crate) offers_created: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) modified_at: Timestamp,
    pub(crate) revision: u32,
    pub(crate) revisions: Vec<Revision>,
    /// Reads do not find it before this moment (injected eventual consistency).
    pub(crate) visible_from: Option<Timestamp>,
}

impl ResaleAuthorization {
    /// The only buyers that the reseller may make offers to; any buyer when absent.
    pub(crate) fn buyers(&self) -> Option<&[String]> {
        self.terms.iter().find_map(|term| match term {
            ResaleTerm::BuyerTargetingTerm(term) => Some(term.positive_targeting.buyer_accounts.as_slice()),
            _ => None,
        })
    }

    /// The latest start of an agreement, when agreements may start later than at acceptance.
    pub(crate) fn latest_start(&self) -> Option<Date> {
        self.terms.iter().find_map(|term| match term {
            ResaleTerm::BuyerValidityTerm(term) => Some(term.maximum_agreement_start_date),
            _ => None,
        })
    }

    pub(crate) fn has_term(&self, kind: ResaleTermKind) -> bool {
        self.terms.iter().any(|term| term.kind() == kind)
    }

    /// Puts terms in the place of those of the same kinds.
    pub(crate) fn replace_terms(&mut self, kinds: &[ResaleTermKind], terms: Vec<ResaleTerm>) {
        self.terms.retain(|term| !kinds.contains(&term.kind()));
        self.terms.extend(terms);
    }

    pub(crate) fn is_expired(&self, now: Timestamp) -> bool {
        self.availability_end.is_some_and(|day| period::end_of(day) < now)
    }

    /// Whether a new offer can be made from it now, beside others that are being made, or why not.
    pub(crate) fn check_usable(&self, now: Timestamp, made_beside: u32) -> Result<(), &'static str> {
        if self.status != AuthorizationStatus::Active {
            return Err("The resale authorization is not active.");
        }
        if self.is_expired(now) {
            return Err("The resale authorization has expired.");
        }
        if self.offers_max.is_some_and(|most| self.offers_created + made_beside >= most) {
            return Err("The resale authorization has been used up.");
        }
        Ok(())
    }

    pub(crate) fn is_visible(&self, now: Timestamp) -> bool {
        self.visible_from.is_none_or(|from| from <= now)
    }

    /// Whether an account may read it: the manufacturer, and the reseller once it is released.
    pub(crate) fn may_be_read_by(&self, account: &str) -> bool {
        self.owner == account || (self.reseller == account && self.status != AuthorizationStatus::Draft)
    }

    /// The terms of an offer made from it, with the reseller's markup on every price and instalment.
    ///
    /// The documents give no rounding: unit prices keep eight decimals, instalments two, halves go up.
    pub(crate) fn offered_terms(&self, markup: Decimal) -> Vec<Term> {
        let factor = (Decimal::ONE_HUNDRED + markup) / Decimal::ONE_HUNDRED;
        let marked = |price: &Price, decimals: u32| {
            let raised = price.value().checked_mul(factor).unwrap_or(Decimal::MAX);
            Price::of(raised.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero).normalize())
        };
        let mut terms: Vec<Term> = self.terms.iter().filter_map(ResaleTerm::offered).collect();
        if markup.is_zero() {
            return terms;
        }
        for term in &mut terms {
            match term {
                Term::UsageBasedPricingTerm(term) => {
                    for item in term.rate_cards.iter_mut().flat_map(|card| &mut card.rate_card) {
                        item.price = marked(&item.price, 8);
                    }
                }
                Term::ConfigurableUpfrontPricingTerm(term) => {
                    for item in term.rate_cards.iter_mut().flat_map(|card| &mut card.rate_card) {
                        item.price = marked(&item.price, 8);
                    }
                }
                Term::PaymentScheduleTerm(term) => {
                    for charge in &mut term.schedule {
                        charge.charge_amount = marked(&charge.charge_amount, 2);
                    }
                }
                _ => {}
            }
        }
        terms
    }

    /// How far the reseller has come, in the words of `OfferExtendedStatus`.
    pub(crate) fn offer_status(&self) -> &'static str {
        match (self.offers_created, self.offers_max) {
            (0, _) => "Not Started",
            (made, Some(most)) if made >= most => "Completed-Used",
            _ => "Completed-Usable",
        }
    }

    /// The end of its availability, as lists and rules show it.
    pub(crate) fn available_until(&self) -> Option<Timestamp> {
        self.availability_end.map(period::end_of)
    }

    /// The document of `DescribeEntity`, from one of its revisions and what others know of it now.
    pub(crate) fn described(&self, aws: &Aws, own: &Value) -> Value {
        let mut shown = own.clone();
        let Value::Object(map) = &mut shown else { return shown };
        let product = aws.products.get(&self.product_id);
        map.insert("ProductName".to_owned(), product.map(|product| product.title.clone()).unwrap_or_default().into());
        let dimensions = product.map(|product| product.shown_dimensions()).unwrap_or_default();
        map.insert("Dimensions".to_owned(), dimensions.into());
        map.insert("ManufacturerAccountId".to_owned(), self.owner.clone().into());
        map.insert("ManufacturerLegalName".to_owned(), aws.name_of(&self.owner).into());
        let offers = json!({ "OfferExtendedStatus": self.offer_status(), "OfferCreatedCount": self.offers_created });
        map.insert("OfferDetails".to_owned(), offers);
        let mut rules = vec![self.availability_rule()];
        rules.push(json!({
            "Type": "PartnerTargetingRule",
            "Id": format!("rule-{}-2", self.suffix()),
            "ResellerAccountId": self.reseller,
            "ResellerLegalName": aws.name_of(&self.reseller),
        }));
        map.insert("Rules".to_owned(), rules.into());
        shown
    }

    fn suffix(&self) -> &str {
        self.id.trim_start_matches("resaleauthz-")
    }

    fn availability_rule(&self) -> Value {
        let mut rule = Map::new();
        rule.insert("Type".to_owned(), "AvailabilityRule".into());
        rule.insert("Id".to_owned(), format!("rule-{}-1", self.suffix()).into());
        let usage = if self.offers_max.is_some() { "Limited" } else { "Unlimited" };
        rule.insert("Usage".to_owned(), usage.into());
        rule.extend(self.available_until().map(|end| ("AvailabilityEndDate".to_owned(), catalog_time(end).into())));
        rule.extend(self.offers_max.map(|most| ("OffersMaxQuantity".to_owned(), most.into())));
        Value::Object(rule)
    }

    /// What the authorization itself says.
    fn own_details(&self) -> Value {
        let terms: Vec<Value> =
            self.terms.iter().enumerate().map(|(index, term)| term.read_form(&self.id, index)).collect();
        let unknown = || json!({ "AcquisitionChannel": "Unknown", "PricingModel": "Unknown" });
        let mut shown = json!({
            "Name": self.name,
            "ProductId": self.product_id,
            "Status": self.status.name(),
            "PreExistingBuyerAgreement": self.pre_existing_agreement.clone().unwrap_or_else(unknown),
            "CreatedDate": detail_time(self.created_at),
            "Terms": terms,
        });
        if let Value::Object(map) = &mut shown {
            map.extend(self.description.clone().map(|text| ("Description".to_owned(), text.into())));
            map.extend(self.pricing_model.map(|model| ("PricingModel".to_owned(), json!(model))));
        }
        shown
    }
}

impl Entity for ResaleAuthorization {
    fn blank(id: String, owner: &str, now: Timestamp) -> Self {
        Self {
            id,
            owner: owner.to_owned(),
            reseller: String::new(),
            product_id: String::new(),
            name: String::new(),
            description: None,
            status: AuthorizationStatus::Draft,
            pre_existing_agreement: None,
            pricing_model: None,
            terms: Vec::new(),
            availability_end: None,
            offers_max: None,
            offers_created: 0,
            created_at: now,
            modified_at: now,
            revision: 0,
            revisions: Vec::new(),
            visible_from: None,
        }
    }

    fn is_released(&self) -> bool {
        self.status != AuthorizationStatus::Draft
    }

    fn record_revision(&mut self, at: Timestamp, by: &str) {
        self.revision += 1;
        self.modified_at = at;
        let details = self.own_details();
        self.revisions.push(Revision { number: self.revision, at, by: by.to_owned(), details });
    }
}
