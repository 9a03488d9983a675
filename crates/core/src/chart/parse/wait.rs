//! What a state waits for: an invocation, its children, a deadline.

use std::collections::BTreeMap;

use super::{
    Names,
    deadline::due,
    reader::Reader,
    transition::{KEYS as TRANSITION, transitions},
    yaml::{Node, Tree},
};
use crate::{
    chart::{
        model::{After, Invoke, Join, JoinRule, Transition},
        problem::{Code, choose},
    },
    event::FailureClass,
};

/// The branch that takes every failure class without one of its own.
const OTHER: &str = "other";

pub(super) fn invoke(reader: &mut Reader<'_>, names: &Names, owner: &str, tree: &Tree) -> Option<Invoke> {
    let what = format!("`invoke` of state `{owner}`");
    let fields = reader.fields(tree, &what, &["src", "onDone", "onError", "compensate"])?;
    let src_tree = reader.required(&fields, "src");
    let src = src_tree.and_then(|tree| reader.named(tree, "the activity", true));
    let on_done = fields
        .get("onDone")
        .map_or(Vec::new(), |tree| transitions(reader, names, owner, tree, &format!("`onDone` of state `{owner}`")));
    let on_error = fields.get("onError").map_or_else(BTreeMap::new, |tree| branches(reader, names, owner, tree));
    let compensate_tree = fields.get("compensate");
    let compensate = compensate_tree.and_then(|tree| reader.named(tree, "the compensating activity", true));
    Some(Invoke {
        place: src_tree?.place,
        src: src?,
        on_done,
        on_error,
        compensate,
        compensate_place: compensate_tree.map(|tree| tree.place),
    })
}

/// `onError`: one branch for all, or a mapping from failure class to branch.
fn branches(
    reader: &mut Reader<'_>,
    names: &Names,
    owner: &str,
    tree: &Tree,
) -> BTreeMap<Option<FailureClass>, Vec<Transition>> {
    let what = format!("`onError` of state `{owner}`");
    let by_class = match &tree.node {
        Node::Map(entries) => !entries.iter().any(|(key, _)| TRANSITION.contains(&key.node.as_str())),
        _ => false,
    };
    if !by_class {
        let all = transitions(reader, names, owner, tree, &what);
        return BTreeMap::from([(None, all)]);
    }
    let mut branches = BTreeMap::new();
    for (key, body) in reader.entries(tree, &what).into_iter().flatten() {
        let class = FailureClass::ALL.into_iter().find(|class| class.word() == key.node);
        if class.is_none() && key.node != OTHER {
            let cause = format!("{what} has a branch for `{}`, which is not a failure class", key.node);
            let classes = FailureClass::ALL.into_iter().map(FailureClass::word);
            let remedy = choose(&key.node, classes.chain([OTHER]), "the classes");
            reader.report(key.place, Code::UnknownFailureClass, cause, remedy);
            continue;
        }
        let what = format!("`onError.{}` of state `{owner}`", key.node);
        branches.insert(class, transitions(reader, names, owner, body, &what));
    }
    branches
}

pub(super) fn join(reader: &mut Reader<'_>, names: &Names, owner: &str, tree: &Tree) -> Option<Join> {
    let what = format!("`join` of state `{owner}`");
    let fields = reader.fields(tree, &what, &["until", "onDone", "onError"])?;
    let until_tree = reader.required(&fields, "until");
    let until = until_tree.and_then(|tree| reader.named(tree, "`until`", true));
    let mut branch = |key: &str| {
        fields
            .get(key)
            .map_or(Vec::new(), |tree| transitions(reader, names, owner, tree, &format!("`{key}` of state `{owner}`")))
    };
    let (on_done, on_error) = (branch("onDone"), branch("onError"));
    let until = match until?.as_str() {
        "all" => JoinRule::All,
        "any" => JoinRule::Any,
        name => JoinRule::Named(name.to_owned()),
    };
    Some(Join { place: until_tree?.place, until, on_done, on_error })
}

pub(super) fn deadlines(reader: &mut Reader<'_>, names: &Names, owner: &str, tree: &Tree) -> Vec<After> {
    let what = format!("`after` of state `{owner}`");
    let mut deadlines = Vec::new();
    for (key, body) in reader.entries(tree, &what).into_iter().flatten() {
        let what = format!("deadline `{}` of state `{owner}`", key.node);
        let transitions = transitions(reader, names, owner, body, &what);
        match due(&key.node) {
            Ok(due) => {
                let (place, text) = (key.place, key.node.clone());
                deadlines.push(After { place, text, due, transitions });
            }
            Err(cause) => {
                let remedy = "write a duration (`P5D`, `PT30M`), a deadline of the context \
                              (`offer.expiry`) or working time (`8 working hours`)";
                reader.report(key.place, Code::MalformedDeadline, format!("{what} {cause}"), remedy);
            }
        }
    }
    deadlines
}
