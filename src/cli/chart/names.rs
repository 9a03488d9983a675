//! The names that charts may use in this binary, without an installation to ask.

use std::sync::Arc;

use entente_core::{
    chart::{
        bound::BoundChart,
        lint::Vocabulary,
        model::Chart,
        problem::{Code, Problem},
    },
    context::Contexts,
};

use crate::{app, runner::definitions};

/// The names of this binary.
pub struct Names {
    contexts: Contexts,
    vocabulary: Vocabulary,
}

impl Names {
    /// The names of this binary: no connection is needed to know what could be asked of one.
    pub fn of_this_binary() -> Names {
        let contexts = app::contexts();
        let vocabulary = definitions::vocabulary(&app::named_activities(), &contexts);
        Names { contexts, vocabulary }
    }

    /// Binds a chart, or says everything that keeps it from running.
    pub fn bind(&self, chart: Chart) -> Result<BoundChart, Vec<Problem>> {
        let Some(context) = self.contexts.get(&chart.context) else {
            let known: Vec<&str> = self.contexts.names().collect();
            let cause = format!("this binary has no context type `{}`", chart.context);
            let remedy = format!("use one of: {}", known.join(", "));
            return Err(vec![Problem::new(&chart.file, chart.context_place, Code::UnknownContext, cause, remedy)]);
        };
        BoundChart::bind(Arc::new(chart), context.clone(), &self.vocabulary)
    }
}
