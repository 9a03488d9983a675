//! `CreateAgreementRequest` and `AcceptAgreementRequest`: a buyer accepts or amends over the wire.
//!
//! The service names an offer by an agreement proposal id, which its Discovery API hands out. This sandbox has no
//! Discovery API: the proposal of `offer-abc` is `ap-abc`, and the control API shows it beside each offer.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::acceptance::{self, Acceptance};
use super::request_terms::{self, invalid};
use super::{
    Agreement, AgreementStatus, charges_of, milestone, money, notice, proposal, replayed, request_reads, terms,
};
use crate::aws::cbor::timestamp;
use crate::aws::offer::{Offer, PricingModel};
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::term::Term;
use crate::aws::{text, token};

/// What a request would do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// Accept an offer; a replacement offer replaces its agreement.
    Accept {
        offer_id: String,
        auto_renew: Option<bool>,
        quantities: Option<BTreeMap<String, u64>>,
        duration: Option<String>,
    },
    /// Turn automatic renewal on or off.
    SetAutoRenew { agreement_id: String, on: bool },
}

/// A request that waits to be accepted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AgreementRequest {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) purpose: Purpose,
    /// Whom the buyer named as the contact of the agreement.
    #[serde(default)]
    pub(crate) contact: Option<Value>,
    pub(crate) accepted: Option<String>,
    #[serde(default)]
    pub(crate) cancelled: bool,
    /// The answer, for a repeated client token.
    pub(crate) shown: Value,
}

impl AgreementRequest {
    /// Where it is. No buyer of the sandbox asks his own organisation for approval.
    pub(super) fn status(&self) -> &'static str {
        match (&self.accepted, self.cancelled) {
            (Some(_), _) => "ACCEPTED",
            (None, true) => "CANCELLED",
            (None, false) => "DRAFT",
        }
    }

    /// The charges that the buyer was told to expect, by id.
    fn expected_charges(&self) -> Vec<String> {
        let charges = self.shown.pointer("/chargeSummary/expectedCharges").and_then(Value::as_array);
        let ids = charges.into_iter().flatten().map(|charge| text(charge, "id").to_owned());
        ids.filter(|id| !id.is_empty()).collect()
    }
}

pub(super) fn create(mut context: Context<'_>) -> Reply {
    if let Some(known) = replayed(&context)? {
        return Ok(context
            .world
            .aws
            .agreement_requests
            .get(&known)
            .map(|request| request.shown.clone())
            .unwrap_or_default());
    }
    let contact = request_terms::contact(&context.call.input)?;
    let (purpose, summary) = match text(&context.call.input, "intent") {
        intent @ ("NEW" | "REPLACE") => accepting(&mut context, intent == "REPLACE")?,
        "AMEND" => amending(&context)?,
        "" => return Err(invalid("MISSING_INTENT", "intent", "`intent` is required")),
        _ => return Err(invalid("INVALID_INTENT", "intent", "`intent` is `NEW`, `AMEND` or `REPLACE`")),
    };
    let id = context.world.ids.next("ar-", 25);
    let shown = json!({
        "agreementRequestId": id,
        "agreementType": "PurchaseAgreement",
        "chargeSummary": summary,
        "status": "DRAFT",
        "approvalRequirement": "NOT_REQUIRED",
        "createdAt": timestamp(context.world.clock.now()),
    });
    let request = AgreementRequest {
        id: id.clone(),
        account: context.account.account_id.clone(),
        purpose,
        contact,
        accepted: None,
        cancelled: false,
        shown: shown.clone(),
    };
    context.world.aws.agreement_requests.insert(id.clone(), request);
    token::remember(&mut context, &id);
    context.record_effect(None, vec![id]);
    Ok(shown)
}

