//! The HTTP face: health for the operator's monitors, and the doors through which marketplaces send their events.

mod events;
mod looks;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::{
        HeaderValue, Method, StatusCode, Uri,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use self::looks::Looks;
use crate::{connectors::Connections, runner::Shared};

/// The largest body that is read: the largest event that a marketplace sends.
const BODY_MAX: usize = 256 * 1024;

/// Seconds after which a client that was turned away may come again.
const AGAIN: HeaderValue = HeaderValue::from_static("5");

/// What the handlers need.
#[derive(Clone)]
pub struct Api {
    /// The engine.
    pub shared: Arc<Shared>,
    /// The connections.
    pub connections: Connections,
    /// The token that senders of events must show; without one only this machine may send.
    pub events_token: Option<String>,
    /// What is looked at because of events, and how much of it at a time.
    pub looks: Looks,
}

/// An error as clients read it: RFC 9457, with a stable code that has a page in `docs/errors/`.
#[derive(Debug, Serialize)]
pub struct Problem {
    /// The status.
    #[serde(skip)]
    pub status: StatusCode,
    /// The stable code.
    pub code: &'static str,
    /// What happened and what to do.
    pub detail: String,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut response = (status, [(CONTENT_TYPE, "application/problem+json")], Json(self)).into_response();
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            response.headers_mut().insert(RETRY_AFTER, AGAIN);
        }
        response
    }
}

/// Every route with what it does.
pub fn router(api: Api) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/v1/connectors/{*account}", post(events::receive))
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
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, AGAIN)], "not ready\n").into_response()
}

/// What is asked for does not exist, or not by this method.
async fn unknown(method: Method, uri: Uri) -> Problem {
    let detail = format!("there is no `{method} {}` here", uri.path());
    Problem { status: StatusCode::NOT_FOUND, code: "not_found", detail }
}

/// Serves until told to stop.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(api: Api, listener: TcpListener, stop: CancellationToken) -> std::io::Result<()> {
    let service = router(api).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(async move { stop.cancelled().await }).await
}
