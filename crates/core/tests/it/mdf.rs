//! Market development funds: every rule by its fixture, every pack by its promises, and what holds for any money.

mod candidates;
mod changes;
mod docs;
mod earnings;
mod exceptions;
mod fixtures;
mod later;
mod packs;
mod plays;
mod reserved;
mod returns;
mod sums;
mod tax;

use std::{path::PathBuf, sync::LazyLock};

use entente_core::{
    calendar::Calendar,
    mdf::{Case, Effect, Judgement, Outcome, Pack, judge},
    money::{Currency, Money},
};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// A file of this crate's tests, or of the project.
fn read(path: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), path].iter().collect();
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A YAML file as data.
fn data(path: &str) -> Value {
    serde_saphyr::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Office hours in Berlin.
fn calendar() -> Calendar {
    Calendar::office_hours("Europe/Berlin", TimeZone::get("Europe/Berlin").unwrap())
}

/// A pack for a test, with these rules.
fn pack(rules: &Value) -> Pack {
    let text = format!("pack: test\nversion: 1\ntitle: for a test\nzone: Europe/Berlin\nrules: {rules}\n");
    Pack::from_yaml("test.yaml", &text).unwrap_or_else(|error| panic!("{error}"))
}

static BASE: LazyLock<Value> = LazyLock::new(|| expanded(data("tests/mdf/base.yaml")));

/// The sound case with changes, each a JSON pointer with its value; `-` appends to a list.
fn case(changes: &Value) -> Case {
    let mut base = BASE.clone();
    for (pointer, value) in changes.as_object().into_iter().flatten() {
        set(&mut base, pointer, expanded(value.clone()));
    }
    serde_json::from_value(base).unwrap_or_else(|error| panic!("{changes}: {error}"))
}

fn set(root: &mut Value, pointer: &str, value: Value) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let missing = format!("{pointer} has no parent in the base case");
    match root.pointer_mut(parent).expect(&missing) {
        Value::Object(fields) => drop(fields.insert(last.to_owned(), value)),
        list => {
            let list = list.as_array_mut().expect(&missing);
            match last.parse::<usize>() {
                Ok(at) if at < list.len() => list[at] = value,
                _ => list.push(value),
            }
        }
    }
}

/// `USD 5.00` becomes an amount and `sha:a` a hash.
fn expanded(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, expanded(value))).collect(),
        Value::Array(items) => items.into_iter().map(expanded).collect(),
        Value::String(text) => match (amount(&text), text.strip_prefix("sha:")) {
            (Some(money), _) => json!(money),
            (_, Some(letter)) => json!(letter.repeat(64)),
            _ => Value::String(text),
        },
        plain => plain,
    }
}

fn amount(text: &str) -> Option<Money> {
    let (code, amount) = text.split_once(' ')?;
    Money::parse(amount, code.parse::<Currency>().ok()?).ok()
}

fn usd(text: &str) -> Money {
    Money::parse(text, "USD".parse().unwrap()).unwrap()
}

fn judged(case: &Case, pack: &Pack) -> Judgement {
    judge(case, pack, &calendar()).unwrap()
}

/// An outcome in one line.
fn line(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Satisfied => "satisfied".into(),
        Outcome::Silent => "silent".into(),
        Outcome::Undecided => "undecided".into(),
        Outcome::Excepted(effect) => format!("excepted from {}", effect_line(effect)),
        Outcome::Found(effect) => effect_line(effect),
    }
}

fn effect_line(effect: &Effect) -> String {
    match effect {
        Effect::Block => "block".into(),
        Effect::Warn => "warn".into(),
        Effect::Hold => "hold".into(),
        Effect::Contradict => "contradict".into(),
        Effect::Reduce { to } => format!("reduce to {to}"),
        Effect::Approve { roles } => {
            let roles: Vec<String> = roles.iter().map(ToString::to_string).collect();
            format!("approve by {}", roles.join(", "))
        }
        Effect::Act { actions } => {
            let actions = actions.iter().map(|action| {
                let what = json!(action.what).as_str().unwrap().to_owned();
                let amount = action.amount.map(|amount| format!(" {amount}")).unwrap_or_default();
                format!("{what}{amount} on {}", action.due)
            });
            format!("act: {}", actions.collect::<Vec<_>>().join(", "))
        }
    }
}
