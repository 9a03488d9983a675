//! Text that came from outside, made safe to show on a terminal.
//!
//! A document, a marketplace's answer or a person's reason may contain escape sequences that move the cursor, change
//! what was printed before, or reverse the reading direction. None of them reaches the terminal as such.

use std::io::{self, Write};

/// Whether a character may act on a terminal, or on the order in which text is read.
fn acts(c: char) -> bool {
    let reorders =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || reorders || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}')
}

/// One line of text with everything that would act on a terminal written out as `\u{…}`, `\n` or `\t`.
pub fn line(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        match c {
            c if acts(c) => safe.extend(c.escape_default()),
            c => safe.push(c),
        }
        safe
    })
}

/// Text of several lines, made safe line by line.
pub fn lines(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// JSON text in which such characters are escaped the way JSON does. They can only stand inside of strings.
pub fn json(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        match c {
            '\n' => safe.push('\n'),
            c if acts(c) => safe.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => safe.push(c),
        }
        safe
    })
}

/// Where JSON goes, made safe as [`json`] does. Whoever writes it hands over whole characters, as `serde_json` does.
pub struct Safe<W>(W);

impl<W: Write> Safe<W> {
    /// In front of where it goes.
    pub fn new(to: W) -> Safe<W> {
        Safe(to)
    }
}

impl<W: Write> Write for Safe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = str::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        match text.chars().any(|c| c != '\n' && acts(c)) {
            true => self.0.write_all(json(text).as_bytes())?,
            false => self.0.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_on_a_terminal_gets_through() {
        let table = [
            ("\u{1b}[2J\u{1b}[31mred", "\\u{1b}[2J\\u{1b}[31mred"),
            ("title\u{1b}]0;evil\u{7}", "title\\u{1b}]0;evil\\u{7}"),
            ("c1\u{9b}31m", "c1\\u{9b}31m"),
            ("over\rwrite", "over\\rwrite"),
            ("two\nlines\tand a tab", "two\\nlines\\tand a tab"),
            ("USD \u{202e}000,1", "USD \\u{202e}000,1"),
            ("Größe, 日本, ok", "Größe, 日本, ok"),
        ];
        for (text, safe) in table {
            assert_eq!(line(text), safe);
        }
    }

    #[test]
    fn json_stays_json_with_the_same_meaning() {
        let value = serde_json::json!({ "note": "\u{1b}[31m\u{9b}\u{202e}\u{7f} Größe" });
        let safe = json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(!safe.chars().any(|c| c != '\n' && acts(c)), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
        let mut written = Safe::new(Vec::new());
        serde_json::to_writer_pretty(&mut written, &value).unwrap();
        assert_eq!(String::from_utf8(written.0).unwrap(), safe, "written piece by piece, it is the same");
    }

    #[test]
    fn lines_keep_their_breaks_and_lose_the_rest() {
        assert_eq!(lines("a\u{1b}[1m\nb"), "a\\u{1b}[1m\nb");
    }
}
