//! The control API: JSON over HTTP, described by its own OpenAPI document.

mod agreements;
mod aws;
mod benefits;
mod catalog;
mod clock;
mod faults;
mod offers;
mod problem;

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{any, delete, get, post};

use crate::aws::serve;
use crate::sandbox::Sandbox;

use problem::Problem;

/// The description of this API.
const OPENAPI: &str = include_str!("openapi.json");

/// Both trees of routes.
pub(crate) fn router(sandbox: Arc<Sandbox>) -> Router {
    let control = Router::new()
        .route("/openapi.json", get(openapi))
        .route("/health", get(clock::health))
        .route("/accounts", get(aws::accounts).post(catalog::add_account))
        .route("/clock", get(clock::show).post(clock::change))
        .route("/clock/readers", get(clock::readers))
        .route("/aws/products", get(aws::products).post(aws::add_product))
        .route("/aws/solutions", get(catalog::solutions).post(catalog::add_solution))
        .route("/aws/offer-sets", get(catalog::offer_sets))
        .route("/aws/resale-authorizations", get(catalog::authorizations))
        .route("/aws/buyers/{account}/accept", post(agreements::accept))
        .route("/aws/agreements", get(agreements::list))
        .route("/aws/agreements/{id}/cancel", post(agreements::cancel))
        .route("/aws/agreements/{id}/pay", post(agreements::pay))
        .route("/aws/agreements/{id}/end", post(agreements::end))
        .route("/aws/agreements/{id}/variable-payment", post(agreements::allow_payments))
        .route("/aws/agreement-requests", get(agreements::requests))
        .route("/aws/agreement-requests/{id}/answer", post(agreements::answer))
        .route("/aws/benefits", get(benefits::list))
        .route("/aws/benefit-applications/{id}/decide", post(benefits::decide))
        .route("/aws/offers", get(offers::list))
        .route("/aws/offers/{id}", get(offers::show))
        .route("/aws/console/offers/{id}", post(offers::edit_in_console))
        .route("/aws/faults", get(faults::list).post(faults::add).delete(faults::clear))
        .route("/aws/faults/{id}", delete(faults::remove))
        .route("/aws/effects", get(aws::effects))
        .route("/aws/requests", get(aws::requests))
        .route("/aws/events", get(aws::events))
        .route("/aws/event-sinks", get(aws::sinks).post(aws::add_sink))
        .fallback(any(unknown))
        .method_not_allowed_fallback(unknown);
    Router::new().nest("/control", control).fallback(any(serve)).with_state(sandbox)
}

async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], OPENAPI)
}

async fn unknown() -> Problem {
    Problem::not_found("no such control; see `/control/openapi.json`")
}
