//! Reading a request: which service, which operation, which caller, which input.

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::cbor;
use super::refusal::Refusal;

/// The wire protocol of a call; the answer uses the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Catalog: paths and JSON.
    RestJson,
    /// Agreement: `x-amz-target` and JSON.
    AwsJson,
    /// Agreement: `/service/…/operation/…` and CBOR.
    RpcCbor,
    /// Benefits: `x-amz-target` and JSON.
    BenefitsJson,
}

/// One call, read but not judged yet.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) protocol: Protocol,
    pub(crate) operation: String,
    pub(crate) input: Value,
    pub(crate) credential: Option<Credential>,
    pub(crate) body_sha256: String,
}

/// The scope of a SigV4 signature. The signature itself is not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) access_key: String,
    pub(crate) region: String,
    pub(crate) service: String,
}

const AGREEMENT_SERVICE: &str = "AWSMPCommerceService_v20200301";

const BENEFITS_SERVICE: &str = "PartnerCentralBenefitsService";

/// An operation of the Catalog API: method, path, query parameters with their member names.
type CatalogRoute = (Method, &'static str, &'static [(&'static str, &'static str)]);

/// The operations of the Catalog API.
const CATALOG_ROUTES: &[CatalogRoute] = &[
    (Method::POST, "StartChangeSet", &[]),
    (Method::GET, "DescribeChangeSet", &[("catalog", "Catalog"), ("changeSetId", "ChangeSetId")]),
    (Method::PATCH, "CancelChangeSet", &[("catalog", "Catalog"), ("changeSetId", "ChangeSetId")]),
    (Method::POST, "ListChangeSets", &[]),
    (Method::GET, "DescribeEntity", &[("catalog", "Catalog"), ("entityId", "EntityId")]),
    (Method::POST, "BatchDescribeEntities", &[]),
    (Method::POST, "ListEntities", &[]),
    (Method::POST, "TagResource", &[]),
    (Method::POST, "UntagResource", &[]),
    (Method::POST, "ListTagsForResource", &[]),
    (Method::POST, "PutResourcePolicy", &[]),
    (Method::GET, "GetResourcePolicy", &[("resourceArn", "ResourceArn")]),
    (Method::DELETE, "DeleteResourcePolicy", &[("resourceArn", "ResourceArn")]),
];

impl Protocol {
    /// The name under which requests to the service are signed.
    pub(crate) fn signing_name(self) -> &'static str {
        match self {
            Self::BenefitsJson => "partnercentral-benefits",
            Self::RestJson | Self::AwsJson | Self::RpcCbor => "aws-marketplace",
        }
    }
}

impl Call {
    /// Reads a request whose path has lost the `/aws` prefix. A refusal comes with the protocol in
    /// which it must be answered.
    pub(crate) fn read(parts: &Parts, path: &str, body: &[u8]) -> Result<Self, (Protocol, Refusal)> {
        let (protocol, operation) = Self::route(parts, path);
        let operation = operation.map_err(|refusal| (protocol, refusal))?;
        let input = Self::input(protocol, &operation, parts, body).map_err(|refusal| (protocol, refusal))?;
        Ok(Self {
            protocol,
            operation,
            input,
            credential: credential(&parts.headers),
            body_sha256: hex::encode(Sha256::digest(body)),
        })
    }

    fn route(parts: &Parts, path: &str) -> (Protocol, Result<String, Refusal>) {
        let path = path.trim_matches('/');
        if let Some(rest) = path.strip_prefix("service/") {
            let operation = match rest.split_once("/operation/") {
                Some((AGREEMENT_SERVICE, operation)) if parts.method == Method::POST => Ok(operation.to_owned()),
                _ => Err(Refusal::unknown_operation(rest)),
            };
            return (Protocol::RpcCbor, operation);
        }
        if path.is_empty() {
            let target = header(&parts.headers, "x-amz-target").unwrap_or_default();
            let named = target.split_once('.').filter(|_| parts.method == Method::POST);
            return match named {
                Some((AGREEMENT_SERVICE, operation)) => (Protocol::AwsJson, Ok(operation.to_owned())),
                Some((BENEFITS_SERVICE, operation)) => (Protocol::BenefitsJson, Ok(operation.to_owned())),
                _ => (Protocol::AwsJson, Err(Refusal::unknown_operation(target))),
            };
        }
        let known = CATALOG_ROUTES.iter().any(|(method, name, _)| *method == parts.method && *name == path);
        let operation = if known { Ok(path.to_owned()) } else { Err(Refusal::unknown_operation(path)) };
        (Protocol::RestJson, operation)
    }

    fn input(protocol: Protocol, operation: &str, parts: &Parts, body: &[u8]) -> Result<Value, Refusal> {
        let broken = |cause: String| {
            Refusal::new(400, "SerializationException", format!("the request body is not readable: {cause}"))
        };
        let input = match protocol {
            Protocol::RpcCbor => cbor::decode(body).map_err(broken)?,
            _ if body.is_empty() => json!({}),
            _ => serde_json::from_slice(body).map_err(|error| broken(error.to_string()))?,
        };
        let Value::Object(mut input) = input else {
            return Err(broken("it is not an object".to_owned()));
        };
        let query = CATALOG_ROUTES.iter().find(|(_, name, _)| protocol == Protocol::RestJson && *name == operation);
        if let Some((_, _, members)) = query {
            merge_query(&mut input, parts.uri.query().unwrap_or_default(), members);
        }
        // SDKs write absent members as null in some languages; to the service both are absent.
        input.retain(|_, value| !value.is_null());
        Ok(Value::Object(input))
    }

    /// The idempotency token, under whichever name the operation gives it.
    pub(crate) fn client_token(&self) -> Option<&str> {
        ["ClientRequestToken", "clientToken", "ClientToken"].iter().find_map(|key| self.input.get(key)?.as_str())
    }

    /// Whether the operation only looks.
    pub(crate) fn is_read(&self) -> bool {
        ["Describe", "BatchDescribe", "List", "Get", "Search"].iter().any(|verb| self.operation.starts_with(verb))
    }

    /// Whether the request speaks of an object, by its id.
    pub(crate) fn mentions(&self, id: &str) -> bool {
        fn found(value: &Value, id: &str) -> bool {
            match value {
                Value::String(text) => text.contains(id),
                Value::Array(items) => items.iter().any(|item| found(item, id)),
                Value::Object(map) => map.values().any(|item| found(item, id)),
                _ => false,
            }
        }
        found(&self.input, id)
    }
}

fn merge_query(input: &mut Map<String, Value>, query: &str, members: &[(&str, &str)]) {
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if let Some((_, member)) = members.iter().find(|(name, _)| *name == key) {
            input.insert((*member).to_owned(), Value::String(percent_decoded(value)));
        }
    }
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        let escape = (*first == b'%').then(|| tail.get(..2).and_then(|pair| hex::decode(pair).ok())).flatten();
        match escape {
            Some(byte) => {
                decoded.extend(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                decoded.push(if *first == b'+' { b' ' } else { *first });
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// `AWS4-HMAC-SHA256 Credential=<key>/<day>/<region>/<service>/aws4_request, …`
fn credential(headers: &HeaderMap) -> Option<Credential> {
    let value = header(headers, "authorization")?;
    let scope = value.split_once("Credential=")?.1.split([',', ' ']).next()?;
    let mut parts = scope.split('/');
    let access_key = parts.next()?.to_owned();
    let _day = parts.next()?;
    let region = parts.next()?.to_owned();
    let service = parts.next()?.to_owned();
    Some(Credential { access_key, region, service })
}
