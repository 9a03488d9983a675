//! Reading a fault request: common members, then those of its effect.

use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Effect, Fault, reasons};
use crate::period;

/// A fault as the control API takes it.
#[derive(Debug)]
pub(crate) struct FaultRequest {
    fault: Fault,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reasoned {
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Throttle {
    retry_after: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delay {
    ms: u64,
    #[serde(default = "yes")]
    applied_first: bool,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct After {
    after: Exact,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct For {
    #[serde(rename = "for")]
    lasting: Exact,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fail {
    code: String,
    message: Option<String>,
    change_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Slow {
    preparing: Option<Exact>,
    applying: Option<Exact>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Events {
    #[serde(default)]
    duplicate: u32,
    delay: Option<Exact>,
    #[serde(default)]
    reverse: bool,
    #[serde(default)]
    drop: bool,
}

/// An exact duration in ISO 8601.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Exact(SignedDuration);

impl TryFrom<String> for Exact {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        period::exact(&text).map(Self)
    }
}

fn or_zero(duration: Option<Exact>) -> SignedDuration {
    duration.map_or(SignedDuration::ZERO, |exact| exact.0)
}

fn take<T: DeserializeOwned>(map: &mut Map<String, Value>, key: &str) -> Result<Option<T>, String> {
    match map.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => serde_json::from_value(value).map(Some).map_err(|error| format!("`{key}`: {error}")),
    }
}

fn members<T: DeserializeOwned>(map: Map<String, Value>) -> Result<T, String> {
    serde_json::from_value(Value::Object(map)).map_err(|error| error.to_string())
}

/// The reason that a fault chooses, one of the model's.
fn chosen(map: Map<String, Value>, known: &[&str]) -> Result<Option<String>, String> {
    let Reasoned { reason } = members(map)?;
    match reason {
        Some(reason) if !known.contains(&reason.as_str()) => {
            Err(format!("`reason`: `{reason}` is not a reason of the Agreement API's model"))
        }
        reason => Ok(reason),
    }
}

fn effect(name: &str, map: Map<String, Value>) -> Result<Effect, String> {
    let plain = |effect: Effect, map| members::<Nothing>(map).map(|Nothing {}| effect);
    match name {
        "throttle" => members::<Throttle>(map).map(|it| Effect::Throttle { retry_after: it.retry_after }),
        "internal_error" => plain(Effect::InternalError, map),
        "unavailable" => plain(Effect::Unavailable, map),
        "access_denied" => chosen(map, &reasons::ACCESS)
            .map(|reason| reason.map_or(Effect::AccessDenied, |reason| Effect::AccessDeniedFor { reason })),
        "expired_token" => plain(Effect::ExpiredToken, map),
        "request_time_too_skewed" => plain(Effect::RequestTimeTooSkewed, map),
        "resource_in_use" => plain(Effect::ResourceInUse, map),
        "validation" => chosen(map, &reasons::VALIDATION)
            .map(|reason| reason.map_or(Effect::Validation, |reason| Effect::ValidationFor { reason })),
        "not_found" => plain(Effect::NotFound, map),
        "not_supported" => plain(Effect::NotSupported, map),
        "conflict" => plain(Effect::Conflict, map),
        "quota_exceeded" => plain(Effect::QuotaExceeded, map),
        "delay" => members::<Delay>(map).map(|it| Effect::Delay { ms: it.ms, applied_first: it.applied_first }),
        "lose_answer" => plain(Effect::LoseAnswer, map),
        "drop_request" => plain(Effect::DropRequest, map),
        "garbage_html" => plain(Effect::GarbageHtml, map),
        "truncated_json" => plain(Effect::TruncatedJson, map),
        "unknown_fields" => plain(Effect::UnknownFields, map),
        "ignore_client_token" => plain(Effect::IgnoreClientToken, map),
        "forget_client_token" => members::<After>(map).map(|it| Effect::ForgetClientToken { after: it.after.0 }),
        "hide_change_sets" => members::<For>(map).map(|it| Effect::HideChangeSets { lasting: it.lasting.0 }),
        "fail_change_set" => members::<Fail>(map).map(|it| Effect::FailChangeSet {
            message: it.message.unwrap_or_else(|| "Injected by the sandbox.".to_owned()),
            code: it.code,
            change_type: it.change_type,
        }),
        "server_fault" => plain(Effect::ServerFault, map),
        "stuck_change_set" => members::<For>(map).map(|it| Effect::StuckChangeSet { lasting: it.lasting.0 }),
        "slow_processing" => members::<Slow>(map)
            .map(|it| Effect::SlowProcessing { preparing: or_zero(it.preparing), applying: or_zero(it.applying) }),
        "expire_page_tokens" => plain(Effect::ExpirePageTokens, map),
        "events" => members::<Events>(map).map(|it| Effect::Events {
            duplicate: it.duplicate,
            delay: or_zero(it.delay),
            reverse: it.reverse,
            drop: it.drop,
        }),
        other => Err(format!("unknown effect `{other}`; see the effects in `/control/openapi.json`")),
    }
}

impl FaultRequest {
    /// Reads a request body; the message of an error names the member.
    pub(crate) fn read(body: Value) -> Result<Self, String> {
        let Value::Object(mut map) = body else { return Err("a fault is a JSON object".to_owned()) };
        let request = map.clone();
        let name: String = take(&mut map, "effect")?.ok_or("missing field `effect`")?;
        let op: Option<String> = take(&mut map, "op")?;
        let entity: Option<String> = take(&mut map, "entity")?;
        let skip: Option<u32> = take(&mut map, "skip")?;
        let times: Option<u32> = take(&mut map, "times")?;
        let op = match (op, name.as_str()) {
            (Some(op), _) => op,
            (None, "events") => "*".to_owned(),
            (None, _) => return Err("missing field `op`; an operation's name or `*`".to_owned()),
        };
        let effect = effect(&name, map)?;
        let skip = skip.unwrap_or_default();
        Ok(Self { fault: Fault { fault_id: String::new(), op, entity, skip, times, hits: 0, effect, request } })
    }

    /// The fault under its id.
    pub(crate) fn into_fault(self, fault_id: String) -> Fault {
        Fault { fault_id, ..self.fault }
    }
}
