//! Names of entries: what a plain workbook holds, and nothing that leaves the folder into which it is unpacked.

use super::Fault;

/// Endings of what a workbook holds: its parts, pictures, and the settings of a printer.
const ENDINGS: [&str; 11] = ["xml", "rels", "vml", "png", "jpg", "jpeg", "gif", "bmp", "tiff", "emf", "wmf"];

/// Endings of archives.
const ARCHIVES: [&str; 14] =
    ["zip", "rar", "7z", "gz", "tgz", "tar", "bz2", "xz", "zst", "jar", "cab", "xlsx", "docx", "pptx"];

/// The name of an entry that a plain workbook may hold.
pub(super) fn judge(name: &[u8]) -> Result<&str, Fault> {
    let name = std::str::from_utf8(name).map_err(|_| "has an entry whose name is no text")?;
    if name.is_empty() || name.contains(|c: char| c.is_control() || matches!(c, '\\' | ':')) {
        return Err("has an entry with a name that some systems read as another path");
    }
    if name.starts_with('/') || name.split('/').any(|part| part == "..") {
        return Err("has an entry that leaves its folder");
    }
    let lower = name.to_ascii_lowercase();
    let last = lower.rsplit('/').next().unwrap_or_default();
    let ending = last.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
    if last.starts_with("vbaproject") || lower.starts_with("xl/macrosheets/") {
        return Err("holds macros");
    }
    if ARCHIVES.contains(&ending) {
        return Err("holds another archive");
    }
    if lower.starts_with("xl/embeddings/") || lower.starts_with("xl/activex/") {
        return Err("holds embedded files or controls");
    }
    let printer = lower.starts_with("xl/printersettings/") && ending == "bin";
    if printer || name.ends_with('/') || ENDINGS.contains(&ending) {
        return Ok(name);
    }
    Err("holds a file that no plain workbook holds")
}
