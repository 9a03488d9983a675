//! Asking the buyer to end an agreement early. Whoever does not answer within seven days has agreed.
//!
//! Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_SendAgreementCancellationRequest.html>

use aws_sdk_marketplaceagreement::{
    operation::send_agreement_cancellation_request::SendAgreementCancellationRequestError,
    types::AgreementCancellationRequestReasonCode as ReasonCode,
};
use entente_port::{CancellationReason, Result, StepKey};
use serde_json::{Value, json};

use super::{Kind, Listed, Request, RequestId, Seen, mark, send};
use crate::{
    client::{Client, Operation},
    failure::{Purpose, fault},
    paging,
    status::cancellation_state,
};

/// The longest description, in characters.
const DESCRIPTION_MAX: usize = 2000;

/// A request to end an agreement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cancellation {
    pub(super) agreement_id: String,
    reason: ReasonCode,
    pub(super) description: Option<String>,
}

fn word(reason: CancellationReason) -> ReasonCode {
    match reason {
        CancellationReason::IncorrectTerms => ReasonCode::IncorrectTermsAccepted,
        CancellationReason::ReplacedByAnother => ReasonCode::ReplacingAgreement,
        CancellationReason::Test => ReasonCode::TestAgreement,
        CancellationReason::BoughtElsewhere => ReasonCode::AlternativeProcurementChannel,
        CancellationReason::ProductDiscontinued => ReasonCode::ProductDiscontinued,
        CancellationReason::UnintendedRenewal => ReasonCode::UnintendedRenewal,
        CancellationReason::BuyerDissatisfied => ReasonCode::BuyerDissatisfaction,
        CancellationReason::Other => ReasonCode::Other,
    }
}

impl Cancellation {
    pub(super) fn new(
        key: &StepKey,
        agreement_id: &str,
        reason: CancellationReason,
        description: Option<&str>,
    ) -> Result<Cancellation> {
        let description = Some(mark::marked(key, description, DESCRIPTION_MAX)?);
        Ok(Cancellation { agreement_id: agreement_id.to_owned(), reason: word(reason), description })
    }

    pub(super) fn body(&self, token: &str) -> Value {
        json!({
            "agreementId": self.agreement_id,
            "reasonCode": self.reason.as_str(),
            "description": self.description,
            "clientToken": token,
        })
    }

    pub(super) async fn send(&self, client: &Client, token: &str) -> Result<String> {
        let object = format!("agreement `{}`", self.agreement_id);
        let answer = client
            .call(Operation::SendAgreementCancellationRequest, |sdk| {
                let request = sdk
                    .agreement
                    .send_agreement_cancellation_request()
                    .agreement_id(&self.agreement_id)
                    .reason_code(self.reason.clone())
                    .set_description(self.description.clone())
                    .client_token(token);
                let object = &object;
                async move { request.send().await.map_err(|error| send::refusal(&error, object, validation)) }
            })
            .await?;
        send::begun(answer.agreement_cancellation_request_id(), &answer)
    }
}

fn validation(
    error: &SendAgreementCancellationRequestError,
) -> Option<&aws_sdk_marketplaceagreement::types::error::ValidationException> {
    match error {
        SendAgreementCancellationRequestError::ValidationException(refused) => Some(refused),
        _ => None,
    }
}

pub(super) async fn list(client: &Client, agreement: Option<&str>) -> Result<Vec<Listed>> {
    const WHAT: &str = "the list of cancellation requests";
    let rows = paging::all(|token| async move {
        let page = client
            .call(Operation::ListAgreementCancellationRequests, |sdk| {
                let request = sdk
                    .agreement
                    .list_agreement_cancellation_requests()
                    .party_type("Proposer")
                    .set_agreement_id(agreement.map(str::to_owned))
                    .max_results(paging::PAGE)
                    .set_next_token(token.clone());
                async move { request.send().await.map_err(|error| fault(&error, Purpose::Read, WHAT)) }
            })
            .await?;
        Ok((page.items.unwrap_or_default(), page.next_token))
    })
    .await?;
    let listed = rows.iter().map(|row| {
        let request = send::part(row.agreement_cancellation_request_id(), "an id", WHAT)?.to_owned();
        let agreement = send::part(row.agreement_id(), "an agreement", WHAT)?.to_owned();
        let began_at = send::part(row.created_at().and_then(send::instant), "a time", WHAT)?;
        Ok(Listed { id: RequestId { agreement, kind: Kind::Cancellation, request }, began_at })
    });
    listed.collect()
}

pub(super) async fn read(client: &Client, id: &RequestId) -> Result<Seen> {
    let object = format!("cancellation request `{}`", id.request);
    let row = client
        .call(Operation::GetAgreementCancellationRequest, |sdk| {
            let request = sdk
                .agreement
                .get_agreement_cancellation_request()
                .agreement_id(&id.agreement)
                .agreement_cancellation_request_id(&id.request);
            let object = &object;
            async move { request.send().await.map_err(|error| fault(&error, Purpose::Read, object)) }
        })
        .await?;
    let began_at = send::part(row.created_at().and_then(send::instant), "the time", &object)?;
    let updated_at = row.updated_at().and_then(send::instant).unwrap_or(began_at);
    let state = cancellation_state(row.status(), began_at, updated_at, row.status_message());
    let request = Request::Cancellation(Cancellation {
        agreement_id: id.agreement.clone(),
        reason: send::part(row.reason_code, "the reason", &object)?,
        description: row.description,
    });
    Ok(Seen { request, state, began_at })
}
