//! The outline of a JPEG: its segments, from the start mark to the end mark. See ITU-T T.81, annex B.
//!
//! What phones append after the end mark (a second picture, a short film) stays with the picture; it has been searched
//! for archives, documents and pages like everything else.

use super::measure;
use crate::{media::MediaType, refusal::Refusal};

/// Whether the picture is whole and of an accepted size.
pub(super) fn judge(bytes: &[u8], pixels: u64) -> Result<(), Refusal> {
    let damaged = |reason| Err(Refusal::Damaged { kind: MediaType::Jpeg, reason });
    let mut rest = bytes.get(2..).unwrap_or_default();
    let (mut framed, mut scanned) = (false, false);
    loop {
        let Some((marker, after)) = marker(rest) else {
            return damaged("it is cut off, or no marker is where one must be");
        };
        // Marks without content.
        match marker {
            0xd9 if scanned => return Ok(()),
            0xd9 => return damaged("it holds no picture"),
            0x00 | 0xd8 => return damaged("a mark stands where none may be"),
            0x01 | 0xd0..=0xd7 => {
                rest = after;
                continue;
            }
            _ => {}
        }
        let Some((content, after)) = segment(after) else { return damaged("it is cut off inside a segment") };
        rest = after;
        match marker {
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let [_, h1, h2, w1, w2, ..] = content else { return damaged("its header is cut off") };
                let [height, width] = [[*h1, *h2], [*w1, *w2]].map(|two| u32::from(u16::from_be_bytes(two)));
                measure(MediaType::Jpeg, width, height, pixels)?;
                framed = true;
            }
            0xda if framed => {
                scanned = true;
                rest = after_scan(rest);
            }
            0xda => return damaged("its picture comes before its header"),
            _ => {}
        }
    }
}

/// The mark at the beginning, fill bytes skipped, and what follows it.
fn marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let rest = bytes.strip_prefix(b"\xff")?;
    let at = rest.iter().position(|byte| *byte != 0xff)?;
    Some((*rest.get(at)?, rest.get(at + 1..)?))
}

/// The content of a segment, and what follows it. Its length counts its own two bytes.
fn segment(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(u16::from_be_bytes(*bytes.first_chunk()?)).checked_sub(2)?;
    bytes.get(2..)?.split_at_checked(length)
}

/// From the next mark on: inside picture data a byte `ff` is followed by a zero or by a restart mark.
fn after_scan(bytes: &[u8]) -> &[u8] {
    let is_mark = |pair: &[u8]| matches!(pair, [0xff, next] if !matches!(next, 0x00 | 0xff | 0xd0..=0xd7));
    let at = bytes.windows(2).position(is_mark).unwrap_or(bytes.len());
    bytes.get(at..).unwrap_or_default()
}
