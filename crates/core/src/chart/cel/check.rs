//! The type check: only comparisons of known fields pass, and a field that may be absent only after `has`.

use std::collections::{BTreeMap, BTreeSet};

use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr as Ast, LiteralValue, SelectExpr, operators as op},
};

use super::{
    CelError, Path, Root,
    eval::{Comparison, Expr},
    refusal::{arithmetic, forbidden, kind, refused, shown, unknown_root},
};
use crate::{
    chart::problem::{Code, choose},
    context::Type,
};

type Checked = Result<(Expr, Type), CelError>;

/// Fields known to be there at some point of the expression.
type Present = BTreeSet<Path>;

pub(super) struct Checker<'a> {
    ctx: &'a Type,
    event: &'a Type,
}

impl<'a> Checker<'a> {
    pub(super) fn new(ctx: &'a Type, event: &'a Type) -> Checker<'a> {
        Checker { ctx, event }
    }

    /// Checks a whole expression, which must say yes or no.
    pub(super) fn condition(&self, ast: &IdedExpr) -> Result<Expr, CelError> {
        self.yes_or_no(ast, &Present::new())
    }

    fn yes_or_no(&self, ast: &IdedExpr, present: &Present) -> Result<Expr, CelError> {
        let (expr, found) = self.typed(ast, present)?;
        if found == Type::Bool {
            return Ok(expr);
        }
        let cause = format!("{} is {} where yes or no is needed", shown(&expr), kind(&found));
        Err(CelError::new(Code::ExpressionType, cause, "compare it with something"))
    }

    fn typed(&self, ast: &IdedExpr, present: &Present) -> Checked {
        match &ast.expr {
            Ast::Literal(literal) => self::literal(literal),
            Ast::Select(select) if select.test => {
                let path = self.path_of(select)?;
                self.field(&path, present, true)?;
                Ok((Expr::Has(path), Type::Bool))
            }
            Ast::Select(select) => {
                let path = self.path_of(select)?;
                let found = self.field(&path, present, false)?;
                Ok((Expr::Field(path), found))
            }
            Ast::Ident(name) => Err(match name.as_str() {
                "ctx" | "event" => forbidden(format!("`{name}` is used as a whole")),
                _ => unknown_root(name),
            }),
            Ast::List(list) if list.optional_indices.is_empty() => self.list(&list.elements, present),
            Ast::Call(call) => self.call(call, present),
            Ast::Comprehension(_) => Err(forbidden("it runs through a list".to_owned())),
            _ => Err(forbidden("it builds a value".to_owned())),
        }
    }

    fn call(&self, call: &CallExpr, present: &Present) -> Checked {
        let operands: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        match (call.func_name.as_str(), operands.as_slice()) {
            (op::LOGICAL_AND, [left, right]) => self.both(left, right, true, present),
            (op::LOGICAL_OR, [left, right]) => self.both(left, right, false, present),
            (op::LOGICAL_NOT, [inner]) => Ok((Expr::Not(Box::new(self.yes_or_no(inner, present)?)), Type::Bool)),
            (op::NEGATE, [inner]) => match self.typed(inner, present)? {
                (Expr::Int(value), Type::Int) => Ok((Expr::Int(value.wrapping_neg()), Type::Int)),
                _ => Err(arithmetic("-")),
            },
            (op::IN, [item, list]) => self.member(item, list, present),
            ("size", [of]) => match self.typed(of, present)? {
                (expr, Type::List(_) | Type::Text) => Ok((Expr::Size(Box::new(expr)), Type::Int)),
                (expr, found) => {
                    let cause = format!("{} is {}, which has no size", shown(&expr), kind(&found));
                    let remedy = "take the size of a list or of text";
                    Err(CelError::new(Code::ExpressionType, cause, remedy))
                }
            },
            (name, [left, right]) => match comparison(name) {
                Some(comparison) => self.compare(comparison, left, right, present),
                None => Err(refused(name)),
            },
            (name, _) => Err(refused(name)),
        }
    }

    /// `&&` and `||`: the right side is only evaluated when the left side did not decide, so what the left
    /// side then says about presence holds on the right.
    fn both(&self, left: &IdedExpr, right: &IdedExpr, and: bool, present: &Present) -> Checked {
        let first = self.yes_or_no(left, present)?;
        let mut known = present.clone();
        assured(&first, and, &mut known);
        let second = self.yes_or_no(right, &known)?;
        let (first, second) = (Box::new(first), Box::new(second));
        let expr = if and { Expr::And(first, second) } else { Expr::Or(first, second) };
        Ok((expr, Type::Bool))
    }

    fn compare(&self, comparison: Comparison, left: &IdedExpr, right: &IdedExpr, present: &Present) -> Checked {
        let (left, left_type) = self.typed(left, present)?;
        let (right, right_type) = self.typed(right, present)?;
        let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let comparable = match left_type {
            Type::Int | Type::Text => true,
            Type::Bool => !ordered,
            _ => false,
        };
        if left_type != right_type || !comparable {
            let cause = format!(
                "{} ({}) is compared with {} ({})",
                shown(&left),
                kind(&left_type),
                shown(&right),
                kind(&right_type)
            );
            let remedy = "compare two numbers or two texts, or test two booleans for equality";
            return Err(CelError::new(Code::ExpressionType, cause, remedy));
        }
        Ok((Expr::Compare(comparison, Box::new(left), Box::new(right)), Type::Bool))
    }

    fn member(&self, item: &IdedExpr, list: &IdedExpr, present: &Present) -> Checked {
        let (item, item_type) = self.typed(item, present)?;
        let (list, list_type) = self.typed(list, present)?;
        let scalar = matches!(item_type, Type::Int | Type::Text | Type::Bool);
        if !scalar || list_type != Type::List(Box::new(item_type.clone())) {
            let cause = format!(
                "`in` looks for {} ({}) in {} ({})",
                shown(&item),
                kind(&item_type),
                shown(&list),
                kind(&list_type)
            );
            let remedy = "look for a number, text or boolean in a list of the same";
            return Err(CelError::new(Code::ExpressionType, cause, remedy));
        }
        Ok((Expr::In(Box::new(item), Box::new(list)), Type::Bool))
    }

    fn list(&self, elements: &[IdedExpr], present: &Present) -> Checked {
        let mut items = Vec::new();
        let mut of: Option<Type> = None;
        for element in elements {
            let (item, found) = self.typed(element, present)?;
            if of.as_ref().is_some_and(|of| *of != found) {
                let cause = format!("a list mixes types at {} ({})", shown(&item), kind(&found));
                let remedy = "list values of one type";
                return Err(CelError::new(Code::ExpressionType, cause, remedy));
            }
            of = Some(found);
            items.push(item);
        }
        match of {
            Some(of) => Ok((Expr::List(items), Type::List(Box::new(of)))),
            None => Err(CelError::new(Code::ExpressionType, "a list is empty", "list at least one value")),
        }
    }

    fn path_of(&self, select: &SelectExpr) -> Result<Path, CelError> {
        let mut fields = vec![select.field.clone()];
        let mut ast = &select.operand.expr;
        loop {
            match ast {
                Ast::Select(inner) if !inner.test => {
                    fields.push(inner.field.clone());
                    ast = &inner.operand.expr;
                }
                Ast::Ident(name) => {
                    let root = match name.as_str() {
                        "ctx" => Root::Ctx,
                        "event" => Root::Event,
                        _ => return Err(unknown_root(name)),
                    };
                    fields.reverse();
                    return Ok(Path { root, fields });
                }
                _ => return Err(forbidden("it selects a field of a computed value".to_owned())),
            }
        }
    }

    /// The type of a field; with `tested`, the field itself may be absent because `has` asks for it.
    fn field(&self, path: &Path, present: &Present, tested: bool) -> Result<Type, CelError> {
        let mut found = match path.root {
            Root::Ctx => self.ctx,
            Root::Event => self.event,
        };
        let mut walked = Path { root: path.root, fields: Vec::new() };
        for (at, name) in path.fields.iter().enumerate() {
            let fields = match found {
                Type::Object(fields) => Some(fields),
                _ => None,
            };
            let Some(next) = fields.and_then(|fields| fields.get(name)) else {
                let known = fields.into_iter().flat_map(BTreeMap::keys).map(String::as_str);
                let remedy = choose(name, known, "its fields");
                let cause = format!("`{walked}` has no field `{name}`");
                return Err(CelError::new(Code::ExpressionField, cause, remedy));
            };
            walked.fields.push(name.clone());
            let last = at + 1 == path.fields.len();
            found = match next {
                Type::Optional(inner) => {
                    if !(present.contains(&walked) || tested && last) {
                        let cause = format!("`{walked}` may be absent");
                        let remedy = format!("test it first: `has({walked}) && …`");
                        return Err(CelError::new(Code::ExpressionAbsent, cause, remedy));
                    }
                    inner
                }
                other => other,
            };
        }
        Ok(found.clone())
    }
}

