//! Mistakes that are made on purpose, one at a time and by one thread, so that a simulation can show that it would notice
//! them. They exist under the feature `deliberate-bugs` alone, which nothing that is shipped has.

use std::cell::Cell;

/// A mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// Writes and sends are let through whatever fence they carry.
    SkipFence,
    /// Each attempt of an intent has a token of its own.
    RandomToken,
    /// A reservation is checked against a balance that was read before its transaction.
    ReadThenReserve,
    /// An outcome is recorded before the call is made.
    RecordBeforeSend,
    /// A local activity counts as left once it is performed, while its result is on its way.
    LetGoEarly,
    /// After the answer to a settlement was lost, nobody looks whether its result lies in the inbox.
    SettledUnheard,
    /// Every scope reaches everybody's tasks.
    ForgetScope,
    /// An occurrence of a job is whoever asks for it.
    ClaimTwice,
    /// To a context, what votes bind to is the same in all revisions of a document: no vote is ever void.
    VotesStay,
}

impl Bug {
    /// Every mistake.
    pub const ALL: [Bug; 9] = [
        Bug::SkipFence,
        Bug::RandomToken,
        Bug::ReadThenReserve,
        Bug::RecordBeforeSend,
        Bug::LetGoEarly,
        Bug::SettledUnheard,
        Bug::ForgetScope,
        Bug::ClaimTwice,
        Bug::VotesStay,
    ];
}

thread_local! {
    static MADE: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// From now on this thread makes this mistake, or none.
pub fn make(bug: Option<Bug>) {
    MADE.set(bug);
}

/// Whether this thread makes this mistake.
pub fn is_made(bug: Bug) -> bool {
    MADE.get() == Some(bug)
}
