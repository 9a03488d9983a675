//! Documents about a partner's taxes: what each says, whether it fits the partner, and how much of its number is kept.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{PartnerPaper, check_at};
use crate::{context::FieldError, ids::PersonId, mdf::folded};

/// A document about a partner's taxes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxDocument {
    /// What it is.
    pub kind: TaxDocumentKind,
    /// The number that it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<TaxNumber>,
    /// Whose it is by its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The country that it names, as ISO 3166 codes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Its first day.
    pub from: Date,
    /// Its last day; open where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Who checked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_by: Option<PersonId>,
}

/// Kinds of documents about taxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxDocumentKind {
    /// The W-9 of a person or company of the United States.
    W9,
    /// One of the W-8 series, of a foreign person or company.
    W8,
    /// A registration for value-added tax.
    VatId,
    /// The consent that the vendor bills itself.
    SelfBillingConsent,
}

impl TaxDocumentKind {
    /// What people call it.
    pub fn word(self) -> &'static str {
        match self {
            TaxDocumentKind::W9 => "form W-9",
            TaxDocumentKind::W8 => "form of the W-8 series",
            TaxDocumentKind::VatId => "VAT registration",
            TaxDocumentKind::SelfBillingConsent => "consent to self-billing",
        }
    }
}

/// The number of a tax document. It may be a person's own: once it is read and its form is checked, its country's letters and its last
/// three characters are all that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct TaxNumber {
    shown: String,
    /// Whether it has another form than VAT numbers with these letters have.
    is_of_another_form: bool,
}

/// What stands for the characters that are not kept.
const CUT: char = '…';

/// The fewest characters of which the last ones tell nobody the rest.
const TELLS_NOTHING: usize = 7;

impl From<String> for TaxNumber {
    fn from(written: String) -> TaxNumber {
        let kept = |text: &str| -> Vec<char> {
            text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
        };
        // What was kept of a number before is kept again, and no more of it than would be.
        if let Some((first, last)) = written.split_once(CUT) {
            let (first, last) = (kept(first), kept(last));
            let first: String = first.iter().filter(|c| c.is_ascii_alphabetic()).take(2).collect();
            let last: String = last.iter().skip(last.len().saturating_sub(3)).collect();
            return TaxNumber { shown: format!("{first}{CUT}{last}"), is_of_another_form: false };
        }
        let plain = kept(&written);
        let letters: String = plain.iter().take(2).take_while(|c| c.is_ascii_alphabetic()).collect();
        let letters = if letters.len() == 2 { letters } else { String::new() };
        let last: String = match plain.len() >= TELLS_NOTHING {
            true => plain.iter().skip(plain.len().saturating_sub(3)).collect(),
            false => String::new(),
        };
        let rest: String = plain.iter().skip(2).collect();
        let is_of_another_form = FORMS.iter().any(|form| form.letters == letters && !form.fits(&rest));
        TaxNumber { shown: format!("{letters}{CUT}{last}"), is_of_another_form }
    }
}

impl From<TaxNumber> for String {
    fn from(number: TaxNumber) -> String {
        number.shown
    }
}

impl fmt::Display for TaxNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl TaxNumber {
    /// How VAT numbers with its letters are written.
    fn form(&self) -> Option<&'static Form> {
        let letters = self.shown.split(CUT).next().unwrap_or_default();
        FORMS.iter().find(|form| form.letters == letters)
    }
}

impl TaxDocument {
    /// Whether it is in force on a day.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// Whether it says anything about taxes: a consent to self-billing does not.
    pub fn is_about_tax(&self) -> bool {
        self.kind != TaxDocumentKind::SelfBillingConsent
    }

    /// Checks what can be told from it alone.
    ///
    /// # Errors
    /// With the field that is wrong; its number is not repeated.
    pub(super) fn check(&self, at: &str) -> Result<(), FieldError> {
        let ends_late = self.until.is_none_or(|until| self.from <= until);
        check_at(ends_late, &format!("{at}/until"), "lies before its first day; correct one of them")?;
        let code = |code: &String| code.len() == 2 && code.chars().all(|c| c.is_ascii_uppercase());
        let field = format!("{at}/country");
        let known = self.country.as_ref().is_none_or(code);
        check_at(known, &field, "is not a country code of ISO 3166; write two capital letters such as `DE`")?;
        let number = self.number.as_ref().filter(|number| number.is_of_another_form);
        match number.and_then(TaxNumber::form).filter(|_| self.kind == TaxDocumentKind::VatId) {
            None => Ok(()),
            Some(form) => check_at(false, &format!("{at}/number"), format!("is no VAT number: one has {}", form.told)),
        }
    }

    /// Why it does not fit a partner's legal entity; what it does not say fits.
    pub fn mismatch(&self, partner: &PartnerPaper) -> Option<String> {
        let word = self.kind.word();
        if let Some(name) = self.name.as_ref().filter(|name| folded(name) != folded(&partner.name)) {
            return Some(format!("its {word} names `{name}`, and the partner is `{}`", partner.name));
        }
        if let Some(country) = self.country.as_ref().filter(|country| **country != partner.country) {
            return Some(format!("its {word} is of `{country}`, and the partner is in `{}`", partner.country));
        }
        let of_number = self.number.as_ref().and_then(TaxNumber::form).map(|form| form.country);
        let of_number = of_number.filter(|country| self.kind == TaxDocumentKind::VatId && *country != partner.country);
        of_number.map(|country| {
            format!("the number of its {word} is of `{country}`, and the partner is in `{}`", partner.country)
        })
    }
}

