//! AWS Marketplace: the state of its catalogue and agreements, and the two services over it.

mod accounts;
mod agreement;
pub(crate) mod benefits;
mod call;
mod catalog;
mod catalogue;
mod cbor;
mod change;
mod entity;
mod event;
mod fault;
mod journal;
mod offer;
mod offer_set;
mod paging;
mod price;
mod product;
mod product_details;
mod quota;
mod refusal;
mod resale;
mod resale_term;
mod service;
mod shape;
mod solution;
mod targeting;
mod term;
mod token;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use accounts::{Account, Role, Standing, is_account_id};
pub(crate) use agreement::acceptance::{Acceptance, accept};
pub(crate) use agreement::lifecycle as agreement_lifecycle;
pub(crate) use agreement::payment::VariablePayment;
pub(crate) use agreement::proposal::proposal_of;
pub(crate) use agreement::{Agreement, AgreementStatus, answer_for_buyer};
pub(crate) use benefits::review as benefit_review;
pub(crate) use change::ChangeSet;
pub(crate) use event::Sink;
pub(crate) use event::delivery::deliver_due;
pub(crate) use fault::{Fault, FaultRequest};
pub(crate) use offer::{Offer, OfferState};
pub(crate) use offer_set::OfferSet;
pub(crate) use price::Price;
pub(crate) use product::{NewProduct, Product};
pub(crate) use quota::Buckets;
pub(crate) use resale::ResaleAuthorization;
pub(crate) use service::serve;
pub(crate) use solution::{NewSolution, Solution};

use crate::ids::IdSource;

/// The state of the marketplace.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Aws {
    pub(crate) accounts: Vec<Account>,
    pub(crate) products: BTreeMap<String, Product>,
    pub(crate) offers: BTreeMap<String, Offer>,
    #[serde(default)]
    pub(crate) offer_sets: BTreeMap<String, OfferSet>,
    #[serde(default)]
    pub(crate) authorizations: BTreeMap<String, ResaleAuthorization>,
    #[serde(default)]
    pub(crate) solutions: BTreeMap<String, Solution>,
    /// In the order in which they were started.
    pub(crate) change_sets: Vec<ChangeSet>,
    pub(crate) tokens: Vec<token::TokenRecord>,
    pub(crate) agreements: BTreeMap<String, Agreement>,
    pub(crate) cancellations: BTreeMap<String, agreement::cancellation::CancellationRequest>,
    #[serde(default)]
    pub(crate) payment_requests: BTreeMap<String, agreement::payment::PaymentRequest>,
    #[serde(default)]
    pub(crate) adjustments: BTreeMap<String, agreement::adjustment::BillingAdjustment>,
    pub(crate) agreement_requests: BTreeMap<String, agreement::request::AgreementRequest>,
    #[serde(default)]
    pub(crate) benefits: benefits::Benefits,
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) policies: BTreeMap<String, String>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) events: event::Bus,
    pub(crate) journal: journal::Journal,
}

impl Aws {
    /// Whether the product of an offer runs in the buyer's account.
    pub(crate) fn runs_at_the_buyer(&self, offer: &Offer) -> bool {
        self.product_of(offer).is_some_and(|product| product.kind.runs_at_the_buyer())
    }

