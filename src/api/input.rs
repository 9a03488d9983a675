//! What clients send: parameters, bodies, keys; refused with the field that is wrong.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE, request::Parts},
};
use entente_core::settings;
use serde::de::DeserializeOwned;

use super::{Api, BODY_MAX, problem::Problem};

/// How errors name the body.
pub const BODY: &str = "body";

/// The types of bodies that are read: the reader of documents takes JSON as it takes YAML.
pub const TYPES: [&str; 3] = ["application/json", "application/yaml", "text/csv"];

/// Parameters of the address; one that is not known is refused.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Api> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Asked<T>, Problem> {
        match Query::<T>::from_request_parts(parts, api).await {
            Ok(Query(asked)) => Ok(Asked(asked)),
            Err(rejection) => {
                let words = rejection.body_text();
                let words = words.split_once(": ").map_or(words.as_str(), |(_, words)| words);
                let field = words.split([':', '`']).next().unwrap_or_default().trim();
                let known = !field.is_empty() && field.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                let problem =
                    Problem { status: StatusCode::BAD_REQUEST, ..Problem::input(format!("parameters: {words}")) };
                Err(if known { problem.about(field) } else { problem })
            }
        }
    }
}

/// A body as text, of a type that is read.
pub struct Text(pub String);

impl FromRequest<Api> for Text {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Text, Problem> {
        let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let given = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !TYPES.contains(&given.as_str()) {
            let detail = format!("the body has the type `{given}`; send one of {}", TYPES.join(", "));
            return Err(Problem {
                code: "media_type".into(),
                ..Problem::of(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
            });
        }
        let bytes = Bytes::from_request(request, api).await.map_err(too_large)?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| Problem::input("the body is not UTF-8 text"))?;
        Ok(Text(text))
    }
}

fn too_large(rejection: BytesRejection) -> Problem {
    let detail = format!("{}; a body has at most {BODY_MAX} bytes", rejection.body_text());
    Problem { code: "body_too_large".into(), ..Problem::of(rejection.status(), detail) }
}

/// A small body, read as documents are: with bounds, and every field known and there once.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Api> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Body<T>, Problem> {
        let Text(text) = Text::from_request(request, api).await?;
        settings::read(BODY, &text).map(Body).map_err(|error| Problem::input(error.to_string()).about(error.field))
    }
}

/// The key under which a request has one effect and one answer.
pub struct Key(pub String);

impl FromRequestParts<Api> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Key, Problem> {
        key(&parts.headers).map(Key)
    }
}

fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut given = headers.get_all(KEY).iter();
    let (first, more) = (given.next().and_then(|value| value.to_str().ok()), given.next().is_some());
    let plain = |text: &&str| (1..=150).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic());
    match first.filter(plain) {
        Some(key) if !more => Ok(key.to_owned()),
        _ => {
            let detail = "a write needs one `Idempotency-Key` header of 1 to 150 visible ASCII characters, of your own choosing; under the \
                          same key the same request has one effect and the same answer";
            let problem = Problem { code: "key_missing".into(), ..Problem::of(StatusCode::BAD_REQUEST, detail) };
            Err(problem.about(KEY))
        }
    }
}

/// The header of the key.
pub const KEY: &str = "idempotency-key";
