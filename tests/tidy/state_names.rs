//! Rust asks for a state's tags, never for its name: names are the chart's to change.

use std::collections::BTreeSet;

use entente_core::{chart::model::Chart, event::FailureClass};

use super::{
    rust_source::{Literal, RustSource},
    tree::{Finding, Tree},
};

/// The names of states that mean nothing else: tags, failure classes and error codes may be compared.
fn state_names(tree: &Tree) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut words: BTreeSet<String> = FailureClass::ALL.iter().map(|class| class.word().to_owned()).collect();
    let page = |path: &str| path.strip_prefix("docs/errors/")?.strip_suffix(".md").map(str::to_owned);
    words.extend(tree.files().filter_map(|(path, _)| page(path)));
    for (path, text) in tree.below("workflows/") {
        let parts: Vec<&str> = path.split('/').collect();
        let [_, _, file] = parts.as_slice() else { continue };
        if !(file.starts_with('v') && file.ends_with(".yaml")) {
            continue;
        }
        let Ok(chart) = Chart::parse(path, text) else { continue };
        for state in &chart.states {
            names.insert(state.path.clone());
            words.extend(state.tags.iter().cloned());
        }
    }
    names.retain(|name| !words.contains(name) && name != "approvals");
    names
}

fn compared(tree: &Tree, names: &BTreeSet<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in tree.product() {
        // The sandbox plays a marketplace, whose own words may look alike.
        if path.starts_with("connectors/") {
            continue;
        }
        for literal in source.literals.iter().filter(|literal| names.contains(&literal.text)) {
            if is_compared(&source, literal) {
                let message = format!("`{}` is a state's name: give the state a tag and ask for that", literal.text);
                findings.push(Finding { path: path.into(), line: literal.line, message });
            }
        }
    }
    findings
}

/// Whether the literal is a pattern, an operand of a comparison, or one of a list that is searched.
fn is_compared(source: &RustSource, literal: &Literal) -> bool {
    let (before, after) = (source.before(literal), source.after(literal));
    let pattern = after.starts_with("=>") || after.starts_with('|') || before.ends_with('|');
    let operand = ["==", "!="].iter().any(|operator| before.ends_with(operator) || after.starts_with(operator));
    let searched = after.contains("].contains(") || before.ends_with(".contains(&") || before.ends_with(".eq(");
    let matched = before.contains("matches!(");
    pattern || operand || searched || matched
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tree::{assert_found, assert_tidy};

    #[test]
    fn no_state_name_is_compared_in_rust() {
        let names = state_names(Tree::project());
        assert!(names.contains("draft") && names.len() > 8, "the workflows' states were not read: {names:?}");
        assert_tidy(&compared(Tree::project(), &names));
    }

    #[test]
    fn each_way_to_compare_a_state_is_found() {
        let names = BTreeSet::from(["draft".to_owned()]);
        for code in [
            "match s { \"draft\" => 1, _ => 2 }",
            "if run.state == \"draft\" {}",
            "if \"draft\" != run.state {}",
            "matches!(s, \"other\" | \"draft\")",
            "[\"draft\", \"other\"].contains(&s)",
        ] {
            assert_found(&compared(&Tree::of(&[("src/cli/offer.rs", code)]), &names), "src/cli/offer.rs", 1, "a tag");
        }
    }

    #[test]
    fn a_state_name_in_other_places_is_not() {
        let names = BTreeSet::from(["draft".to_owned()]);
        let code = "println!(\"draft\"); // state == \"draft\"\n#[cfg(test)]\nmod tests { fn f() { s == \"draft\"; } }";
        assert_tidy(&compared(&Tree::of(&[("src/cli/offer.rs", code)]), &names));
    }
}
