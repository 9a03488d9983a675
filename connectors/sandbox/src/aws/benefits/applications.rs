//! Applications as their partner writes them, hands them in and takes them back.

use serde_json::{Value, json};

use super::catalogue::{self, Benefit};
use super::form::{self, Depth};
use super::input::{
    application, business, current, identifier, in_state, invalid, optional, refused, replayed, required,
};
use super::{Application, File, Status, input, review, tags};
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::{text, token};

/// How many resources may be named.
const RESOURCES_MAX: usize = 10;

/// How many files the model allows when an application is written.
const FILES_MAX: usize = 30;

/// How many files the documentation allows when it is handed in.
/// Source: <https://docs.aws.amazon.com/partner-central/latest/developer-guide/working-with-benefit-applications.html>
const FILES_SUBMITTED_MAX: usize = 10;

/// The kinds of files that are taken, by the ends of their names.
const FILE_ENDS: [&str; 10] = [".doc", ".docx", ".xlsx", ".pptx", ".pdf", ".png", ".jpeg", ".jpg", ".svg", ".csv"];

/// What a write says about an application.
struct Written {
    name: Option<String>,
    description: Option<String>,
    details: Value,
    contacts: Value,
    files: Vec<File>,
}

fn written(context: &Context<'_>, benefit: &Benefit) -> Result<Written, Refusal> {
    let input = &context.call.input;
    let details = input.get("BenefitApplicationDetails").cloned().unwrap_or_else(|| json!({}));
    let wrong = form::problems(&benefit.schema(), &details, Depth::Draft);
    if !wrong.is_empty() {
        return Err(refused("fieldValidationFailed", wrong));
    }
    let contacts = input.get("PartnerContacts").cloned().unwrap_or_else(|| json!([]));
    if contacts.as_array().is_none_or(|contacts| contacts.len() > 1) {
        return Err(invalid("PartnerContacts", "TOO_MANY_VALUES", "`PartnerContacts` names at most one person."));
    }
    Ok(Written {
        name: optional(input, "Name", 255)?.map(str::to_owned),
        description: optional(input, "Description", 1000)?.map(str::to_owned),
        details,
        contacts,
        files: files(context)?,
    })
}

fn files(context: &Context<'_>) -> Result<Vec<File>, Refusal> {
    let given = context.call.input.get("FileDetails").and_then(Value::as_array);
    let given = given.map(Vec::as_slice).unwrap_or_default();
    if given.len() > FILES_MAX {
        return Err(invalid("FileDetails", "TOO_MANY_VALUES", format!("at most {FILES_MAX} files can be named")));
    }
    let created_at = context.world.clock.now();
    let read = |(at, file): (usize, &Value)| {
        let uri = text(file, "FileURI");
        let formed = (uri.starts_with("s3://") || uri.starts_with("https://")) && uri.chars().count() <= 2000;
        if !formed {
            let name = format!("FileDetails.{at}.FileURI");
            return Err(invalid(&name, "INVALID_STRING_FORMAT", "a file lies under `s3://` or `https://`"));
        }
        let purpose = file.get("BusinessUseCase").and_then(Value::as_str).map(str::to_owned);
        Ok(File { uri: uri.to_owned(), purpose, created_at })
    };
    given.iter().enumerate().map(read).collect()
}

fn answer(application: &Application) -> Value {
    json!({ "Id": application.id, "Arn": application.arn(), "Revision": application.revision.to_string() })
}

