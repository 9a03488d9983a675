//! `when: "…"`: CEL restricted to comparisons over the typed context and the event.
//!
//! The parser is CEL's own. Types are checked here, and what passed is evaluated here too: CEL itself answers
//! `true || <error>` with `true`, so that a mistake could hide behind a short circuit for ever. Here an error
//! is an error, operands are evaluated from left to right, and nothing is evaluated that was not checked.

mod check;
mod eval;
mod refusal;

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

use self::eval::Expr;
use super::problem::Code;
use crate::context::{EvalError, Type};

/// The longest expression accepted, in bytes.
const MAX_BYTES: usize = 1_000;

/// The deepest nesting of brackets, and the most signs and dots, accepted. CEL's parser descends many frames
/// for each of them and exhausts a thread's stack (from 9 nested calls, unoptimised) before it counts.
const MAX_DEPTH: usize = 4;
const MAX_SIGNS: usize = 64;

/// An expression that was refused; place and file are the chart's to add.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{cause}; {remedy}")]
pub struct CelError {
    /// The stable code.
    pub code: Code,
    /// What is wrong, naming the part of the expression.
    pub cause: String,
    /// What to write instead.
    pub remedy: String,
}

impl CelError {
    fn new(code: Code, cause: impl Into<String>, remedy: impl Into<String>) -> CelError {
        CelError { code, cause: cause.into(), remedy: remedy.into() }
    }
}

/// A checked expression that says yes or no.
#[derive(Debug, Clone, PartialEq)]
pub struct Cel {
    text: String,
    expr: Expr,
}

impl Cel {
    /// Parses `text` and checks it against the types of `ctx` and `event`, both objects.
    ///
    /// # Errors
    /// The first thing that is not a comparison over known fields of matching types.
    pub fn compile(text: &str, ctx: &Type, event: &Type) -> Result<Cel, CelError> {
        if text.len() > MAX_BYTES {
            let cause = format!("the expression has {} bytes and may have {MAX_BYTES}", text.len());
            let remedy = "move it into a named guard";
            return Err(CelError::new(Code::ExpressionSyntax, cause, remedy));
        }
        if too_deep(text) {
            let cause = "the expression is nested too deeply";
            let remedy = "move it into a named guard";
            return Err(CelError::new(Code::ExpressionSyntax, cause, remedy));
        }
        let program = cel::Program::compile(text).map_err(|errors| {
            let first = errors.errors.first();
            let at = first.map_or(1, |error| error.pos.1 + 1);
            let said = first.map_or("", |error| error.msg.trim_start_matches("Syntax error: "));
            let said = said.split(" expecting ").next().unwrap_or_default();
            let cause = format!("`{text}` cannot be parsed at character {at}: {said}");
            CelError::new(Code::ExpressionSyntax, cause, "correct the expression")
        })?;
        let expr = check::Checker::new(ctx, event).condition(program.expression())?;
        Ok(Cel { text: text.to_owned(), expr })
    }

    /// The expression as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// A value that is not what its type promised. It never counts as false.
    pub fn eval(&self, ctx: &Value, event: &Value) -> Result<bool, EvalError> {
        self.expr
            .holds(&eval::Roots { ctx, event })
            .map_err(|why| EvalError::Failed { what: format!("condition `{}`", self.text), why })
    }
}

fn too_deep(text: &str) -> bool {
    let (mut depth, mut deepest, mut signs) = (0_usize, 0, 0);
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '!' | '-' | '.' | '?' | '<' | '>' | '=' | '+' | '*' | '/' | '%' => signs += 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest > MAX_DEPTH || signs > MAX_SIGNS
}

/// The type of an event that carries no data.
pub(crate) fn no_data() -> Type {
    Type::Object(BTreeMap::new())
}

/// The two things an expression may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Root {
    /// The run's context.
    Ctx,
    /// The event's data.
    Event,
}

/// A field, such as `ctx.offer.discount_bp`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path {
    pub(crate) root: Root,
    pub(crate) fields: Vec<String>,
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.root {
            Root::Ctx => "ctx",
            Root::Event => "event",
        })?;
        self.fields.iter().try_for_each(|field| write!(f, ".{field}"))
    }
}
