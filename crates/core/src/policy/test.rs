//! One test of a policy row over one fact, with the sentence that explains its answer.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::money::Currency;

/// How a fact is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Greater than.
    Gt,
    /// Greater than or equal to.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal to.
    Le,
    /// Equal to.
    Eq,
    /// Not equal to.
    Ne,
    /// One of a list.
    In,
    /// None of a list.
    NotIn,
}

impl Op {
    fn words(self) -> &'static str {
        match self {
            Op::Gt => "above",
            Op::Ge => "at least",
            Op::Lt => "below",
            Op::Le => "at most",
            Op::Eq => "equal to",
            Op::Ne => "other than",
            Op::In => "one of",
            Op::NotIn => "none of",
        }
    }
}

/// A plain value that facts are compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number; amounts are minor units, discounts basis points.
    Int(i64),
    /// Text.
    Text(String),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Bool(value) => value.fmt(f),
            Scalar::Int(value) => value.fmt(f),
            Scalar::Text(value) => write!(f, "`{value}`"),
        }
    }
}

/// What a fact is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Operand {
    /// One value.
    One(Scalar),
    /// A list of values.
    Many(Vec<Scalar>),
    /// One whole number per currency; the fact `currency` picks it.
    PerCurrency(BTreeMap<Currency, i64>),
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Test {
    /// The fact's name, such as `discount_bp`.
    pub fact: String,
    /// The comparison.
    pub op: Op,
    /// What it is compared with.
    pub value: Operand,
}

/// The answer of a test, with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// Whether the test holds. A fact that is missing or of the wrong type counts as holding: an approval is never skipped for want of a fact.
    pub holds: bool,
    /// The figures compared.
    pub because: String,
}

impl Test {
    /// Why the test makes no sense, whatever the facts are.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let ordered = matches!(self.op, Op::Gt | Op::Ge | Op::Lt | Op::Le);
        let listed = matches!(self.op, Op::In | Op::NotIn);
        match &self.value {
            Operand::Many(list) if listed && !list.is_empty() => None,
            Operand::Many(_) => Some("a list of at least one value goes with `in` and `not_in`"),
            _ if listed => Some("`in` and `not_in` take a list, such as [emea, apac]"),
            Operand::One(Scalar::Int(_)) => None,
            Operand::PerCurrency(limits) if limits.is_empty() => {
                Some("give at least one currency, such as { USD: 10000000 }")
            }
            Operand::PerCurrency(_) => None,
            Operand::One(_) if ordered => Some("an ordered comparison takes a whole number, or one per currency"),
            Operand::One(_) => None,
        }
    }

    /// Puts the test to the facts.
    pub(super) fn ask(&self, facts: &Value) -> Answer {
        let Some(fact) = facts.get(&self.fact).filter(|value| !value.is_null()).and_then(scalar) else {
            return Answer { holds: true, because: format!("`{}` is not known", self.fact) };
        };
        match &self.value {
            Operand::Many(list) => {
                let listed = list.contains(&fact);
                self.answer(
                    listed == (self.op == Op::In),
                    &fact,
                    list.iter().map(Scalar::to_string).collect::<Vec<_>>().join(", "),
                )
            }
            Operand::One(value) => self.compare(&fact, value, ""),
            Operand::PerCurrency(limits) => {
                let currency = facts.get("currency").and_then(Value::as_str).unwrap_or("an unknown currency");
                match limits.iter().find(|(known, _)| known.code() == currency) {
                    Some((_, limit)) => self.compare(&fact, &Scalar::Int(*limit), currency),
                    None => Answer { holds: true, because: format!("`{}` has no limit for {currency}", self.fact) },
                }
            }
        }
    }

    fn compare(&self, fact: &Scalar, value: &Scalar, unit: &str) -> Answer {
        let shown = if unit.is_empty() { value.to_string() } else { format!("{value} {unit} minor units") };
        let holds = match (self.op, fact, value) {
            (Op::Eq, _, _) => fact == value,
            (Op::Ne, _, _) => fact != value,
            (op, Scalar::Int(left), Scalar::Int(right)) => ordered(op, *left, *right),
            _ => return Answer { holds: true, because: format!("`{}` is {fact}, which is not a number", self.fact) },
        };
        self.answer(holds, fact, shown)
    }

    fn answer(&self, holds: bool, fact: &Scalar, value: String) -> Answer {
        let not = if holds { "" } else { "not " };
        Answer { holds, because: format!("`{}` is {fact}, {not}{} {value}", self.fact, self.op.words()) }
    }
}

fn ordered(op: Op, left: i64, right: i64) -> bool {
    match op {
        Op::Gt => left > right,
        Op::Ge => left >= right,
        Op::Lt => left < right,
        Op::Le => left <= right,
        Op::Eq | Op::In => left == right,
        Op::Ne | Op::NotIn => left != right,
    }
}

fn scalar(value: &Value) -> Option<Scalar> {
    match value {
        Value::Bool(value) => Some(Scalar::Bool(*value)),
        Value::Number(number) => number.as_i64().map(Scalar::Int),
        Value::String(text) => Some(Scalar::Text(text.clone())),
        _ => None,
    }
}
