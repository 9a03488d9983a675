//! References: ids of messages, groups and transfers, which come back from the bank as they were sent.

use std::fmt;

use crate::{file::Flaw, transliterate::is_sepa};

/// 1 to 35 characters of the SEPA set, without `/` at an end, `//`, or a space at an end (EPC132-08, section 1.4).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(String);

impl Reference {
    /// The most characters, as the schema says (`Max35Text`).
    pub const MOST: usize = 35;

    /// A reference. It is never transliterated: what comes back must be what was sent.
    ///
    /// # Errors
    /// When the text is none.
    pub fn parse(text: &str) -> Result<Reference, Flaw> {
        if text.is_empty() {
            return Err(Flaw::Empty);
        }
        let length = text.chars().count();
        if length > Reference::MOST {
            return Err(Flaw::TooLong { length, most: Reference::MOST });
        }
        if let Some(character) = text.chars().find(|c| !is_sepa(*c)) {
            return Err(Flaw::Character { character });
        }
        let bounded = |c: char| text.starts_with(c) || text.ends_with(c);
        if bounded('/') || bounded(' ') || text.contains("//") {
            return Err(Flaw::Slashes);
        }
        Ok(Reference(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_taken_as_it_is_or_refused() {
        for good in ["PAY-2027-00042", "a", "CLM/2027 (2)", &"x".repeat(35)] {
            assert_eq!(Reference::parse(good).unwrap().as_str(), good);
        }
        let table = [
            ("", Flaw::Empty),
            (&*"x".repeat(36), Flaw::TooLong { length: 36, most: 35 }),
            ("PAY_1", Flaw::Character { character: '_' }),
            ("Größe", Flaw::Character { character: 'ö' }),
            ("a\nb", Flaw::Character { character: '\n' }),
            ("/a", Flaw::Slashes),
            ("a/", Flaw::Slashes),
            ("a//b", Flaw::Slashes),
            ("a ", Flaw::Slashes),
        ];
        for (bad, flaw) in table {
            assert_eq!(Reference::parse(bad), Err(flaw), "{bad}");
        }
    }
}
