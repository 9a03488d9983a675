//! The files that rules look at.

use std::{collections::BTreeMap, fmt, fs, path::Path, sync::OnceLock};

use super::rust_source::RustSource;

/// Folders that hold nothing of the project's own.
const FOREIGN: [&str; 9] = [
    ".git",
    ".sqlx",
    ".venv",
    ".pytest_cache",
    "__pycache__",
    "node_modules",
    "target",
    "proptest-regressions",
    "vendor",
];

/// Text files by their path from the root, with `/` between folders.
pub struct Tree(BTreeMap<String, String>);

/// Something that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    pub path: String,
    pub line: usize,
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

impl Tree {
    /// The project as it stands on disk.
    pub fn project() -> &'static Tree {
        static PROJECT: OnceLock<Tree> = OnceLock::new();
        PROJECT.get_or_init(|| {
            let mut files = BTreeMap::new();
            collect(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut files);
            assert!(files.len() > 50, "the project's files were not found");
            Tree(files)
        })
    }

    /// A small tree for a rule's own test.
    pub fn of(files: &[(&str, &str)]) -> Tree {
        Tree(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    /// Every file.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The text of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// The files below a folder, which ends in `/`.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(move |(path, _)| path.starts_with(folder))
    }

    /// Rust files of the product, tests inside them left out.
    pub fn product(&self) -> impl Iterator<Item = (&str, RustSource)> {
        let own = |path: &str| {
            let parts: Vec<&str> = path.split('/').collect();
            matches!(parts.as_slice(), ["src", ..] | ["crates" | "connectors", _, "src", ..])
        };
        self.rust()
            .filter(move |(path, _)| own(path))
            .map(|(path, text)| (path, RustSource::read(text).without_tests()))
    }

    /// Every Rust file.
    pub fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(|(path, _)| path.ends_with(".rs"))
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            if !FOREIGN.contains(&name.as_str()) {
                collect(&entry.path(), &format!("{path}/"), files);
            }
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.insert(path, text);
        }
    }
}

/// Fails with every finding, one per line.
#[track_caller]
pub fn assert_tidy(findings: &[Finding]) {
    let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(findings.is_empty(), "\n{}\n", lines.join("\n"));
}

/// Fails unless the rule found exactly one thing, whose message contains `expected`.
#[track_caller]
pub fn assert_found(findings: &[Finding], path: &str, line: usize, expected: &str) {
    let [finding] = findings else { panic!("one finding was expected: {findings:#?}") };
    assert_eq!((finding.path.as_str(), finding.line), (path, line), "{finding}");
    assert!(finding.message.contains(expected), "{finding}");
}
