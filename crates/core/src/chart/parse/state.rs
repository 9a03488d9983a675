//! One state of a chart, with the states inside it.

use std::collections::BTreeMap;

use super::{
    Names, known_initial,
    reader::{Fields, Reader},
    transition::{actions, transitions},
    wait::{deadlines, invoke, join},
    yaml::{Node, Tree},
};
use crate::chart::{
    model::{At, Place, State, Transition},
    problem::Code,
};

const KEYS: [&str; 10] = ["on", "after", "invoke", "join", "always", "entry", "tags", "initial", "states", "type"];

/// Reads a state and appends it, and those inside it, to `states`.
pub(super) fn read(
    reader: &mut Reader<'_>,
    names: &Names,
    states: &mut Vec<State>,
    outer: Option<&str>,
    name: &At<String>,
    body: &Tree,
) {
    let path = outer.map_or(name.node.clone(), |outer| format!("{outer}.{}", name.node));
    let what = format!("state `{path}`");
    let Some(fields) = reader.fields(body, &what, &KEYS) else {
        return;
    };
    let (on, event_places) = events(reader, names, &path, &fields);
    let always = fields.get("always");
    let state = State {
        place: name.place,
        tags: tags(reader, &path, &fields),
        is_final: is_final(reader, &path, &fields, outer),
        initial: None,
        entry: fields.get("entry").map_or(Vec::new(), |tree| actions(reader, tree, &what)),
        invoke: fields.get("invoke").and_then(|tree| invoke(reader, names, &path, tree)),
        join: fields.get("join").and_then(|tree| join(reader, names, &path, tree)),
        on,
        event_places,
        after: fields.get("after").map_or(Vec::new(), |tree| deadlines(reader, names, &path, tree)),
        always: always
            .map_or(Vec::new(), |tree| transitions(reader, names, &path, tree, &format!("`always` of state `{path}`"))),
        path: path.clone(),
    };
    let at = states.len();
    states.push(state);
    if let Some((key, inner)) = fields.entry("states") {
        let initial = inside(reader, names, states, &path, &fields, (key, inner));
        if let Some(state) = states.get_mut(at) {
            state.initial = initial;
        }
    } else if let Some((key, _)) = fields.entry("initial") {
        let cause = format!("state `{path}` has an `initial` but no `states`");
        reader.report(key.place, Code::MissingKey, cause, "add `states`, or remove `initial`");
    }
}

/// Reads the states inside a compound state and returns the path of the first one entered.
fn inside(
    reader: &mut Reader<'_>,
    names: &Names,
    states: &mut Vec<State>,
    outer: &str,
    fields: &Fields<'_>,
    (key, tree): (&At<String>, &Tree),
) -> Option<String> {
    if outer.contains('.') {
        let cause = format!("state `{outer}` is inside another state and has states of its own");
        let remedy = "charts nest one level deep: move the states out";
        reader.report(key.place, Code::TooDeep, cause, remedy);
        return None;
    }
    for (name, body) in reader.entries(tree, &format!("`states` of state `{outer}`"))? {
        if reader.name(&name.node, name.place, "the state", false) {
            read(reader, names, states, Some(outer), name, body);
        }
    }
    let initial_tree = reader.required(fields, "initial")?;
    let initial = reader.text(initial_tree, &format!("`initial` of state `{outer}`"))?;
    known_initial(reader, states, initial, initial_tree, Some(outer));
    Some(format!("{outer}.{initial}"))
}

fn events(
    reader: &mut Reader<'_>,
    names: &Names,
    path: &str,
    fields: &Fields<'_>,
) -> (BTreeMap<String, Vec<Transition>>, BTreeMap<String, Place>) {
    let mut on = BTreeMap::new();
    let mut places = BTreeMap::new();
    let tree = fields.get("on");
    let entries = tree.and_then(|tree| reader.entries(tree, &format!("`on` of state `{path}`")));
    for (event, body) in entries.into_iter().flatten() {
        if !reader.name(&event.node, event.place, "the event", true) {
            continue;
        }
        let what = format!("event `{}` of state `{path}`", event.node);
        let read = transitions(reader, names, path, body, &what);
        on.insert(event.node.clone(), read);
        places.insert(event.node.clone(), event.place);
    }
    (on, places)
}

fn tags(reader: &mut Reader<'_>, path: &str, fields: &Fields<'_>) -> Vec<String> {
    let Some(tree) = fields.get("tags") else {
        return Vec::new();
    };
    let what = format!("`tags` of state `{path}`");
    let Node::List(items) = &tree.node else {
        reader.wrong(tree, &what, "a list such as `[awaiting_buyer]`");
        return Vec::new();
    };
    let mut tags = Vec::new();
    for item in items {
        let Some(tag) = reader.text(item, &what) else {
            continue;
        };
        let (kind, value) = tag.split_once(':').unwrap_or((tag, "value"));
        if reader.name(kind, item.place, "the tag", false) && reader.name(value, item.place, "the tag's value", true) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

fn is_final(reader: &mut Reader<'_>, path: &str, fields: &Fields<'_>, outer: Option<&str>) -> bool {
    let Some(tree) = fields.get("type") else {
        return false;
    };
    let what = format!("`type` of state `{path}`");
    match reader.text(tree, &what) {
        Some("final") => {}
        Some(other) => {
            let cause = format!("{what} is `{other}`");
            let remedy = "write `type: final`, or leave it out";
            reader.report(tree.place, Code::WrongShape, cause, remedy);
            return false;
        }
        None => return false,
    }
    if let Some(outer) = outer {
        let cause = format!("state `{path}` is final but inside state `{outer}`");
        let remedy = "an end ends the run: move it to the top level";
        reader.report(tree.place, Code::TooDeep, cause, remedy);
    }
    true
}
