//! What judging one claim costs: the 86 rules on the sound case of the tests, alone and beside eight earlier claims.
//!
//! `cargo bench -p entente-core --bench rules` prints the time per judgement; `sha256_of_a_record` is the anchor of the
//! same run: what hashing one record of 1 KB costs on this machine.
#![allow(clippy::unwrap_used)]

use divan::{Bencher, black_box};
use entente_core::{
    calendar::Calendar,
    mdf::{Case, Pack, judge, model::EarlierClaim, rules},
    money::Money,
};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn main() {
    divan::main();
}

/// The sound case of the rules' fixtures.
fn case() -> Case {
    let text = include_str!("../tests/mdf/base.yaml");
    let base: Value = serde_saphyr::from_str(text).unwrap();
    serde_json::from_value(expanded(base)).unwrap()
}

/// `USD 5.00` becomes an amount and `sha:a` a hash, as in the fixtures.
fn expanded(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, expanded(value))).collect(),
        Value::Array(items) => items.into_iter().map(expanded).collect(),
        Value::String(text) => {
            let amount = text.split_once(' ').and_then(|(code, amount)| Money::parse(amount, code.parse().ok()?).ok());
            match (amount, text.strip_prefix("sha:")) {
                (Some(money), _) => json!(money),
                (_, Some(letter)) => json!(letter.repeat(64)),
                _ => Value::String(text),
            }
        }
        plain => plain,
    }
}

/// Every rule with its defaults.
fn pack() -> Pack {
    let all: Value = rules().map(|rule| (rule.id.to_string(), json!({}))).collect::<serde_json::Map<_, _>>().into();
    let text = format!("pack: all\nversion: 1\ntitle: every rule\nzone: Europe/Berlin\nrules: {all}\n");
    Pack::from_yaml("all.yaml", &text).unwrap()
}

#[divan::bench(args = [0, 8])]
fn every_rule_on_one_claim(bencher: Bencher<'_, '_>, earlier: usize) {
    let (mut case, pack) = (case(), pack());
    let calendar = Calendar::office_hours("Europe/Berlin", TimeZone::get("Europe/Berlin").unwrap());
    let own = EarlierClaim::of(&case).unwrap();
    let before = |at: usize| EarlierClaim { claim: format!("CLM-{at}").parse().unwrap(), ..own.clone() };
    case.earlier = (0..earlier).map(before).collect();
    assert_eq!(judge(&case, &pack, &calendar).unwrap().verdicts.len(), 86);
    bencher.bench(|| judge(black_box(&case), &pack, &calendar));
}

#[divan::bench]
fn sha256_of_a_record(bencher: Bencher<'_, '_>) {
    let record = vec![b'r'; 1024];
    bencher.bench(|| Sha256::digest(black_box(&record)));
}
