//! Countries, and which of them the SEPA area reaches.

use std::fmt;

use crate::file::Flaw;

/// The countries whose banks take SEPA credit transfers, with the length of their IBANs (EPC409-09 of 2025; SWIFT's
/// IBAN registry). Territories that use another country's IBANs are found under that country.
const SEPA: [(&str, usize); 42] = [
    ("AD", 24),
    ("AL", 28),
    ("AT", 20),
    ("BE", 16),
    ("BG", 22),
    ("CH", 21),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("EE", 20),
    ("ES", 24),
    ("FI", 18),
    ("FR", 27),
    ("GB", 22),
    ("GI", 23),
    ("GR", 27),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IS", 26),
    ("IT", 27),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MT", 31),
    ("NL", 18),
    ("NO", 15),
    ("PL", 28),
    ("PT", 25),
    ("RO", 24),
    ("RS", 22),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("VA", 22),
];

/// How long an IBAN of a SEPA country is; `None` for other countries.
pub(super) fn sepa_iban_length(country: &str) -> Option<usize> {
    SEPA.iter().find(|(code, _)| *code == country).map(|(_, length)| *length)
}

/// A country, as the two capital letters of ISO 3166.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// A country's code.
    ///
    /// # Errors
    /// When it is not two capital letters.
    pub fn parse(text: &str) -> Result<CountryCode, Flaw> {
        match text.as_bytes() {
            [first, second] if first.is_ascii_uppercase() && second.is_ascii_uppercase() => {
                Ok(CountryCode([*first, *second]))
            }
            _ => Err(Flaw::Country),
        }
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| fmt::Write::write_char(f, char::from(*letter)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_capital_letters() {
        assert_eq!(CountryCode::parse("DE").unwrap().to_string(), "DE");
        for bad in ["", "D", "de", "DEU", "D1", "Ä"] {
            assert_eq!(CountryCode::parse(bad), Err(Flaw::Country), "{bad}");
        }
    }
}
