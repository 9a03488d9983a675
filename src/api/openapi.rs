//! The description of the server for programs, made from the table of routes.

use axum::Json;
use serde_json::{Map, Value, json};

use super::{
    BODY_MAX,
    input::{KEY, TYPES},
    limits::Pace,
    routes::{Access, Answer, Parameter, ROUTES, Route, Sent, Verb},
};

/// The schema of a commitment's document.
const COMMITMENT: &str = include_str!("../../schemas/commitment.v1.json");

/// `GET /v1/openapi.json`
pub async fn document() -> Json<Value> {
    Json(described())
}

/// All of it.
pub fn described() -> Value {
    let mut paths = Map::new();
    for route in &ROUTES {
        // The rest of a path is one parameter to programs.
        let path = route.path.replace("{*", "{");
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[method(route.verb)] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Entente",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "description": "What buyers have promised a cloud to spend. Bodies and answers are those of `entente commitment … --json`.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "person": { "type": "http", "scheme": "bearer", "description": "a token of `entente token create`" },
                "events": { "type": "http", "scheme": "bearer", "description": "ENTENTE_EVENTS_TOKEN of the server" },
            },
            "schemas": schemas(),
        },
    })
}

fn method(verb: Verb) -> &'static str {
    match verb {
        Verb::Get => "get",
        Verb::Post => "post",
    }
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "operationId": name(route),
        "summary": route.summary,
        "parameters": parameters(route),
        "responses": responses(route),
    });
    match &route.access {
        Access::Anybody => operation["security"] = json!([]),
        Access::Marketplace => operation["security"] = json!([{ "events": [] }]),
        Access::Person { command, .. } => {
            operation["security"] = json!([{ "person": [] }]);
            operation["description"] = json!(format!("The same as `entente {command}`."));
        }
    }
    if let Some(sent) = route.body {
        operation["requestBody"] = body(sent);
    }
    operation
}

