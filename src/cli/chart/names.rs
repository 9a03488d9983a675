//! The names that charts may use in this binary, without an installation to ask.

use std::sync::Arc;

use entente_core::{
    chart::{
        bound::BoundChart,
        lint::{EffectClass, Vocabulary},
        model::Chart,
        problem::{Code, Problem},
    },
    context::Contexts,
};

use crate::{
    activities::{Activities, marketplace, preflight::Preflight},
    app,
    connectors::Connections,
    notices::text,
};

/// The names of this binary.
pub struct Names {
    contexts: Contexts,
    vocabulary: Vocabulary,
}

impl Names {
    /// The names of this binary: no connection is needed to know what could be asked of one.
    pub fn of_this_binary() -> Names {
        let none = Connections::default();
        let base =
            Activities::default().with(Preflight::new(none.clone())).with(marketplace::AwaitChange::new(none.clone()));
        let activities = marketplace::writes(&none).into_iter().fold(base, Activities::with);
        let notices = text::names().fold(Vocabulary::default(), |vocabulary, name| vocabulary.notice(name));
        let vocabulary = activities.iter().fold(notices, |vocabulary, activity| {
            let nature = activity.nature();
            let class = if nature.irreversible { EffectClass::Irreversible } else { EffectClass::Reversible };
            let tags = [("publishes", nature.publishes), ("money_out", nature.money_out)];
            let tags: Vec<&str> = tags.into_iter().filter(|(_, set)| *set).map(|(tag, _)| tag).collect();
            vocabulary.activity(activity.name(), class, &tags)
        });
        Names { contexts: app::contexts(), vocabulary }
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
