//! `CreateAgreementRequest` and `AcceptAgreementRequest`: a buyer accepts or amends over the wire.
//!
//! The service names an offer by an agreement proposal id, which its Discovery API hands out. This
//! sandbox has no Discovery API; the proposal of `offer-abc` is `ap-abc`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::acceptance::{self, Acceptance};
use super::{AgreementStatus, charges_of, money, notice, replayed, terms};
use crate::aws::cbor::timestamp;
use crate::aws::offer::Offer;
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
    pub(crate) accepted: Option<String>,
    /// The answer, for a repeated client token.
    pub(crate) shown: Value,
}

fn invalid(reason: &str, field: &str, message: impl Into<String>) -> Refusal {
    Refusal::agreement_validation(reason, field, message)
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
    let (purpose, summary) = match text(&context.call.input, "intent") {
        "NEW" | "REPLACE" => accepting(&context)?,
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
    let account = context.account.account_id.clone();
    let request = AgreementRequest { id: id.clone(), account, purpose, accepted: None, shown: shown.clone() };
    context.world.aws.agreement_requests.insert(id.clone(), request);
    token::remember(&mut context, &id);
    context.record_effect(None, vec![id]);
    Ok(shown)
}

/// The requested terms as (index of the offer's term, configuration).
fn requested(context: &Context<'_>, offer: &Offer) -> Result<Vec<(usize, Value)>, Refusal> {
    let wanted =
        context.call.input.get("requestedTerms").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if wanted.is_empty() {
        return Err(invalid("MISSING_REQUESTED_TERMS", "requestedTerms", "`requestedTerms` is required"));
    }
    let index_of = |id: &str| (0..offer.terms.len()).find(|index| terms::term_id(&offer.id, *index) == id);
    wanted
        .iter()
        .map(|term| {
            let id = text(term, "id");
            let index = index_of(id).ok_or_else(|| {
                invalid("INVALID_REQUESTED_TERM_ID", "requestedTerms", format!("the offer has no term `{id}`"))
            })?;
            Ok((index, term.get("configuration").cloned().unwrap_or_default()))
        })
        .collect()
}

fn accepting(context: &Context<'_>) -> Result<(Purpose, Value), Refusal> {
    let proposal = text(&context.call.input, "agreementProposalIdentifier");
    let Some(suffix) = proposal.strip_prefix("ap-") else {
        let message = "`agreementProposalIdentifier` is `ap-` and what follows `offer-` in the offer's id";
        return Err(invalid("MISSING_AGREEMENT_PROPOSAL_IDENTIFIER", "agreementProposalIdentifier", message));
    };
    let offer = context.world.aws.offers.get(&format!("offer-{suffix}"));
    let offer = offer.ok_or_else(|| Refusal::agreement_not_found("AgreementProposal", proposal))?;
    let wanted = requested(context, offer)?;
    let configuration = |key: &str| wanted.iter().find_map(|(_, configuration)| configuration.get(key));
    let auto_renew =
        configuration("renewalTermConfiguration").and_then(|choice| choice.get("enableAutoRenew")?.as_bool());
    let upfront = configuration("configurableUpfrontPricingTermConfiguration");
    let duration = upfront.map(|choice| text(choice, "selectorValue").to_owned());
    let quantities: Option<BTreeMap<String, u64>> = upfront.and_then(|choice| {
        let dimensions = choice.get("dimensions")?.as_array()?;
        Some(
            dimensions
                .iter()
                .filter_map(|it| Some((text(it, "dimensionKey").to_owned(), it.get("dimensionValue")?.as_u64()?)))
                .collect(),
        )
    });
    let mandatory = |term: &Term| !matches!(term, Term::RenewalTerm(_) | Term::ByolPricingTerm(_));
    let missing = offer
        .terms
        .iter()
        .enumerate()
        .find(|(index, term)| mandatory(term) && !wanted.iter().any(|(named, _)| named == index));
    if let Some((index, _)) = missing {
        let message = format!("the term `{}` must be requested", terms::term_id(&offer.id, index));
        return Err(invalid("MISSING_MANDATORY_TERMS", "requestedTerms", message));
    }
    let summary = charges_of::summary(offer, duration.as_deref(), quantities.as_ref(), context.world.clock.now())
        .map_err(|message| invalid("INVALID_REQUESTED_TERM_CONFIGURATION", "requestedTerms", message))?;
    Ok((Purpose::Accept { offer_id: offer.id.clone(), auto_renew, quantities, duration }, summary))
}

/// The one amendment that the sandbox carries: automatic renewal.
fn amending(context: &Context<'_>) -> Result<(Purpose, Value), Refusal> {
    let id = text(&context.call.input, "sourceAgreementIdentifier");
    let agreement =
        context.world.aws.agreements.get(id).ok_or_else(|| Refusal::agreement_not_found("Agreement", id))?;
    if agreement.acceptor != context.account.account_id {
        return Err(Refusal::agreement_access(format!("only the acceptor can amend the agreement `{id}`")));
    }
    if agreement.status != AgreementStatus::Active {
        return Err(invalid(
            "INACTIVE_AGREEMENT",
            "sourceAgreementIdentifier",
            format!("the agreement `{id}` is not active"),
        ));
    }
    let terms = context.call.input.get("requestedTerms").and_then(Value::as_array);
    let on = terms
        .into_iter()
        .flatten()
        .find_map(|term| term.get("configuration")?.get("renewalTermConfiguration")?.get("enableAutoRenew")?.as_bool());
    let on = on.filter(|_| agreement.renewal().is_some()).ok_or_else(|| {
        invalid(
            "INVALID_REQUESTED_TERMS",
            "requestedTerms",
            "this sandbox amends automatic renewal of agreements that have it, and nothing else",
        )
    })?;
    let summary =
        json!({ "currencyCode": agreement.currency, "newAgreementValue": money::rounded(agreement.value).to_string() });
    Ok((Purpose::SetAutoRenew { agreement_id: id.to_owned(), on }, summary))
}

pub(super) fn accept(mut context: Context<'_>) -> Reply {
    let id = text(&context.call.input, "agreementRequestId").to_owned();
    let caller = context.account.account_id.clone();
    let known = context.world.aws.agreement_requests.get(&id).filter(|request| request.account == caller).cloned();
    let request = known.ok_or_else(|| Refusal::agreement_not_found("AgreementRequest", &id))?;
    if request.accepted.is_some() {
        return Err(Refusal::conflict(
            "AgreementRequest",
            &id,
            format!("the agreement request `{id}` is already accepted"),
        ));
    }
    let world = &mut *context.world;
    let now = world.clock.now();
    let agreement_id = match request.purpose {
        Purpose::Accept { offer_id, auto_renew, quantities, duration } => {
            let wish = Acceptance { offer_id, auto_renew, quantities, duration };
            acceptance::accept(&mut world.aws, &mut world.ids, now, &caller, &wish)
                .map_err(|message| invalid("INCOMPATIBLE_AGREEMENT_REQUEST", "agreementRequestId", message))?
        }
        Purpose::SetAutoRenew { agreement_id, on } => {
            if let Some(agreement) = world.aws.agreements.get_mut(&agreement_id) {
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
