//! The way of a request: read, identify, throttle, handle, disturb, answer.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::accounts::Account;
use super::call::{Call, Protocol};
use super::fault::{self, Plan, Tampering};
use super::journal::{Effect, RequestEntry};
use super::refusal::Refusal;
use super::{agreement, benefits, catalog, cbor};
use crate::line::Line;
use crate::persist::SnapshotError;
use crate::sandbox::Sandbox;
use crate::world::World;

/// The largest request body read, in bytes.
const BODY_MAX: usize = 4 << 20;

/// What a handler may use.
pub(crate) struct Context<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) account: Account,
    pub(crate) call: &'a Call,
    pub(crate) plan: &'a Plan,
    pub(crate) settings: &'a crate::config::Config,
}

impl Context<'_> {
    /// Notes a write that took effect.
    pub(crate) fn record_effect(&mut self, change_set: Option<(&str, &str)>, entities: Vec<String>) {
        let effect = Effect {
            at: self.world.clock.now(),
            account: self.account.account_id.clone(),
            operation: self.call.operation.clone(),
            client_request_token: self.call.client_token().map(str::to_owned),
            change_set_name: change_set.map(|(name, _)| name.to_owned()),
            change_set_id: change_set.map(|(_, id)| id.to_owned()),
            entities,
            body_sha256: self.call.body_sha256.clone(),
        };
        self.world.aws.journal.effects.push(effect);
    }
}

/// An answer before it is written in the protocol of its call.
pub(crate) type Reply = Result<Value, Refusal>;

/// Serves one request below `/aws`.
pub(crate) async fn serve(
    State(sandbox): State<Arc<Sandbox>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Some(path) = parts.uri.path().strip_prefix("/aws") else {
        return (StatusCode::NOT_FOUND, "nothing is served here; see `/aws` and `/control/openapi.json`\n")
            .into_response();
    };
    let Ok(body) = to_bytes(body, BODY_MAX).await else {
        return written(
            Protocol::RestJson,
            Err(Refusal::new(413, "RequestEntityTooLargeException", "the request body is too large")),
            None,
        );
    };
    let call = match Call::read(&parts, path, &body) {
        Ok(call) => call,
        Err((protocol, refusal)) => return written(protocol, Err(refusal), None),
    };
    let protocol = call.protocol;
    // A client that gives up does not stop the service: the work goes on in a task of its own.
    let work = tokio::spawn(async move { disturbed(&sandbox, &call).await });
    let Ok(outcome) = work.await else {
        return written(
            protocol,
            Err(Refusal::new(500, "InternalServiceException", "the request could not be handled")),
            None,
        );
    };
    match outcome {
        Ok(Some(response)) => response,
        Ok(None) => {
            line.cut();
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the sandbox state could not be saved");
            written(protocol, Err(Refusal::new(500, "InternalServiceException", error.to_string())), None)
        }
    }
}

/// Handles a call under the faults that hit it; `None` when the connection is to be cut.
async fn disturbed(sandbox: &Sandbox, call: &Call) -> Result<Option<Response>, SnapshotError> {
    let account = match admitted(sandbox, call) {
        Ok(account) => account,
        Err(refusal) => {
            sandbox.note(|world| note_request(world, call, Some(refusal.status)));
            return Ok(Some(written(call.protocol, Err(refusal), None)));
        }
    };
    let plan = sandbox.note(|world| fault::plan(&mut world.aws.faults, call));
    tokio::time::sleep(plan.delay_before).await;
    let reply = match &plan.refusal {
        _ if plan.drop_request => None,
        Some(refusal) => Some(Err(refusal.clone())),
        None => Some(handled(sandbox, call, account, &plan)?),
    };
    let tampering = plan.tampering.filter(|_| reply.is_some());
    let leaves = reply.is_some() && tampering != Some(Tampering::Lost);
    let status = reply.as_ref().map(|reply| reply.as_ref().err().map_or(200, |refusal| refusal.status));
    sandbox.note(|world| note_request(world, call, status.filter(|_| leaves)));
    tokio::time::sleep(plan.delay_after).await;
    Ok(reply.filter(|_| leaves).map(|reply| written(call.protocol, reply, tampering)))
}

fn note_request(world: &mut World, call: &Call, status: Option<u16>) {
    let entry = RequestEntry {
        at: world.clock.now(),
        account: caller(world, call).ok().map(|account| account.account_id),
        operation: call.operation.clone(),
        status,
        client_request_token: call.client_token().map(str::to_owned),
    };
    world.aws.journal.record_request(entry);
}

