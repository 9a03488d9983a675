//! Offers seen from inside, and changes made past the API in the vendor's console.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::{self, Problem};
use crate::aws::{self, Agreement, Offer};
use crate::sandbox::Sandbox;
use crate::world::World;

fn row(world: &World, offer: &Offer) -> Value {
    let now = world.clock.now();
    let agreements: Vec<&Agreement> =
        world.aws.agreements.values().filter(|agreement| agreement.offer_id == offer.id).collect();
    json!({
        "offer_id": offer.id,
        "agreement_proposal_id": aws::proposal_of(&offer.id),
        "owner": offer.owner,
        "product_id": offer.product_id,
        "name": offer.name,
        "state": offer.state.name(),
        "public": offer.is_public(),
        "expired": offer.is_expired(now),
        "available_until": offer.available_until().map(|end| end.to_string()),
        "buyer_accounts": offer.buyer_accounts(),
        "revision": offer.revision,
        "modified_at": offer.modified_at.to_string(),
        "agreements": agreements.iter().map(|agreement| &agreement.id).collect::<Vec<_>>(),
    })
}

pub(super) async fn list(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.read(|world| {
        let offers: Vec<Value> = world.aws.offers.values().map(|offer| row(world, offer)).collect();
        json!({ "offers": offers })
    }))
}

pub(super) async fn show(State(sandbox): State<Arc<Sandbox>>, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    sandbox
        .read(|world| {
            let offer = world.aws.offers.get(&id)?;
            let mut shown = row(world, offer);
            if let Value::Object(map) = &mut shown {
                map.insert("details".to_owned(), offer.details());
                map.insert("revisions".to_owned(), json!(offer.revisions));
                map.insert("visible_from".to_owned(), json!(offer.visible_from));
            }
            Some(Json(shown))
        })
        .ok_or_else(|| Problem::not_found(format!("the offer `{id}` does not exist")))
}

/// What can be edited in the console.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    name: Option<String>,
    description: Option<String>,
    availability_end_date: Option<Date>,
    buyer_accounts: Option<Vec<String>>,
}

pub(super) async fn edit_in_console(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let patch: Patch = problem::read(&body)?;
    let edited = sandbox.write(|world| {
        let now = world.clock.now();
        let offer = world.aws.offers.get_mut(&id)?;
        if let Some(name) = patch.name {
            offer.name = Some(name);
        }
        if let Some(description) = patch.description {
            offer.description = Some(description);
        }
        if let Some(day) = patch.availability_end_date {
            offer.availability_end = Some(day);
        }
        if let Some(accounts) = patch.buyer_accounts {
            offer.set_buyer_accounts(accounts);
        }
        offer.record_revision(now, "console");
        Some(json!({ "offer_id": offer.id, "revision": offer.revision }))
    })?;
    edited.map(Json).ok_or_else(|| Problem::not_found(format!("the offer `{id}` does not exist")))
}
