//! Transitions, their conditions and their actions.

use super::{
    Names,
    reader::{Fields, Reader},
    yaml::{Node, Tree},
};
use crate::chart::{
    model::{Action, At, Guard, Place, Transition},
    problem::{Code, choose},
};

pub(super) const KEYS: [&str; 5] = ["target", "guard", "when", "entry", "compensate"];

/// Reads a target, a transition or a list of either, tried in order.
pub(super) fn transitions(
    reader: &mut Reader<'_>,
    names: &Names,
    owner: &str,
    tree: &Tree,
    what: &str,
) -> Vec<Transition> {
    let items = match &tree.node {
        Node::List(items) if items.is_empty() => {
            let remedy = "write a target or a transition";
            reader.report(tree.place, Code::WrongShape, format!("{what} is an empty list"), remedy);
            return Vec::new();
        }
        Node::List(items) => items.as_slice(),
        _ => std::slice::from_ref(tree),
    };
    items.iter().filter_map(|item| transition(reader, names, owner, item, what)).collect()
}

fn transition(reader: &mut Reader<'_>, names: &Names, owner: &str, tree: &Tree, what: &str) -> Option<Transition> {
    let mut transition = Transition {
        place: tree.place,
        target: None,
        guard: None,
        guard_place: None,
        entry: Vec::new(),
        compensate: None,
        compensate_place: None,
    };
    match &tree.node {
        Node::Text(_) => {
            transition.target = Some(target(reader, names, owner, tree, what)?);
            return Some(transition);
        }
        Node::Map(_) => {}
        _ => {
            reader.wrong(tree, what, "a target, or a transition such as `{target: …, guard: …}`");
            return None;
        }
    }
    let fields = reader.fields(tree, what, &KEYS)?;
    if let Some(tree) = fields.get("target") {
        transition.target = Some(target(reader, names, owner, tree, what)?);
    }
    if let Some((guard, place)) = guard(reader, &fields, what) {
        transition.guard = Some(guard);
        transition.guard_place = Some(place);
    }
    if let Some(tree) = fields.get("entry") {
        transition.entry = actions(reader, tree, what);
    }
    if let Some(tree) = fields.get("compensate") {
        transition.compensate = reader.named(tree, "the compensating activity", true);
        transition.compensate_place = Some(tree.place);
    }
    Some(transition)
}

fn target(reader: &mut Reader<'_>, names: &Names, owner: &str, tree: &Tree, what: &str) -> Option<String> {
    let name = reader.text(tree, &format!("the target of {what}"))?;
    let path = names.resolve(owner, name);
    if path.is_none() {
        let cause = format!("{what} leads to the state `{name}`, which does not exist");
        let inside = names.all().find(|path| path.split_once('.').is_some_and(|(_, n)| n == name));
        let remedy = match inside {
            Some(path) => format!("did you mean `{path}`? states inside another one are named so"),
            None => choose(name, names.all(), "the states"),
        };
        reader.report(tree.place, Code::UnknownTarget, cause, remedy);
    }
    path
}

fn guard(reader: &mut Reader<'_>, fields: &Fields<'_>, what: &str) -> Option<(Guard, Place)> {
    if let (Some(_), Some((when, _))) = (fields.get("guard"), fields.entry("when")) {
        let cause = format!("{what} has both `guard` and `when`");
        let remedy = "keep one; a named guard may test both";
        reader.report(when.place, Code::TwoGuards, cause, remedy);
    }
    if let Some(tree) = fields.get("guard") {
        let name = reader.named(tree, "the guard", true)?;
        return Some((Guard::Named(name), tree.place));
    }
    let tree = fields.get("when")?;
    let text = reader.text(tree, &format!("`when` of {what}"))?;
    Some((Guard::When(text.to_owned()), tree.place))
}

/// Reads one action or a list of them.
pub(super) fn actions(reader: &mut Reader<'_>, tree: &Tree, what: &str) -> Vec<At<Action>> {
    let items = match &tree.node {
        Node::List(items) => items.as_slice(),
        _ => std::slice::from_ref(tree),
    };
    let what = format!("`entry` of {what}");
    items
        .iter()
        .filter_map(|item| {
            let text = reader.text(item, &what)?;
            let node = action(reader, item.place, text, &what)?;
            Some(At { node, place: item.place })
        })
        .collect()
}

/// A prefix, and the action that the name behind it makes.
type Form = (&'static str, fn(String) -> Action);

fn action(reader: &mut Reader<'_>, place: Place, text: &str, what: &str) -> Option<Action> {
    const FORMS: [Form; 6] = [
        ("notify.", Action::Notify),
        ("post.", Action::Post),
        ("start.", Action::Start),
        ("send.parent.", Action::SendParent),
        ("send.children.", Action::SendChildren),
        ("ask.", Action::Ask),
    ];
    for (prefix, form) in FORMS {
        if let Some(name) = text.strip_prefix(prefix) {
            let well_formed = reader.name(name, place, "the action's name", true);
            return well_formed.then(|| form(name.to_owned()));
        }
    }
    let cause = format!("{what} holds `{text}`, which is not an action");
    let remedy = "write `notify.<notice>`, `post.<posting>`, `start.<chart>`, `send.parent.<event>`, \
                  `send.children.<event>` or `ask.<task>`";
    reader.report(place, Code::MalformedAction, cause, remedy);
    None
}
