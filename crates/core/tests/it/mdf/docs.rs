//! The rules are the 86 of the domain's list, and the documentation lists them as they are.

use std::{collections::BTreeSet, fmt::Write as _};

use entente_core::mdf::{Family, Rule, rules};

use super::read;

/// What each rule may bring about, family by family in the order of their numbers.
const LIST: [(char, &str); 8] = [
    ('E', "B B H B B T T B/W H"),
    ('G', "B T B T A H – B"),
    ('Q', "B B B B B/A R B/A A – B A A A"),
    ('C', "B B B/A B B B T T A T"),
    ('D', "B B W/A B B B/R B W/A B T B –"),
    ('V', "R R R B – – A R R W"),
    ('F', "H B/A A H B B A W H T H"),
    ('Y', "B B T T B – T T T T B T A"),
];

#[test]
fn there_are_86_rules_and_each_can_do_what_the_list_says() {
    let listed: Vec<(String, &str)> = LIST
        .into_iter()
        .flat_map(|(letter, kinds)| (1..).zip(kinds.split(' ')).map(move |(n, kinds)| (format!("{letter}{n}"), kinds)))
        .collect();
    assert_eq!(listed.len(), 86);
    let ours: Vec<(String, String)> = rules().map(|rule| (rule.id.to_string(), kinds(rule))).collect();
    let expected: Vec<(String, String)> = listed.into_iter().map(|(id, kinds)| (id, kinds.to_owned())).collect();
    assert_eq!(ours, expected);
    assert_eq!(ours.iter().map(|(id, _)| id).collect::<BTreeSet<_>>().len(), 86);
}

#[test]
fn the_page_says_of_each_rule_once_what_feeds_it() {
    let page = read("../../docs/mdf.md");
    let (_, section) = page.split_once("## Where each rule has its figures from\n").expect("there is such a section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let mut named: Vec<String> = Vec::new();
    for row in section.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| rules ")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [ids, fed] = cells.as_slice() else { panic!("`{row}` has not two cells") };
        assert!(!fed.is_empty(), "`{ids}` is fed by nothing, and does not say so");
        named.extend(ids.split(", ").map(str::to_owned));
    }
    let mut known: Vec<String> = rules().map(|rule| rule.id.to_string()).collect();
    named.sort_unstable();
    known.sort_unstable();
    assert_eq!(named, known, "each of the 86 once");
}

#[test]
fn every_default_of_a_parameter_can_be_its_value() {
    for rule in rules() {
        assert!(!rule.title.is_empty() && !rule.source.is_empty(), "{}", rule.id);
        for parameter in rule.parameters {
            let default = serde_json::from_str(parameter.default_text());
            let default = default.unwrap_or_else(|error| panic!("{}.{}: {error}", rule.id, parameter.name()));
            assert_eq!(parameter.check(&default), Ok(()), "{}.{}", rule.id, parameter.name());
        }
    }
}

fn kinds(rule: &Rule) -> String {
    rule.kinds.iter().map(|kind| kind.letter()).collect::<Vec<_>>().join("/")
}

/// The tables of the page.
fn tables() -> String {
    let mut page = String::new();
    for family in Family::ALL {
        let title = family.title();
        let _ = write!(page, "\n### {title}\n\n| rule | | what must hold | source |\n|---|---|---|---|\n");
        for rule in rules().filter(|rule| rule.id.family() == family) {
            let never = if rule.exceptable { "" } else { "\\*" };
            let _ = writeln!(page, "| {}{never} | {} | {} | {} |", rule.id, kinds(rule), rule.title, rule.source);
        }
        let set: Vec<_> = rules().filter(|rule| rule.id.family() == family && !rule.parameters.is_empty()).collect();
        page.push_str("\n| parameter | meaning | type and bounds | default |\n|---|---|---|---|\n");
        for (rule, parameter) in set.iter().flat_map(|rule| rule.parameters.iter().map(move |one| (rule, one))) {
            let (name, about, default) = (parameter.name(), parameter.about(), parameter.default_text());
            let _ = writeln!(page, "| {} `{name}` | {about} | {} | `{default}` |", rule.id, parameter.describe());
        }
    }
    page
}

#[test]
fn the_documented_rules_are_these() {
    const MARK: &str = "<!-- From here on written by the tests. -->\n";
    let path = format!("{}/../../docs/mdf.md", env!("CARGO_MANIFEST_DIR"));
    let page = read("../../docs/mdf.md");
    let (words, documented) = page.split_once(MARK).expect("docs/mdf.md has no mark");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{words}{MARK}{}", tables())).unwrap();
        return;
    }
    assert!(documented == tables(), "{path} is not current: run the tests once with UPDATE_DOCS=1 and commit it");
}