/// A name that client generators make a function of.
fn name(route: &Route) -> String {
    match route.access {
        Access::Person { command, .. } => command.replace([' ', '-'], "_"),
        _ => format!(
            "{}_{}",
            method(route.verb),
            route.path.trim_start_matches('/').replace(['/', '.', '{', '*', '}'], "_")
        ),
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<Value> = in_path
        .map(|part| {
            let part = part.trim_start_matches('*');
            let what = if part == "commitment" { "its id, or its label" } else { "its connection, and `/events`" };
            json!({ "name": part, "in": "path", "required": true, "description": what, "schema": { "type": "string" } })
        })
        .collect();
    all.extend(route.asked.iter().map(parameter));
    if route.body.is_some_and(Sent::writes) {
        all.push(json!({
            "name": KEY,
            "in": "header",
            "required": true,
            "description": "the same key with the same request has one effect and the same answer",
            "schema": { "type": "string", "minLength": 1, "maxLength": 150, "pattern": "^[!-~]+$" },
        }));
    }
    all
}

fn parameter(Parameter { name, what, format, required }: &Parameter) -> Value {
    let schema = match *format {
        "boolean" | "integer" => json!({ "type": format }),
        "month" => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$" }),
        "text" => json!({ "type": "string" }),
        format => json!({ "type": "string", "format": format }),
    };
    json!({ "name": name, "in": "query", "required": required, "description": what, "schema": schema })
}

fn body(sent: Sent) -> Value {
    let (schema, types): (Value, &[&str]) = match sent {
        Sent::Document => (json!({ "$ref": "#/components/schemas/Commitment" }), &TYPES),
        Sent::Statement => {
            (json!({ "$ref": "#/components/schemas/Statement" }), &["application/json", "application/yaml"])
        }
        Sent::Added => (json!({ "$ref": "#/components/schemas/Added" }), &["application/json", "application/yaml"]),
        Sent::Event => (json!({ "type": "object" }), &["application/json"]),
    };
    let content: Map<String, Value> = types
        .iter()
        .map(|kind| {
            // A dataset of FOCUS is no document of the schema.
            let schema = if *kind == "text/csv" { json!({ "type": "string" }) } else { schema.clone() };
            ((*kind).to_owned(), json!({ "schema": schema }))
        })
        .collect();
    json!({ "required": true, "description": format!("at most {BODY_MAX} bytes"), "content": content })
}

fn responses(route: &Route) -> Value {
    let (status, kind, schema) = match route.answer {
        Answer::Words => ("200", "text/plain", json!({ "type": "string" })),
        Answer::Nothing => ("202", "", Value::Null),
        Answer::Json => ("200", "application/json", json!({})),
        Answer::Written if route.path == "/v1/commitments" => ("201", "application/json", written()),
        Answer::Written => ("200", "application/json", written()),
        Answer::Svg => ("200", "image/svg+xml", json!({ "type": "string" })),
        Answer::Csv => ("200", "text/csv", json!({ "type": "string" })),
    };
    let mut answer = json!({ "description": "done" });
    if !kind.is_empty() {
        answer["content"] = json!({ kind: { "schema": schema } });
    }
    let mut all = json!({ status: answer });
    let problem = |what: &str| {
        let content = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
        json!({ "description": what, "content": content })
    };
    if matches!(route.access, Access::Person { .. }) {
        all["400"] = problem("a parameter or a header is not understood");
        all["401"] = problem("no token that holds was shown");
        all["403"] = problem("the person may not");
        all["404"] = problem("it is not there, or not within reach");
        all["422"] = problem("what was sent cannot be meant");
        let times = if route.pace == Pace::Seldom {
            "this one is for now and then"
        } else {
            "the header says when to come again"
        };
        all["429"] = problem(&format!("too many requests; {times}"));
    }
    if route.body.is_some() {
        all["413"] = problem("the body is too large");
    }
    if route.answer == Answer::Written {
        all["202"] = json!({
            "description": "stored, and not decided yet: send it again under its key",
            "content": { "application/json": { "schema": written() } },
        });
        all["409"] = problem("the key was used for another request, or the commitment is in no state for this");
        all["415"] = problem("the body is of a type that is not read");
    }
    all
}

fn written() -> Value {
    json!({ "$ref": "#/components/schemas/Written" })
}

fn schemas() -> Value {
    // The schema is ours and is tested: were it unreadable, a document without its details would still be one.
    let commitment: Value = serde_json::from_str(COMMITMENT).unwrap_or_default();
    let amount = json!({ "type": "string", "description": "an exact decimal, such as 1234.50" });
    let day = json!({ "type": "string", "format": "date" });
    json!({
        "Commitment": commitment,
        "Problem": {
            "type": "object",
            "required": ["code", "detail"],
            "properties": {
                "code": { "type": "string", "description": "stable; each has a page in docs/errors" },
                "detail": { "type": "string", "description": "what happened and what to do" },
                "field": { "type": "string", "description": "the field concerned" },
            },
        },
        "Written": {
            "type": "object",
            "required": ["label", "key", "verdict"],
            "properties": { "label": { "type": "string" }, "key": { "type": "string" }, "verdict": { "type": ["object", "null"] } },
        },
        "Statement": {
            "type": "object",
            "additionalProperties": false,
            "required": ["as_of", "remaining", "source"],
            "properties": { "as_of": day, "remaining": amount, "source": { "type": "string" }, "read": day },
        },
        "Added": {
            "type": "object",
            "additionalProperties": false,
            "required": ["amount", "from"],
            "properties": {
                "amount": amount,
                "from": day,
                "times": { "type": "integer", "minimum": 1, "maximum": 120 },
                "product": { "type": "string" },
                "channel": { "enum": ["cloud", "marketplace", "reseller"] },
                "account": { "type": "string" },
                "marks": { "type": "object", "additionalProperties": { "type": "boolean" } },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let described = described();
        let paths = described["paths"].as_object().unwrap();
        let told: usize = paths.values().map(|item| item.as_object().unwrap().len()).sum();
        assert_eq!(told, ROUTES.len());
        for route in &ROUTES {
            let operation = &paths[&route.path.replace("{*", "{")][method(route.verb)];
            assert_eq!(operation["summary"], route.summary, "{}", route.path);
            let named = operation["parameters"].as_array().unwrap();
            let has = |name: &str| named.iter().any(|one| one["name"] == name);
            assert!(route.asked.iter().all(|one| has(one.name)), "{}", route.path);
            assert_eq!(has(KEY), route.body.is_some_and(Sent::writes), "{}", route.path);
            let guarded = matches!(route.access, Access::Person { .. });
            assert_eq!(operation["security"] == json!([{ "person": [] }]), guarded, "{}", route.path);
        }
        let names: std::collections::BTreeSet<_> = paths
            .values()
            .flat_map(|item| item.as_object().unwrap().values())
            .map(|one| one["operationId"].to_string())
            .collect();
        assert_eq!(names.len(), told, "each has a name of its own");
    }

    #[test]
    fn what_is_referred_to_is_there() {
        let described = described();
        assert_eq!(described["openapi"], "3.1.0");
        let text = described.to_string();
        for (_, rest) in
            text.match_indices("\"#/components/schemas/").map(|(at, found)| text.split_at(at + found.len()))
        {
            let name = rest.split('"').next().unwrap();
            assert!(!described["components"]["schemas"][name].is_null(), "{name}");
        }
        assert!(described["components"]["schemas"]["Commitment"]["properties"].is_object());
    }
}
