//! `StartChangeSet`: the synchronous half. What passes here is accepted and gets an id.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::reading::read_changes;
use super::{Change, ChangeSet, Fate, Status};
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::text;
use crate::aws::token::{self, Known};

/// Handles `StartChangeSet`.
pub(crate) fn start(mut context: Context<'_>) -> Reply {
    check_envelope(&context.call.input)?;
    match token::look_up(&context) {
        Known::New => {}
        Known::Replay(id) => return Ok(answer(&context.account.account_id, &id)),
        Known::Reused(token) => {
            let message = format!("the ClientRequestToken `{token}` was used with another request; use a new token");
            return Err(Refusal::catalog_validation(message));
        }
    }
    let changes = read_changes(&mut context)?;
    check_access(&context, &changes)?;
    check_locks(&context, &changes)?;
    let set = accept(&mut context, changes);
    token::remember(&mut context, &set.id);
    tag(&mut context, &set);
    context.record_effect(Some((&set.name, &set.id)), set.entity_ids());
    let reply = answer(&set.account, &set.id);
    context.world.aws.change_sets.push(set);
    Ok(reply)
}

fn answer(account: &str, id: &str) -> Value {
    json!({ "ChangeSetId": id, "ChangeSetArn": crate::aws::catalog_arn(account, "ChangeSet", id) })
}

fn check_envelope(input: &Value) -> Result<(), Refusal> {
    if text(input, "Catalog") != "AWSMarketplace" {
        return Err(Refusal::catalog_validation("`Catalog` must be `AWSMarketplace`"));
    }
    let bounds = [("ChangeSetName", 1, 100), ("ClientRequestToken", 1, 64)];
    for (key, min, max) in bounds {
        let Some(value) = input.get(key) else { continue };
        let length = value.as_str().map(|text| text.chars().count());
        if !length.is_some_and(|length| (min..=max).contains(&length)) {
            return Err(Refusal::catalog_validation(format!("`{key}` must be a string of {min} to {max} characters")));
        }
    }
    let named = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_+=.:@-".contains(c);
    if !text(input, "ChangeSetName").chars().all(named) {
        return Err(Refusal::catalog_validation("`ChangeSetName` may hold letters, digits, spaces and `_+=.:@-`"));
    }
    if !text(input, "ClientRequestToken").bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Refusal::catalog_validation("`ClientRequestToken` may hold visible ASCII characters"));
    }
    match input.get("Intent").and_then(Value::as_str) {
        None | Some("APPLY") => Ok(()),
        // Documented for adding versions to AMI products, which this sandbox does not carry.
        Some("VALIDATE") => {
            Err(Refusal::catalog_validation("`Intent` `VALIDATE` is not supported for these change types"))
        }
        Some(other) => {
            Err(Refusal::catalog_validation(format!("`Intent` `{other}` is not one of `VALIDATE`, `APPLY`")))
        }
    }
}

/// Existing entities must exist and be the caller's; so must the product or agreement of a new one.
fn check_access(context: &Context<'_>, changes: &[Change]) -> Result<(), Refusal> {
    let aws = &context.world.aws;
    let caller = &context.account.account_id;
    let denied = |kind: &str, id: &str| {
        Err(Refusal::access_denied(format!("the account `{caller}` is not authorized for the {kind} `{id}`")))
    };
    let created: BTreeSet<&String> =
        changes.iter().filter(|change| change.requested_identifier.is_none()).map(|change| &change.entity_id).collect();
    for change in changes {
        if !created.contains(&change.entity_id) {
            match aws.offers.get(&change.entity_id) {
                None => return Err(Refusal::not_found(format!("the entity `{}` does not exist", change.entity_id))),
                Some(offer) if offer.owner != *caller => return denied("entity", &offer.id),
                Some(_) => {}
            }
        }
        if let Some(id) = change.details.get("ProductId").and_then(Value::as_str) {
            match aws.products.get(id) {
                None => return Err(Refusal::not_found(format!("the product `{id}` does not exist"))),
                Some(product) if product.owner != *caller => return denied("product", id),
                Some(_) => {}
            }
        }
        // Offer sets are not carried, so every reference to one leads nowhere.
        if let Some(id) = change.details.get("OfferSetId").and_then(Value::as_str) {
            return Err(Refusal::not_found(format!("the offer set `{id}` does not exist")));
        }
        if let Some(id) = change.details.get("AgreementId").and_then(Value::as_str) {
            match aws.agreements.get(id) {
                None => return Err(Refusal::not_found(format!("the agreement `{id}` does not exist"))),
                Some(agreement) if agreement.proposer != *caller => return denied("agreement", id),
                Some(_) => {}
            }
        }
    }
    Ok(())
}

fn check_locks(context: &Context<'_>, changes: &[Change]) -> Result<(), Refusal> {
    let running = || context.world.aws.change_sets.iter().filter(|set| set.status.is_running());
    for change in changes {
        if let Some(holder) = running().find(|set| set.changes.iter().any(|held| held.entity_id == change.entity_id)) {
            let message = format!(
                "Requested change set has entities locked by change sets - entity: '{}', change sets: {}",
                change.entity_id, holder.id
            );
            return Err(Refusal::new(423, "ResourceInUseException", message));
        }
    }
    let open = running().filter(|set| set.account == context.account.account_id).count();
    if open >= context.settings.open_change_sets_max {
        let message = format!("The maximum number of open change sets per account, {open}, is reached.");
        return Err(Refusal::new(402, "ServiceQuotaExceededException", message));
    }
    Ok(())
}

fn accept(context: &mut Context<'_>, changes: Vec<Change>) -> ChangeSet {
    let now = context.world.clock.now();
    let plan = context.plan;
    let after = |from: jiff::Timestamp, span| from.saturating_add(span).unwrap_or(jiff::Timestamp::MAX);
    let processing = context.settings.processing;
    let prepared_at = after(after(now, processing.preparing), plan.extra_preparing);
    let applied_at = after(after(prepared_at, processing.applying), plan.extra_applying);
    let fate = match (&plan.fail, plan.server_fault) {
        (Some((code, message, change_type)), _) => {
            Fate::Fail { code: code.clone(), message: message.clone(), change_type: change_type.clone() }
        }
        (None, true) => Fate::ServerFault,
        (None, false) => Fate::Open,
    };
    let account = context.account.account_id.clone();
    let name = context.call.input.get("ChangeSetName").and_then(Value::as_str);
    ChangeSet {
        id: context.world.ids.next("", 25),
        name: name.map_or_else(|| format!("Submitted by {account}"), str::to_owned),
        account,
        changes,
        status: Status::Preparing,
        started_at: now,
        ended_at: None,
        prepared_at,
        applied_at,
        failure_code: None,
        failure_description: None,
        fate,
        visible_from: plan.hide.map(|span| after(now, span)),
    }
}

/// Keeps the tags that the request gives to the change set.
fn tag(context: &mut Context<'_>, set: &ChangeSet) {
    let tags = context.call.input.get("ChangeSetTags").and_then(Value::as_array);
    let pairs: BTreeMap<String, String> =
        tags.into_iter().flatten().map(|tag| (text(tag, "Key").to_owned(), text(tag, "Value").to_owned())).collect();
    if !pairs.is_empty() {
        context.world.aws.tags.insert(set.arn(), pairs);
    }
}
