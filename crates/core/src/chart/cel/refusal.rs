//! The words in which an expression is refused.

use cel::common::ast::operators as op;

use super::{CelError, eval::Expr};
use crate::{
    chart::problem::{Code, choose},
    context::Type,
};

pub(super) fn refused(name: &str) -> CelError {
    match name {
        op::ADD => arithmetic("+"),
        op::SUBSTRACT => arithmetic("-"),
        op::MULTIPLY => arithmetic("*"),
        op::DIVIDE => arithmetic("/"),
        op::MODULO => arithmetic("%"),
        op::CONDITIONAL => forbidden("it branches with `? :`".to_owned()),
        op::INDEX => forbidden("it indexes with `[…]`".to_owned()),
        _ => forbidden(format!("it calls `{name}`")),
    }
}

pub(super) fn arithmetic(sign: &str) -> CelError {
    forbidden(format!("it computes with `{sign}`"))
}

pub(super) fn forbidden(why: String) -> CelError {
    let remedy = "conditions compare fields of `ctx` and `event` and join the comparisons with `&&`, `||`, \
                  `!`, `in`, `has(…)` and `size(…)`: move the rest into a named guard";
    CelError::new(Code::ExpressionForbidden, format!("the expression does more than compare: {why}"), remedy)
}

pub(super) fn unknown_root(name: &str) -> CelError {
    let remedy = choose(name, ["ctx", "event"], "expressions look at");
    CelError::new(Code::ExpressionField, format!("`{name}` is unknown"), remedy)
}

pub(super) fn shown(expr: &Expr) -> String {
    match expr {
        Expr::Field(path) => format!("`{path}`"),
        Expr::Has(path) => format!("`has({path})`"),
        Expr::Bool(value) => format!("`{value}`"),
        Expr::Int(value) => format!("`{value}`"),
        Expr::Text(value) => format!("`{value:?}`"),
        Expr::Size(of) => match of.as_ref() {
            Expr::Field(path) => format!("`size({path})`"),
            _ => "a size".to_owned(),
        },
        Expr::List(_) => "a list".to_owned(),
        _ => "a condition".to_owned(),
    }
}

pub(super) fn kind(found: &Type) -> &'static str {
    match found {
        Type::Bool => "a boolean",
        Type::Int => "a whole number",
        Type::Text => "text",
        Type::List(_) => "a list",
        Type::Object(_) => "an object",
        Type::Optional(_) => "optional",
    }
}