/// Adds what is certainly there when `expr` evaluates to `outcome`.
fn assured(expr: &Expr, outcome: bool, known: &mut Present) {
    match expr {
        Expr::Has(path) if outcome => {
            known.insert(path.clone());
        }
        Expr::Not(inner) => assured(inner, !outcome, known),
        Expr::And(left, right) if outcome => {
            assured(left, true, known);
            assured(right, true, known);
        }
        Expr::Or(left, right) if !outcome => {
            assured(left, false, known);
            assured(right, false, known);
        }
        _ => {}
    }
}

fn literal(literal: &LiteralValue) -> Checked {
    match literal {
        LiteralValue::Boolean(value) => Ok((Expr::Bool(**value), Type::Bool)),
        LiteralValue::Int(value) => Ok((Expr::Int(**value), Type::Int)),
        LiteralValue::String(value) => Ok((Expr::Text(value.inner().to_owned()), Type::Text)),
        LiteralValue::Double(_) => Err(CelError::new(
            Code::ExpressionForbidden,
            "the expression uses a fraction",
            "compare whole numbers: minor units, basis points",
        )),
        LiteralValue::UInt(_) | LiteralValue::Bytes(_) | LiteralValue::Null => {
            Err(forbidden("it uses an unsigned number, bytes or null".to_owned()))
        }
    }
}

fn comparison(name: &str) -> Option<Comparison> {
    Some(match name {
        op::EQUALS => Comparison::Equal,
        op::NOT_EQUALS => Comparison::NotEqual,
        op::LESS => Comparison::Less,
        op::LESS_EQUALS => Comparison::AtMost,
        op::GREATER => Comparison::Greater,
        op::GREATER_EQUALS => Comparison::AtLeast,
        _ => return None,
    })
}
