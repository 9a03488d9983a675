//! International bank account numbers.

use std::fmt;

use super::country::sepa_iban_length;
use crate::file::Flaw;

/// An IBAN of ISO 13616 whose check digits fit. Its text is shown whole; its `Debug` form hides all but the ends.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Iban(String);

impl Iban {
    /// An IBAN; spaces and small letters, as people write them, are forgiven.
    ///
    /// # Errors
    /// When it is malformed, has a wrong length for its country, or its check digits do not fit.
    pub fn parse(text: &str) -> Result<Iban, Flaw> {
        let number: String = text.chars().filter(|c| *c != ' ').map(|c| c.to_ascii_uppercase()).collect();
        let bytes = number.as_bytes();
        let [c1, c2, d1, d2, rest @ ..] = bytes else { return Err(Flaw::IbanForm) };
        let shaped = [c1, c2].iter().all(|c| c.is_ascii_uppercase()) && [d1, d2].iter().all(|c| c.is_ascii_digit());
        if !shaped || !rest.iter().all(u8::is_ascii_alphanumeric) || !(15..=34).contains(&bytes.len()) {
            return Err(Flaw::IbanForm);
        }
        if let Some(expected) = number.get(..2).and_then(sepa_iban_length)
            && expected != bytes.len()
        {
            return Err(Flaw::IbanLength { length: bytes.len(), expected });
        }
        // ISO 7064, mod 97-10: the first four characters go to the end, letters count from 10.
        let rearranged = rest.iter().chain([c1, c2, d1, d2]);
        let remainder = rearranged.fold(0_u32, |remainder, c| match c {
            b'0'..=b'9' => (remainder * 10 + u32::from(c - b'0')) % 97,
            _ => (remainder * 100 + u32::from(c - b'A') + 10) % 97,
        });
        // 00, 01 and 99 are never given as check digits, and would pass the sum in the place of 97, 98 and 02.
        let given = matches!((d1, d2), (b'0', b'0' | b'1') | (b'9', b'9'));
        if remainder == 1 && !given { Ok(Iban(number)) } else { Err(Flaw::IbanCheckDigits) }
    }

    /// The number without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether its bank is in the SEPA area.
    pub fn is_sepa(&self) -> bool {
        self.0.get(..2).and_then(sepa_iban_length).is_some()
    }
}

impl fmt::Debug for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (self.0.get(..4).unwrap_or_default(), self.0.get(self.0.len() - 2..).unwrap_or_default());
        write!(f, "Iban({start}…{end})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_registry_are_taken() {
        for good in [
            "DE89 3704 0044 0532 0130 00",
            "gb82 west 1234 5698 7654 32",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
            "KW81CBKU0000000000001234560101",
            "BR1800360305000010009795493C1",
        ] {
            assert!(Iban::parse(good).is_ok(), "{good}");
        }
        assert!(Iban::parse("DE89370400440532013000").unwrap().is_sepa());
        assert!(!Iban::parse("KW81CBKU0000000000001234560101").unwrap().is_sepa());
    }

    #[test]
    fn every_single_wrong_digit_is_found() {
        let good = "DE89370400440532013000";
        for at in 2..good.len() {
            for digit in '0'..='9' {
                let mut bad: Vec<char> = good.chars().collect();
                if bad[at] != digit {
                    bad[at] = digit;
                    let bad: String = bad.into_iter().collect();
                    assert_eq!(Iban::parse(&bad), Err(Flaw::IbanCheckDigits), "{bad}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for bad in ["", "DE", "DE89", "8937040044", "DE8937040044053201300Ä", "D\u{0}89370400440532013000", "XX99-1"] {
            assert_eq!(Iban::parse(bad), Err(Flaw::IbanForm), "{bad}");
        }
        assert_eq!(Iban::parse("DE8937040044053201300"), Err(Flaw::IbanLength { length: 21, expected: 22 }));
    }

    #[test]
    fn row_78_a_printed_value_does_not_tell_the_account() {
        let shown = format!("{:?}", Iban::parse("DE89370400440532013000").unwrap());
        assert_eq!(shown, "Iban(DE89…00)");
    }
}
