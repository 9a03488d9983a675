//! Accounts, products, event sinks and the logs.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::{self, Problem};
use crate::aws::{NewProduct, Role, Sink};
use crate::sandbox::Sandbox;

pub(super) async fn accounts(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.read(|world| json!({ "accounts": world.aws.accounts })))
}

pub(super) async fn products(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.read(|world| json!({ "products": world.aws.products.values().collect::<Vec<_>>() })))
}

/// Lists a product, or replaces the one of the same id.
pub(super) async fn add_product(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Value>, Problem> {
    let product: NewProduct = problem::read(&body)?;
    if !(1..=50).contains(&product.id.len()) {
        return Err(Problem::invalid("`id` must have 1 to 50 characters"));
    }
    let owner = product.owner.clone();
    let added = sandbox.write(|world| {
        let known = |id: &String| world.aws.accounts.iter().any(|account| account.account_id == *id);
        if let Some(owner) = owner.filter(|id| !known(id)) {
            return Err(Problem::invalid(format!("`owner`: the account `{owner}` does not exist")));
        }
        let seller = world.aws.accounts.iter().find(|account| account.role == Role::Seller);
        let seller = seller.map(|account| account.account_id.clone()).unwrap_or_default();
        let now = world.clock.now();
        let product = product.into_product(&seller, now);
        let shown = json!(product);
        world.aws.add_product(product, now, &mut world.ids);
        Ok(shown)
    })?;
    added.map(Json)
}

pub(super) async fn effects(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.read(|world| json!({ "effects": world.aws.journal.effects })))
}

pub(super) async fn requests(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.read(|world| {
        let journal = &world.aws.journal;
        json!({ "counters": journal.counters, "requests": journal.requests })
    }))
}

pub(super) async fn events(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.read(|world| json!({ "events": world.aws.events.log })))
}

pub(super) async fn sinks(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.read(|world| json!({ "sinks": world.aws.events.sinks })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSink {
    url: String,
    account: Option<String>,
}

pub(super) async fn add_sink(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Value>, Problem> {
    let sink: NewSink = problem::read(&body)?;
    if reqwest::Url::parse(&sink.url).is_err() {
        return Err(Problem::invalid(format!("`url`: `{}` is not a URL", sink.url)));
    }
    let sink_id = sandbox.write(|world| {
        let sink_id = world.ids.next("sink-", 12);
        world.aws.events.sinks.push(Sink { sink_id: sink_id.clone(), url: sink.url, account: sink.account });
        sink_id
    })?;
    Ok(Json(json!({ "sink_id": sink_id })))
}
