//! Numbers in little-endian order at a place in a header.

use super::Fault;

const CUT: Fault = "is cut off";

/// Two bytes.
pub(super) fn short(bytes: &[u8], at: usize) -> Result<u16, Fault> {
    let two = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(CUT)?;
    Ok(u16::from_le_bytes(*two))
}

/// Four bytes.
pub(super) fn long(bytes: &[u8], at: usize) -> Result<u32, Fault> {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(CUT)?;
    Ok(u32::from_le_bytes(*four))
}

/// The number of bytes that two bytes name.
pub(super) fn length(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    short(bytes, at).map(usize::from)
}

/// The next `count` bytes, and the rest.
pub(super) fn split(bytes: &[u8], count: usize) -> Result<(&[u8], &[u8]), Fault> {
    bytes.split_at_checked(count).ok_or(CUT)
}
