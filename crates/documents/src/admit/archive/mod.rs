//! Workbooks (XLSX) are ZIP archives. Only the list at an archive's end is read, and held against the entries' own
//! headers; nothing is unpacked.
//!
//! Read by hand, and strictly: libraries that unpack archives tolerate what they can (bytes before and after the
//! archive, two lists, headers that contradict the list), which is where one program sees other files than the next.
//! See APPNOTE 6.3.10, <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>.

mod end;
mod entry;
mod fields;
mod names;

use std::collections::BTreeSet;

use end::End;
use entry::Entry;

use crate::refusal::Refusal;

/// The most entries.
const ENTRIES: u16 = 200;

/// The most bytes that the archive may unpack to.
const UNPACKED: u64 = 100_000_000;

/// The most bytes that one packed byte may unpack to.
const RATIO: u64 = 100;

/// The most bytes between two entries that announce a data descriptor (section 4.3.9, in its long form).
const DESCRIPTOR: u64 = 24;

/// Why an archive is not accepted.
type Fault = &'static str;

/// Whether the archive is a plain workbook that nobody is harmed by unpacking.
pub(super) fn judge(bytes: &[u8]) -> Result<(), Refusal> {
    let entries = list(bytes).map_err(|reason| Refusal::Archive { reason })?;
    let has = |start: &[u8]| entries.iter().any(|entry| entry.name.starts_with(start));
    if !has(b"[Content_Types].xml") || !has(b"xl/") {
        return Err(Refusal::NeverAccepted {
            what: "an archive or a document that is no XLSX workbook",
            remedy: "send workbooks as XLSX, other documents as PDF, and files one by one",
        });
    }
    inspect(bytes, &entries).map_err(|reason| Refusal::Archive { reason })
}

/// The entries as the list at the end names them, with extents that fill the file without gap and overlap.
fn list(bytes: &[u8]) -> Result<Vec<Entry<'_>>, Fault> {
    let end = End::find(bytes)?;
    if end.entries > ENTRIES {
        return Err("has more than 200 entries");
    }
    let mut rest = bytes.get(end.list.clone()).ok_or("is cut off")?;
    let mut entries = Vec::new();
    for _ in 0..end.entries {
        let (entry, after) = Entry::read(rest)?;
        entries.push(entry);
        rest = after;
    }
    if !rest.is_empty() {
        return Err("lists more entries than it counts");
    }
    Ok(entries)
}

fn inspect(bytes: &[u8], entries: &[Entry<'_>]) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    let mut unpacked: u64 = 0;
    for entry in entries {
        entry.judge()?;
        if !seen.insert(names::judge(entry.name)?.to_ascii_lowercase()) {
            return Err("has two entries of one name");
        }
        if entry.unpacked > entry.packed.saturating_mul(RATIO) {
            return Err("unpacks to more than 100 times its size");
        }
        unpacked = unpacked.saturating_add(entry.unpacked);
    }
    if unpacked > UNPACKED {
        return Err("unpacks to more than 100 MB");
    }
    fill(bytes, entries)
}

/// Each entry lies where the last one ended, the list after the last of them: what overlaps unpacks without bound, and
/// what lies between is seen by some programs only.
fn fill(bytes: &[u8], entries: &[Entry<'_>]) -> Result<(), Fault> {
    let mut sorted: Vec<&Entry<'_>> = entries.iter().collect();
    sorted.sort_by_key(|entry| entry.offset);
    let (mut at, mut slack) = (0, 0);
    for entry in sorted {
        within(at, entry.offset, slack)?;
        at = entry.check_place(bytes)?;
        slack = if entry.has_descriptor() { DESCRIPTOR } else { 0 };
    }
    let list = u64::try_from(End::find(bytes)?.list.start).map_err(|_| "is too large")?;
    within(at, list, slack)
}

fn within(end: u64, next: u64, slack: u64) -> Result<(), Fault> {
    match next.checked_sub(end) {
        None => Err("has entries that overlap"),
        Some(gap) if gap > slack => Err("holds bytes that belong to none of its entries"),
        Some(_) => Ok(()),
    }
}
