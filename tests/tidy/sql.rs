//! SQL stands in the store crates and in `migrations/`.

use super::{
    rust_source::RustSource,
    tree::{Finding, Tree},
};

/// Where SQL is at home. Benches compare the engine with the bare database.
const HOMES: [&str; 6] =
    ["crates/store-sqlite/", "crates/store-postgres/", "migrations/", "xtask/", "benches/", "tests/tidy/"];

/// How statements begin.
const BEGINNINGS: [&str; 11] = [
    "SELECT ",
    "INSERT INTO ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "CREATE INDEX ",
    "ALTER TABLE ",
    "DROP TABLE ",
    "PRAGMA ",
    "BEGIN IMMEDIATE",
    "WITH RECURSIVE ",
];

fn astray(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.rust().filter(|(path, _)| !HOMES.iter().any(|home| path.starts_with(home))) {
        if path.contains("/tests/") || path.starts_with("tests/") {
            // A test may tamper with a database to show that tampering is found.
            continue;
        }
        let source = RustSource::read(text).without_tests();
        for literal in &source.literals {
            let text = literal.text.trim_start();
            if let Some(beginning) = BEGINNINGS.iter().find(|beginning| text.starts_with(*beginning)) {
                let message = format!("`{}…` is SQL: it belongs into a store crate", beginning.trim_end());
                findings.push(Finding { path: path.into(), line: literal.line, message });
            }
        }
        for (line, _) in source.lines().filter(|(_, code)| code.contains("sqlx::")) {
            let message = "`sqlx` outside the store crates: add what you need to the store's trait".into();
            findings.push(Finding { path: path.into(), line, message });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tree::{assert_found, assert_tidy};

    #[test]
    fn sql_stays_in_the_store_crates() {
        assert_tidy(&astray(Tree::project()));
    }

    #[test]
    fn a_statement_in_a_command_is_found() {
        let tree = Tree::of(&[("src/cli/offer.rs", "fn f() {\n    run(\"SELECT id FROM runs\");\n}")]);
        assert_found(&astray(&tree), "src/cli/offer.rs", 2, "is SQL");
        let tree = Tree::of(&[("src/runner/mod.rs", "use sqlx::Row;")]);
        assert_found(&astray(&tree), "src/runner/mod.rs", 1, "outside the store crates");
    }

    #[test]
    fn a_statement_in_a_store_is_not() {
        assert_tidy(&astray(&Tree::of(&[("crates/store-sqlite/src/runs.rs", "run(\"SELECT id FROM runs\");")])));
    }
}
