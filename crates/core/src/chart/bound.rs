//! A chart together with the code that its names mean. Only such a pair can take steps.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    cel::Cel,
    lint::{self, Vocabulary},
    model::{Chart, Guard},
    problem::Problem,
};
use crate::{
    context::{ContextType, EvalError},
    event::{Body, Event},
};

/// A checked chart, its context type and its compiled conditions.
#[derive(Debug, Clone)]
pub struct BoundChart {
    /// The chart.
    pub chart: Arc<Chart>,
    /// The type of its context.
    pub context: Arc<dyn ContextType>,
    /// Its `when` conditions by text.
    pub whens: BTreeMap<String, Cel>,
}

impl BoundChart {
    /// Binds every name of the chart, or says which ones this binary lacks.
    ///
    /// # Errors
    /// Everything that [`lint`](lint::lint) finds.
    pub fn bind(
        chart: Arc<Chart>,
        context: Arc<dyn ContextType>,
        vocabulary: &Vocabulary,
    ) -> Result<BoundChart, Vec<Problem>> {
        let (problems, whens) = lint::check(&chart, context.as_ref(), vocabulary);
        if problems.is_empty() { Ok(BoundChart { chart, context, whens }) } else { Err(problems) }
    }

    /// Evaluates a guard on a context to which the event has been applied.
    ///
    /// # Errors
    /// When it cannot be told; that never counts as false.
    pub fn guard(&self, guard: &Guard, ctx: &Value, event: &Event, now: Timestamp) -> Result<bool, EvalError> {
        match guard {
            Guard::Named(name) => self.context.guard(name, ctx, event, now),
            Guard::When(text) => {
                let cel = self.whens.get(text).ok_or_else(|| EvalError::Unknown {
                    context: self.chart.context.clone(),
                    kind: "condition",
                    name: text.clone(),
                })?;
                match &event.body {
                    Body::Named { data, .. } if !data.is_null() => cel.eval(ctx, data),
                    Body::LedgerRefused { reason, cause } => {
                        cel.eval(ctx, &json!({ "reason": reason, "cause": cause }))
                    }
                    Body::ChildEnded { end, state, .. } => cel.eval(ctx, &json!({ "end": end, "state": state })),
                    _ => cel.eval(ctx, &json!({})),
                }
            }
        }
    }
}
