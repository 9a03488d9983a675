//! What can be read: benefits, applications and allocations, one by one and as lists.

use serde_json::{Map, Value, json};

use super::applications::file_status;
use super::catalogue::{self, BENEFITS};
use super::input::{application as of, id_of, identifier, missing, page, texts, words};
use super::{Application, instant};
use crate::aws::service::{Context, Reply};

const FULFILLMENT: [&str; 3] = ["CREDITS", "CASH", "ACCESS"];

const STATUSES: [&str; 6] = ["PENDING_SUBMISSION", "IN_REVIEW", "ACTION_REQUIRED", "APPROVED", "REJECTED", "CANCELED"];

/// Whether a filter lets a value through: an empty one does.
fn passes(filter: &[String], value: &str) -> bool {
    filter.is_empty() || filter.iter().any(|wanted| wanted == value)
}

pub(super) fn benefits(context: &Context<'_>) -> Reply {
    let input = &context.call.input;
    let programs = texts(input, "Programs", 1)?;
    let kinds = words(input, "FulfillmentTypes", 2, &FULFILLMENT)?;
    let statuses = words(input, "Status", 2, &["ACTIVE", "INACTIVE"])?;
    let wanted = BENEFITS.iter().filter(|benefit| {
        passes(&kinds, benefit.fulfillment)
            && passes(&statuses, benefit.status())
            && (programs.is_empty() || benefit.programs.iter().any(|program| passes(&programs, program)))
    });
    page(context, "BenefitSummaries", wanted.map(summary).collect())
}

fn summary(benefit: &catalogue::Benefit) -> Value {
    json!({
        "Id": benefit.id,
        "Catalog": "AWS",
        "Arn": benefit.arn(),
        "Name": benefit.name,
        "Description": benefit.description,
        "Programs": benefit.programs,
        "FulfillmentTypes": [benefit.fulfillment],
        "Status": benefit.status(),
    })
}

pub(super) fn benefit(context: &Context<'_>) -> Reply {
    let id = identifier(&context.call.input, "Identifier", "ben-")?;
    let benefit = catalogue::benefit(id).ok_or_else(|| missing("Benefit", id))?;
    let mut shown = summary(benefit);
    shown["BenefitRequestSchema"] = benefit.schema();
    Ok(shown)
}

fn common(application: &Application) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
    put("Id", json!(application.id));
    put("Arn", json!(application.arn()));
    put("Catalog", json!("AWS"));
    put("BenefitId", json!(application.benefit_id));
    if let Some(name) = &application.name {
        put("Name", json!(name));
    }
    put("FulfillmentTypes", json!(application.fulfillment_types));
    put("Programs", json!(catalogue::benefit(&application.benefit_id).map_or(&[][..], |benefit| benefit.programs)));
    put("Status", json!(application.status.name()));
    if let Some(stage) = &application.stage {
        put("Stage", json!(stage));
    }
    put("CreatedAt", instant(application.created_at));
    put("UpdatedAt", instant(application.updated_at));
    put("AssociatedResources", json!(application.resources));
    shown
}

pub(super) fn application(context: &Context<'_>) -> Reply {
    let id = identifier(&context.call.input, "Identifier", "benappl-")?;
    let application = of(&context.world.aws, &context.account.account_id, id)?;
    let mut shown = common(application);
    let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
    if let Some(description) = &application.description {
        put("Description", json!(description));
    }
    put("BenefitApplicationDetails", application.details.clone());
    put("Revision", json!(application.revision.to_string()));
    if let Some(reason) = &application.reason {
        put("StatusReason", json!(reason));
    }
    if let Some(code) = application.reason_codes.first() {
        put("StatusReasonCode", json!(code));
    }
    put("StatusReasonCodes", json!(application.reason_codes));
    put("PartnerContacts", application.contacts.clone());
    let files = application.files.iter().map(|file| {
        let name = file.uri.rsplit('/').next().unwrap_or_default();
        let mut shown = json!({
            "FileURI": file.uri,
            "FileName": name,
            "FileStatus": file_status(file),
            "CreatedAt": instant(file.created_at),
            "CreatedBy": application.account,
        });
        if let Some(purpose) = &file.purpose {
            shown["BusinessUseCase"] = json!(purpose);
        }
        shown
    });
    put("FileDetails", files.collect());
    Ok(Value::Object(shown))
}

pub(super) fn applications(context: &Context<'_>) -> Reply {
    let input = &context.call.input;
    let ids: Vec<String> = texts(input, "BenefitIdentifiers", 1)?.iter().map(|id| id_of(id).to_owned()).collect();
    let kinds = words(input, "FulfillmentTypes", 2, &FULFILLMENT)?;
    let statuses = words(input, "Status", 1, &STATUSES)?;
    let stages = texts(input, "Stages", 1)?;
    let programs = texts(input, "Programs", 1)?;
    let resources = texts(input, "AssociatedResourceArns", usize::MAX)?;
    let known = context.world.aws.benefits.applications.values();
    let mut wanted: Vec<&Application> = known
        .filter(|one| {
            let benefit = catalogue::benefit(&one.benefit_id);
            one.account == context.account.account_id
                && passes(&ids, &one.benefit_id)
                && passes(&statuses, one.status.name())
                && passes(&stages, one.stage.as_deref().unwrap_or_default())
                && (kinds.is_empty() || one.fulfillment_types.iter().any(|kind| kinds.contains(kind)))
                && (programs.is_empty()
                    || benefit.is_some_and(|benefit| benefit.programs.iter().any(|name| passes(&programs, name))))
                && (resources.is_empty() || one.resources.iter().any(|arn| resources.contains(arn)))
        })
        .collect();
    wanted.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    page(context, "BenefitApplicationSummaries", wanted.into_iter().map(|one| Value::Object(common(one))).collect())
}

pub(super) fn allocation(context: &Context<'_>) -> Reply {
    let id = identifier(&context.call.input, "Identifier", "benalloc-")?;
    let known = context.world.aws.benefits.allocations.get(id);
    let known = known.filter(|known| known.account == context.account.account_id);
    let known = known.ok_or_else(|| missing("BenefitAllocation", id))?;
    Ok(known.shown(context.world.clock.now()))
}

pub(super) fn allocations(context: &Context<'_>) -> Reply {
    let input = &context.call.input;
    let now = context.world.clock.now();
    let kinds = words(input, "FulfillmentTypes", 2, &FULFILLMENT)?;
    let benefits: Vec<String> = texts(input, "BenefitIdentifiers", 1)?.iter().map(|id| id_of(id).to_owned()).collect();
    let of: Vec<String> =
        texts(input, "BenefitApplicationIdentifiers", 1)?.iter().map(|id| id_of(id).to_owned()).collect();
    let statuses = words(input, "Status", 1, &["ACTIVE", "INACTIVE", "FULFILLED"])?;
    let known = context.world.aws.benefits.allocations.values();
    let wanted = known.filter(|one| {
        one.account == context.account.account_id
            && passes(&kinds, &one.fulfillment)
            && passes(&benefits, &one.benefit_id)
            && passes(&of, one.application_id.as_deref().unwrap_or_default())
            && passes(&statuses, one.status(now))
    });
    page(context, "BenefitAllocationSummaries", wanted.map(|one| one.listed(now)).collect())
}