pub(super) fn create(mut context: Context<'_>) -> Reply {
    if let Some(id) = replayed(&context)? {
        return application(&context.world.aws, &context.account.account_id, &id).map(answer);
    }
    let input = &context.call.input;
    let id = identifier(input, "BenefitIdentifier", "ben-")?;
    let benefit = catalogue::benefit(id).ok_or_else(|| input::missing("Benefit", id))?;
    if !benefit.active {
        return Err(business("BenefitIdentifier", "ACTION_NOT_PERMITTED", "The benefit is not given any more."));
    }
    let types = input::words(input, "FulfillmentTypes", 3, &["CREDITS", "CASH", "ACCESS"])?;
    if types.iter().any(|word| word != benefit.fulfillment) {
        let message = format!("The benefit is given as {}.", benefit.fulfillment);
        return Err(business("FulfillmentTypes", "INVALID_VALUE", message));
    }
    let resources = input::texts(input, "AssociatedResources", RESOURCES_MAX)?;
    for arn in &resources {
        resource(&context, arn)?;
    }
    let (tags, written) = (tags::given(input, "Tags")?, written(&context, benefit)?);
    let now = context.world.clock.now();
    let made = Application {
        id: context.world.ids.next("benappl-", 14),
        account: context.account.account_id.clone(),
        benefit_id: benefit.id.to_owned(),
        name: written.name,
        description: written.description,
        fulfillment_types: vec![benefit.fulfillment.to_owned()],
        details: written.details,
        contacts: written.contacts,
        resources,
        files: written.files,
        status: Status::PendingSubmission,
        stage: None,
        reason: None,
        reason_codes: Vec::new(),
        revision: 1,
        created_at: now,
        updated_at: now,
        due: None,
    };
    let (id, shown) = (made.id.clone(), answer(&made));
    if !tags.is_empty() {
        context.world.aws.tags.insert(made.arn(), tags.into_iter().collect());
    }
    context.world.aws.benefits.applications.insert(id.clone(), made);
    token::remember(&mut context, &id);
    context.record_effect(None, vec![id]);
    Ok(shown)
}

/// An opportunity of Partner Central, or something that was granted to the caller.
fn resource(context: &Context<'_>, arn: &str) -> Result<(), Refusal> {
    let granted = context.world.aws.benefits.allocations.values();
    let granted = granted.into_iter().any(|known| known.arn() == arn && known.account == context.account.account_id);
    let opportunity = arn.starts_with("arn:aws:partnercentral:") && arn.contains("/opportunity/");
    if granted || opportunity { Ok(()) } else { Err(input::missing("Resource", arn)) }
}

/// Changes the application that a request names, once it is known that it may be changed.
fn change(
    mut context: Context<'_>,
    key: &str,
    allowed: &[Status],
    what: &str,
    apply: impl FnOnce(&Context<'_>, &mut Application) -> Result<(), Refusal>,
) -> Reply {
    let id = identifier(&context.call.input, key, "benappl-")?.to_owned();
    let mut changed = application(&context.world.aws, &context.account.account_id, &id)?.clone();
    in_state(&changed, allowed, what)?;
    apply(&context, &mut changed)?;
    changed.touch(context.world.clock.now());
    let shown = answer(&changed);
    context.world.aws.benefits.applications.insert(id.clone(), changed);
    token::remember(&mut context, &id);
    context.record_effect(None, vec![id]);
    Ok(shown)
}

pub(super) fn update(context: Context<'_>) -> Reply {
    if let Some(id) = replayed(&context)? {
        return application(&context.world.aws, &context.account.account_id, &id).map(answer);
    }
    change(context, "Identifier", &[Status::PendingSubmission], "updated", |context, changed| {
        current(changed, &context.call.input)?;
        let benefit =
            catalogue::benefit(&changed.benefit_id).ok_or_else(|| input::missing("Benefit", &changed.benefit_id))?;
        let written = written(context, benefit)?;
        changed.name = written.name;
        changed.description = written.description;
        changed.details = written.details;
        changed.contacts = written.contacts;
        changed.files = written.files;
        Ok(())
    })
}

pub(super) fn submit(context: Context<'_>) -> Reply {
    change(context, "Identifier", &[Status::PendingSubmission], "submitted", |context, changed| {
        complete(context, changed)?;
        let now = context.world.clock.now();
        changed.status = Status::InReview;
        changed.reason = None;
        changed.reason_codes = Vec::new();
        review::begin(changed, now);
        Ok(())
    })
    .map(|_| json!({}))
}

/// Whether an application can be reviewed as it stands.
fn complete(context: &Context<'_>, application: &Application) -> Result<(), Refusal> {
    let benefit = catalogue::benefit(&application.benefit_id)
        .ok_or_else(|| input::missing("Benefit", &application.benefit_id))?;
    let mut wrong = form::problems(&benefit.schema(), &application.details, Depth::Whole);
    let mut field = |name: &str, code: &str, message: String| {
        wrong.push(json!({ "Name": name, "Message": message, "Code": code }));
    };
    if application.name.is_none() {
        field("Name", "REQUIRED_FIELD_MISSING", "is required".to_owned());
    }
    if application.files.len() > FILES_SUBMITTED_MAX {
        field("FileDetails", "TOO_MANY_VALUES", format!("at most {FILES_SUBMITTED_MAX} files can be submitted"));
    }
    for (at, file) in application.files.iter().enumerate() {
        if file_status(file) != "SUCCEEDED" {
            field(&format!("FileDetails.{at}"), "INVALID_RESOURCE_STATE", "the file could not be read".to_owned());
        }
    }
    if !wrong.is_empty() {
        return Err(refused("fieldValidationFailed", wrong));
    }
    review::affordable(&context.world.aws.benefits, application, benefit, context.world.clock.now())
}

/// A file of a kind that is taken is read at once, and one of another kind never is.
pub(super) fn file_status(file: &File) -> &'static str {
    let taken = FILE_ENDS.iter().any(|end| file.uri.to_ascii_lowercase().ends_with(end));
    if taken { "SUCCEEDED" } else { "FAILED" }
}

