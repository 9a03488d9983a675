//! Reading the files and values that a command line names.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use entente_core::money::{Currency, Money, MoneyError};

use super::failure::Failure;
pub use crate::submit::said;

/// The most bytes that a document may have; readers of documents may ask for less.
const MOST: u64 = 1_000_000;

/// Reads a document of text; `-` is standard input. Nothing larger than a document can be is ever taken into memory.
///
/// # Errors
/// When the file is missing, too large or not UTF-8, in one line that names it.
pub fn document(path: &Path) -> Result<String, Failure> {
    text(path, MOST)
}

/// Reads a text of so many bytes at most; `-` is standard input.
///
/// # Errors
/// As [`document`].
pub fn text(path: &Path, most: u64) -> Result<String, Failure> {
    let name = name(path);
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(most + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::usage(format!("{name}: cannot be read: {error}")))?;
    if bytes.len() as u64 > most {
        // A device or a pipe has no size of its own.
        let size = std::fs::metadata(path).ok().map(|data| data.len()).filter(|size| *size > most);
        let size = size.map_or_else(|| format!("more than {most}"), |size| size.to_string());
        return Err(Failure::usage(format!("{name}:1:1: the document has {size} bytes; at most {most} are read")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        Failure::usage(format!("{name}:{line}:1: is not UTF-8 text; save it as UTF-8"))
    })
}

/// A file's name as errors show it.
pub fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".into() } else { path.display().to_string() }
}

/// Every file below `path` that `wanted` takes, by name; `path` itself when it is a file.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(path: &Path, wanted: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let unreadable = |error: std::io::Error| Failure::usage(format!("{}: cannot be read: {error}", path.display()));
    let mut inside = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        inside.push(entry.map_err(unreadable)?.path());
    }
    inside.sort();
    let mut found = Vec::new();
    for entry in inside {
        if entry.is_dir() {
            found.extend(files(&entry, wanted)?);
        } else if wanted(&entry) {
            found.push(entry);
        }
    }
    Ok(found)
}

/// `name=value`, as `--set` and `--ref` take it.
///
/// # Errors
/// When there is no `=`.
pub fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("`{text}` has no `=`; write name=value"))?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

/// An amount with its currency, such as `120.00 USD` or `USD 120.00`.
///
/// # Errors
/// When it is not one, or has more decimals than its currency.
pub fn money(text: &str) -> Result<Money, String> {
    let mut words = text.split_whitespace();
    let (Some(first), Some(second), None) = (words.next(), words.next(), words.next()) else {
        return Err(format!("`{text}` is not an amount with its currency; write `120.00 USD`"));
    };
    let (amount, code) =
        if first.starts_with(|c: char| c.is_ascii_alphabetic()) { (second, first) } else { (first, second) };
    let currency: Currency = code.parse().map_err(|error: MoneyError| error.to_string())?;
    Money::parse(amount, currency).map_err(|error| error.to_string())
}

/// A length of time such as `30s`, `2m` or `500ms`.
///
/// # Errors
/// When it is not one.
pub fn duration(text: &str) -> Result<std::time::Duration, String> {
    let wrong = || format!("`{text}` is not a length of time; write 500ms, 30s or 2m");
    let parsed: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
    std::time::Duration::try_from(parsed).map_err(|_| wrong())
}

/// One word of a closed set; a `-` may stand for `_`.
///
/// # Errors
/// When it is none of them: the error lists them.
pub fn one_of(text: &str, words: impl Iterator<Item = String>) -> Result<String, String> {
    let (wanted, words) = (text.replace('-', "_"), words.collect::<Vec<_>>());
    match words.contains(&wanted) {
        true => Ok(wanted),
        false => Err(format!("write one of {}", words.join(", "))),
    }
}

/// The beginning of a hash, long enough to be seen and not guessed.
pub(in crate::cli) fn beginning(text: &str) -> Result<String, String> {
    let hash = text.to_ascii_lowercase();
    let digits = (6..=64).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digits { Ok(hash) } else { Err("write 6 to 64 hexadecimal digits".into()) }
}
