//! Starting change sets, and asking where they stand.

use aws_sdk_marketplacecatalog::{
    config::http::HttpResponse,
    error::SdkError,
    operation::{
        describe_change_set::DescribeChangeSetOutput,
        start_change_set::{StartChangeSetError, StartChangeSetOutput},
    },
    types::{ChangeSummary, Entity},
};
use entente_port::{CallContext, ChangeId, ChangeState, Error, Result, Submitted, Write};
use jiff::Timestamp;

use crate::{
    client::{CATALOG, Client, Operation},
    failure::{MARKETPLACE, Purpose, fault, incomplete, redact},
    key::change_set_name,
    offers,
    rejection::{field_of_request, field_of_result},
    status::{ChangeSetStage, Fault, change_set_stage, fault as fault_of},
};

/// Starts a change set. The token is always ours: the SDK would make a new one for each attempt.
pub(crate) async fn start(client: &Client, call: &CallContext, write: &Write) -> Result<Submitted> {
    let mut changes = Vec::new();
    for change in offers::changes(write)? {
        changes.push(change.to_sdk()?);
    }
    let object = offers::entity(write);
    let answer = client
        .call(Operation::StartChangeSet, |sdk| {
            let request = sdk
                .catalog
                .start_change_set()
                .catalog(CATALOG)
                .change_set_name(change_set_name(&call.key))
                .client_request_token(call.token.to_string())
                .set_change_set(Some(changes.clone()));
            let object = &object;
            async move { request.send().await.map_err(|error| refusal(&error, object)) }
        })
        .await?;
    begun(answer)
}

fn begun(answer: StartChangeSetOutput) -> Result<Submitted> {
    match answer.change_set_id().filter(|id| !id.is_empty()) {
        Some(id) => Ok(Submitted { change: ChangeId(id.to_owned()) }),
        None => Err(Error::OutcomeUnknown {
            reason: "the answer does not hold the id of the change set".to_owned(),
            evidence: redact(&format!("HTTP 200\n{answer:?}")),
        }),
    }
}

/// The error of a refused start, with the field of the offer that caused it where the service says so.
fn refusal(error: &SdkError<StartChangeSetError, HttpResponse>, object: &str) -> Error {
    let mapped = fault(error, Purpose::Write, object);
    let Some(StartChangeSetError::ValidationException(refused)) = error.as_service_error() else { return mapped };
    let Error::Rejected { marketplace, code, reason, .. } = mapped else { return mapped };
    let first = refused.validation_exception_field_list().first();
    let field = first
        .and_then(|first| field_of_request(first.change_type.as_deref()?, first.field.as_deref().unwrap_or_default()));
    let details = first.and_then(|first| first.message.clone()).filter(|details| *details != reason);
    let reason = details.map_or(reason.clone(), |details| format!("{reason}: {details}"));
    Error::Rejected { marketplace, field: field.map(str::to_owned), code, reason }
}

/// A change set as it stands.
pub(crate) async fn describe(client: &Client, id: &str) -> Result<DescribeChangeSetOutput> {
    let object = format!("change set `{id}`");
    client
        .call(Operation::DescribeChangeSet, |sdk| {
            let request = sdk.catalog.describe_change_set().catalog(CATALOG).change_set_id(id);
            let object = &object;
            async move { request.send().await.map_err(|error| fault(&error, Purpose::Read, object)) }
        })
        .await
}

/// Where a change set stands.
pub(crate) fn state(set: &DescribeChangeSetOutput) -> Result<ChangeState> {
    match change_set_stage(set.status.as_ref()) {
        ChangeSetStage::Running => Ok(ChangeState::Pending),
        ChangeSetStage::Unrecognised => {
            tracing::warn!(change_set = set.change_set_id, status = ?set.status, "unknown status of a change set, waiting on");
            Ok(ChangeState::Pending)
        }
        ChangeSetStage::Succeeded => {
            let ended =
                set.end_time.as_deref().or(set.start_time.as_deref()).and_then(|text| text.parse::<Timestamp>().ok());
            let at = ended.ok_or_else(|| incomplete("the time at which the change set ended"))?;
            // All our change sets are about an offer: one that names none has not been understood.
            let offer = changed_offer(set).ok_or_else(|| incomplete("the offer that the change set is about"))?;
            Ok(ChangeState::Applied { offer_id: Some(offer), at })
        }
        ChangeSetStage::Cancelled => Ok(ChangeState::Failed(Error::Rejected {
            marketplace: MARKETPLACE,
            field: None,
            code: Some("CANCELLED".to_owned()),
            reason:
                "somebody cancelled the change set before it was applied; submit the write again if that was a mistake"
                    .to_owned(),
        })),
        ChangeSetStage::Failed => Ok(ChangeState::Failed(failure(set))),
    }
}

/// The offer that a set created or changed.
fn changed_offer(set: &DescribeChangeSetOutput) -> Option<String> {
    let entities = set.change_set().iter().filter_map(|change| change.entity.as_ref());
    let offers = entities.filter(|entity| entity.r#type().starts_with("Offer@")).filter_map(Entity::identifier);
    offers.map(without_revision).find(|id| !id.is_empty() && !id.starts_with('$')).map(str::to_owned)
}

pub(crate) fn without_revision(identifier: &str) -> &str {
    identifier.split_once('@').map_or(identifier, |(id, _)| id)
}

/// Why a set failed: the first cause that a change names, else the set's own words.
fn failure(set: &DescribeChangeSetOutput) -> Error {
    let fault = fault_of(set.failure_code.as_ref());
    let word = set.failure_code.as_ref().map(|code| code.as_str().to_owned());
    if fault == Fault::Service {
        let said = set
            .failure_description
            .clone()
            .unwrap_or_else(|| "AWS Marketplace failed while it processed the change set".to_owned());
        return Error::Transient { retry_after: None, reason: said };
    }
    let causes: Vec<(&ChangeSummary, &str, &str)> = set.change_set().iter().flat_map(causes).collect();
    let Some((change, code, _)) = causes.first() else {
        let reason = set
            .failure_description
            .clone()
            .unwrap_or_else(|| "AWS Marketplace named no cause; look at the change set in its console".to_owned());
        return Error::Rejected { marketplace: MARKETPLACE, field: None, code: word, reason };
    };
    let field = field_of_result(change.change_type().unwrap_or_default(), code).map(str::to_owned);
    let all: Vec<String> = causes.iter().map(|(_, code, message)| format!("{message} (`{code}`)")).collect();
    Error::Rejected { marketplace: MARKETPLACE, field, code: Some((*code).to_owned()), reason: all.join("; ") }
}

fn causes(change: &ChangeSummary) -> impl Iterator<Item = (&ChangeSummary, &str, &str)> {
    change.error_detail_list().iter().map(move |detail| {
        (change, detail.error_code().unwrap_or("UNNAMED"), detail.error_message().unwrap_or("no message"))
    })
}
