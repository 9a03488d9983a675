//! Conditions: what may be compared, what is refused, and that an error is never an answer.

use std::sync::Arc;

use entente_core::{
    chart::{cel::Cel, problem::Code},
    context::{ContextType, EvalError, Type},
};
use serde_json::{Value, json};

use crate::support::{Door, ctx};

fn compile(text: &str) -> Result<Cel, entente_core::chart::cel::CelError> {
    let event = Door.events().remove("knock").unwrap();
    Cel::compile(text, &Door.schema(), &event)
}

fn full() -> Value {
    let mut ctx = ctx();
    ctx["code"] = json!("sesame");
    ctx["owner"] = json!({"name": "ada", "age": 36});
    ctx["knocks"] = json!(4);
    ctx
}

/// Holds on the full context with `event = {times: 2, by: "bob"}`.
const TRUE: &[&str] = &[
    "ctx.knocks == 4",
    "ctx.knocks != -4",
    "ctx.knocks > 3 && ctx.knocks >= 4 && ctx.knocks < 5 && ctx.knocks <= 4",
    "ctx.knocks > event.times",
    "ctx.name == 'front'",
    "ctx.name < \"g\"",
    "!ctx.locked",
    "ctx.locked == false",
    "ctx.locked || ctx.knocks == 4",
    "ctx.name in ['back', 'front']",
    "'brass' in ctx.keys",
    "ctx.knocks in [1, 4]",
    "!('steel' in ctx.keys)",
    "size(ctx.keys) == 1",
    "ctx.keys.size() == 1",
    "size(ctx.name) == 5",
    "has(ctx.code)",
    "!has(ctx.closes_at)",
    "has(ctx.code) && ctx.code == 'sesame'",
    "!has(ctx.code) || ctx.code == 'sesame'",
    "!(has(ctx.code) && has(ctx.owner)) || ctx.code != ctx.owner.name",
    "has(ctx.owner) && ctx.owner.name == 'ada'",
    "has(ctx.owner) && has(ctx.owner.age) && ctx.owner.age > 35",
    "has(event.by) && event.by == 'bob'",
    "true",
];

/// Refused, with its code.
const REFUSED: &[(&str, Code)] = &[
    ("ctx.knocks ==", Code::ExpressionSyntax),
    ("", Code::ExpressionSyntax),
    ("knocks > 1", Code::ExpressionField),
    ("ctx.knoks > 1", Code::ExpressionField),
    ("event.knocks > 1", Code::ExpressionField),
    ("true || ctx.knoks > 1", Code::ExpressionField),
    ("ctx.name.first == 'f'", Code::ExpressionField),
    ("ctx.knocks", Code::ExpressionType),
    ("ctx.knocks && true", Code::ExpressionType),
    ("!ctx.knocks", Code::ExpressionType),
    ("ctx.knocks > '5'", Code::ExpressionType),
    ("ctx.locked > false", Code::ExpressionType),
    ("ctx.keys == ctx.keys", Code::ExpressionType),
    ("ctx.knocks in ctx.keys", Code::ExpressionType),
    ("ctx.name in 'front'", Code::ExpressionType),
    ("ctx.knocks in [1, 'a']", Code::ExpressionType),
    ("ctx.knocks in []", Code::ExpressionType),
    ("size(ctx.knocks) == 1", Code::ExpressionType),
    ("has(ctx.owner) && ctx.owner == ctx.owner", Code::ExpressionType),
    ("ctx.code == 'x'", Code::ExpressionAbsent),
    ("has(ctx.code) || ctx.code == 'x'", Code::ExpressionAbsent),
    ("has(ctx.closes_at) && ctx.code == 'x'", Code::ExpressionAbsent),
    ("ctx.code == 'x' && has(ctx.code)", Code::ExpressionAbsent),
    ("has(ctx.owner.age)", Code::ExpressionAbsent),
    ("has(ctx.owner) && ctx.owner.age > 1", Code::ExpressionAbsent),
    ("ctx.knocks + 1 > 2", Code::ExpressionForbidden),
    ("-ctx.knocks < 2", Code::ExpressionForbidden),
    ("ctx.amount > 12.5", Code::ExpressionForbidden),
    ("ctx.amount > 12u", Code::ExpressionForbidden),
    ("ctx.name == null", Code::ExpressionForbidden),
    ("ctx.keys[0] == 'brass'", Code::ExpressionForbidden),
    ("ctx.locked ? true : false", Code::ExpressionForbidden),
    ("ctx.keys.all(k, k == 'a')", Code::ExpressionForbidden),
    ("ctx.keys.map(k, k) == ctx.keys", Code::ExpressionForbidden),
    ("ctx.name.contains('f')", Code::ExpressionForbidden),
    ("int(ctx.name) == 1", Code::ExpressionForbidden),
    ("{'a': 1}.a == 1", Code::ExpressionForbidden),
    ("ctx == ctx", Code::ExpressionForbidden),
];

