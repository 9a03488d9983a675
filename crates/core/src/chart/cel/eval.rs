//! Evaluation of what passed the type check.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Path, Root};

/// A checked expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<Expr>),
    Field(Path),
    Has(Path),
    Not(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    In(Box<Expr>, Box<Expr>),
    Size(Box<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparison {
    fn accepts(self, ordering: Ordering) -> bool {
        match self {
            Comparison::Equal => ordering.is_eq(),
            Comparison::NotEqual => ordering.is_ne(),
            Comparison::Less => ordering.is_lt(),
            Comparison::AtMost => ordering.is_le(),
            Comparison::Greater => ordering.is_gt(),
            Comparison::AtLeast => ordering.is_ge(),
        }
    }
}

/// What the expression looks at.
pub(super) struct Roots<'a> {
    pub(super) ctx: &'a Value,
    pub(super) event: &'a Value,
}

enum Operand<'a> {
    Bool(bool),
    Int(i64),
    Text(&'a str),
    List(Vec<Operand<'a>>),
}

impl Operand<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Operand::Bool(_) => "a boolean",
            Operand::Int(_) => "a whole number",
            Operand::Text(_) => "text",
            Operand::List(_) => "a list",
        }
    }
}

impl Expr {
    /// Whether a condition holds; the error says why it cannot be told.
    pub(super) fn holds(&self, roots: &Roots<'_>) -> Result<bool, String> {
        match self.value(roots)? {
            Operand::Bool(holds) => Ok(holds),
            other => Err(format!("it gives {} instead of yes or no", other.kind())),
        }
    }

    fn value<'a>(&'a self, roots: &Roots<'a>) -> Result<Operand<'a>, String> {
        Ok(match self {
            Expr::Bool(value) => Operand::Bool(*value),
            Expr::Int(value) => Operand::Int(*value),
            Expr::Text(value) => Operand::Text(value),
            Expr::List(items) => Operand::List(items.iter().map(|item| item.value(roots)).collect::<Result<_, _>>()?),
            Expr::Field(path) => operand(path, find(path, roots)?)?,
            Expr::Has(path) => Operand::Bool(has(path, roots)?),
            Expr::Not(inner) => Operand::Bool(!inner.holds(roots)?),
            Expr::And(left, right) => Operand::Bool(left.holds(roots)? && right.holds(roots)?),
            Expr::Or(left, right) => Operand::Bool(left.holds(roots)? || right.holds(roots)?),
            Expr::Compare(comparison, left, right) => {
                let ordering = compare(&left.value(roots)?, &right.value(roots)?)?;
                Operand::Bool(comparison.accepts(ordering))
            }
            Expr::In(item, list) => Operand::Bool(contains(&list.value(roots)?, &item.value(roots)?)?),
            Expr::Size(of) => Operand::Int(size(&of.value(roots)?)?),
        })
    }
}

fn find<'a>(path: &Path, roots: &Roots<'a>) -> Result<&'a Value, String> {
    let root = match path.root {
        Root::Ctx => roots.ctx,
        Root::Event => roots.event,
    };
    path.fields.iter().try_fold(root, |value, field| value.get(field)).ok_or_else(|| format!("`{path}` is absent"))
}

/// A field that is there and not null. What lies around it must be there.
fn has(path: &Path, roots: &Roots<'_>) -> Result<bool, String> {
    let mut around = path.clone();
    let Some(field) = around.fields.pop() else {
        return Ok(true);
    };
    match find(&around, roots)? {
        Value::Object(fields) => Ok(fields.get(&field).is_some_and(|value| !value.is_null())),
        _ => Err(format!("`{around}` is not an object")),
    }
}

fn operand<'a>(path: &Path, value: &'a Value) -> Result<Operand<'a>, String> {
    Ok(match value {
        Value::Bool(value) => Operand::Bool(*value),
        Value::String(value) => Operand::Text(value),
        Value::Number(number) => {
            Operand::Int(number.as_i64().ok_or_else(|| format!("`{path}` is {number}, not a whole number"))?)
        }
        Value::Array(items) => Operand::List(items.iter().map(|item| operand(path, item)).collect::<Result<_, _>>()?),
        Value::Null => return Err(format!("`{path}` is absent")),
        Value::Object(_) => return Err(format!("`{path}` is an object")),
    })
}

fn compare(left: &Operand<'_>, right: &Operand<'_>) -> Result<Ordering, String> {
    match (left, right) {
        (Operand::Bool(left), Operand::Bool(right)) => Ok(left.cmp(right)),
        (Operand::Int(left), Operand::Int(right)) => Ok(left.cmp(right)),
        (Operand::Text(left), Operand::Text(right)) => Ok(left.cmp(right)),
        _ => Err(format!("{} cannot be compared with {}", left.kind(), right.kind())),
    }
}

fn contains(list: &Operand<'_>, wanted: &Operand<'_>) -> Result<bool, String> {
    let Operand::List(items) = list else {
        return Err(format!("`in` looks into {} instead of a list", list.kind()));
    };
    for item in items {
        if compare(item, wanted)?.is_eq() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn size(of: &Operand<'_>) -> Result<i64, String> {
    let size = match of {
        Operand::List(items) => items.len(),
        Operand::Text(text) => text.chars().count(),
        _ => return Err(format!("{} has no size", of.kind())),
    };
    i64::try_from(size).map_err(|_| "the size is out of range".to_owned())
}
