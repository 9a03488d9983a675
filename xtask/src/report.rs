//! What the suites came to, in the words that end a run.

use std::{fmt::Write, time::Duration};

/// What one suite came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything in it held. The note says what a reader should still know, and may be empty.
    Passed(String),
    /// Something in it did not hold.
    Failed(String),
    /// It could not be run here, and why.
    Skipped(String),
}

/// A suite's name, outcome and duration.
#[derive(Debug, Clone)]
pub struct Line {
    /// The suite.
    pub suite: &'static str,
    /// What it came to.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
}

/// The summary: a line per suite, then `N passed, N failed`.
pub fn summary(lines: &[Line]) -> String {
    let mut text = String::from("\n");
    let (mut passed, mut failed) = (0, 0);
    for line in lines {
        let (word, note) = match &line.outcome {
            Outcome::Passed(note) => {
                passed += 1;
                ("passed", note)
            }
            Outcome::Failed(note) => {
                failed += 1;
                ("FAILED", note)
            }
            Outcome::Skipped(note) => ("skipped", note),
        };
        let row = format!("{word:<8} {:<13} {:>7.1} s  {note}", line.suite, line.took.as_secs_f64());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", row.trim_end());
    }
    let _ = write!(text, "{passed} passed, {failed} failed");
    text
}

/// Whether nothing failed.
pub fn is_clean(lines: &[Line]) -> bool {
    !lines.iter().any(|line| matches!(line.outcome, Outcome::Failed(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(suite: &'static str, outcome: Outcome) -> Line {
        Line { suite, outcome, took: Duration::from_millis(1250) }
    }

    #[test]
    fn the_last_line_counts_suites_and_a_skipped_one_is_neither() {
        let lines = [
            line("fmt", Outcome::Passed(String::new())),
            line("tests", Outcome::Failed("two tests".into())),
            line("deny", Outcome::Skipped("not installed".into())),
        ];
        let text = summary(&lines);
        assert_eq!(text.lines().last(), Some("1 passed, 1 failed"));
        assert!(text.contains("FAILED   tests             1.2 s  two tests"), "{text}");
        assert!(text.contains("skipped  deny              1.2 s  not installed"), "{text}");
        assert!(!is_clean(&lines));
        assert!(is_clean(&lines[..1]) && is_clean(&lines[2..]));
    }
}
