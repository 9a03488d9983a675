//! Words and names that do not enter the repository, each with what to write instead.

use super::{
    rust_source::RustSource,
    tree::{Finding, Tree},
};

/// Words in code, and what to do instead.
const CODE: [(&str, &str); 9] = [
    ("todo!", "finish it, or refuse with a typed error"),
    ("unimplemented!", "finish it, or refuse with a typed error"),
    ("dbg!", "use `tracing`, or remove it"),
    ("#[ignore", "a test runs or does not exist"),
    ("#[allow(", "use `#[expect(…, reason = \"…\")]`, which says why and when it is no longer needed"),
    ("PreEscaped", "values are escaped by the template"),
    ("danger_accept_invalid", "certificates are checked everywhere"),
    ("dangerous_accept_invalid", "certificates are checked everywhere"),
    ("thread::sleep", "wait for what you need, not for a while"),
];

/// Words in comments and texts.
const ANYWHERE: [(&str, &str); 3] = [
    ("FIXME", "fix it"),
    ("TODO", "do it, or write down what is missing in CHANGELOG.md"),
    ("XXX", "say what is meant"),
];

/// File names that say nothing about their content.
const NAMES: [&str; 10] =
    ["utils", "util", "common", "manager", "helper", "helpers", "misc", "shared", "mapper", "stuff"];

/// This folder names the words to forbid them.
const SELF: &str = "tests/tidy/";

fn banned(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.rust().filter(|(path, _)| !path.starts_with(SELF)) {
        let source = RustSource::read(text);
        let code = source.lines().flat_map(|(line, code)| CODE.iter().map(move |word| (line, code, word)));
        let said =
            text.lines().enumerate().flat_map(|(at, text)| ANYWHERE.iter().map(move |word| (at + 1, text, word)));
        for (line, _, (word, instead)) in code.chain(said).filter(|(_, text, (word, _))| has_word(text, word)) {
            findings.push(Finding { path: path.into(), line, message: format!("`{word}`: {instead}") });
        }
    }
    for (path, _) in tree.files() {
        let empty = |part: &&str| NAMES.contains(&part.split('.').next().unwrap_or_default());
        if let Some(name) = path.split('/').find(empty) {
            let message = format!("`{name}` says nothing: name the file for its one responsibility");
            findings.push(Finding { path: path.into(), line: 1, message });
        }
    }
    findings
}

/// Whether the word stands there, and not inside a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
        let continues = word.chars().all(char::is_uppercase) && inside(after);
        !inside(before) && !continues
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tree::{assert_found, assert_tidy};

    #[test]
    fn no_banned_word_or_name_is_used() {
        assert_tidy(&banned(Tree::project()));
    }

    #[test]
    fn each_kind_of_banned_word_is_found() {
        for code in
            ["todo!()", "dbg!(x);", "#[ignore = \"slow\"]", "// TODO: later", "/// FIXME", "#[allow(dead_code)]"]
        {
            let text = format!("fn f() {{}}\n{code}\n");
            assert_found(&banned(&Tree::of(&[("src/a.rs", &text)])), "src/a.rs", 2, "`");
        }
    }

    #[test]
    fn a_file_name_without_a_meaning_is_found() {
        for path in ["src/utils.rs", "crates/core/src/common/mod.rs", "src/runner/helper.rs"] {
            assert_found(&banned(&Tree::of(&[(path, "")])), path, 1, "says nothing");
        }
    }

    #[test]
    fn words_inside_literals_and_longer_words_are_left_alone() {
        let code = "let a = \"dbg!\"; let mastodon = 1; let shared = 2;";
        assert_tidy(&banned(&Tree::of(&[("src/a.rs", code), ("src/common_era.rs", "")])));
    }
}
