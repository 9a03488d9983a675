//! A remedy that names a command names one that exists: in documents, and in the texts of errors.

use std::{
    collections::BTreeMap,
    process::Command,
    sync::{Mutex, PoisonError},
};

use super::{
    rust_source::RustSource,
    tree::{Finding, Tree},
};

/// A command as a text names it: its words, and its options.
#[derive(Debug, PartialEq, Eq)]
struct Mention {
    words: Vec<String>,
    options: Vec<String>,
}

/// What stands between backticks and begins with the program's name.
fn mentions(text: &str) -> Vec<Mention> {
    let snippets = text.split('`').skip(1).step_by(2).filter_map(|snippet| snippet.strip_prefix("entente "));
    snippets.flat_map(alternatives).filter(|mention| !mention.words.is_empty()).collect()
}

/// `incident retry|resolve <label>` names two commands.
fn alternatives(snippet: &str) -> Vec<Mention> {
    let is_word =
        |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '|') && !word.starts_with('-');
    let words: Vec<&str> = snippet.split(' ').take_while(is_word).take(3).collect();
    let options: Vec<String> = snippet.split(' ').filter(|word| word.starts_with("--")).map(str::to_owned).collect();
    let Some((last, before)) = words.split_last() else { return Vec::new() };
    let named = |last: &str| before.iter().copied().chain([last]).map(str::to_owned).collect();
    last.split('|').map(|last| Mention { words: named(last), options: options.clone() }).collect()
}

/// The program's help for a command; `None` when there is no such command.
type Help<'a> = &'a dyn Fn(&[String]) -> Option<String>;

fn unknown(tree: &Tree, help: Help<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut look = |path: &str, line: usize, text: &str| {
        for mention in mentions(text) {
            if let Err(message) = check(&mention, help) {
                findings.push(Finding { path: path.into(), line, message });
            }
        }
    };
    for (path, text) in tree.files() {
        if path.ends_with(".md") {
            text.lines().enumerate().for_each(|(at, line)| look(path, at + 1, line));
        } else if path.ends_with(".rs") && !path.contains("tests/") {
            let source = RustSource::read(text).without_tests();
            source.literals.iter().for_each(|literal| look(path, literal.line, &literal.text));
        }
    }
    findings
}

fn check(mention: &Mention, help: Help<'_>) -> Result<(), String> {
    let [first, rest @ ..] = mention.words.as_slice() else { return Ok(()) };
    let Some(mut page) = help(std::slice::from_ref(first)) else {
        return Err(format!("there is no command `entente {first}`"));
    };
    // What follows a command without commands of its own is an argument.
    for deeper in 2..=rest.len() + 1 {
        if first == "help" || !page.contains("Commands:") {
            break;
        }
        let words = &mention.words[..deeper];
        page = help(words).ok_or_else(|| format!("there is no command `entente {}`", words.join(" ")))?;
    }
    let named = |option: &&String| {
        page.split(|c: char| !c.is_ascii_lowercase() && c != '-').any(|word| word == option.as_str())
    };
    match mention.options.iter().find(|option| !named(option)) {
        Some(option) => Err(format!("`entente {}` has no option `{option}`", mention.words.join(" "))),
        None => Ok(()),
    }
}

/// Asks the program itself, once per command.
fn ask(words: &[String]) -> Option<String> {
    static PAGES: Mutex<BTreeMap<Vec<String>, Option<String>>> = Mutex::new(BTreeMap::new());
    let mut pages = PAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let page = pages.entry(words.to_vec()).or_insert_with(|| {
        let answer = Command::new(env!("CARGO_BIN_EXE_entente")).args(words).arg("--help").output().unwrap();
        answer.status.success().then(|| String::from_utf8_lossy(&answer.stdout).into_owned())
    });
    page.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tree::{assert_found, assert_tidy};

    fn small(words: &[String]) -> Option<String> {
        match words.join(" ").as_str() {
            "offer" => Some("Commands:\n  show".into()),
            "offer show" => Some("Options:\n  --json  as JSON".into()),
            "serve" => Some("Options:".into()),
            _ => None,
        }
    }

    #[test]
    fn every_command_that_is_named_exists() {
        assert_tidy(&unknown(Tree::project(), &ask));
    }

    #[test]
    fn a_command_or_option_that_does_not_exist_is_found() {
        for (text, expected) in [
            ("run `entente launch`", "no command `entente launch`"),
            ("run `entente offer launch <label>`", "no command `entente offer launch`"),
            ("run `entente offer show|launch <label>`", "no command `entente offer launch`"),
            ("run `entente offer show <label> --yaml`", "no option `--yaml`"),
        ] {
            assert_found(&unknown(&Tree::of(&[("README.md", text)]), &small), "README.md", 1, expected);
            let code = format!("fn f() {{ fail(\"{text}\") }}");
            assert_found(&unknown(&Tree::of(&[("src/a.rs", &code)]), &small), "src/a.rs", 1, expected);
        }
    }

    #[test]
    fn what_exists_is_left_alone() {
        let text =
            "`entente serve`, `entente offer show <label> --json`, `entente offer show OFR-2026-00001`, `entente`";
        assert_tidy(&unknown(&Tree::of(&[("README.md", text)]), &small));
    }
}
