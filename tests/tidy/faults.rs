//! A test that names a row of `docs/faults.md` names one that is there.

use std::collections::BTreeMap;

use super::{
    rust_source::RustSource,
    tree::{Finding, Tree},
};

const TABLE: &str = "docs/faults.md";

/// The rows of the table.
fn rows(tree: &Tree) -> Vec<u32> {
    let number = |line: &str| line.strip_prefix("| ")?.split(' ').next()?.parse().ok();
    tree.text(TABLE).unwrap_or_default().lines().filter_map(number).collect()
}

/// The tests of each row: path, line and name.
fn tests(tree: &Tree) -> BTreeMap<u32, Vec<(&str, usize, String)>> {
    let mut tests: BTreeMap<u32, Vec<(&str, usize, String)>> = BTreeMap::new();
    for (path, text) in tree.rust() {
        for (line, code) in RustSource::read(text).lines() {
            let Some((_, name)) = code.split_once("fn row_") else { continue };
            let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let numbers = name.split('_').map_while(|part| part.parse::<u32>().ok());
            for number in numbers {
                tests.entry(number).or_default().push((path, line, format!("row_{name}")));
            }
        }
    }
    tests
}

fn strangers(tree: &Tree) -> Vec<Finding> {
    let rows = rows(tree);
    let unknown = tests(tree).into_iter().filter(|(number, _)| !rows.contains(number));
    let finding = |number: u32, (path, line, name): (&str, usize, String)| Finding {
        path: path.into(),
        line,
        message: format!("`{name}`: {TABLE} has no row {number}"),
    };
    unknown.flat_map(|(number, found)| found.into_iter().map(move |test| finding(number, test))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tree::{assert_found, assert_tidy};

    #[test]
    fn tests_of_faults_name_rows_that_are_there() {
        let tests = tests(Tree::project());
        for row in rows(Tree::project()) {
            let names: Vec<&str> = tests.get(&row).into_iter().flatten().map(|(_, _, name)| name.as_str()).collect();
            println!(
                "row {row}: {}",
                if names.is_empty() { "no test is named for it".into() } else { names.join(", ") }
            );
        }
        assert_tidy(&strangers(Tree::project()));
    }

    #[test]
    fn a_row_that_is_not_there_is_found() {
        let table = (TABLE, "| row | x | y |\n|---|---|---|\n| 7 | a | b |\n");
        let tree = Tree::of(&[table, ("a.rs", "fn row_07_x() {}\nfn row_8_y() {}\nfn row_of_seats() {}")]);
        assert_found(&strangers(&tree), "a.rs", 2, "no row 8");
    }
}