fn event() -> Value {
    json!({"times": 2, "by": "bob"})
}

#[test]
fn comparisons_over_known_fields_are_answered() {
    for text in TRUE {
        let cel = compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(cel.eval(&full(), &event()), Ok(true), "{text}");
    }
}

#[test]
fn cel_itself_gives_the_same_answers() {
    let env = Arc::new(cel::Env::stdlib());
    for text in TRUE {
        let mut context = cel::Context::with_env(env.clone());
        context.add_variable("ctx", full()).unwrap();
        context.add_variable("event", event()).unwrap();
        let answer = env.compile(text).unwrap().execute(&context);
        assert_eq!(answer, Ok(cel::Value::Bool(true)), "{text}");
    }
}

#[test]
fn everything_else_is_refused() {
    for (text, code) in REFUSED {
        let refused = compile(text).map(|cel| cel.text().to_owned());
        assert_eq!(refused.as_ref().map_err(|error| error.code), Err(*code), "{text}: {refused:?}");
    }
}

#[test]
fn a_long_or_deep_expression_is_refused_without_harm() {
    let long = format!("ctx.knocks == {}1", "0".repeat(2_000));
    assert_eq!(compile(&long).unwrap_err().code, Code::ExpressionSyntax);
    for (open, inside, close) in [
        ("(", "ctx.locked", ")"),
        ("[", "1", "]"),
        ("!", "ctx.locked", ""),
        ("-", "1", ""),
        ("ctx.", "locked", ""),
        ("1 < ", "1", ""),
        ("true ? true : ", "true", ""),
        ("size(", "ctx.keys", ")"),
        ("true in [", "true", "]"),
    ] {
        for times in [3, 14, 60, 400] {
            let deep = format!("{}{inside}{}", open.repeat(times), close.repeat(times));
            let _ = compile(&deep);
        }
        let deep = format!("{}{inside}{}", open.repeat(90), close.repeat(90));
        assert_eq!(compile(&deep).unwrap_err().code, Code::ExpressionSyntax, "{deep}");
    }
    let wide = format!("ctx.locked{}", " || true".repeat(100));
    assert!(compile(&wide).is_ok());
}

#[test]
fn a_value_that_breaks_its_promise_is_an_error_and_never_false() {
    let cases = [
        ("ctx.knocks > 3", json!({}), "`ctx.knocks` is absent"),
        ("ctx.knocks > 3", json!({"knocks": 3.5}), "not a whole number"),
        ("ctx.knocks > 3", json!({"knocks": "3"}), "cannot be compared"),
        ("ctx.knocks > 3", json!({"knocks": null}), "`ctx.knocks` is absent"),
        ("ctx.knocks > 3 || true", json!({}), "`ctx.knocks` is absent"),
        ("ctx.knocks > 3 && false", json!({}), "`ctx.knocks` is absent"),
        ("has(ctx.owner) && has(ctx.owner.age)", json!({"owner": 3}), "`ctx.owner` is not an object"),
    ];
    for (text, ctx, why) in cases {
        match compile(text).unwrap().eval(&ctx, &event()) {
            Err(EvalError::Failed { what, why: found }) => {
                assert!(found.contains(why), "{text}: {found}");
                assert!(what.contains(text), "{what}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_null_counts_as_absent() {
    let mut ctx = full();
    ctx["code"] = Value::Null;
    assert_eq!(compile("has(ctx.code)").unwrap().eval(&ctx, &event()), Ok(false));
}

#[test]
fn the_right_side_is_not_looked_at_once_the_left_has_decided() {
    let guarded = compile("has(ctx.code) && ctx.code == 'x'").unwrap();
    assert_eq!(guarded.eval(&ctx(), &event()), Ok(false));
    let types = Type::Object([("knocks".to_owned(), Type::Int)].into());
    assert!(Cel::compile("ctx.knocks == 1 || event.any == 1", &types, &types).is_err());
}