/// The offer that is proposed, when the caller may accept it.
fn proposed(context: &Context<'_>) -> Result<Offer, Refusal> {
    const FIELD: &str = "agreementProposalIdentifier";
    let proposal = text(&context.call.input, FIELD);
    if proposal.is_empty() {
        return Err(invalid("MISSING_AGREEMENT_PROPOSAL_IDENTIFIER", FIELD, format!("`{FIELD}` is required")));
    }
    let suffix = proposal.strip_prefix("ap-").or_else(|| proposal.strip_prefix("at-")).unwrap_or_default();
    if suffix.is_empty() || proposal.len() > 64 || !suffix.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let message = format!("`{FIELD}` is `ap-` and what follows `offer-` in the offer's id");
        return Err(invalid("INVALID_AGREEMENT_PROPOSAL_IDENTIFIER", FIELD, message));
    }
    let aws = &context.world.aws;
    let now = context.world.clock.now();
    let known = aws.offers.values().find(|offer| proposal::proposal_of(&offer.id) == proposal);
    let offer = known
        .filter(|offer| offer.is_visible(now))
        .ok_or_else(|| Refusal::agreement_not_found("AgreementProposal", proposal))?;
    proposal::check(aws, offer, &context.account.account_id, now).map_err(|reason| reason.refusal(proposal))?;
    Ok(offer.clone())
}

/// A replacement names the agreement that its offer replaces; a new agreement names none.
fn check_source(context: &Context<'_>, offer: &Offer, replacing: bool) -> Result<(), Refusal> {
    const FIELD: &str = "sourceAgreementIdentifier";
    let source = text(&context.call.input, FIELD);
    match (offer.replaces(), replacing) {
        (Some(_), false) => Err(invalid("INVALID_INTENT", "intent", "the offer replaces an agreement: `REPLACE`")),
        (None, true) if !source.is_empty() => {
            Err(invalid("INVALID_INTENT", "intent", "the offer replaces no agreement: `NEW`"))
        }
        (_, true) if source.is_empty() => {
            Err(invalid("MISSING_SOURCE_AGREEMENT_IDENTIFIER", FIELD, format!("`{FIELD}` is required")))
        }
        (replaced, _) if !source.is_empty() && replaced != Some(source) => {
            let message = format!("`{source}` is not the agreement that the offer replaces");
            Err(invalid("INVALID_SOURCE_AGREEMENT_IDENTIFIER", FIELD, message))
        }
        _ => Ok(()),
    }
}

fn accepting(context: &mut Context<'_>, replacing: bool) -> Result<(Purpose, Value), Refusal> {
    let offer = proposed(context)?;
    check_source(context, &offer, replacing)?;
    let wanted = request_terms::read(context, &offer.id, &offer.terms)?;
    // By the hour, the year beside it is the buyer's choice.
    let by_use = offer.pricing_model == Some(PricingModel::Usage);
    let mandatory = |term: &Term| match term {
        Term::RenewalTerm(_) | Term::ByolPricingTerm(_) => false,
        Term::ConfigurableUpfrontPricingTerm(_) => !by_use,
        _ => true,
    };
    let terms = offer.terms.iter().enumerate();
    let missing = terms
        .filter(|(_, term)| mandatory(term))
        .find(|(index, _)| !wanted.iter().any(|(named, _)| named == index))
        .map(|(index, _)| format!("the term `{}` must be requested", terms::term_id(&offer.id, index)));
    if let Some(message) = missing {
        return Err(invalid("MISSING_MANDATORY_TERMS", "requestedTerms", message));
    }
    let (duration, quantities) = request_terms::choice(&wanted);
    let auto_renew = request_terms::auto_renew(&wanted);
    let wish = Acceptance { offer_id: offer.id.clone(), auto_renew, quantities, duration };
    let world = &mut *context.world;
    let now = world.clock.now();
    let buyer = &context.account.account_id;
    let summary = charges_of::summary(&world.aws, &mut world.ids, &offer, buyer, &wish, now)
        .map_err(|reason| reason.refusal(&proposal::proposal_of(&offer.id)))?;
    let Acceptance { offer_id, auto_renew, quantities, duration } = wish;
    Ok((Purpose::Accept { offer_id, auto_renew, quantities, duration }, summary))
}

