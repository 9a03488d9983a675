//! `StartChangeSet`: the synchronous half. What passes here is accepted and gets an id.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::evaluate::entity_kind;
use super::reading::read_changes;
use super::{Change, ChangeSet, Fate, Intent, Status, access};
use crate::aws::catalog::check_tags;
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
    let intent = intent_of(&context.call.input, &changes)?;
    access::check(&context, &changes)?;
    access::check_locks(&context, &changes)?;
    let mut set = accept(&mut context, changes, intent);
    token::remember(&mut context, &set.id);
    tag(&mut context, &mut set);
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
    if let Some(tags) = input.get("ChangeSetTags") {
        check_tags("ChangeSetTags", tags)?;
    }
    for change in input.get("ChangeSet").and_then(Value::as_array).into_iter().flatten() {
        if let Some(tags) = change.get("EntityTags") {
            check_tags("EntityTags", tags)?;
        }
    }
    match input.get("Intent").and_then(Value::as_str) {
        None | Some("APPLY") => Ok(()),
        Some("VALIDATE") => Ok(()),
        Some(other) => {
            Err(Refusal::catalog_validation(format!("`Intent` `{other}` is not one of `VALIDATE`, `APPLY`")))
        }
    }
}

/// `VALIDATE` is documented for adding versions to AMI products and for nothing else (Catalog API,
/// `StartChangeSet`).
fn intent_of(input: &Value, changes: &[Change]) -> Result<Intent, Refusal> {
    if text(input, "Intent") != "VALIDATE" {
        return Ok(Intent::Apply);
    }
    let adds_version =
        |change: &Change| change.entity_type == "AmiProduct@1.0" && change.change_type == "AddDeliveryOptions";
    if changes.iter().all(adds_version) {
        Ok(Intent::Validate)
    } else {
        let message = "`Intent` `VALIDATE` is only supported for `AddDeliveryOptions` of `AmiProduct@1.0`";
        Err(Refusal::catalog_validation(message))
    }
}

fn accept(context: &mut Context<'_>, changes: Vec<Change>, intent: Intent) -> ChangeSet {
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
        intent,
        entity_tags: BTreeMap::new(),
        visible_from: plan.hide.map(|span| after(now, span)),
    }
}

/// Keeps the tags that the request gives to the change set at once, and those of new entities for when
/// they are made.
fn tag(context: &mut Context<'_>, set: &mut ChangeSet) {
    let pairs = tags_in(&context.call.input, "ChangeSetTags");
    if !pairs.is_empty() {
        context.world.aws.tags.insert(set.arn(), pairs);
    }
    let requests = context.call.input.get("ChangeSet").and_then(Value::as_array).into_iter().flatten();
    for (request, change) in requests.zip(&set.changes) {
        let pairs = tags_in(request, "EntityTags");
        if !pairs.is_empty() {
            let arn = crate::aws::catalog_arn(&set.account, entity_kind(&change.entity_type), &change.entity_id);
            set.entity_tags.entry(arn).or_default().extend(pairs);
        }
    }
}

fn tags_in(value: &Value, key: &str) -> BTreeMap<String, String> {
    let tags = value.get(key).and_then(Value::as_array).into_iter().flatten();
    tags.map(|tag| (text(tag, "Key").to_owned(), text(tag, "Value").to_owned())).collect()
}