pub(super) fn recall(context: Context<'_>) -> Reply {
    required(&context.call.input, "Reason", 1000)?;
    change(context, "Identifier", &[Status::InReview, Status::ActionRequired], "recalled", |context, changed| {
        if review::is_late(changed) {
            let message = "The application is too far in its review to be recalled.";
            return Err(business("Identifier", "ACTION_NOT_PERMITTED", message));
        }
        changed.status = Status::PendingSubmission;
        changed.stage = None;
        changed.due = None;
        changed.reason = Some(text(&context.call.input, "Reason").to_owned());
        Ok(())
    })
    .map(|_| json!({}))
}

pub(super) fn cancel(context: Context<'_>) -> Reply {
    if replayed(&context)?.is_some() {
        return Ok(json!({}));
    }
    let allowed = [Status::PendingSubmission, Status::InReview, Status::ActionRequired];
    change(context, "Identifier", &allowed, "canceled", |context, changed| {
        changed.status = Status::Canceled;
        changed.due = None;
        changed.reason = optional(&context.call.input, "Reason", 1000)?.map(str::to_owned);
        Ok(())
    })
    .map(|_| json!({}))
}

const BY: &str = "BenefitApplicationIdentifier";

pub(super) fn associate(context: Context<'_>) -> Reply {
    change(context, BY, &[Status::PendingSubmission], "associated", |context, changed| {
        let arn = required(&context.call.input, "ResourceArn", 1600)?;
        resource(context, arn)?;
        if changed.resources.iter().any(|known| known == arn) {
            return Err(business("ResourceArn", "DUPLICATE_KEY_VALUE", "The resource is associated already."));
        }
        if changed.resources.len() >= RESOURCES_MAX {
            return Err(business("ResourceArn", "TOO_MANY_VALUES", "No more resources can be associated."));
        }
        changed.resources.push(arn.to_owned());
        Ok(())
    })
}

pub(super) fn disassociate(context: Context<'_>) -> Reply {
    change(context, BY, &[Status::PendingSubmission], "disassociated", |context, changed| {
        let arn = required(&context.call.input, "ResourceArn", 1600)?;
        let before = changed.resources.len();
        changed.resources.retain(|known| known != arn);
        if changed.resources.len() == before { Err(input::missing("Resource", arn)) } else { Ok(()) }
    })
}
