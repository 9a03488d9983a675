//! Every `when` is a comparison over fields that are there when it is asked.

use std::collections::BTreeMap;

use super::{Lint, transitions};
use crate::{
    chart::{
        cel::{Cel, no_data},
        graph::Trigger,
        model::Guard,
        step::LEDGER_REFUSED,
    },
    context::Type,
};

impl Lint<'_> {
    /// Compiles the conditions. One text may stand under several events and must suit each of them.
    pub(super) fn conditions(&mut self) -> BTreeMap<String, Cel> {
        let (schema, events) = (self.context.schema(), self.context.events());
        let engine = made_by_the_engine();
        let mut compiled = BTreeMap::new();
        for (state, trigger, transition) in transitions(self.chart) {
            let Some(Guard::When(text)) = &transition.guard else {
                continue;
            };
            let data = match &trigger {
                Trigger::Event(name) => engine.get(name.as_str()).or_else(|| events.get(name)),
                _ => None,
            };
            let none = no_data();
            match Cel::compile(text, &schema, data.unwrap_or(&none)) {
                Ok(cel) => {
                    compiled.insert(text.clone(), cel);
                }
                Err(error) => {
                    let place = transition.guard_place.unwrap_or(transition.place);
                    let cause = format!("`{trigger}` in state `{state}`: {}", error.cause);
                    self.report(place, error.code, cause, error.remedy);
                }
            }
        }
        compiled
    }
}

/// The events that the engine makes and a chart may react to by name, with the fields that
/// [`BoundChart::guard`](crate::chart::bound::BoundChart::guard) shows to conditions.
pub(super) fn made_by_the_engine() -> BTreeMap<&'static str, Type> {
    let texts =
        |fields: [&str; 2]| Type::Object(fields.into_iter().map(|field| (field.to_owned(), Type::Text)).collect());
    BTreeMap::from([(LEDGER_REFUSED, texts(["reason", "cause"])), ("child.ended", texts(["end", "state"]))])
}
