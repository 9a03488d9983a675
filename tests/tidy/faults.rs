//! Each row of `docs/faults.md` has a test that is named for it, and a test that names a row names one that is there.

use std::collections::BTreeMap;

use super::{
    rust_source::RustSource,
    tree::{Finding, Tree},
};

const TABLE: &str = "docs/faults.md";

/// The last number that was given to a fault.
const LAST: u32 = 90;

/// Numbers that are no rows of the table, and why no test needs to be named for them.
const EXCUSED: &[(&[u32], &str)] = &[
    (&[39], "no connector is asked about changes that it must answer within seconds"),
    (&[88], "nobody has put slow load on the listener, which is to stand behind a proxy"),
    (&[68, 69, 80, 82, 83], "there are no pages, log-ins or accounts"),
    (&[70, 71, 72, 73], "nothing is called that others name, and no signed notification is taken"),
];

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

/// Rows that no test is named for.
fn untested(tree: &Tree) -> Vec<Finding> {
    let tests = tests(tree);
    let without = rows(tree).into_iter().filter(|row| !tests.contains_key(row));
    without
        .map(|row| Finding {
            path: TABLE.into(),
            line: 1,
            message: format!("row {row} is promised, and no test is named `row_{row}_…`"),
        })
        .collect()
}

/// Numbers that are neither a row nor excused, or both.
fn unaccounted(tree: &Tree, excused: &[(&[u32], &str)]) -> Vec<Finding> {
    let rows = rows(tree);
    let finding = |number: u32, what: &str| Finding {
        path: TABLE.into(),
        line: 1,
        message: format!("fault {number} {what}; say in tests/tidy/faults.rs or in the table what holds"),
    };
    let excuses = |number: u32| excused.iter().filter(|(numbers, _)| numbers.contains(&number)).count();
    let judge = |number: u32| match (rows.contains(&number), excuses(number)) {
        (true, 0) | (false, 1) => None,
        (true, _) => Some(finding(number, "has a row, and is excused as well")),
        (false, 0) => Some(finding(number, "has neither a row nor an excuse")),
        (false, _) => Some(finding(number, "is excused more than once")),
    };
    (1..=LAST).filter_map(judge).collect()
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
            println!("row {row}: {}", names.join(", "));
        }
        assert_tidy(&strangers(Tree::project()));
    }

    #[test]
    fn each_fault_has_a_test_or_a_reason_why_not() {
        assert!(rows(Tree::project()).len() > 40, "the table was not found");
        assert_tidy(&untested(Tree::project()));
        assert_tidy(&unaccounted(Tree::project(), EXCUSED));
    }

    #[test]
    fn a_row_that_is_not_there_is_found() {
        let table = (TABLE, "| row | x | y |\n|---|---|---|\n| 7 | a | b |\n");
        let tree = Tree::of(&[table, ("a.rs", "fn row_07_x() {}\nfn row_8_y() {}\nfn row_of_seats() {}")]);
        assert_found(&strangers(&tree), "a.rs", 2, "no row 8");
    }

    #[test]
    fn a_row_without_a_test_and_a_number_without_a_reason_are_found() {
        let table = (TABLE, "| 7 | a | b |\n| 8 | a | b |\n");
        let tree = Tree::of(&[table, ("a.rs", "fn row_07_x() {}")]);
        let found = untested(&tree);
        assert_eq!(found.len(), 1, "row 7 has a test");
        assert_found(&found, TABLE, 1, "row 8 is promised");
        let others: Vec<u32> = (1..=LAST).filter(|number| !(7..=10).contains(number)).collect();
        let excused: [(&[u32], &str); 2] = [(&others, "later"), (&[8, 10], "as well")];
        let found = unaccounted(&tree, &excused);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_found(&found[..1], TABLE, 1, "fault 8 has a row, and is excused");
        assert_found(&found[1..], TABLE, 1, "fault 9 has neither");
    }
}
