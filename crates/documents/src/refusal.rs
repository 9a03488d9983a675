//! Why a file is not accepted, and what its sender can do.

use crate::media::MediaType;

/// Why a file is not accepted as proof. Each text ends with the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There are no bytes.
    #[error("it is empty; send the file itself")]
    Empty,
    /// More bytes than are accepted.
    #[error("it has more than {limit} bytes; send a smaller copy, or several files")]
    TooLarge {
        /// The most that are accepted.
        limit: u64,
    },
    /// The sender's stream ended with an error.
    #[error("it was cut off on its way ({reason}); send it again")]
    CutOff {
        /// What the stream said.
        reason: String,
    },
    /// A kind that is known and never accepted.
    #[error("it is {what}; {remedy}")]
    NeverAccepted {
        /// Which kind, with its article.
        what: &'static str,
        /// What to send instead.
        remedy: &'static str,
    },
    /// Bytes of no kind that is accepted.
    #[error("its bytes are none of PDF, PNG, JPEG, CSV in UTF-8 and XLSX; save it as one of these")]
    Unrecognised,
    /// Bytes that are of two kinds at once, so that two programs would see two different files in them.
    #[error("it is {kind} and holds {what} as well; save or print it again as {kind} alone")]
    Mixed {
        /// What it is by its beginning.
        kind: MediaType,
        /// What else is in it.
        what: &'static str,
    },
    /// The structure of its kind is not there.
    #[error("it is no whole {kind} file: {reason}; save it again, or send the original")]
    Damaged {
        /// What it is by its beginning.
        kind: MediaType,
        /// What is missing or wrong.
        reason: &'static str,
    },
    /// More pixels than are accepted.
    #[error("it has {width} x {height} pixels and may have {limit} in all; send a smaller picture")]
    TooManyPixels {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// The most that are accepted.
        limit: u64,
    },
    /// An archive that would do harm when it is unpacked, or that holds what no plain workbook holds.
    #[error("its archive {reason}; save the workbook again as plain XLSX without macros and embedded files")]
    Archive {
        /// What is wrong with the archive.
        reason: &'static str,
    },
    /// The declared media type is another one.
    #[error("it is {kind}, declared as another type; declare it as `{}`", .kind.essence())]
    TypeDiffers {
        /// What it is by its bytes.
        kind: MediaType,
    },
    /// The name ends in another way.
    #[error("it is {kind}, and its name does not end in `.{}`; rename it", .kind.extensions().join("` or `."))]
    ExtensionDiffers {
        /// What it is by its bytes.
        kind: MediaType,
    },
}