/// Whether the buyer may change the renewal of an agreement at this moment. The documents name no reason for a change
/// within the lockout period.
fn check_amendable(agreement: &Agreement, now: Timestamp) -> Result<(), Refusal> {
    const FIELD: &str = "sourceAgreementIdentifier";
    if agreement.status != AgreementStatus::Active {
        let message = format!("the agreement `{}` is not active", agreement.id);
        return Err(invalid("INACTIVE_AGREEMENT", FIELD, message));
    }
    if milestone::lockout_start(agreement).is_some_and(|start| start <= now) {
        let message = format!("the lockout period of the agreement `{}` has begun", agreement.id);
        return Err(invalid("UNSUPPORTED_ACTION", FIELD, message));
    }
    Ok(())
}

/// The one amendment that the sandbox carries: automatic renewal.
fn amending(context: &Context<'_>) -> Result<(Purpose, Value), Refusal> {
    const FIELD: &str = "sourceAgreementIdentifier";
    let id = text(&context.call.input, FIELD);
    if id.is_empty() {
        return Err(invalid("MISSING_SOURCE_AGREEMENT_IDENTIFIER", FIELD, format!("`{FIELD}` is required")));
    }
    if id.len() > 64 || !id.chars().all(|c| c.is_ascii_alphanumeric() || "_/-".contains(c)) {
        return Err(invalid("INVALID_SOURCE_AGREEMENT_IDENTIFIER", FIELD, format!("`{FIELD}` is no such id")));
    }
    let agreement =
        context.world.aws.agreements.get(id).ok_or_else(|| Refusal::agreement_not_found("Agreement", id))?;
    if agreement.acceptor != context.account.account_id {
        return Err(Refusal::agreement_access(format!("only the acceptor can amend the agreement `{id}`")));
    }
    check_amendable(agreement, context.world.clock.now())?;
    let wanted = request_terms::read(context, &agreement.offer_id, &agreement.terms)?;
    let on = request_terms::auto_renew(&wanted).ok_or_else(|| {
        let message = "this sandbox amends automatic renewal of agreements that have it, and nothing else";
        invalid("INVALID_REQUESTED_TERMS", "requestedTerms", message)
    })?;
    let summary =
        json!({ "currencyCode": agreement.currency, "newAgreementValue": money::rounded(agreement.value).to_string() });
    Ok((Purpose::SetAutoRenew { agreement_id: id.to_owned(), on }, summary))
}

pub(super) fn accept(mut context: Context<'_>) -> Reply {
    let request = request_reads::find(&context)?.clone();
    let (id, caller) = (request.id.clone(), context.account.account_id.clone());
    if request.status() != "DRAFT" {
        let message = format!("the agreement request `{id}` is {}", request.status());
        return Err(Refusal::conflict("AgreementRequest", &id, message));
    }
    let expected = request.expected_charges();
    let orders = request_terms::purchase_orders(&context.call.input, &expected)?;
    let world = &mut *context.world;
    let now = world.clock.now();
    let agreement_id = match request.purpose {
        Purpose::Accept { offer_id, auto_renew, quantities, duration } => {
            let proposal = proposal::proposal_of(&offer_id);
            let wish = Acceptance { offer_id, auto_renew, quantities, duration };
            let agreement_id = acceptance::accept(&mut world.aws, &mut world.ids, now, &caller, &wish)
                .map_err(|reason| reason.refusal(&proposal))?;
            if let Some(agreement) = world.aws.agreements.get_mut(&agreement_id) {
                agreement.contact = request.contact;
                for (charge, id) in agreement.charges.iter_mut().zip(expected) {
                    charge.purchase_order = orders.get(&id).filter(|order| !order.is_empty()).cloned();
                    charge.id = id;
                }
            }
            agreement_id
        }
        Purpose::SetAutoRenew { agreement_id, on } => {
            if let Some(agreement) = world.aws.agreements.get_mut(&agreement_id) {
                check_amendable(agreement, now)?;
                agreement.auto_renew = Some(on);
                agreement.updated_at = now;
            }
            notice::amended(&mut world.aws, &mut world.ids, &agreement_id, now);
            agreement_id
        }
    };
    if let Some(stored) = world.aws.agreement_requests.get_mut(&id) {
        stored.accepted = Some(agreement_id.clone());
    }
    context.record_effect(None, vec![id, agreement_id.clone()]);
    Ok(json!({ "agreementId": agreement_id }))
}
