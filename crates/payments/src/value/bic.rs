//! The code of a bank.

use std::fmt;

use crate::file::Flaw;

/// A business identifier code of ISO 9362 with 8 or 11 characters, in the narrower form of `pain.001.001.03`, which
/// every later version takes too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bic(String);

impl Bic {
    /// A code; spaces at the ends and small letters are forgiven.
    ///
    /// # Errors
    /// When the text is none.
    pub fn parse(text: &str) -> Result<Bic, Flaw> {
        let code = text.trim().to_ascii_uppercase();
        let part = |from: usize, to: usize, allowed: fn(u8) -> bool| {
            code.as_bytes().get(from..to).is_some_and(|part| part.iter().all(|c| allowed(*c)))
        };
        let alphanumeric = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit();
        let fits = matches!(code.len(), 8 | 11)
            && part(0, 6, |c| c.is_ascii_uppercase())
            && part(6, 7, |c| c.is_ascii_uppercase() || (b'2'..=b'9').contains(&c))
            && part(7, 8, |c| c != b'O' && (c.is_ascii_uppercase() || c.is_ascii_digit()))
            && part(8, code.len(), alphanumeric);
        if fits { Ok(Bic(code)) } else { Err(Flaw::Bic) }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Bic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_eight_or_eleven_characters_in_their_places() {
        for good in ["DEUTDEFF", "DEUTDEFF500", "BNPAFRPPXXX", " chasus33 "] {
            assert!(Bic::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["", "DEUTDEF", "DEUTDEFF50", "DEUTDEFF5000", "1EUTDEFF", "DEUT1EFF", "DEUTDE1F", "DEUTDEFO", "DEUTDEFÄ"]
        {
            assert_eq!(Bic::parse(bad), Err(Flaw::Bic), "{bad}");
        }
    }
}
