//! Applications as they are written, handed in, changed and given up.

use aws_sdk_partnercentralbenefits::{
    operation::{
        amend_benefit_application::AmendBenefitApplicationError,
        create_benefit_application::CreateBenefitApplicationError,
        submit_benefit_application::SubmitBenefitApplicationError,
        update_benefit_application::UpdateBenefitApplicationError,
    },
    types::{Amendment, FileInput, FulfillmentType},
};
use entente_port::{
    ApplicationStatus, CallContext, Error, FieldChange, FundingApplication, FundingChange, PlannedCall, Result,
};
use serde_json::{Value, json};

use super::{
    CATALOG,
    answer::{explained, failed},
    described, holds, read, refused, says,
};
use crate::{
    client::{Client, Operation},
    failure::{Purpose, redact},
    json::to_document,
};

/// How many fields one amendment may change.
const FIELDS_MAX: usize = 10;

fn planned(operation: &str, body: Value) -> PlannedCall {
    PlannedCall { operation: operation.to_owned(), body }
}

/// The call that creates an application.
pub(super) fn planned_creation(call: &CallContext, application: &FundingApplication) -> Result<Vec<PlannedCall>> {
    let body = json!({
        "Catalog": CATALOG,
        "ClientToken": call.token.to_string(),
        "BenefitIdentifier": application.benefit,
        "FulfillmentTypes": kinds(application).iter().map(FulfillmentType::as_str).collect::<Vec<_>>(),
        "Name": application.name,
        "Description": described(&call.key, application)?,
        "BenefitApplicationDetails": application.details,
        "AssociatedResources": application.resources,
        "FileDetails": files_planned(application),
    });
    Ok(vec![planned("CreateBenefitApplication", body)])
}

/// The forms that are wished, in the service's words.
fn kinds(application: &FundingApplication) -> Vec<FulfillmentType> {
    application.kinds.iter().map(|kind| FulfillmentType::from(kind.to_ascii_uppercase().as_str())).collect()
}

fn files_planned(application: &FundingApplication) -> Value {
    let file = |file: &entente_port::ApplicationFile| json!({ "FileURI": file.uri, "BusinessUseCase": file.purpose });
    application.files.iter().map(file).collect()
}

/// The calls that change one. The revision is read when they are made, and so is the key that the application carries.
pub(super) fn planned_change(call: &CallContext, id: &str, change: &FundingChange) -> Result<Vec<PlannedCall>> {
    let token = call.token.to_string();
    Ok(vec![match change {
        FundingChange::Update { application } => planned(
            "UpdateBenefitApplication",
            json!({
                "Catalog": CATALOG, "ClientToken": token, "Identifier": id, "Name": application.name,
                "Description": described(&call.key, application)?,
                "BenefitApplicationDetails": application.details,
                "FileDetails": files_planned(application),
            }),
        ),
        FundingChange::Submit => planned("SubmitBenefitApplication", json!({ "Catalog": CATALOG, "Identifier": id })),
        FundingChange::Recall { reason } => planned(
            "RecallBenefitApplication",
            json!({ "Catalog": CATALOG, "ClientToken": token, "Identifier": id, "Reason": reason }),
        ),
        FundingChange::Cancel { reason } => planned(
            "CancelBenefitApplication",
            json!({ "Catalog": CATALOG, "ClientToken": token, "Identifier": id, "Reason": reason }),
        ),
        FundingChange::Amend { reason, fields } => {
            let path = |change: &FieldChange| json!({ "FieldPath": path(&change.field), "NewValue": change.value });
            let amendments: Vec<Value> = fields.iter().map(path).collect();
            planned(
                "AmendBenefitApplication",
                json!({
                    "Catalog": CATALOG, "ClientToken": token, "Identifier": id, "AmendmentReason": reason,
                    "Amendments": amendments,
                }),
            )
        }
    }])
}

