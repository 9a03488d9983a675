//! A file has one job: past 400 lines it is named, past 600 it is refused.

use super::tree::{Finding, Tree};

const LINES_SOFT: usize = 400;
const LINES_HARD: usize = 600;

fn too_long(tree: &Tree) -> Vec<Finding> {
    let sized = tree.rust().map(|(path, text)| (path, text.lines().count()));
    sized
        .filter(|(_, lines)| *lines > LINES_HARD)
        .map(|(path, lines)| Finding {
            path: path.into(),
            line: lines,
            message: format!("{lines} lines, {LINES_HARD} are the most: give a part of it a file of its own"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tree::{assert_found, assert_tidy};

    #[test]
    fn no_rust_file_is_longer_than_600_lines() {
        for (path, text) in Tree::project().rust().filter(|(_, text)| text.lines().count() > LINES_SOFT) {
            println!(
                "{path} has {} lines: more than {LINES_SOFT} is a reason to look for a second job in it",
                text.lines().count()
            );
        }
        assert_tidy(&too_long(Tree::project()));
    }

    #[test]
    fn a_file_of_601_lines_is_found_and_one_of_600_is_not() {
        let (long, short) = ("\n".repeat(601), "\n".repeat(600));
        let tree = Tree::of(&[("src/a.rs", &long), ("src/b.rs", &short)]);
        assert_found(&too_long(&tree), "src/a.rs", 601, "601 lines");
    }
}
