//! What each activity is asked, what people are asked to approve, and what they are told.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{ChangeKind, PrivateOffer, amended};
use crate::{
    context::{EvalError, Key},
    ids::{PersonId, RoleId},
    offer::{Period, document::PricingModel, totals::totals},
    policy::approvals::Subject,
    run::TaskSpec,
};

/// The activities that a request can be computed for.
pub(super) const REQUESTS: &[&str] = &[
    "offer.preflight",
    "marketplace.create_offer",
    "marketplace.extend_offer",
    "marketplace.withdraw_offer",
    "marketplace.amend_offer",
    "marketplace.await_change",
];

/// The tasks that can be described.
pub(super) const TASKS: &[&str] = &["fix_refusal", "review_drift"];

/// The role that looks after offers.
const OWNER: &str = "alliance_manager";

/// The discount that an offer without a list price is judged by: nobody knows better.
const UNKNOWN_DISCOUNT_BP: i64 = 10_000;

fn missing(activity: &str, what: &str) -> EvalError {
    EvalError::Failed { what: format!("the request of `{activity}`"), why: format!("the context has no {what}") }
}

impl PrivateOffer {
    /// The request of an activity. Every request to a marketplace says which, and for which legal entity.
    pub(super) fn request(&self, activity: &str) -> Result<Value, EvalError> {
        if activity == "offer.preflight" {
            let offer = self.at_hand();
            let mut request = json!({ "offer": offer, "revision": offer.revision().hash });
            if self.amendment.is_some() {
                request["standing"] = json!(self.standing());
            }
            return Ok(request);
        }
        let mut request = Map::new();
        request.insert("marketplace".into(), json!(self.offer.marketplace));
        request.insert("legal_entity".into(), json!(self.offer.legal_entity));
        let offer_id =
            || self.remote.offer_id.clone().ok_or_else(|| missing(activity, "id of the marketplace's offer"));
        match activity {
            "marketplace.create_offer" => {
                request.insert("offer".into(), json!(self.offer));
                request.insert("revision".into(), json!(self.revision));
            }
            "marketplace.extend_offer" => {
                let extension = self.extension.as_ref().ok_or_else(|| missing(activity, "extension"))?;
                request.insert("offer_id".into(), json!(offer_id()?));
                request.insert("offer".into(), json!(self.offer));
                request.insert("expires_on".into(), json!(extension.last_day));
            }
            "marketplace.withdraw_offer" => {
                request.insert("offer_id".into(), json!(offer_id()?));
                request.insert("reason".into(), json!(self.withdrawal_reason()));
            }
            "marketplace.amend_offer" => {
                let amendment = self.amendment.as_ref().ok_or_else(|| missing(activity, "amendment"))?;
                let standing = self.standing();
                let amended = json!(amended(&standing, &amendment.offer));
                request.insert("offer_id".into(), json!(offer_id()?));
                request.insert("offer".into(), json!(standing));
                request
                    .extend(amended.as_object().into_iter().flatten().map(|(name, wish)| (name.clone(), wish.clone())));
            }
            "marketplace.await_change" => {
                let change = self.remote.change.as_ref().ok_or_else(|| missing(activity, "change under way"))?;
                request.insert("change_id".into(), json!(change.id));
                request.insert("what".into(), json!(change.what));
                if !change.key.is_null() {
                    request.insert("key".into(), change.key.clone());
                }
                if change.what == ChangeKind::Create {
                    request.insert("offer".into(), json!(self.offer));
                } else {
                    request.insert("offer_id".into(), json!(offer_id()?));
                }
            }
            name => {
                let context = "private_offer".to_owned();
                return Err(EvalError::Unknown { context, kind: "request", name: name.into() });
            }
        }
        Ok(Value::Object(request))
    }

    fn withdrawal_reason(&self) -> String {
        match &self.withdrawal {
            Some(withdrawal) => withdrawal.reason.clone(),
            None => format!("reissued to {}", self.offer.buyer.accounts.join(", ")),
        }
    }

    /// What is to be approved.
    pub(super) fn subject(&self) -> Result<Subject, EvalError> {
        if let Some(amended) = self.as_amended() {
            return amended.subject();
        }
        let failed = |why: &str| EvalError::Failed { what: "the approval subject".into(), why: why.into() };
        let revision = self.offer.revision();
        let requester: PersonId = self
            .requester
            .clone()
            .ok_or_else(|| failed("nobody submitted the offer, so nobody asks for its approval"))?;
        Ok(Subject {
            revision: revision.hash,
            projections: revision.projections,
            requester,
            authors: self.authors.clone(),
            hands: BTreeMap::new(),
            facts: self.policy_facts(),
        })
    }

