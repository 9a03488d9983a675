//! The outline of a PNG: its chunks, from the header to the end. See <https://www.w3.org/TR/png-3/>.

use super::measure;
use crate::{media::MediaType, refusal::Refusal};

const SIGNATURE: usize = 8;

/// Whether the picture is whole and of an accepted size.
pub(super) fn judge(bytes: &[u8], pixels: u64) -> Result<(), Refusal> {
    let damaged = |reason| Err(Refusal::Damaged { kind: MediaType::Png, reason });
    let mut rest = bytes.get(SIGNATURE..).unwrap_or_default();
    let (mut first, mut data) = (true, false);
    loop {
        let Some((name, content, after)) = chunk(rest) else { return damaged("it is cut off inside a chunk") };
        match (first, name) {
            (true, b"IHDR") if content.len() == 13 => {
                let (width, height) = (number(content), number(content.get(4..).unwrap_or_default()));
                measure(MediaType::Png, width, height, pixels)?;
            }
            (true, _) | (false, b"IHDR") => return damaged("it does not begin with one header"),
            (false, b"IDAT") => data = true,
            (false, b"IEND") => {
                return match (data, after.is_empty()) {
                    (true, true) => Ok(()),
                    (true, false) => damaged("something stands after its end"),
                    (false, _) => damaged("it holds no picture"),
                };
            }
            (false, _) => {}
        }
        (first, rest) = (false, after);
    }
}

/// The first chunk: its name, its content, and what follows it and its checksum.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let length = usize::try_from(u32::from_be_bytes(*bytes.first_chunk()?)).ok()?;
    let named = bytes.get(4..)?;
    let name = named.first_chunk::<4>()?;
    let (content, after) = named.get(4..)?.split_at_checked(length)?;
    Some((name, content, after.get(4..)?))
}

/// The number in the first four bytes; zero, which is no size, where there are fewer.
fn number(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |four| u32::from_be_bytes(*four))
}