/// The caller, unless unknown or too fast.
fn admitted(sandbox: &Sandbox, call: &Call) -> Result<Account, Refusal> {
    let account = sandbox.read(|world| caller(world, call))?;
    if sandbox.buckets().admit(&account.account_id, &call.operation, Instant::now()) {
        Ok(account)
    } else {
        Err(Refusal::throttled())
    }
}

fn handled(sandbox: &Sandbox, call: &Call, account: Account, plan: &Plan) -> Result<Reply, SnapshotError> {
    let handle = |world: &mut World| {
        let context = Context { world, account, call, plan, settings: sandbox.config() };
        match call.protocol {
            Protocol::RestJson => catalog::handle(context),
            Protocol::AwsJson | Protocol::RpcCbor => agreement::handle(context),
            Protocol::BenefitsJson => benefits::handle(context),
        }
    };
    if call.is_read() { Ok(sandbox.note(handle)) } else { sandbox.write(handle) }
}

/// The account behind the request's credentials.
fn caller(world: &World, call: &Call) -> Result<Account, Refusal> {
    let Some(credential) = &call.credential else {
        return Err(Refusal::new(403, "MissingAuthenticationTokenException", "Missing Authentication Token"));
    };
    let service = call.protocol.signing_name();
    if credential.service != service || credential.region != "us-east-1" {
        return Err(Refusal::new(
            403,
            "InvalidSignatureException",
            format!(
                "Credential should be scoped to `us-east-1/{service}`, not `{}/{}`.",
                credential.region, credential.service
            ),
        ));
    }
    let known = world.aws.accounts.iter().find(|account| account.access_key == credential.access_key);
    known.cloned().ok_or_else(|| {
        Refusal::new(403, "UnrecognizedClientException", "The security token included in the request is invalid.")
    })
}

fn written(protocol: Protocol, reply: Reply, tampering: Option<Tampering>) -> Response {
    let (status, code, retry_after, mut body) = match reply {
        Ok(body) => (200, None, None, body),
        Err(refusal) => {
            let mut map = refusal.members;
            let (name, shown) = match protocol {
                Protocol::RestJson => ("Message", None),
                Protocol::BenefitsJson => {
                    ("Message", Some(format!("com.amazonaws.partnercentralbenefits#{}", refusal.code)))
                }
                Protocol::AwsJson | Protocol::RpcCbor => {
                    ("message", Some(format!("com.amazonaws.marketplaceagreement#{}", refusal.code)))
                }
            };
            map.insert(name.to_owned(), Value::String(refusal.message));
            map.extend(shown.map(|shown| ("__type".to_owned(), Value::String(shown))));
            (refusal.status, Some(refusal.code), refusal.retry_after, Value::Object(map))
        }
    };
    if tampering == Some(Tampering::UnknownFields) {
        add_unknowns(&mut body);
    }
    let (content_type, mut bytes) = match protocol {
        Protocol::RestJson => ("application/json", body.to_string().into_bytes()),
        Protocol::BenefitsJson => ("application/x-amz-json-1.0", body.to_string().into_bytes()),
        Protocol::AwsJson => ("application/x-amz-json-1.0", cbor::plain_json(body).to_string().into_bytes()),
        Protocol::RpcCbor => ("application/cbor", cbor::encode(&body)),
    };
    if tampering == Some(Tampering::Truncated) {
        bytes.truncate(bytes.len() / 2);
    }
    if tampering == Some(Tampering::Html) {
        bytes = b"<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>".to_vec();
    }
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let content_type = if tampering == Some(Tampering::Html) { "text/html" } else { content_type };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::from_str(&uuid::Uuid::now_v7().to_string()) {
        headers.insert("x-amzn-requestid", id);
    }
    if protocol == Protocol::RpcCbor {
        headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    }
    if let Some(code) = code {
        headers.insert("x-amzn-errortype", HeaderValue::from_static(code));
    }
    if let Some(seconds) = retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A later version of the service: members that nobody knows and a status that nobody knows.
fn add_unknowns(body: &mut Value) {
    const STATUSES: [&str; 3] = ["Status", "status", "State"];
    fn unknown_status(map: &mut Map<String, Value>) -> bool {
        if let Some(status) = STATUSES.into_iter().find(|key| map.get(*key).is_some_and(Value::is_string)) {
            map.insert(status.to_owned(), json!("AWAITING_SOMETHING_NEW"));
            return true;
        }
        map.values_mut().any(|value| match value {
            Value::Object(inner) => unknown_status(inner),
            Value::Array(items) => items.iter_mut().filter_map(Value::as_object_mut).any(unknown_status),
            _ => false,
        })
    }
    if let Value::Object(map) = body {
        unknown_status(map);
        map.insert("FieldOfALaterVersion".to_owned(), json!({ "Reason": "sandbox" }));
    }
}
