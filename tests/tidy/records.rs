//! Numbered files are numbered without gaps, and documents have one title.

use super::tree::{Finding, Tree};

fn misnumbered(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (folder, kind) in [("docs/decisions/", ".md"), ("migrations/sqlite/", ".sql"), ("migrations/postgres/", ".sql")]
    {
        let files = tree.below(folder).filter(|(path, _)| path.ends_with(kind) && !path.ends_with("README.md"));
        for (expected, (path, text)) in (1..).zip(files) {
            let number = path.strip_prefix(folder).and_then(|name| name.split_once(['_', '-'])?.0.parse::<u32>().ok());
            let mut report = |message: String| findings.push(Finding { path: path.into(), line: 1, message });
            if number != Some(expected) {
                report(format!("its number should be {expected:04}"));
            }
            if kind == ".md" && !text.starts_with(&format!("# {expected:04}. ")) {
                report(format!("its title should begin with `# {expected:04}. `"));
            }
            for heading in ["## Context", "## Decision", "## Consequences"] {
                if kind == ".md" && !text.contains(heading) {
                    report(format!("it has no section `{heading}`"));
                }
            }
        }
    }
    findings
}

/// The two databases grow by the same steps.
fn unequal_migrations(tree: &Tree) -> Vec<Finding> {
    let names = |folder: &'static str| -> Vec<String> {
        tree.below(folder).filter_map(|(path, _)| path.strip_prefix(folder).map(str::to_owned)).collect()
    };
    let (sqlite, postgres) = (names("migrations/sqlite/"), names("migrations/postgres/"));
    if postgres.is_empty() || sqlite == postgres {
        return Vec::new();
    }
    let message = format!("the databases' migrations differ: {sqlite:?} and {postgres:?}");
    vec![Finding { path: "migrations".into(), line: 1, message }]
}

fn untitled(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| path.ends_with(".md")) {
        let mut fenced = false;
        let mut titles = 0;
        for line in text.lines() {
            fenced ^= line.trim_start().starts_with("```");
            titles += usize::from(!fenced && line.starts_with("# "));
        }
        if titles != 1 {
            findings.push(Finding { path: path.into(), line: 1, message: format!("{titles} titles, one is right") });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tree::{assert_found, assert_tidy};

    #[test]
    fn decisions_and_migrations_are_numbered_without_gaps() {
        assert!(Tree::project().below("docs/decisions/").count() >= 9, "no decision records were found");
        assert_tidy(&misnumbered(Tree::project()));
        assert_tidy(&unequal_migrations(Tree::project()));
    }

    #[test]
    fn documents_have_one_title() {
        assert_tidy(&untitled(Tree::project()));
    }

    #[test]
    fn a_gap_a_wrong_title_and_a_missing_section_are_found() {
        let body = "## Context\n## Decision\n## Consequences\n";
        let good = format!("# 0001. A\n{body}");
        let gap = format!("# 0002. B\n{body}");
        let tree = Tree::of(&[("docs/decisions/0001-a.md", &good), ("docs/decisions/0003-b.md", &gap)]);
        assert_found(&misnumbered(&tree), "docs/decisions/0003-b.md", 1, "0002");
        let tree = Tree::of(&[("docs/decisions/0001-a.md", "# 0001. A\n## Context\n## Decision\n")]);
        assert_found(&misnumbered(&tree), "docs/decisions/0001-a.md", 1, "## Consequences");
        let tree = Tree::of(&[("docs/decisions/0001-a.md", &good.replace("0001.", "1:"))]);
        assert_found(&misnumbered(&tree), "docs/decisions/0001-a.md", 1, "title");
        let tree = Tree::of(&[("migrations/sqlite/0002_a.sql", "")]);
        assert_found(&misnumbered(&tree), "migrations/sqlite/0002_a.sql", 1, "0001");
    }

    #[test]
    fn a_migration_for_one_database_alone_is_found() {
        let tree = Tree::of(&[("migrations/sqlite/0001_a.sql", ""), ("migrations/postgres/0001_b.sql", "")]);
        assert_found(&unequal_migrations(&tree), "migrations", 1, "differ");
    }

    #[test]
    fn two_titles_are_found_and_one_in_a_code_block_does_not_count() {
        assert_found(&untitled(&Tree::of(&[("A.md", "# a\n\n# b\n")])), "A.md", 1, "2 titles");
        assert_tidy(&untitled(&Tree::of(&[("A.md", "# a\n```sh\n# not a title\n```\n")])));
    }
}