    /// The facts that policy rows test. Without current figures the discount counts as full, the licence as unapproved, and what
    /// the buyer was offered before as incomplete.
    pub fn policy_facts(&self) -> Value {
        let offer = &self.offer;
        let contract = offer.pricing.contract.as_ref();
        let model = match offer.pricing.model() {
            Some(PricingModel::Usage) => "usage",
            Some(PricingModel::ContractWithUsage) => "contract_with_usage",
            Some(PricingModel::Contract) | None => "contract",
        };
        // Where the buyer may choose, the longest duration is what people agree to.
        let months = contract.and_then(|contract| contract.durations().filter_map(Period::whole_months).max());
        let mut facts = json!({
            "marketplace": offer.marketplace,
            "legal_entity": offer.legal_entity,
            "product": offer.product.id,
            "buyer": offer.buyer.name,
            "currency": offer.currency,
            "pricing_model": model,
            "instalments": contract.map_or(0, |contract| contract.instalments.len()),
            "free_months": contract.map_or(0, |contract| contract.free_months),
            "term_months": months.unwrap_or(0),
            "payment_due_days": offer.payment_due_days.unwrap_or(0),
            "renewal": offer.renewal.is_some(),
            "auto_renewal": offer.auto_renewal.is_some(),
        });
        let Some(fields) = facts.as_object_mut() else { return facts };
        fields.extend(offer.region.as_ref().map(|region| ("region".into(), json!(region))));
        fields.extend(offer.buyer.country.as_ref().map(|country| ("buyer_country".into(), json!(country))));
        let known = self.facts.as_ref().filter(|_| self.facts_current());
        let totals = totals(offer).ok();
        let total = totals.map_or(0, |totals| totals.total.minor);
        let discount = known.and_then(|known| known.discount_bp);
        fields.insert("list_known".into(), json!(discount.is_some()));
        fields.insert("discount_bp".into(), json!(discount.unwrap_or(UNKNOWN_DISCOUNT_BP)));
        fields.insert("value_minor".into(), json!(total));
        fields.insert("annualised_minor".into(), json!(totals.map_or(0, |totals| totals.annualised.minor)));
        fields.insert(
            "cumulative_value_12m_minor".into(),
            json!(known.map_or(total, |known| known.cumulative_value_12m_minor)),
        );
        let incomplete = known.is_none_or(|known| !known.cumulative_left_out.is_empty());
        fields.insert("cumulative_incomplete".into(), json!(incomplete));
        fields.insert("eula_approved".into(), json!(known.is_some_and(|known| known.eula_approved)));
        facts
    }

    /// The keys under which the run is found.
    pub(super) fn keys(&self) -> Vec<Key> {
        let at = |id: &String| format!("{}/{id}", self.offer.marketplace);
        let key = |kind: &str, value: String| Key { kind: kind.to_owned(), value, unique: true };
        let mut keys = vec![key("reference", self.offer.reference.clone())];
        keys.extend(self.remote.offer_id.iter().chain(&self.remote.earlier).map(|id| key("offer", at(id))));
        keys.extend(self.agreements.keys().map(|id| key("agreement", at(id))));
        // One opportunity or quote may have several offers: a renewal, a reissue, a second product.
        let shared =
            |system: &String, id: &String| Key { kind: format!("ref.{system}"), value: id.clone(), unique: false };
        keys.extend(self.offer.external_refs.iter().map(|(system, id)| shared(system, id)));
        keys
    }

    /// A task for people.
    pub(super) fn task(&self, kind: &str) -> Result<TaskSpec, EvalError> {
        let unknown = || EvalError::Unknown { context: "private_offer".into(), kind: "task", name: kind.into() };
        let reference = &self.offer.reference;
        let (title, detail) = match kind {
            "fix_refusal" => {
                let why =
                    self.refusal.as_ref().map_or("the marketplace refused it", |refusal| refusal.message.as_str());
                (format!("revise offer `{reference}`: {why}"), json!(self.refusal))
            }
            "review_drift" => (
                format!("offer `{reference}` differs at the marketplace; decide which side is right"),
                self.drift.clone(),
            ),
            _ => return Err(unknown()),
        };
        Ok(TaskSpec {
            key: kind.to_owned(),
            kind: kind.to_owned(),
            title,
            role: OWNER.parse::<RoleId>().map_err(|_| unknown())?,
            assignee: self.requester.clone(),
            revision: Some(self.revision.clone()),
            due: None,
            detail,
        })
    }

    /// What a notice tells.
    pub(super) fn notice(&self) -> Value {
        let total = totals(&self.offer).map(|totals| totals.total.to_string()).unwrap_or_default();
        let last_moment = self.expiry.as_ref().map(|expiry| expiry.last_moment);
        json!({
            "label": self.label,
            "reference": self.offer.reference,
            "name": self.offer.name,
            "buyer": self.offer.buyer.name,
            "accounts": self.offer.buyer.accounts,
            "marketplace": self.offer.marketplace,
            "product": self.offer.product.id,
            "total": total,
            "revision": self.revision,
            "offer_id": self.remote.offer_id,
            "expiry": last_moment,
            "expiry_in_zones": self.expiry_in_zones(),
            "agreements": self.agreements.keys().collect::<Vec<_>>(),
            "refusal": self.refusal,
            "withdrawal": self.withdrawal,
            "external_refs": self.offer.external_refs,
            "drift": self.drift,
        })
    }

    /// The last moment to accept as marketplace, seller and buyer read it on their clocks.
    pub fn expiry_in_zones(&self) -> Vec<(String, String)> {
        let (Some(expiry), Some(facts)) = (&self.expiry, &self.facts) else { return Vec::new() };
        let buyer = self.offer.buyer.zone.as_ref();
        let zones =
            [("marketplace", Some(&facts.marketplace_zone)), ("seller", Some(&facts.seller_zone)), ("buyer", buyer)];
        let read = |zone: &str| on_clock(expiry.last_moment, zone);
        zones.into_iter().filter_map(|(party, zone)| Some((party.to_owned(), read(zone?)?))).collect()
    }
}

/// An instant on a clock of this zone, by IANA name; `None` where there is no such zone.
pub fn on_clock(instant: Timestamp, zone: &str) -> Option<String> {
    let zoned = instant.in_tz(zone).ok()?;
    Some(format!("{} {zone}", zoned.strftime("%Y-%m-%d %H:%M:%S %:z")))
}
