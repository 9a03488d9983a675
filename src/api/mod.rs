//! The HTTP face: health for the operator's monitors, the doors through which marketplaces send their events, and commitments for
//! people's programs.

mod commitments;
mod events;
mod input;
mod limits;
mod login;
mod looks;
mod openapi;
mod problem;
mod routes;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderValue, Method, StatusCode, Uri, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::problem::{AGAIN, Problem};
pub use self::{limits::Limits, looks::Looks};
use crate::{app::App, connectors::Connections, runner::Shared};

/// The largest body that is read: the largest event that a marketplace sends.
const BODY_MAX: usize = 256 * 1024;

/// What the handlers need.
#[derive(Clone)]
pub struct Api {
    /// The installation.
    pub app: Arc<App>,
    /// The engine.
    pub shared: Arc<Shared>,
    /// The connections.
    pub connections: Connections,
    /// The token that senders of events must show; without one only this machine may send.
    pub events_token: Option<String>,
    /// What is looked at because of events, and how much of it at a time.
    pub looks: Looks,
    /// How often somebody may ask.
    pub limits: Limits,
}

/// Every route, what it does, and what is answered where there is none.
pub fn router(api: Api) -> Router {
    routes::router()
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(api)
}

/// Ready when the database answers and this process owns runs.
async fn ready(State(api): State<Api>) -> Response {
    let answers = api.shared.store.epoch().await.is_ok();
    if answers && !api.shared.leases.shards().is_empty() {
        return "ready\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, HeaderValue::from(AGAIN))], "not ready\n").into_response()
}

/// What is asked for does not exist, or not by this method.
async fn unknown(method: Method, uri: Uri) -> Problem {
    Problem::not_found(format!("there is no `{method} {}` here", uri.path()))
}

/// Serves until told to stop.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(api: Api, listener: TcpListener, stop: CancellationToken) -> std::io::Result<()> {
    let service = router(api).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(async move { stop.cancelled().await }).await
}
