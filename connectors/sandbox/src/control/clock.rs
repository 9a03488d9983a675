//! The virtual clock and health.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::{self, Problem};
use crate::config::Rate;
use crate::period;
use crate::sandbox::Sandbox;
use crate::world::World;

fn shown(world: &World) -> Value {
    json!({ "now": world.clock.now().to_string(), "rate": String::from(world.clock.rate()) })
}

pub(super) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

#[derive(Deserialize)]
pub(super) struct Look {
    reader: Option<String>,
}

/// A look by somebody who says his name is counted: whoever moves the clock can wait until all have seen it.
pub(super) async fn show(State(sandbox): State<Arc<Sandbox>>, Query(look): Query<Look>) -> Json<Value> {
    let answer = sandbox.read(shown);
    if let Some(reader) = look.reader {
        *sandbox.clock_readers().entry(reader).or_default() += 1;
    }
    Json(answer)
}

pub(super) async fn readers(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(json!({ "readers": *sandbox.clock_readers() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    now: Option<Timestamp>,
    advance: Option<String>,
    rate: Option<Rate>,
}

/// Sets or advances the clock and changes its rate. What becomes due has happened when this answers.
pub(super) async fn change(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Value>, Problem> {
    let change: Change = problem::read(&body)?;
    if change.now.is_some() && change.advance.is_some() {
        return Err(Problem::invalid("give either `now` or `advance`"));
    }
    if change.now.is_none() && change.advance.is_none() && change.rate.is_none() {
        return Err(Problem::invalid("give `now`, `advance` or `rate`"));
    }
    let advance = change
        .advance
        .as_deref()
        .map(period::exact)
        .transpose()
        .map_err(|error| Problem::invalid(format!("`advance`: {error}")))?;
    sandbox.write(|world| {
        if let Some(rate) = change.rate {
            world.clock.set_rate(rate);
        }
        if let Some(now) = change.now {
            world.set_clock(now);
        }
        if let Some(by) = advance {
            world.clock.advance(by);
        }
    })?;
    Ok(Json(sandbox.read(shown)))
}
