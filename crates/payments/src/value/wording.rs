//! Names and remittance texts, in the SEPA character set.

use std::fmt;

use crate::{file::Flaw, transliterate::transliterate};

/// A name or a text of 1 to 140 characters (`Max140Text`) in the SEPA character set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wording(String);

impl Wording {
    /// The most characters, as the schema says.
    pub const MOST: usize = 140;

    /// The text, transliterated. It is never cut: half a name is another name.
    ///
    /// # Errors
    /// When it is empty, too long, or holds what has no equivalent.
    pub fn spell(text: &str) -> Result<Wording, Flaw> {
        let spelled = transliterate(text).map_err(|untranslatable| Flaw::Character { character: untranslatable.0 })?;
        if spelled.is_empty() {
            return Err(Flaw::Empty);
        }
        let wording = Wording(spelled);
        wording.within(Wording::MOST).map(|()| wording)
    }

    /// Whether it has at most so many characters.
    pub(crate) fn within(&self, most: usize) -> Result<(), Flaw> {
        // One byte each: the set is ASCII.
        let length = self.0.len();
        if length > most { Err(Flaw::TooLong { length, most }) } else { Ok(()) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_measured_as_it_is_sent() {
        assert_eq!(Wording::spell("  Müller \n AG ").unwrap().as_str(), "Mueller AG");
        assert_eq!(Wording::spell(" \t "), Err(Flaw::Empty));
        assert!(Wording::spell(&"a".repeat(140)).is_ok());
        let spelled_out = "ä".repeat(71);
        assert_eq!(Wording::spell(&spelled_out), Err(Flaw::TooLong { length: 142, most: 140 }));
        assert_eq!(Wording::spell("山"), Err(Flaw::Character { character: '山' }));
    }
}
