//! The end record, which says where the list lies (section 4.3.16).

use std::ops::Range;

use super::{Fault, fields};

const SIGNATURE: &[u8] = b"PK\x05\x06";
const SIZE: usize = 22;

/// The longest comment, after which programs look for an end record no further.
const COMMENT: usize = 0xffff;

/// The end record.
pub(super) struct End {
    /// How many entries the list has.
    pub entries: u16,
    /// Where the list lies.
    pub list: Range<usize>,
}

impl End {
    /// The one end record of the file. It ends the file, and follows its list directly: an archive in several parts or
    /// in the long form (ZIP64) does not.
    pub fn find(bytes: &[u8]) -> Result<End, Fault> {
        let from = bytes.len().saturating_sub(SIZE + COMMENT);
        let tail = bytes.get(from..).unwrap_or_default();
        let mut places = tail.windows(4).enumerate().filter(|(_, four)| *four == SIGNATURE).map(|(at, _)| from + at);
        let at = match (places.next(), places.next()) {
            (Some(at), None) => at,
            (None, _) => return Err("has no end, so it was cut off"),
            (Some(_), Some(_)) => return Err("has two ends"),
        };
        let record = bytes.get(at..).unwrap_or_default();
        if at + SIZE + fields::length(record, 20)? != bytes.len() {
            return Err("holds bytes after its end");
        }
        let entries = fields::short(record, 10)?;
        if fields::long(record, 4)? != 0 || fields::short(record, 8)? != entries {
            return Err("is a part of several");
        }
        let place = |at| fields::long(record, at).map(|number| usize::try_from(number).unwrap_or(usize::MAX));
        let (size, start) = (place(12)?, place(16)?);
        if start.checked_add(size) != Some(at) {
            return Err("has its list elsewhere than its end says");
        }
        Ok(End { entries, list: start..at })
    }
}
