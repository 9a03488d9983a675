//! A chart as Mermaid's `stateDiagram-v2`.

use std::fmt::Write;

use crate::chart::{
    graph::triggers,
    model::{Chart, Guard, State, Transition},
};

/// The chart as Mermaid text, ending in a newline.
pub fn mermaid(chart: &Chart) -> String {
    let mut lines = vec!["stateDiagram-v2".to_owned()];
    lines.push(format!("    [*] --> {}", id(chart, &chart.initial)));
    for state in chart.states.iter().filter(|state| !state.path.contains('.')) {
        declare(chart, state, &mut lines);
    }
    for state in &chart.states {
        for (trigger, transitions) in triggers(state) {
            for transition in transitions {
                let label = format!("{trigger}{}", condition(transition));
                lines.push(arrow(chart, state, transition, &label));
            }
        }
        if state.is_final {
            lines.push(format!("    {} --> [*]", id(chart, &state.path)));
        }
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn declare(chart: &Chart, state: &State, lines: &mut Vec<String>) {
    describe(chart, state, "    ", lines);
    let Some(initial) = &state.initial else {
        return;
    };
    lines.push(format!("    state {} {{", id(chart, &state.path)));
    lines.push(format!("        [*] --> {}", id(chart, initial)));
    let prefix = format!("{}.", state.path);
    for inner in chart.states.iter().filter(|inner| inner.path.starts_with(&prefix)) {
        describe(chart, inner, "        ", lines);
    }
    lines.push("    }".to_owned());
}

/// The state's own name where its id is longer, and what it invokes.
fn describe(chart: &Chart, state: &State, indent: &str, lines: &mut Vec<String>) {
    let id = id(chart, &state.path);
    match state.path.split_once('.') {
        Some((_, name)) => lines.push(format!("{indent}state \"{name}\" as {id}")),
        None if state.initial.is_none() => lines.push(format!("{indent}{id}")),
        None => {}
    }
    if let Some(invoke) = &state.invoke {
        lines.push(format!("{indent}{id}: invoke {}", escaped(&invoke.src)));
    }
}

fn arrow(chart: &Chart, state: &State, transition: &Transition, label: &str) -> String {
    let from = id(chart, &state.path);
    let (to, stays) = match &transition.target {
        Some(target) => (id(chart, target), ""),
        None => (from.clone(), " (stays)"),
    };
    format!("    {from} --> {to}: {}{stays}", escaped(label))
}

fn condition(transition: &Transition) -> String {
    match &transition.guard {
        Some(Guard::Named(name)) => format!(" [{name}]"),
        Some(Guard::When(text)) => format!(" [{text}]"),
        None => String::new(),
    }
}

/// An id that Mermaid accepts: `outer__inner`, made longer should a state have that name.
fn id(chart: &Chart, path: &str) -> String {
    let mut id = path.replace('.', "__");
    while path.contains('.') && chart.index.contains_key(&id) {
        id.push('_');
    }
    id
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '#' | ';' | ':' | '<' | '>' | '"' | '{' | '}' => {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "#{};", u32::from(c));
            }
            c if c.is_whitespace() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
