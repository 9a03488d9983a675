//! The exit codes, which scripts rely on.

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// It did what it was asked.
    Ok,
    /// It failed for a reason that is none of the following.
    Error,
    /// The command line or a document is not understood. Nothing was written.
    Usage,
    /// What was named does not exist.
    NotFound,
    /// The person may not do this.
    Forbidden,
    /// The object has changed meanwhile, or is in no state for this.
    Conflict,
    /// It was accepted, and its verdict did not come in time.
    TimedOut,
    /// A check found differences.
    Differences,
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

impl Exit {
    /// Every code, ascending.
    pub const ALL: [Exit; 9] = [
        Exit::Ok,
        Exit::Error,
        Exit::Usage,
        Exit::NotFound,
        Exit::Forbidden,
        Exit::Conflict,
        Exit::TimedOut,
        Exit::Differences,
        Exit::Interrupted,
    ];

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Ok => 0,
            Exit::Error => 1,
            Exit::Usage => 2,
            Exit::NotFound => 3,
            Exit::Forbidden => 4,
            Exit::Conflict => 5,
            Exit::TimedOut => 6,
            Exit::Differences => 7,
            Exit::Interrupted => 130,
        }
    }

    /// What it means, for `entente help exit-codes`.
    pub fn meaning(self) -> &'static str {
        match self {
            Exit::Ok => "done",
            Exit::Error => "an error that none of the other codes names",
            Exit::Usage => "the command line or a document is not understood; nothing was written",
            Exit::NotFound => "what was named does not exist",
            Exit::Forbidden => "the acting person may not do this",
            Exit::Conflict => "the object has changed meanwhile, or is in no state for this",
            Exit::TimedOut => "accepted, but not decided in the time waited; ask again with the same --key",
            Exit::Differences => "a check found differences",
            Exit::Interrupted => "interrupted",
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> std::process::ExitCode {
        std::process::ExitCode::from(exit.code())
    }
}