/// `/RequestedAmount/Amount` is `RequestedAmount.Amount` to the service, which documents no more than "a JSON path or field
/// identifier".
fn path(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

fn file_inputs(application: &FundingApplication) -> Result<Vec<FileInput>> {
    let file = |file: &entente_port::ApplicationFile| {
        let built = FileInput::builder().file_uri(&file.uri).set_business_use_case(file.purpose.clone()).build();
        built.map_err(|error| refused("/files", error.to_string()))
    };
    application.files.iter().map(file).collect()
}

/// Creates an application; its id.
pub(super) async fn create(client: &Client, call: &CallContext, application: &FundingApplication) -> Result<String> {
    let object = format!("an application for benefit `{}`", application.benefit);
    let description = described(&call.key, application)?;
    let files = file_inputs(application)?;
    let answer = client
        .call(Operation::CreateBenefitApplication, |sdk| {
            let request = sdk
                .benefits
                .create_benefit_application()
                .catalog(CATALOG)
                .client_token(call.token.to_string())
                .benefit_identifier(&application.benefit)
                .set_fulfillment_types(Some(kinds(application)))
                .name(&application.name)
                .description(&description)
                .benefit_application_details(to_document(&application.details))
                .set_associated_resources(Some(application.resources.clone()))
                .set_file_details(Some(files.clone()));
            let object = &object;
            async move {
                request.send().await.map_err(|error| {
                    let refused = match error.as_service_error() {
                        Some(CreateBenefitApplicationError::ValidationException(refused)) => Some(refused),
                        _ => None,
                    };
                    explained(failed(&error, Purpose::Write, object), refused)
                })
            }
        })
        .await?;
    match answer.id().filter(|id| !id.is_empty()) {
        Some(id) => Ok(id.to_owned()),
        None => Err(Error::OutcomeUnknown {
            reason: "the answer does not hold the id of the application".to_owned(),
            evidence: redact(&format!("HTTP 200\n{answer:?}")),
        }),
    }
}

/// Does something to an application, which has to be in a state that allows it. One that stands as wished is left alone.
pub(super) async fn change(client: &Client, call: &CallContext, id: &str, change: &FundingChange) -> Result<()> {
    let seen = read::seen(client, id).await?;
    if holds(change, &seen.remote) == Some(true) {
        return Ok(());
    }
    allowed(change, &seen.remote.status, id)?;
    match change {
        FundingChange::Update { application } => {
            if !says(application, &seen.remote.application) {
                update(client, call, id, &seen, application).await?;
            }
            associate(client, id, &seen.remote.application.resources, &application.resources).await
        }
        FundingChange::Submit => submit(client, id).await,
        FundingChange::Amend { reason, fields } => amend(client, call, id, &seen.revision, reason, fields).await,
        FundingChange::Recall { reason } => recall(client, call, id, reason).await,
        FundingChange::Cancel { reason } => cancel(client, call, id, reason).await,
    }
}

fn allowed(change: &FundingChange, status: &ApplicationStatus, id: &str) -> Result<()> {
    use ApplicationStatus::{ActionRequired, Draft, InReview};
    let (fits, what) = match change {
        FundingChange::Update { .. } => (*status == Draft, "written anew"),
        FundingChange::Submit => (*status == Draft, "handed in"),
        FundingChange::Amend { .. } => (matches!(status, InReview | ActionRequired), "amended"),
        FundingChange::Recall { .. } => (matches!(status, InReview | ActionRequired), "recalled"),
        FundingChange::Cancel { .. } => (matches!(status, Draft | InReview | ActionRequired), "cancelled"),
    };
    if fits {
        return Ok(());
    }
    let word = serde_json::to_value(status).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
    Err(refused("", format!("application `{id}` is `{word}`, and cannot be {what}")))
}

/// Writes an application anew. It keeps the key under which it was made: by that it is found if the answer then is lost.
async fn update(
    client: &Client,
    call: &CallContext,
    id: &str,
    seen: &read::Seen,
    application: &FundingApplication,
) -> Result<()> {
    let object = format!("application `{id}`");
    let description = described(seen.key.as_ref().unwrap_or(&call.key), application)?;
    let files = file_inputs(application)?;
    client
        .call(Operation::UpdateBenefitApplication, |sdk| {
            let request = sdk
                .benefits
                .update_benefit_application()
                .catalog(CATALOG)
                .client_token(call.token.to_string())
                .identifier(id)
                .revision(&seen.revision)
                .name(&application.name)
                .description(&description)
                .benefit_application_details(to_document(&application.details))
                .set_file_details(Some(files.clone()));
            let object = &object;
            async move {
                request.send().await.map(drop).map_err(|error| {
                    let refused = match error.as_service_error() {
                        Some(UpdateBenefitApplicationError::ValidationException(refused)) => Some(refused),
                        _ => None,
                    };
                    explained(failed(&error, Purpose::Write, object), refused)
                })
            }
        })
        .await
}

/// An update says nothing of resources: those that are not wanted any more go, and those that are new come, one call each.
async fn associate(client: &Client, id: &str, have: &[String], want: &[String]) -> Result<()> {
    let object = format!("application `{id}`");
    for arn in have.iter().filter(|arn| !want.contains(arn)) {
        client
            .call(Operation::DisassociateBenefitApplicationResource, |sdk| {
                let request = sdk.benefits.disassociate_benefit_application_resource().catalog(CATALOG);
                let request = request.benefit_application_identifier(id).resource_arn(arn);
                let object = &object;
                async move { request.send().await.map(drop).map_err(|error| failed(&error, Purpose::Write, object)) }
            })
            .await?;
    }
    for arn in want.iter().filter(|arn| !have.contains(arn)) {
        client
            .call(Operation::AssociateBenefitApplicationResource, |sdk| {
                let request = sdk.benefits.associate_benefit_application_resource().catalog(CATALOG);
                let request = request.benefit_application_identifier(id).resource_arn(arn);
                let object = &object;
                async move { request.send().await.map(drop).map_err(|error| failed(&error, Purpose::Write, object)) }
            })
            .await?;
    }
    Ok(())
}

async fn submit(client: &Client, id: &str) -> Result<()> {
    let object = format!("application `{id}`");
    client
        .call(Operation::SubmitBenefitApplication, |sdk| {
            let request = sdk.benefits.submit_benefit_application().catalog(CATALOG).identifier(id);
            let object = &object;
            async move {
                request.send().await.map(drop).map_err(|error| {
                    let refused = match error.as_service_error() {
                        Some(SubmitBenefitApplicationError::ValidationException(refused)) => Some(refused),
                        _ => None,
                    };
                    explained(failed(&error, Purpose::Write, object), refused)
                })
            }
        })
        .await
}

async fn amend(
    client: &Client,
    call: &CallContext,
    id: &str,
    revision: &str,
    reason: &str,
    fields: &[FieldChange],
) -> Result<()> {
    if !(1..=FIELDS_MAX).contains(&fields.len()) {
        return Err(refused("/fields", format!("an amendment changes 1 to {FIELDS_MAX} fields, not {}", fields.len())));
    }
    let object = format!("application `{id}`");
    let amendment = |change: &FieldChange| {
        let built = Amendment::builder().field_path(path(&change.field)).new_value(&change.value).build();
        built.map_err(|error| refused("/fields", error.to_string()))
    };
    let amendments: Vec<Amendment> = fields.iter().map(amendment).collect::<Result<_>>()?;
    client
        .call(Operation::AmendBenefitApplication, |sdk| {
            let request = sdk
                .benefits
                .amend_benefit_application()
                .catalog(CATALOG)
                .client_token(call.token.to_string())
                .identifier(id)
                .revision(revision)
                .amendment_reason(reason)
                .set_amendments(Some(amendments.clone()));
            let object = &object;
            async move {
                request.send().await.map(drop).map_err(|error| {
                    let refused = match error.as_service_error() {
                        Some(AmendBenefitApplicationError::ValidationException(refused)) => Some(refused),
                        _ => None,
                    };
                    explained(failed(&error, Purpose::Write, object), refused)
                })
            }
        })
        .await
}

async fn recall(client: &Client, call: &CallContext, id: &str, reason: &str) -> Result<()> {
    let object = format!("application `{id}`");
    client
        .call(Operation::RecallBenefitApplication, |sdk| {
            let request = sdk.benefits.recall_benefit_application().catalog(CATALOG).identifier(id);
            let request = request.client_token(call.token.to_string()).reason(reason);
            let object = &object;
            async move { request.send().await.map(drop).map_err(|error| failed(&error, Purpose::Write, object)) }
        })
        .await
}

async fn cancel(client: &Client, call: &CallContext, id: &str, reason: &str) -> Result<()> {
    let object = format!("application `{id}`");
    client
        .call(Operation::CancelBenefitApplication, |sdk| {
            let request = sdk.benefits.cancel_benefit_application().catalog(CATALOG).identifier(id);
            let request = request.client_token(call.token.to_string()).reason(reason);
            let object = &object;
            async move { request.send().await.map(drop).map_err(|error| failed(&error, Purpose::Write, object)) }
        })
        .await
}