    /// One seller, one reseller, three buyers, and a public product of every kind with its offer.
    pub(crate) fn with_default_catalogue(now: Timestamp, ids: &mut IdSource) -> Self {
        let mut aws = Self {
            accounts: accounts::defaults(),
            products: BTreeMap::new(),
            offers: BTreeMap::new(),
            offer_sets: BTreeMap::new(),
            authorizations: BTreeMap::new(),
            solutions: BTreeMap::new(),
            change_sets: Vec::new(),
            tokens: Vec::new(),
            agreements: BTreeMap::new(),
            cancellations: BTreeMap::new(),
            payment_requests: BTreeMap::new(),
            adjustments: BTreeMap::new(),
            agreement_requests: BTreeMap::new(),
            benefits: benefits::Benefits::default(),
            tags: BTreeMap::new(),
            policies: BTreeMap::new(),
            faults: Vec::new(),
            events: event::Bus::default(),
            journal: journal::Journal::default(),
        };
        for product in catalogue::products() {
            aws.add_product(product, now, ids);
        }
        let solution = catalogue::solution();
        aws.solutions.insert(solution.id.clone(), solution);
        let seller = aws.accounts.iter().find(|account| account.role == Role::Seller);
        if let Some(wallet) = seller.map(|seller| benefits::wallet(&seller.account_id, now)) {
            aws.benefits.allocations.insert(wallet.id.clone(), wallet);
        }
        aws
    }

    /// Lists a product and, unless it is a draft, the public offer that a released product has.
    pub(crate) fn add_product(&mut self, product: Product, now: Timestamp, ids: &mut IdSource) {
        if product.has_public_offer() && !self.has_public_offer(&product.id) {
            let offer = catalogue::public_offer(&product, now, ids);
            self.offers.insert(offer.id.clone(), offer);
        }
        self.products.insert(product.id.clone(), product);
    }

    /// Whether a released public offer exists, which a private offer needs.
    pub(crate) fn has_public_offer(&self, product_id: &str) -> bool {
        self.offers
            .values()
            .any(|offer| offer.product_id == product_id && offer.is_public() && offer.state == OfferState::Released)
    }

    /// Lets everything happen that is due by `now`, in order of time. True when anything did.
    pub(crate) fn settle(&mut self, now: Timestamp, ids: &mut IdSource) -> bool {
        type Settle = fn(&mut Aws, Timestamp, &mut IdSource);
        let mut happened = false;
        loop {
            let parts: [(Option<Timestamp>, Settle); 3] = [
                (change::life::next_due(self), change::life::settle),
                (agreement::lifecycle::next_due(self), agreement::lifecycle::settle),
                (benefits::review::next_due(self), benefits::review::settle),
            ];
            // Of those that are due at once, the first goes first.
            let due = parts.into_iter().filter_map(|(at, settle)| Some((at.filter(|at| *at <= now)?, settle)));
            let Some((at, settle)) = due.min_by_key(|(at, _)| *at) else { return happened };
            settle(self, at, ids);
            happened = true;
        }
    }

    /// Moves the deadlines of running change sets and queued events along with the clock.
    pub(crate) fn rebase_work_in_flight(&mut self, moved: SignedDuration) {
        for set in &mut self.change_sets {
            set.rebase(moved);
        }
        self.events.rebase(moved);
    }

    /// The name of an account; empty when nobody has it.
    pub(crate) fn name_of(&self, account_id: &str) -> String {
        let known = self.accounts.iter().find(|account| account.account_id == account_id);
        known.map(|account| account.name.clone()).unwrap_or_default()
    }

    /// What is on file about an account. An account that the sandbox does not know is in good standing.
    pub(crate) fn standing_of(&self, account_id: &str) -> Standing {
        let known = self.accounts.iter().find(|account| account.account_id == account_id);
        known.map(|account| account.standing.clone()).unwrap_or_default()
    }

    /// The product behind an offer. Offers are only ever created on known products.
    pub(crate) fn product_of(&self, offer: &Offer) -> Option<&Product> {
        self.products.get(&offer.product_id)
    }
}

/// The ARN of a catalogue object.
pub(crate) fn catalog_arn(account: &str, kind: &str, id: &str) -> String {
    format!("arn:aws:aws-marketplace:us-east-1:{account}:AWSMarketplace/{kind}/{id}")
}

/// A catalogue time: exactly 20 characters, whole seconds.
pub(crate) fn catalog_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A time inside an entity's details: milliseconds.
pub(crate) fn detail_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The text at a key, or an empty one.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
