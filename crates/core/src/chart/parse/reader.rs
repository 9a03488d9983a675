//! Typed access to the YAML tree; whatever does not fit becomes a problem, and reading goes on.

use super::yaml::{Node, Tree};
use crate::chart::{
    model::{At, Place},
    problem::{Code, Problem, choose},
};

/// Collects the problems of one file.
pub(crate) struct Reader<'a> {
    file: &'a str,
    problems: Vec<Problem>,
}

/// A mapping whose keys have been checked.
pub(crate) struct Fields<'t> {
    place: Place,
    what: String,
    entries: &'t [(At<String>, Tree)],
}

impl<'t> Fields<'t> {
    /// The value under `key`.
    pub(crate) fn get(&self, key: &str) -> Option<&'t Tree> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The key as written, and its value.
    pub(crate) fn entry(&self, key: &str) -> Option<&'t (At<String>, Tree)> {
        self.entries.iter().find(|(name, _)| name.node == key)
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(file: &'a str) -> Reader<'a> {
        Reader { file, problems: Vec::new() }
    }

    /// The problems found, by place.
    pub(crate) fn finish(mut self) -> Vec<Problem> {
        self.problems.sort();
        self.problems.dedup();
        self.problems
    }

    pub(crate) fn report(&mut self, place: Place, code: Code, cause: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem::new(self.file, place, code, cause, remedy));
    }

    /// Reports a value of the wrong kind.
    pub(crate) fn wrong(&mut self, tree: &Tree, what: &str, wanted: &str) {
        let cause = format!("{what} is {}", tree.node.kind());
        self.report(tree.place, Code::WrongShape, cause, format!("write {wanted}"));
    }

    /// A mapping whose keys are all in `allowed`.
    pub(crate) fn fields<'t>(&mut self, tree: &'t Tree, what: &str, allowed: &[&str]) -> Option<Fields<'t>> {
        let entries = self.entries(tree, what)?;
        for (key, _) in entries {
            if !allowed.contains(&key.node.as_str()) {
                let cause = format!("{what} has the unknown key `{}`", key.node);
                let remedy = choose(&key.node, allowed.iter().copied(), "allowed keys");
                self.report(key.place, Code::UnknownKey, cause, remedy);
            }
        }
        Some(Fields { place: tree.place, what: what.to_owned(), entries })
    }

    /// A mapping with keys of the author's choice.
    pub(crate) fn entries<'t>(&mut self, tree: &'t Tree, what: &str) -> Option<&'t [(At<String>, Tree)]> {
        match &tree.node {
            Node::Map(entries) => Some(entries),
            _ => {
                self.wrong(tree, what, "a mapping");
                None
            }
        }
    }

    /// The value under a key that must be there.
    pub(crate) fn required<'t>(&mut self, fields: &Fields<'t>, key: &str) -> Option<&'t Tree> {
        let found = fields.get(key);
        if found.is_none() {
            let cause = format!("{} has no `{key}`", fields.what);
            self.report(fields.place, Code::MissingKey, cause, format!("add `{key}: …`"));
        }
        found
    }

    /// Text.
    pub(crate) fn text<'t>(&mut self, tree: &'t Tree, what: &str) -> Option<&'t str> {
        match &tree.node {
            Node::Text(text) if !text.trim().is_empty() => Some(text),
            _ => {
                self.wrong(tree, what, "text");
                None
            }
        }
    }

    /// A version: a whole number from 1.
    pub(crate) fn version(&mut self, tree: &Tree, what: &str) -> Option<u32> {
        match &tree.node {
            Node::Int(number) => match u32::try_from(*number) {
                Ok(version) if version >= 1 => Some(version),
                _ => {
                    let cause = format!("{what} is {number}");
                    let remedy = "write a whole number from 1";
                    self.report(tree.place, Code::WrongShape, cause, remedy);
                    None
                }
            },
            _ => {
                self.wrong(tree, what, "a whole number from 1");
                None
            }
        }
    }

    /// A name of lower-case words joined by `_`, and by dots where `dotted`.
    pub(crate) fn name(&mut self, text: &str, place: Place, what: &str, dotted: bool) -> bool {
        let word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        let well_formed = text.len() <= 64 && if dotted { text.split('.').all(word) } else { word(text) };
        if !well_formed {
            let shown: String = text.chars().take(80).collect();
            let cause = format!("{what} `{shown}` is not a name");
            let joined = if dotted { "`_` and `.`" } else { "`_`" };
            let remedy = format!("use lower-case letters, digits and {joined}, a letter first, 64 characters at most");
            self.report(place, Code::MalformedName, cause, remedy);
        }
        well_formed
    }

    /// A name under a key, checked.
    pub(crate) fn named(&mut self, tree: &Tree, what: &str, dotted: bool) -> Option<String> {
        let text = self.text(tree, what)?;
        self.name(text, tree.place, what, dotted).then(|| text.to_owned())
    }
}
