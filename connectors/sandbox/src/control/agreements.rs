//! The buyers' side: accept, cancel, pay.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::{self, Problem};
use crate::aws::{self, Acceptance, AgreementStatus, agreement_lifecycle};
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
    accepted.map(|id| Json(json!({ "agreement_id": id }))).map_err(Problem::refused)
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
