//! `DescribeAgreement`, `GetAgreementTerms`, `GetAgreementEntitlements`, `CancelAgreement`.

use serde_json::{Map, Value, json};

use super::{Agreement, AgreementStatus, lifecycle, listed, of_party, page, renewal, search, terms};
use crate::aws::cbor::timestamp;
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};

pub(super) fn describe(context: &Context<'_>) -> Reply {
    let agreement = of_party(context)?;
    let mut shown = search::common(&context.world.aws, agreement);
    let charges = json!({ "currencyCode": agreement.currency, "agreementValue": agreement.value.to_string() });
    shown.insert("estimatedCharges".to_owned(), charges);
    if let Some(end) = agreement.trial_end() {
        shown.insert("freeTrialSummary".to_owned(), json!({ "trialEndTime": timestamp(end) }));
    }
    if let Some((behaviour, reason)) = agreement.end_behaviour() {
        let mut end = Map::new();
        end.insert("type".to_owned(), behaviour.into());
        end.extend(reason.map(|reason| ("reasonCode".to_owned(), reason.into())));
        let renewal = renewal::offer_for(&context.world.aws, &agreement.id).filter(|_| agreement.will_renew());
        end.extend(renewal.map(|offer| ("renewalSummary".to_owned(), json!({ "offerId": offer.id }))));
        shown.insert("endTimeBehavior".to_owned(), Value::Object(end));
    }
    Ok(Value::Object(shown))
}

/// The acceptor's contact. Whoever accepted without naming one has none.
pub(super) fn contacts(context: &Context<'_>) -> Reply {
    let contact = of_party(context)?.contact.clone();
    Ok(Value::Object(contact.map(|contact| ("acceptorContact".to_owned(), contact)).into_iter().collect()))
}

pub(super) fn terms(context: &Context<'_>) -> Reply {
    let agreement = of_party(context)?;
    Ok(listed("acceptedTerms", page(context, terms::accepted(agreement))?))
}

/// The licence that an agreement grants.
pub(super) fn license_arn(agreement: &Agreement) -> String {
    let id = agreement.id.trim_start_matches("agmt-");
    format!("arn:aws:license-manager::{}:license:l-{id}", agreement.acceptor)
}

pub(super) fn entitlements(context: &Context<'_>) -> Reply {
    let agreement = of_party(context)?;
    let now = context.world.clock.now();
    let (status, reason) = match agreement.status {
        AgreementStatus::Active if agreement.start > now => ("SCHEDULED", "FUTURE_START_DATE"),
        AgreementStatus::Active => ("PROVISIONED", "AGREEMENT_ACTIVE"),
        _ => ("DEPROVISIONED", "AGREEMENT_INACTIVE"),
    };
    let kind = search::resource_type(&context.world.aws, agreement);
    let entitlement = json!({
        "resource": { "id": agreement.product_id, "type": kind },
        "type": kind,
        "registrationToken": format!("token-{}", agreement.id.trim_start_matches("agmt-")),
        "status": status,
        "statusReasonCode": reason,
        "licenseArn": license_arn(agreement),
    });
    Ok(listed("agreementEntitlements", page(context, vec![entitlement])?))
}

/// The acceptor ends the agreement early.
pub(super) fn cancel(mut context: Context<'_>) -> Reply {
    let agreement = of_party(&context)?;
    let id = agreement.id.clone();
    if agreement.acceptor != context.account.account_id {
        return Err(Refusal::agreement_access(format!("only the acceptor can cancel the agreement `{id}`")));
    }
    if agreement.status != AgreementStatus::Active {
        let message = format!("the agreement `{id}` is {}", agreement.status.name());
        return Err(Refusal::conflict("Agreement", &id, message));
    }
    let world = &mut *context.world;
    let now = world.clock.now();
    lifecycle::end(&mut world.aws, &mut world.ids, &id, now, AgreementStatus::Cancelled);
    context.record_effect(None, vec![id]);
    Ok(json!({}))
}
