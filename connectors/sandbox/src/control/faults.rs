//! Injecting faults.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::problem::{self, Problem};
use crate::aws::{Fault, FaultRequest};
use crate::sandbox::Sandbox;

fn shown(fault: &Fault) -> Value {
    let mut shown = fault.request.clone();
    shown.insert("fault_id".to_owned(), fault.fault_id.clone().into());
    shown.insert("op".to_owned(), fault.op.clone().into());
    shown.insert("skip_left".to_owned(), fault.skip.into());
    shown.insert("times_left".to_owned(), json!(fault.times));
    shown.insert("hits".to_owned(), fault.hits.into());
    Value::Object(shown)
}

pub(super) async fn list(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.read(|world| json!({ "faults": world.aws.faults.iter().map(shown).collect::<Vec<_>>() })))
}

pub(super) async fn add(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Value>, Problem> {
    let request = FaultRequest::read(problem::read(&body)?).map_err(Problem::invalid)?;
    let fault_id = sandbox.write(|world| {
        let fault_id = world.ids.next("fault-", 12);
        world.aws.faults.push(request.into_fault(fault_id.clone()));
        fault_id
    })?;
    Ok(Json(json!({ "fault_id": fault_id })))
}

pub(super) async fn clear(State(sandbox): State<Arc<Sandbox>>) -> Result<Json<Value>, Problem> {
    let removed = sandbox.write(|world| std::mem::take(&mut world.aws.faults).len())?;
    Ok(Json(json!({ "removed": removed })))
}

pub(super) async fn remove(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let removed = sandbox.write(|world| {
        let before = world.aws.faults.len();
        world.aws.faults.retain(|fault| fault.fault_id != id);
        before - world.aws.faults.len()
    })?;
    if removed == 0 {
        return Err(Problem::not_found(format!("the fault `{id}` does not exist")));
    }
    Ok(Json(json!({ "removed": removed })))
}
