//! AWS's side of partner funding: reviews that are decided, and what was granted.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::problem::{self, Problem};
use crate::aws::benefit_review;
use crate::sandbox::Sandbox;

pub(super) async fn list(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.read(|world| {
        let benefits = &world.aws.benefits;
        json!({
            "applications": benefits.applications.values().collect::<Vec<_>>(),
            "allocations": benefits.allocations.values().collect::<Vec<_>>(),
        })
    }))
}

/// Decides about an application that is being reviewed.
pub(super) async fn decide(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let decision: benefit_review::Decision = problem::read(&body)?;
    sandbox.write(|world| {
        let now = world.clock.now();
        let status = benefit_review::decide(&mut world.aws.benefits, &mut world.ids, now, &id, decision);
        status.map(|status| Json(json!({ "application_id": id, "status": status }))).map_err(Problem::refused)
    })?
}
