//! What is wrong with a file, where, and what to write instead.

use std::fmt;

use super::model::Place;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $title:literal;)*) => {
        /// The stable codes of problems in charts, their migrations and their lock file.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $name = $number,)*
        }

        impl Code {
            /// Every code, in ascending order.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// What the code means, in a few words.
            pub fn title(self) -> &'static str {
                match self {
                    $(Code::$name => $title,)*
                }
            }
        }
    };
}

codes! {
    Syntax = 1, "the file is not well-formed YAML";
    Budget = 2, "the file is larger or more deeply nested than charts may be";
    DuplicateKey = 3, "a key stands twice in the same mapping";
    UnknownKey = 4, "a key that the grammar does not know";
    MissingKey = 5, "a key that must be there is missing";
    WrongShape = 6, "a value of another kind than the grammar asks for";
    MalformedName = 7, "a name with characters that names may not have";
    UnknownTarget = 8, "a transition leads to a state that does not exist";
    UnknownInitial = 9, "the initial state does not exist";
    MalformedDeadline = 10, "a deadline that is neither a duration, nor a name, nor working time";
    MalformedAction = 11, "an entry action that is not one of the known kinds";
    TooDeep = 12, "states are nested more than one level, or an inner state is final";
    TwoGuards = 13, "a transition has both `guard` and `when`";
    UnknownFailureClass = 14, "a branch for a failure class that does not exist";
    Unreachable = 20, "a state that no path reaches";
    NoEnd = 21, "a state from which no end can be reached";
    EndlessWait = 22, "a state that waits without a deadline or an owner";
    UnhandledOutcome = 23, "an invocation with an outcome that nothing handles";
    UnhandledRefusal = 24, "a posting whose refusal nothing handles";
    UnapprovedEffect = 25, "a path to money or publication without approval of the revision executed";
    EffectLeftBehind = 26, "an irreversible invocation can be left before its result and nothing undoes it";
    NoFallback = 27, "guarded siblings without an unguarded fallback";
    ShadowedTransition = 28, "a transition that is never tried";
    EventlessCycle = 29, "eventless transitions that can follow one another for ever";
    ExitFromFinal = 30, "a final state that goes on";
    UnknownContext = 40, "a context type that this binary does not have";
    UnknownGuard = 41, "a guard that the context does not have";
    UnknownDeadline = 42, "a deadline that the context does not have";
    UnknownRequest = 43, "an activity for which the context computes no request";
    UnknownActivity = 44, "an activity that this binary does not have";
    UnknownPosting = 45, "a posting that the context does not have";
    UnknownStart = 46, "a chart that cannot be started from here";
    UnknownTask = 47, "a task that the context does not have";
    UnknownNotice = 48, "a notice that this binary does not have";
    UnknownEvent = 49, "an event that the context does not understand";
    ExpressionSyntax = 60, "an expression that cannot be parsed";
    ExpressionForbidden = 61, "an expression that does more than compare";
    ExpressionField = 62, "an expression that looks at an unknown field";
    ExpressionType = 63, "an expression that mixes types";
    ExpressionAbsent = 64, "an expression that uses a field which may be absent without testing it";
    MigrationStates = 70, "a migration that does not say where a state goes";
    MigrationTarget = 71, "a migration that names a state which does not exist";
    MigrationCharts = 72, "a migration between other charts or versions";
    MigrationContext = 73, "a context migration that the context does not have";
    MigrationKind = 74, "a migration between states that wait for different things";
    LockSyntax = 80, "a line of the lock file that cannot be read";
    LockChanged = 81, "a released chart whose text has changed";
    LockMissing = 82, "a released chart whose file is gone";
    TooManyPaths = 90, "more paths than can be enumerated";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C{:03}", *self as u16)
    }
}

/// One thing that is wrong, shown as `file:line:column: cause; remedy`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{}:{}: {cause}; {remedy}", place.line, place.column)]
pub struct Problem {
    /// The file, as the caller named it.
    pub file: String,
    /// Where in the file.
    pub place: Place,
    /// The stable code.
    pub code: Code,
    /// What is wrong, naming the object.
    pub cause: String,
    /// What to do.
    pub remedy: String,
}

impl Problem {
    /// A problem in `file` at `place`.
    pub fn new(file: &str, place: Place, code: Code, cause: impl Into<String>, remedy: impl Into<String>) -> Problem {
        Problem { file: file.to_owned(), place, code, cause: cause.into(), remedy: remedy.into() }
    }
}

/// The candidate that `word` was probably meant to be, if one is close enough.
pub(super) fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let budget = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= budget)
        .min()
        .map(|(_, candidate)| candidate)
}

/// A remedy that lists what is allowed, led by the closest match: ``did you mean `x`? allowed: `x`, `y` ``.
pub(super) fn choose<'a>(word: &str, allowed: impl IntoIterator<Item = &'a str>, what: &str) -> String {
    let allowed: Vec<&str> = allowed.into_iter().collect();
    let listed = match allowed.as_slice() {
        [] => format!("{what}: none"),
        _ => format!("{what}: {}", quoted(&allowed)),
    };
    match closest(word, allowed.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`? {listed}"),
        None => listed,
    }
}

/// `` `a`, `b`, `c` ``, cut after twenty.
pub(super) fn quoted(words: &[&str]) -> String {
    const SHOWN: usize = 20;
    let mut text = words.iter().take(SHOWN).map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    if words.len() > SHOWN {
        text.push_str(&format!(" and {} more", words.len() - SHOWN));
    }
    text
}

/// Edits, including swaps of neighbours, between two words.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let change = above[j] + usize::from(x != y);
            let mut best = change.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && *x == b[j - 1] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}
