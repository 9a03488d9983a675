//! The buyers' side: accept, cancel, pay, answer; and what only the marketplace itself does.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::{self, Problem};
use crate::aws::{self, Acceptance, AgreementStatus, Price, VariablePayment, agreement_lifecycle};
use crate::period::Period;
use crate::sandbox::Sandbox;

pub(super) async fn accept(
    State(sandbox): State<Arc<Sandbox>>,
    Path(account): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let wish: Acceptance = problem::read(&body)?;
    let accepted = sandbox.write(|world| {
        let now = world.clock.now();
        aws::accept(&mut world.aws, &mut world.ids, now, &account, &wish)
    })?;
    accepted.map(|id| Json(json!({ "agreement_id": id }))).map_err(|reason| Problem::refused(reason.to_string()))
}

pub(super) async fn list(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.read(|world| json!({ "agreements": world.aws.agreements.values().collect::<Vec<_>>() })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

pub(super) async fn cancel(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let Nothing {} = problem::read(&body)?;
    sandbox.write(|world| {
        let now = world.clock.now();
        let agreement = world.aws.agreements.get(&id).ok_or_else(|| missing(&id))?;
        if agreement.status != AgreementStatus::Active {
            return Err(Problem::refused(format!("the agreement `{id}` is {}", agreement.status.name())));
        }
        agreement_lifecycle::end(&mut world.aws, &mut world.ids, &id, now, AgreementStatus::Cancelled);
        Ok(Json(json!({ "agreement_id": id, "status": AgreementStatus::Cancelled.name() })))
    })?
}

/// How AWS ends an agreement by itself, and what people see of it afterwards.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Ending {
    Archived,
    RolledBack,
    Superseded,
    Terminated,
}

impl Ending {
    fn status(self) -> AgreementStatus {
        match self {
            Ending::Archived => AgreementStatus::Archived,
            Ending::RolledBack => AgreementStatus::RolledBack,
            Ending::Superseded => AgreementStatus::Superseded,
            Ending::Terminated => AgreementStatus::Terminated,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    status: Ending,
}

/// The marketplace ends an agreement.
pub(super) async fn end(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let status = problem::read::<End>(&body)?.status.status();
    sandbox.write(|world| {
        let now = world.clock.now();
        let agreement = world.aws.agreements.get(&id).ok_or_else(|| missing(&id))?;
        // Only the record of an agreement that is over can be put away; everything else happens to one in force.
        let over = agreement.status != AgreementStatus::Active;
        if over && (status != AgreementStatus::Archived || agreement.status == status) {
            return Err(Problem::refused(format!("the agreement `{id}` is {}", agreement.status.name())));
        }
        agreement_lifecycle::end(&mut world.aws, &mut world.ids, &id, now, status);
        Ok(Json(json!({ "agreement_id": id, "status": status.name() })))
    })?
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewVariablePayment {
    max_total_charge_amount: Price,
    /// After how long silence is consent; never, without one.
    expiration_duration: Option<Period>,
}

/// Puts a variable payment term into an agreement, as if the accepted offer had had one.
pub(super) async fn allow_payments(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let wanted: NewVariablePayment = problem::read(&body)?;
    if wanted.max_total_charge_amount.value() <= Decimal::ZERO {
        return Err(Problem::invalid("`max_total_charge_amount` must be more than zero"));
    }
    if wanted.expiration_duration.as_ref().is_some_and(|period| !period.is_days()) {
        return Err(Problem::invalid("`expiration_duration` is written in days, such as `P10D`"));
    }
    sandbox.write(|world| {
        let now = world.clock.now();
        let agreement = world.aws.agreements.get_mut(&id).ok_or_else(|| missing(&id))?;
        let term = VariablePayment {
            id: format!("term-{}-variable", id.trim_start_matches("agmt-")),
            max_total: wanted.max_total_charge_amount.value(),
            auto_approval: wanted.expiration_duration,
        };
        let term_id = term.id.clone();
        agreement.variable_payment = Some(term);
        agreement.updated_at = now;
        Ok(Json(json!({ "agreement_id": id, "term_id": term_id })))
    })?
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    approve: bool,
    reason: Option<String>,
}

/// The buyer answers a cancellation or payment request.
pub(super) async fn answer(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let Answer { approve, reason } = problem::read(&body)?;
    sandbox.write(|world| {
        let now = world.clock.now();
        let status = aws::answer_for_buyer(&mut world.aws, &mut world.ids, now, &id, approve, reason);
        status.map(|status| Json(json!({ "request_id": id, "status": status }))).map_err(Problem::refused)
    })?
}

pub(super) async fn requests(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.read(|world| {
        json!({
            "cancellations": world.aws.cancellations.values().collect::<Vec<_>>(),
            "payments": world.aws.payment_requests.values().collect::<Vec<_>>(),
            "adjustments": world.aws.adjustments.values().collect::<Vec<_>>(),
        })
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payment {
    invoice_id: Option<String>,
}

/// Pays one invoice, or all that are open.
pub(super) async fn pay(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let payment: Payment = problem::read(&body)?;
    sandbox.write(|world| {
        let now = world.clock.now();
        let agreement = world.aws.agreements.get_mut(&id).ok_or_else(|| missing(&id))?;
        let wanted = payment.invoice_id.as_deref();
        if let Some(invoice) = wanted.filter(|wanted| !agreement.invoices.iter().any(|invoice| invoice.id == *wanted)) {
            return Err(Problem::not_found(format!("the agreement `{id}` has no invoice `{invoice}`")));
        }
        let mut paid = Vec::new();
        for invoice in &mut agreement.invoices {
            if invoice.paid_at.is_none() && wanted.is_none_or(|wanted| wanted == invoice.id) {
                invoice.paid_at = Some(now);
                paid.push(invoice.id.clone());
            }
        }
        Ok(Json(json!({ "agreement_id": id, "paid": paid })))
    })?
}

fn missing(id: &str) -> Problem {
    Problem::not_found(format!("the agreement `{id}` does not exist"))
}
