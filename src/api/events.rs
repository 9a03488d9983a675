//! Events of marketplaces: hints that something should be looked at, never facts.

use std::net::SocketAddr;

use axum::{
    body::Bytes,
    extract::{ConnectInfo, Path, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
};
use entente_port::{Error, Hint, Observation};
use sha2::{Digest, Sha256};

use super::{Api, BODY_MAX, problem::Problem};
use crate::{connectors::Connection, observe};

/// `POST /v1/connectors/<account>/events`: takes an event as the marketplace sends it, and looks at what it names.
pub async fn receive(
    State(api): State<Api>,
    Path(path): Path<String>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let unknown = || Problem::not_found(format!("there is no `{path}` here"));
    let account = path.strip_suffix("/events").ok_or_else(unknown)?;
    admit(&api, &headers, from)?;
    let connection = api.connections.get(account).ok_or_else(unknown)?;
    let body = body.map_err(|rejection| {
        let detail = format!("{}; an event has at most {BODY_MAX} bytes", rejection.body_text());
        Problem { status: rejection.status(), ..unreadable(detail) }
    })?;
    let hint = connection.marketplace.hint(&body).map_err(|error| match error {
        Error::Unsupported(_) => unknown(),
        Error::Rejected { reason, .. } => unreadable(reason),
        error => unreadable(error.to_string()),
    })?;
    let _room = api.looks.begin(&connection.account).ok_or_else(|| {
        let detail = "more events came than can be looked at; send this one again later, or leave it to the next poll";
        Problem { code: "events_too_fast".into(), ..Problem::of(StatusCode::TOO_MANY_REQUESTS, detail) }
    })?;
    look(&api, connection, &hint).await.map(|()| StatusCode::ACCEPTED)
}

fn unreadable(detail: String) -> Problem {
    Problem { code: "event_unreadable".into(), ..Problem::of(StatusCode::BAD_REQUEST, detail) }
}

fn admit(api: &Api, headers: &HeaderMap, from: SocketAddr) -> Result<(), Problem> {
    let allowed = match &api.events_token {
        Some(token) => {
            let shown = headers
                .get(AUTHORIZATION)
                .and_then(|value| value.to_str().ok())
                .and_then(|value| value.strip_prefix("Bearer "));
            // Hashes of equal length are compared, so the time taken tells nothing of the token.
            shown.is_some_and(|shown| Sha256::digest(shown) == Sha256::digest(token))
        }
        None => from.ip().is_loopback(),
    };
    if allowed {
        return Ok(());
    }
    let detail = "events need the token of this installation in an `Authorization: Bearer` header";
    Err(Problem { code: "events_token".into(), ..Problem::of(StatusCode::UNAUTHORIZED, detail) })
}

/// Fetches what the hint names. A hint that comes twice finds nothing new the second time.
async fn look(api: &Api, connection: &Connection, hint: &Hint) -> Result<(), Problem> {
    let later =
        |detail: String| Problem { code: "look_failed".into(), ..Problem::of(StatusCode::SERVICE_UNAVAILABLE, detail) };
    let mut observations: Vec<Observation> = Vec::new();
    for offer in &hint.offers {
        let page = connection.marketplace.agreements_of(offer).await.map_err(|error| later(error.to_string()))?;
        observations.extend(page.observations);
    }
    observe::tell(&api.shared, connection, &observations).await.map_err(|error| later(error.to_string()))?;
    // A change that ended is waited for by its own intent: looking at the outbox now spares it the rest of its pause.
    if !hint.changes.is_empty() {
        api.shared.work.notify_waiters();
    }
    Ok(())
}
