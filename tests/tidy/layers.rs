//! Inside the binary: commands, interfaces and schedules use the runner, the runner uses activities, never back.

use super::tree::{Finding, Tree};

/// Modules that talk to people or clocks on their behalf.
const FACES: [&str; 5] = ["cli", "api", "web", "demo", "schedule"];

/// Each lower layer with the modules that it may not name.
const FORBIDDEN: [(&str, &[&str]); 4] = [
    ("src/runner", &["app", "jobs"]),
    ("src/activities", &["app", "jobs", "runner"]),
    ("src/connectors", &["app", "jobs", "runner", "activities"]),
    ("src/notices", &["app", "jobs"]),
];

fn upward(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in tree.product() {
        let layer =
            |(folder, _): &&(&str, _)| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with(['/', '.']));
        let Some((folder, others)) = FORBIDDEN.iter().find(layer) else { continue };
        for (line, code) in source.lines() {
            for module in FACES.iter().chain(*others) {
                // What time it is may be asked anywhere outside the core.
                let code = code.replace("runner::clock", "clock");
                let named = code.match_indices("crate::").any(|(at, _)| names(&code[at + "crate::".len()..], module));
                if named {
                    let message = format!("`{folder}` may not use `crate::{module}`: it lies above");
                    findings.push(Finding { path: path.into(), line, message });
                }
            }
        }
    }
    findings
}

/// Whether a path, or a group in braces, begins with the module.
fn names(path: &str, module: &str) -> bool {
    let begins = |text: &str| {
        let rest = text.trim_start().strip_prefix(module);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    match path.strip_prefix('{') {
        Some(group) => group.split(',').any(begins),
        None => begins(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tree::{assert_found, assert_tidy};

    #[test]
    fn lower_layers_do_not_know_higher_ones() {
        assert_tidy(&upward(Tree::project()));
    }

    #[test]
    fn a_use_that_points_upward_is_found() {
        for (path, code) in [
            ("src/runner/driver.rs", "use crate::cli::offer;"),
            ("src/activities/mail.rs", "use crate::{notices, runner::leases};"),
            ("src/activities/mail.rs", "fn f() { crate::api::words(); }"),
            ("src/connectors/mod.rs", "use crate::activities::Call;"),
        ] {
            assert_found(&upward(&Tree::of(&[(path, code)])), path, 1, "it lies above");
        }
    }

    #[test]
    fn a_use_that_points_downward_is_not() {
        let tree = Tree::of(&[
            ("src/runner/mod.rs", "use crate::activities::Activities;"),
            ("src/cli/offer.rs", "use crate::runner;"),
            ("src/connectors/mod.rs", "use crate::runner::clock::Clock;"),
        ]);
        assert_tidy(&upward(&tree));
    }
}
