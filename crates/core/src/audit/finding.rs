//! What a verification may find, and where.

use std::fmt;

use serde::Serialize;

use super::ArchiveFault;
use crate::ids::RunId;

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// An entry's content, or its hash, was changed.
    EditedEntry {
        /// The run.
        run: RunId,
        /// The step.
        seq: u64,
    },
    /// An entry is gone from the middle of a chain.
    Missing {
        /// The run.
        run: RunId,
        /// The step.
        seq: u64,
    },
    /// A step exists twice.
    Doubled {
        /// The run.
        run: RunId,
        /// The step.
        seq: u64,
    },
    /// An entry stands where another one belongs.
    Reordered {
        /// The run.
        run: RunId,
        /// Where it belongs.
        seq: u64,
        /// Where it stands.
        found_at: u64,
    },
    /// A chain is shorter than a seal says.
    TailCut {
        /// The run.
        run: RunId,
        /// How far the sealed chain went.
        sealed_seq: u64,
        /// How far it goes now; 0 when the whole run is gone.
        found: u64,
    },
    /// A chain fits together, yet is not the one that was sealed.
    Rewritten {
        /// The run.
        run: RunId,
        /// The sealed step whose hash is another one now.
        seq: u64,
    },
    /// A seal does not verify.
    SealBroken {
        /// The seal.
        no: u64,
        /// What about it does not verify.
        why: SealFault,
    },
    /// An archive does not verify.
    ArchiveBroken {
        /// The archive.
        archive: String,
        /// What about it does not verify.
        why: ArchiveFault,
    },
    /// A line of an archive is not as it was written.
    ChangedLine {
        /// From 1.
        line: u64,
    },
    /// An archive holds a run that its manifest does not list.
    Unlisted {
        /// The run.
        run: RunId,
    },
    /// No seal of its archive covers the end of a run.
    Unsealed {
        /// The run.
        run: RunId,
        /// Its last step.
        seq: u64,
    },
}

/// What about a seal does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SealFault {
    /// It is not there.
    Absent,
    /// It does not name the seal before it.
    Link,
    /// Its signature is not that of its key.
    Signature,
    /// Its heads are not those it was made over.
    Heads,
    /// The rows it covers are not those it was made over.
    Rows,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::EditedEntry { run, seq } => write!(f, "step {seq} of run `{run}` was edited"),
            Finding::Missing { run, seq } => write!(f, "step {seq} of run `{run}` is missing"),
            Finding::Doubled { run, seq } => write!(f, "step {seq} of run `{run}` exists twice"),
            Finding::Reordered { run, seq, found_at } => {
                write!(f, "step {seq} of run `{run}` stands at place {found_at}")
            }
            Finding::TailCut { run, sealed_seq, found: 0 } => {
                write!(f, "run `{run}` is gone; {sealed_seq} steps of it were sealed")
            }
            Finding::TailCut { run, sealed_seq, found } => {
                write!(f, "run `{run}` ends at step {found}; it was sealed up to step {sealed_seq}")
            }
            Finding::Rewritten { run, seq } => {
                write!(f, "run `{run}` was written anew: its step {seq} is not the one that was sealed")
            }
            Finding::SealBroken { no, why } => {
                let why = match why {
                    SealFault::Absent => "it is missing",
                    SealFault::Link => "it does not follow the seal before it",
                    SealFault::Signature => "its signature is not valid",
                    SealFault::Heads => "the chains' heads it lists are not those it signs",
                    SealFault::Rows => "the rows it covers are not those it signs",
                };
                write!(f, "seal {no} does not verify: {why}")
            }
            Finding::ArchiveBroken { archive, why } => write!(f, "archive `{archive}` does not verify: {why}"),
            Finding::ChangedLine { line } => write!(f, "line {line} was changed"),
            Finding::Unlisted { run } => write!(f, "run `{run}` is not one that the archive was signed over"),
            Finding::Unsealed { run, seq } => {
                write!(f, "run `{run}` ends at step {seq}, which no seal of the archive covers")
            }
        }
    }
}
