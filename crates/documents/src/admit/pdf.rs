//! The outline of a PDF: its header and its end. What lies between is for the reader's program.

use super::foreign::is_pdf_header;
use crate::{media::MediaType, refusal::Refusal};

/// Within how many bytes from the end a PDF says where its table lies.
const TAIL: usize = 1024;

const END: &[u8] = b"%%EOF";

/// Whether the document is whole, from its header to its end mark.
pub(super) fn judge(bytes: &[u8]) -> Result<(), Refusal> {
    let damaged = |reason| Err(Refusal::Damaged { kind: MediaType::Pdf, reason });
    if !is_pdf_header(bytes) {
        return damaged("its header names no version");
    }
    let tail = bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or(bytes);
    let Some(end) = tail.windows(END.len()).rposition(|window| window == END) else {
        return damaged("it has no end mark, so it was cut off or has something after its end");
    };
    if !tail.windows(9).any(|window| window == b"startxref") {
        return damaged("it does not say where its table lies");
    }
    let rest = tail.get(end + END.len()..).unwrap_or_default();
    match rest.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0)) {
        true => Ok(()),
        false => damaged("something stands after its end"),
    }
}
