//! Reading the changes of a `StartChangeSet`: types, documents, references.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Change;
use super::evaluate::entity_kind;
use super::types::{self, ChangeType, Site, Step};
use crate::aws::entity::EntityKind;
use crate::aws::refusal::Refusal;
use crate::aws::service::Context;
use crate::aws::shape::Problem;
use crate::aws::text;

/// Changes in one set (Catalog API, `StartChangeSet`).
const CHANGES_MAX: usize = 20;
/// Characters of a stringified details document.
const DETAILS_MAX: usize = 16_384;

/// One entry of the error's field list.
fn field_error(reason: &str, change: &Value, field: &str, message: &str) -> Value {
    let entity = change.get("Entity").cloned().unwrap_or_default();
    let members = [
        ("Reason", reason),
        ("ChangeType", text(change, "ChangeType")),
        ("EntityType", entity_kind(text(&entity, "Type"))),
        // What is wrong with the document as a whole has no path within it.
        ("Field", if field.is_empty() { "DetailsDocument" } else { field }),
        ("Message", message),
    ];
    // The model allows members to be absent, and none to be empty.
    let given = members.into_iter().filter(|(_, value)| !value.is_empty());
    Value::Object(given.map(|(key, value)| (key.to_owned(), value.into())).collect())
}

fn refuse_field(reason: &str, change: &Value, field: &str, message: &str) -> Refusal {
    Refusal::catalog_validation(format!("`{}`: {message}", text(change, "ChangeType")))
        .with("ValidationExceptionFieldList", json!([field_error(reason, change, field, message)]))
}

/// A change whose type and details are known to be well-formed.
struct Read<'a> {
    request: &'a Value,
    row: &'static ChangeType,
    kind: EntityKind,
    entity_type: String,
    identifier: Option<String>,
    name: Option<String>,
    details: Value,
}

pub(super) fn read_changes(context: &mut Context<'_>) -> Result<Vec<Change>, Refusal> {
    let requests = context.call.input.get("ChangeSet").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !(1..=CHANGES_MAX).contains(&requests.len()) {
        return Err(Refusal::catalog_validation(format!("`ChangeSet` must have 1 to {CHANGES_MAX} changes")));
    }
    let read: Vec<Read<'_>> = requests.iter().map(read_change).collect::<Result<_, _>>()?;
    let names = new_entities(context, &read)?;
    let site = Site { aws: &context.world.aws, now: context.world.clock.now() };
    let mut changes = Vec::new();
    for (index, item) in read.iter().enumerate() {
        let details = resolved(&item.details, &names)
            .map_err(|unknown| refuse_field("FieldValidationFailed", item.request, "DetailsDocument", &unknown))?;
        let details = item.row.details.without_nulls(details);
        let entity_id = match (&item.identifier, item.row.step) {
            (None, Step::Create) => names.get(&slot(index)).cloned(),
            (Some(identifier), Step::Update | Step::Release) => resolved(&json!(identifier), &names)
                .map_err(|unknown| refuse_field("FieldValidationFailed", item.request, "Entity/Identifier", &unknown))?
                .as_str()
                .map(without_revision),
            _ => None,
        };
        let Some(entity_id) = entity_id else {
            let message = "`Entity.Identifier` names an existing entity, and is absent for a new one";
            return Err(refuse_field("FieldValidationFailed", item.request, "Entity/Identifier", message));
        };
        check_details(item, &details, &site)?;
        changes.push(Change {
            change_type: item.row.name.to_owned(),
            change_name: item.name.clone(),
            entity_type: item.entity_type.clone(),
            requested_identifier: item.identifier.clone(),
            entity_id,
            requested_details: item.details.clone(),
            details,
            errors: Vec::new(),
        });
    }
    check_duplicates(requests, &changes)?;
    Ok(changes)
}

