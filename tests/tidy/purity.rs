//! The core reads no clock, file, environment or network, prints in one order, and counts money without floats.

use super::tree::{Finding, Tree};

/// What the core may not name, and where it belongs.
const OUTSIDE: [(&str, &str); 12] = [
    ("std::fs", "files are read by the shell"),
    ("std::env", "the environment is read by the shell"),
    ("std::net", "the network belongs to connectors"),
    ("std::process", "processes belong to the shell"),
    ("std::thread", "threads belong to the shell"),
    ("SystemTime", "time arrives as data"),
    ("Instant::now", "time arrives as data"),
    ("Timestamp::now", "time arrives as data"),
    ("Zoned::now", "time arrives as data"),
    ("HashMap", "use `BTreeMap`: the order of what the core says is part of its answer"),
    ("HashSet", "use `BTreeSet`: the order of what the core says is part of its answer"),
    ("println!", "words for people belong to the command line"),
];

/// Where amounts are handled.
const EXACT: [&str; 4] = ["crates/core/src/", "crates/payments/src/", "crates/store/src/", "crates/store-"];

fn impure(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in tree.product() {
        for (line, code) in source.lines() {
            let mut report = |message: String| findings.push(Finding { path: path.into(), line, message });
            if path.starts_with("crates/core/src/") {
                for (word, why) in OUTSIDE.iter().filter(|(word, _)| code.contains(word)) {
                    report(format!("`{word}` in the core: {why}"));
                }
            }
            let refusing = code.contains("fn visit_f");
            if EXACT.iter().any(|room| path.starts_with(room)) && !refusing && has_float(code) {
                report("a float where amounts are handled: use whole minor units or an exact decimal".into());
            }
        }
    }
    findings
}

fn has_float(code: &str) -> bool {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "f64" || word == "f32")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tree::{assert_found, assert_tidy};

    #[test]
    fn the_core_is_pure_and_amounts_are_exact() {
        assert_tidy(&impure(Tree::project()));
    }

    #[test]
    fn a_clock_a_file_and_a_float_are_found() {
        for (path, code, expected) in [
            ("crates/core/src/a.rs", "let now = jiff::Timestamp::now();", "time arrives as data"),
            ("crates/core/src/a.rs", "use std::fs;", "read by the shell"),
            ("crates/core/src/a.rs", "use std::collections::HashMap;", "BTreeMap"),
            ("crates/core/src/money.rs", "fn rate() -> f64 { 0.1 }", "a float"),
            ("crates/store-sqlite/src/a.rs", "let amount: f32 = 1.0;", "a float"),
        ] {
            assert_found(&impure(&Tree::of(&[(path, code)])), path, 1, expected);
        }
    }

    #[test]
    fn comments_tests_and_the_refusal_of_floats_are_not() {
        let code = "// never f64\nfn visit_f64<E>(self, _: f64) {}\n#[cfg(test)]\nmod tests { use std::fs; }";
        assert_tidy(&impure(&Tree::of(&[("crates/core/src/a.rs", code)])));
    }
}
