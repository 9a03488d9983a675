//! Every code that a person or program can meet has a page in `docs/errors/`, and every page explains a code in use.

use std::collections::BTreeMap;

use entente_core::chart::problem::Code;

use super::{
    rust_source::{Literal, RustSource},
    tree::{Finding, Tree},
};

const PAGES: &str = "docs/errors/";

/// Pages that explain a family of codes, or list the others.
const FAMILIES: [&str; 2] = ["README.md", "charts.md"];

/// Enums whose variants, in snake case, are codes.
const ENUMS: [(&str, &str); 3] = [
    ("crates/store/src/error.rs", "pub enum Error"),
    ("crates/core/src/run.rs", "pub enum IncidentCode"),
    ("crates/core/src/event.rs", "pub enum FailureClass"),
];

/// Where each code is used first: path and line.
fn codes(tree: &Tree) -> BTreeMap<String, (String, usize)> {
    let mut codes = BTreeMap::new();
    let ours = |path: &str| !path.starts_with("connectors/") && !path.contains("/conformance/");
    for (path, source) in tree.product().filter(|(path, _)| ours(path)) {
        for literal in source.literals.iter().filter(|literal| is_code(&source, literal)) {
            codes.entry(literal.text.clone()).or_insert_with(|| (path.to_owned(), literal.line));
        }
        for (_, heading) in ENUMS.iter().filter(|(home, _)| *home == path) {
            for (name, line) in variants(&source, heading) {
                codes.entry(snake(name)).or_insert_with(|| (path.to_owned(), line));
            }
        }
    }
    codes
}

/// Whether a literal is a code by the place where it stands.
fn is_code(source: &RustSource, literal: &Literal) -> bool {
    let before = source.before(literal);
    let word = !literal.text.is_empty() && literal.text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let given = before.ends_with("refusal(") || before.contains(".refuse(") && before.ends_with(',');
    let field = before.ends_with("code:") || before.ends_with("code: Some(");
    let chosen = before.ends_with("=>")
        && ["fn code(", "fn code_word("]
            .iter()
            .any(|heading| source.item(heading).is_some_and(|body| body.contains(&literal.start)));
    word && (given || field || chosen)
}

/// The variants of an enum with their lines.
fn variants<'a>(source: &'a RustSource, heading: &str) -> Vec<(&'a str, usize)> {
    let Some(item) = source.item(heading) else { return Vec::new() };
    let first = source.code[..item.start].lines().count();
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for (at, line) in source.code[item].lines().enumerate() {
        let name = line.trim().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        if depth == 1 && name.starts_with(|c: char| c.is_uppercase()) {
            found.push((name, first + at));
        }
        depth += line.matches(['{', '(']).count();
        depth -= line.matches(['}', ')']).count();
    }
    found
}

fn snake(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(c.to_lowercase());
    }
    text
}

fn unexplained(tree: &Tree) -> Vec<Finding> {
    let codes = codes(tree);
    let mut findings = Vec::new();
    for (code, (path, line)) in &codes {
        if tree.text(&format!("{PAGES}{code}.md")).is_none() {
            let message = format!("code `{code}` has no page: write `{PAGES}{code}.md`");
            findings.push(Finding { path: path.clone(), line: *line, message });
        }
    }
    for (path, text) in tree.below(PAGES) {
        let name = path.strip_prefix(PAGES).unwrap_or_default();
        if FAMILIES.contains(&name) {
            continue;
        }
        let code = name.strip_suffix(".md").unwrap_or_default();
        let mut report = |message: String| findings.push(Finding { path: path.into(), line: 1, message });
        if !codes.contains_key(code) {
            report(format!("no code `{code}` is in use: remove the page, or name it for the code"));
        }
        let headings = [
            format!("# `{code}`\n"),
            "\n## What you see\n".into(),
            "\n## What it means\n".into(),
            "\n## What to do\n".into(),
        ];
        for heading in headings.iter().filter(|heading| !text.contains(heading.as_str())) {
            report(format!("the page has no `{}`", heading.trim()));
        }
    }
    findings
}

/// The page of chart problems has one line per code, with the title that the code carries.
fn unlisted(page: &str) -> Vec<Finding> {
    let missing = Code::ALL.iter().filter(|code| !page.contains(&format!("| `{code}` | {} |", code.title())));
    missing
        .map(|code| {
            let message = format!("no line `| `{code}` | {} |`", code.title());
            Finding { path: format!("{PAGES}charts.md"), line: 1, message }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tree::{assert_found, assert_tidy};

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        let codes = codes(Tree::project());
        for known in ["ended", "key_taken", "stale", "runner_locked", "outcome_unknown", "rejected", "guard_failed"] {
            assert!(codes.contains_key(known), "`{known}` was not recognised as a code: {:?}", codes.keys());
        }
        assert_tidy(&unexplained(Tree::project()));
    }

    #[test]
    fn every_chart_problem_is_listed() {
        assert_tidy(&unlisted(Tree::project().text("docs/errors/charts.md").unwrap()));
        assert_eq!(unlisted("").len(), Code::ALL.len());
    }

    #[test]
    fn each_way_to_name_a_code_is_recognised() {
        for (path, code) in [
            ("src/a.rs", "refusal(\"sample\", reason)"),
            ("src/a.rs", "self.refuse(run, &work, \"sample\", reason);"),
            ("src/a.rs", "Problem { code: \"sample\".into() }"),
            ("src/a.rs", "Failure { code: Some(\"sample\".into()) }"),
            ("src/a.rs", "fn code(e: &E) -> &'static str {\n match e { E::A =>\n \"no\", _ => \"sample\" } }"),
            ("crates/store/src/error.rs", "pub enum Error {\n    Sample { field: String },\n}"),
        ] {
            let found = codes(&Tree::of(&[(path, code)]));
            assert!(found.contains_key("sample"), "{code}: {found:?}");
            assert_eq!(unexplained(&Tree::of(&[(path, code)])).len(), found.len());
        }
    }

    #[test]
    fn a_page_without_a_code_or_a_section_is_found() {
        let page = "# `sample`\n\n## What you see\n\n## What it means\n\n## What to do\n";
        let code = ("src/a.rs", "refusal(\"sample\", reason)");
        assert_tidy(&unexplained(&Tree::of(&[code, ("docs/errors/sample.md", page)])));
        assert_found(&unexplained(&Tree::of(&[("docs/errors/sample.md", page)])), "docs/errors/sample.md", 1, "in use");
        let short = page.replace("## What to do\n", "");
        let findings = unexplained(&Tree::of(&[code, ("docs/errors/sample.md", &short)]));
        assert_found(&findings, "docs/errors/sample.md", 1, "## What to do");
    }
}