fn read_change(request: &Value) -> Result<Read<'_>, Refusal> {
    let entity = request.get("Entity").cloned().unwrap_or_default();
    let entity_type = text(&entity, "Type");
    let Some((kind, version)) = entity_type.split_once('@') else {
        return Err(refuse_field(
            "FieldValidationFailed",
            request,
            "Entity/Type",
            "`Entity.Type` is a type with its version, such as `Offer@1.0`",
        ));
    };
    let known = EntityKind::of(kind).filter(|_| version == "1.0");
    let found = known.and_then(|kind| Some((kind, types::find(kind, text(request, "ChangeType"))?)));
    let Some((kind, row)) = found else {
        let carried = known.map(types::names_of).unwrap_or_default().join(", ");
        let message = format!(
            "is not a change type of `{entity_type}` that this sandbox carries; it carries {}",
            if carried.is_empty() { "none" } else { &carried }
        );
        return Err(refuse_field("UnknownOperation", request, "ChangeType", &message));
    };
    let name = request.get("ChangeName").and_then(Value::as_str).map(str::to_owned);
    if name.as_ref().is_some_and(|name| !(1..=72).contains(&name.chars().count())) {
        return Err(refuse_field("FieldValidationFailed", request, "ChangeName", "must have 1 to 72 characters"));
    }
    let identifier = entity.get("Identifier").and_then(Value::as_str).map(str::to_owned);
    let details = read_details(request)?;
    Ok(Read { request, row, kind, entity_type: entity_type.to_owned(), identifier, name, details })
}

fn read_details(request: &Value) -> Result<Value, Refusal> {
    match (request.get("Details"), request.get("DetailsDocument")) {
        (None, Some(document)) => Ok(document.clone()),
        (Some(Value::String(document)), None) => {
            if !(2..=DETAILS_MAX).contains(&document.chars().count()) {
                let message = format!("must have 2 to {DETAILS_MAX} characters");
                return Err(refuse_field("FieldValidationFailed", request, "Details", &message));
            }
            serde_json::from_str(document)
                .map_err(|error| refuse_field("CannotParse", request, "Details", &format!("is not JSON: {error}")))
        }
        _ => Err(refuse_field(
            "FieldValidationFailed",
            request,
            "DetailsDocument",
            "give either `Details` as a string or `DetailsDocument`",
        )),
    }
}

fn slot(index: usize) -> String {
    format!("#{index}")
}

/// Names the entities that the set creates: by position, and by `$<ChangeName>.Entity.Identifier`.
fn new_entities(context: &mut Context<'_>, read: &[Read<'_>]) -> Result<BTreeMap<String, String>, Refusal> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (index, item) in read.iter().enumerate() {
        let created = item.row.step == Step::Create;
        if created {
            names.insert(slot(index), context.world.ids.next(item.kind.prefix(), 13));
        }
        let Some(name) = &item.name else { continue };
        let target = if created { names.get(&slot(index)).cloned() } else { item.identifier.clone() };
        let reference = format!("${name}.Entity.Identifier");
        if names.insert(reference, target.unwrap_or_default()).is_some() {
            return Err(refuse_field(
                "FieldValidationFailed",
                item.request,
                "ChangeName",
                "is used twice in the change set",
            ));
        }
    }
    Ok(names)
}

/// Puts identifiers in the place of references, anywhere in a document.
fn resolved(value: &Value, names: &BTreeMap<String, String>) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) if text.starts_with('$') && text.ends_with(".Entity.Identifier") => match names.get(text) {
            Some(id) => Value::String(id.clone()),
            None => return Err(format!("`{text}` refers to no change of this change set")),
        },
        Value::Array(items) => Value::Array(items.iter().map(|item| resolved(item, names)).collect::<Result<_, _>>()?),
        Value::Object(map) => Value::Object(
            map.iter().map(|(key, value)| Ok((key.clone(), resolved(value, names)?))).collect::<Result<_, String>>()?,
        ),
        other => other.clone(),
    })
}

fn without_revision(identifier: &str) -> String {
    identifier.split_once('@').map_or(identifier, |(id, _)| id).to_owned()
}

/// The document against its schema, then against the typed form that the checks work on.
fn check_details(item: &Read<'_>, details: &Value, site: &Site<'_>) -> Result<(), Refusal> {
    let problems: Vec<Problem> = item.row.details.problems(details);
    if let Some(first) = problems.first() {
        let fields: Vec<Value> = problems
            .iter()
            .map(|problem| field_error("FieldValidationFailed", item.request, &problem.path, &problem.message))
            .collect();
        let place = if first.path.is_empty() { "the details document" } else { &first.path };
        let message = format!("`{}`: `{place}` {}", item.row.name, first.message);
        return Err(Refusal::catalog_validation(message).with("ValidationExceptionFieldList", fields));
    }
    item.row
        .understands(details, site)
        .map_err(|message| refuse_field("CannotParse", item.request, "DetailsDocument", &message))
}

fn check_duplicates(requests: &[Value], changes: &[Change]) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for (request, change) in requests.iter().zip(changes) {
        if !seen.insert((&change.change_type, &change.entity_id)) {
            let message = format!("appears more than once for the entity `{}`", change.entity_id);
            return Err(refuse_field("Other", request, "ChangeType", &message));
        }
    }
    Ok(())
}
