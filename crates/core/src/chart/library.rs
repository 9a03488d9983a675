//! `charts.lock`: the released charts, which nobody edits any more.

use std::{collections::BTreeMap, fmt};

use super::{
    model::{Chart, Place},
    problem::{Code, Problem},
};

const HEADING: &str = "# Released charts: name, version, SHA-256 of the file. A released file is never edited; \
                       its next version is a new file.";

/// The content of a lock file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    entries: BTreeMap<(String, u32), Released>,
}

/// One released chart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Released {
    sha256: String,
    place: Place,
}

impl Lock {
    /// Reads a lock file: per line a name, a version and a hash, `#` for comments.
    ///
    /// # Errors
    /// Every line that is not such an entry, or repeats one.
    pub fn parse(file: &str, text: &str) -> Result<Lock, Vec<Problem>> {
        let mut lock = Lock::default();
        let mut problems = Vec::new();
        for (line, number) in text.lines().zip(1..) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = Place { line: number, column: 1 };
            let mut report = |cause: String| {
                let remedy = "write `<name> <version> <sha256>`, each chart once";
                problems.push(Problem::new(file, place, Code::LockSyntax, cause, remedy));
            };
            let Some((name, version, sha256)) = entry(line) else {
                report("the line is not a released chart".to_owned());
                continue;
            };
            let key = (name.to_owned(), version);
            let released = Released { sha256: sha256.to_owned(), place };
            if lock.entries.insert(key, released).is_some() {
                report(format!("chart `{name}` version {version} is listed twice"));
            }
        }
        if problems.is_empty() { Ok(lock) } else { Err(problems) }
    }

    /// The hash under which a chart was released.
    pub fn released(&self, name: &str, version: u32) -> Option<&str> {
        self.entries.get(&(name.to_owned(), version)).map(|released| released.sha256.as_str())
    }

    /// The newest released version of a chart.
    pub fn newest(&self, name: &str) -> Option<u32> {
        self.entries.keys().filter(|(known, _)| known == name).map(|(_, version)| *version).max()
    }

    /// Whether a chart has been released as it is.
    pub fn has(&self, chart: &Chart) -> bool {
        self.released(&chart.name, chart.version) == Some(&chart.sha256)
    }

    /// Adds a chart to the released ones.
    ///
    /// # Errors
    /// When another text was released under this name and version.
    pub fn release(&mut self, chart: &Chart) -> Result<(), Problem> {
        if self.released(&chart.name, chart.version).is_some() && !self.has(chart) {
            return Err(changed(chart));
        }
        let key = (chart.name.clone(), chart.version);
        let place = Place { line: 1, column: 1 };
        self.entries.entry(key).or_insert(Released { sha256: chart.sha256.clone(), place });
        Ok(())
    }

    /// Checks that every released chart is there and unchanged. `file` is the lock file's name. Charts that
    /// are not released yet are left alone.
    pub fn check(&self, file: &str, charts: &[&Chart]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for ((name, version), released) in &self.entries {
            let found = charts.iter().find(|c| c.name == *name && c.version == *version);
            match found {
                Some(chart) if chart.sha256 == released.sha256 => {}
                Some(chart) => problems.push(changed(chart)),
                None => {
                    let cause = format!("chart `{name}` version {version} was released, but is gone");
                    let remedy = "bring its file back: runs may be pinned to it";
                    problems.push(Problem::new(file, released.place, Code::LockMissing, cause, remedy));
                }
            }
        }
        problems
    }
}

/// The file's text, entries in order of name and version.
impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADING}")?;
        self.entries.iter().try_for_each(|((name, version), at)| writeln!(f, "{name} {version} {}", at.sha256))
    }
}

fn entry(line: &str) -> Option<(&str, u32, &str)> {
    let mut words = line.split_ascii_whitespace();
    let (name, version, sha256) = (words.next()?, words.next()?, words.next()?);
    let version: u32 = version.parse().ok().filter(|version| *version >= 1)?;
    let hash = sha256.len() == 64 && sha256.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    (hash && words.next().is_none()).then_some((name, version, sha256))
}

fn changed(chart: &Chart) -> Problem {
    let cause = format!("chart `{}` version {} was released with another text", chart.name, chart.version);
    let remedy =
        format!("restore the released text, and make your change in version {}", chart.version.saturating_add(1));
    let place = Place { line: 1, column: 1 };
    Problem::new(&chart.file, place, Code::LockChanged, cause, remedy)
}