/// How VAT numbers of a country are written after its letters: `9` a digit, `A` a letter, `*` either; another character itself.
struct Form {
    letters: &'static str,
    country: &'static str,
    written: &'static [&'static str],
    told: &'static str,
}

impl Form {
    fn fits(&self, rest: &str) -> bool {
        let same = |form: &&&str| {
            let fits = |(written, is): (char, char)| match written {
                '9' => is.is_ascii_digit(),
                'A' => is.is_ascii_alphabetic(),
                '*' => is.is_ascii_alphanumeric(),
                other => other == is,
            };
            form.chars().count() == rest.chars().count() && form.chars().zip(rest.chars()).all(fits)
        };
        self.written.iter().any(|form| same(&form))
    }
}

macro_rules! forms {
    ($($letters:literal $country:literal [$($written:literal),+] $told:literal;)+) => {
        &[$(Form { letters: $letters, country: $country, written: &[$($written),+], told: $told }),+]
    };
}

/// The forms of the European Union's VAT numbers, Northern Ireland's and Great Britain's:
/// ec.europa.eu/taxation_customs/vies (frequently asked questions, question 11) and gov.uk (VAT notice 725).
const FORMS: &[Form] = forms! {
    "AT" "AT" ["U99999999"] "`ATU` and 8 digits";
    "BE" "BE" ["0999999999", "1999999999"] "`BE` and 10 digits, the first 0 or 1";
    "BG" "BG" ["999999999", "9999999999"] "`BG` and 9 or 10 digits";
    "CY" "CY" ["99999999A"] "`CY`, 8 digits and a letter";
    "CZ" "CZ" ["99999999", "999999999", "9999999999"] "`CZ` and 8 to 10 digits";
    "DE" "DE" ["999999999"] "`DE` and 9 digits";
    "DK" "DK" ["99999999"] "`DK` and 8 digits";
    "EE" "EE" ["999999999"] "`EE` and 9 digits";
    "EL" "GR" ["999999999"] "`EL` and 9 digits";
    "ES" "ES" ["*9999999*"] "`ES` and 9 characters, the first and the last of which may be letters";
    "FI" "FI" ["99999999"] "`FI` and 8 digits";
    "FR" "FR" ["**999999999"] "`FR`, 2 characters and 9 digits";
    "HR" "HR" ["99999999999"] "`HR` and 11 digits";
    "HU" "HU" ["99999999"] "`HU` and 8 digits";
    "IE" "IE" ["9999999A", "9999999AA", "9*99999A"] "`IE`, 7 characters and 1 or 2 letters";
    "IT" "IT" ["99999999999"] "`IT` and 11 digits";
    "LT" "LT" ["999999999", "999999999999"] "`LT` and 9 or 12 digits";
    "LU" "LU" ["99999999"] "`LU` and 8 digits";
    "LV" "LV" ["99999999999"] "`LV` and 11 digits";
    "MT" "MT" ["99999999"] "`MT` and 8 digits";
    "NL" "NL" ["999999999B99"] "`NL`, 9 digits, `B` and 2 digits";
    "PL" "PL" ["9999999999"] "`PL` and 10 digits";
    "PT" "PT" ["999999999"] "`PT` and 9 digits";
    "RO" "RO" ["99", "999", "9999", "99999", "999999", "9999999", "99999999", "999999999", "9999999999"] "`RO` and 2 to 10 digits";
    "SE" "SE" ["999999999999"] "`SE` and 12 digits";
    "SI" "SI" ["99999999"] "`SI` and 8 digits";
    "SK" "SK" ["9999999999"] "`SK` and 10 digits";
    "XI" "GB" ["999999999", "999999999999", "GD999", "HA999"] "`XI` and 9 or 12 digits";
    "GB" "GB" ["999999999", "999999999999", "GD999", "HA999"] "`GB` and 9 or 12 digits";
};

#[cfg(test)]
mod tests {
    use super::*;

    fn number(written: &str) -> TaxNumber {
        TaxNumber::from(written.to_owned())
    }

    #[test]
    fn of_a_number_its_countrys_letters_and_three_characters_are_kept_and_no_more_when_it_is_read_again() {
        for (written, shown) in [
            ("DE 136 695 976", "DE…976"),
            ("nl123456789b01", "NL…B01"),
            ("12-3456789", "…789"),
            ("078-05-1120", "…120"),
            ("12345", "…"),
            ("", "…"),
            ("DE…976", "DE…976"),
            ("DE136…695976", "DE…976"),
        ] {
            let kept = number(written);
            assert_eq!(kept.to_string(), shown);
            assert_eq!(serde_json::to_value(&kept).unwrap(), shown);
            assert!(!format!("{kept:?}").contains("695"), "{kept:?}");
        }
    }

    #[test]
    fn a_vat_number_has_the_form_of_its_country() {
        for fits in
            ["ATU12345678", "DE136695976", "EL123456789", "ESX1234567X", "IE1234567WA", "NL123456789B01", "RO12"]
        {
            assert!(!number(fits).is_of_another_form, "{fits}");
        }
        for other in ["AT12345678", "DE13669597", "DE13669597A", "NL123456789001", "FRAB12345678", "CY123456789"] {
            assert!(number(other).is_of_another_form, "{other}");
        }
        // Of another country no rule is known here.
        assert!(!number("CHE-123.456.789 MWST").is_of_another_form);
        let mut letters: Vec<&str> = FORMS.iter().map(|form| form.letters).collect();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), FORMS.len(), "each once");
    }
}
