//! Asking the buyer for a payment under a variable payment term.
//!
//! Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_SendAgreementPaymentRequest.html>

use aws_sdk_marketplaceagreement::operation::send_agreement_payment_request::SendAgreementPaymentRequestError;
use entente_core::money::Money;
use entente_port::{ChangeId, Result, StepKey};
use serde_json::{Value, json};

use super::{Kind, Listed, Request, RequestId, Seen, mark, refused, send};
use crate::{
    agreements,
    client::{Client, Operation},
    failure::{Purpose, fault},
    paging,
    status::payment_state,
};

/// The longest description, in characters.
const DESCRIPTION_MAX: usize = 2000;

/// A request for a payment.
#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub(super) agreement_id: String,
    /// Absent on one that was read back: the service does not tell.
    term_id: Option<String>,
    name: String,
    amount: Money,
    pub(super) description: Option<String>,
}

impl PartialEq for Payment {
    fn eq(&self, other: &Payment) -> bool {
        let same_term = match (&self.term_id, &other.term_id) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => true,
        };
        same_term
            && (&self.agreement_id, &self.name, self.amount, &self.description)
                == (&other.agreement_id, &other.name, other.amount, &other.description)
    }
}

impl Payment {
    pub(super) fn new(
        key: &StepKey,
        agreement_id: &str,
        term_id: &str,
        name: &str,
        amount: Money,
        description: Option<&str>,
    ) -> Result<Payment> {
        if amount.minor <= 0 {
            return Err(refused("/amount", format!("{amount} asks for nothing; write more than zero")));
        }
        let length = name.chars().count();
        if !(5..=64).contains(&length) || name.contains(['\n', '\r']) {
            return Err(refused("/name", format!("the name is one line of 5 to 64 characters; this one has {length}")));
        }
        Ok(Payment {
            agreement_id: agreement_id.to_owned(),
            term_id: Some(term_id.to_owned()),
            name: name.to_owned(),
            amount,
            description: Some(mark::marked(key, description, DESCRIPTION_MAX)?),
        })
    }

    pub(super) fn body(&self, token: &str) -> Value {
        json!({
            "agreementId": self.agreement_id,
            "termId": self.term_id,
            "name": self.name,
            "chargeAmount": self.amount.decimal().to_string(),
            "description": self.description,
            "clientToken": token,
        })
    }

    pub(super) async fn send(&self, client: &Client, token: &str) -> Result<String> {
        self.check_currency(client).await?;
        let object = format!("agreement `{}`", self.agreement_id);
        let answer = client
            .call(Operation::SendAgreementPaymentRequest, |sdk| {
                let request = sdk
                    .agreement
                    .send_agreement_payment_request()
                    .agreement_id(&self.agreement_id)
                    .set_term_id(self.term_id.clone())
                    .name(&self.name)
                    .charge_amount(self.amount.decimal().to_string())
                    .set_description(self.description.clone())
                    .client_token(token);
                let object = &object;
                async move { request.send().await.map_err(|error| send::refusal(&error, object, validation)) }
            })
            .await?;
        send::begun(answer.payment_request_id(), &answer)
    }

    /// The request carries a bare number, which AWS reads in the term's currency: in another one it would be a different sum.
    async fn check_currency(&self, client: &Client) -> Result<()> {
        let terms = agreements::payment_terms(client, &self.agreement_id).await?;
        let Some(term) = terms.iter().find(|term| Some(&term.id) == self.term_id.as_ref()) else {
            let named = self.term_id.as_deref().unwrap_or_default();
            let reason = format!("agreement `{}` has no variable payment term `{named}`", self.agreement_id);
            return Err(refused("/term_id", reason));
        };
        if term.most.currency != self.amount.currency {
            let reason = format!("the term is in {}, the amount in {}", term.most.currency, self.amount.currency);
            return Err(refused("/amount/currency", reason));
        }
        Ok(())
    }
}

fn validation(
    error: &SendAgreementPaymentRequestError,
) -> Option<&aws_sdk_marketplaceagreement::types::error::ValidationException> {
    match error {
        SendAgreementPaymentRequestError::ValidationException(refused) => Some(refused),
        _ => None,
    }
}

/// The ids of a request for a payment, which is one of this agreement.
pub(super) fn of_agreement(agreement_id: &str, request: &ChangeId) -> Result<RequestId> {
    RequestId::parse(request).filter(|id| id.kind == Kind::Payment && id.agreement == agreement_id).ok_or_else(|| {
        refused("/request", format!("`{}` is no request for a payment under agreement `{agreement_id}`", request.0))
    })
}

/// The body of the call that takes one back.
pub(super) fn withdrawal(id: &RequestId) -> Value {
    json!({ "agreementId": id.agreement, "paymentRequestId": id.request })
}

pub(super) async fn withdraw(client: &Client, id: &RequestId) -> Result<()> {
    let object = format!("payment request `{}`", id.request);
    client
        .call(Operation::CancelAgreementPaymentRequest, |sdk| {
            let request = sdk
                .agreement
                .cancel_agreement_payment_request()
                .agreement_id(&id.agreement)
                .payment_request_id(&id.request);
            let object = &object;
            async move { request.send().await.map(drop).map_err(|error| fault(&error, Purpose::Write, object)) }
        })
        .await
}

pub(super) async fn list(client: &Client, agreement: Option<&str>) -> Result<Vec<Listed>> {
    const WHAT: &str = "the list of payment requests";
    let rows = paging::all(|token| async move {
        let page = client
            .call(Operation::ListAgreementPaymentRequests, |sdk| {
                let request = sdk
                    .agreement
                    .list_agreement_payment_requests()
                    .party_type("Proposer")
                    .set_agreement_id(agreement.map(str::to_owned))
                    .max_results(paging::PAGE)
                    .set_next_token(token.clone());
                async move { request.send().await.map_err(|error| fault(&error, Purpose::Read, WHAT)) }
            })
            .await?;
        Ok((page.items, page.next_token))
    })
    .await?;
    let listed = rows.iter().map(|row| {
        let request = send::part(row.payment_request_id(), "an id", WHAT)?.to_owned();
        let agreement = send::part(row.agreement_id(), "an agreement", WHAT)?.to_owned();
        let began_at = send::part(row.created_at().and_then(send::instant), "a time", WHAT)?;
        Ok(Listed { id: RequestId { agreement, kind: Kind::Payment, request }, began_at })
    });
    listed.collect()
}

pub(super) async fn read(client: &Client, id: &RequestId) -> Result<Seen> {
    let object = format!("payment request `{}`", id.request);
    let row = client
        .call(Operation::GetAgreementPaymentRequest, |sdk| {
            let request = sdk
                .agreement
                .get_agreement_payment_request()
                .agreement_id(&id.agreement)
                .payment_request_id(&id.request);
            let object = &object;
            async move { request.send().await.map_err(|error| fault(&error, Purpose::Read, object)) }
        })
        .await?;
    let began_at = send::part(row.created_at().and_then(send::instant), "the time", &object)?;
    let updated_at = row.updated_at().and_then(send::instant).unwrap_or(began_at);
    let state = payment_state(row.status(), updated_at, row.status_message());
    let amount = row.charge_amount().zip(row.currency_code());
    let amount = amount.and_then(|(amount, currency)| send::money(amount, currency));
    let request = Request::Payment(Payment {
        agreement_id: id.agreement.clone(),
        term_id: None,
        name: row.name.clone().unwrap_or_default(),
        amount: send::part(amount, "the amount", &object)?,
        description: row.description,
    });
    Ok(Seen { request, state, began_at })
}
