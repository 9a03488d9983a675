//! The lines of an archive.

use entente_core::{
    audit::{Manifest, Seal},
    ids::RunId,
};
use serde::{Deserialize, Serialize};

/// The format that this program writes.
pub(super) const FORMAT: u32 = 1;

/// One line: the header, the seals that touched the runs, each run with its steps, and the manifest at the end. A line is
/// exactly what serialising it gives, so that a changed byte cannot hide in how it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
    /// The first line.
    Archive {
        /// The format's version.
        format: u32,
    },
    /// A seal that touched one of the runs.
    Seal {
        /// What is signed, with its signature.
        seal: Box<Seal>,
    },
    /// A run; its steps follow.
    Run {
        /// The run.
        run: RunId,
        /// Its label.
        label: String,
    },
    /// A step of the run before it.
    Step {
        /// The step.
        seq: u64,
        /// The record, exactly as it is hashed.
        record: String,
        /// The row's hash, in hexadecimal.
        hash: String,
    },
    /// The last line.
    Manifest {
        /// What the file holds, signed.
        manifest: Box<Manifest>,
    },
}
