//! Text in the characters that every bank of the SEPA area takes: `a-z A-Z 0-9 / - ? : ( ) . , ' +` and the space.
//!
//! Letters lose their marks or are spelled out, as passports do it; signs become the nearest one that means the same.
//! Nothing is dropped or replaced by a placeholder: what has no equivalent is refused, because a payee's name that
//! lost a part of itself is another name.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// A character that has no equivalent in the SEPA character set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("U+{:04X} has no equivalent in the SEPA character set", u32::from(*.0))]
pub struct Untranslatable(pub char);

/// Whether a character is of the SEPA character set.
pub(crate) fn is_sepa(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/-?:().,'+ ".contains(c)
}

/// The text in the SEPA character set; runs of white space become one space, none is left at the ends.
///
/// # Errors
/// The first character that has no equivalent there.
pub fn transliterate(text: &str) -> Result<String, Untranslatable> {
    let composed: Vec<char> = text.nfc().collect();
    let mut spelled = String::with_capacity(text.len());
    for (at, c) in composed.iter().enumerate() {
        let rest = composed.get(at + 1..).unwrap_or_default();
        push(&mut spelled, *c, rest.iter().copied().find(|c| !is_combining_mark(*c)))?;
    }
    Ok(spelled.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}

/// Adds one character, whose case `next` helps to tell.
fn push(spelled: &mut String, c: char, next: Option<char>) -> Result<(), Untranslatable> {
    if is_sepa(c) {
        spelled.push(c);
        return Ok(());
    }
    if c.is_whitespace() {
        spelled.push(' ');
        return Ok(());
    }
    if let Some(sign) = sign(c) {
        spelled.push_str(sign);
        return Ok(());
    }
    if let Some(letters) = letters(c) {
        spelled.push_str(&cased(letters, c, next));
        return Ok(());
    }
    // What is left is a letter with marks, or a mark of its own after the letter that it belongs to.
    let mut parts = std::iter::once(c).nfd();
    let base = parts.next().ok_or(Untranslatable(c))?;
    let marked = parts.next().is_some() && std::iter::once(c).nfd().skip(1).all(is_combining_mark);
    if is_combining_mark(c) && spelled.ends_with(|last: char| last.is_ascii_alphabetic()) {
        return Ok(());
    }
    match marked && base != c {
        true => push(spelled, base, next).map_err(|_| Untranslatable(c)),
        false => Err(Untranslatable(c)),
    }
}

/// `letters` are given in lower case; a capital becomes `Ae` before a small letter and `AE` otherwise.
fn cased(letters: &str, of: char, next: Option<char>) -> String {
    if !of.is_uppercase() {
        return letters.to_owned();
    }
    if next.is_none_or(|next| !next.is_lowercase()) {
        return letters.to_ascii_uppercase();
    }
    let mut letters = letters.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// A sign that means the same.
fn sign(c: char) -> Option<&'static str> {
    Some(match c {
        '&' => "+",
        '@' => "(at)",
        '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '"' | '`' | '´' | '«' | '»' | '\u{2018}'..='\u{201F}' | '\u{2039}' | '\u{203A}' => "'",
        ';' => ",",
        '!' | '·' | '•' => ".",
        '…' => "...",
        '[' | '{' => "(",
        ']' | '}' => ")",
        '|' | '\\' => "/",
        '€' => "EUR",
        '£' => "GBP",
        '№' => "No.",
        '®' => "(R)",
        '©' => "(C)",
        '™' => "(TM)",
        _ => return None,
    })
}

/// Letters that are spelled with others, in lower case, whatever the case of `c`.
fn letters(c: char) -> Option<&'static str> {
    let small = c.to_lowercase().next().filter(|_| c != 'İ').unwrap_or(c);
    latin(small).or_else(|| greek(small)).or_else(|| cyrillic(small))
}

fn latin(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' | 'æ' => "ae",
        'ö' | 'ø' | 'œ' => "oe",
        'ü' => "ue",
        'å' => "aa",
        'ß' => "ss",
        'þ' => "th",
        'ð' | 'đ' => "d",
        'ł' => "l",
        'ħ' => "h",
        'ŧ' => "t",
        'ŋ' => "n",
        'ı' => "i",
        'ĸ' => "q",
        'ĳ' => "ij",
        'ŀ' => "l",
        'ª' => "a",
        'º' => "o",
        _ => return None,
    })
}

fn greek(c: char) -> Option<&'static str> {
    Some(match c {
        'α' => "a",
        'β' => "v",
        'γ' => "g",
        'δ' => "d",
        'ε' => "e",
        'ζ' => "z",
        'η' | 'ι' => "i",
        'θ' => "th",
        'κ' => "k",
        'λ' => "l",
        'μ' => "m",
        'ν' => "n",
        'ξ' => "x",
        'ο' | 'ω' => "o",
        'π' => "p",
        'ρ' => "r",
        'σ' | 'ς' => "s",
        'τ' => "t",
        'υ' => "y",
        'φ' => "f",
        'χ' => "ch",
        'ψ' => "ps",
        _ => return None,
    })
}

fn cyrillic(c: char) -> Option<&'static str> {
    Some(match c {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' | 'ѓ' => "g",
        'д' => "d",
        'е' | 'ё' | 'э' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' | 'й' | 'і' | 'ї' => "i",
        'к' | 'ќ' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ў' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'є' => "ie",
        'ы' => "y",
        // Softens the letter before it and has no sound; passports leave it out.
        'ь' => "",
        'ю' => "iu",
        'я' => "ia",
        'ђ' => "dj",
        'ј' => "j",
        'љ' => "lj",
        'њ' => "nj",
        'ћ' => "c",
        'џ' | 'ѕ' => "dz",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_spelled_as_passports_spell_them() {
        let table = [
            ("Müller & Söhne GmbH", "Mueller + Soehne GmbH"),
            ("GROẞ ÄRZTE", "GROSS AERZTE"),
            ("Ärzte", "Aerzte"),
            ("Løvås A/S", "Loevaas A/S"),
            ("Société Générale", "Societe Generale"),
            ("Peña y Cía.", "Pena y Cia."),
            ("Łódź Żabka Sp. z o.o.", "Lodz Zabka Sp. z o.o."),
            ("İstanbul Şirketi", "Istanbul Sirketi"),
            ("Ștefan Țepeș", "Stefan Tepes"),
            ("Nguyễn Văn Ơn", "Nguyen Van On"),
            ("Þórður", "Thordur"),
            ("ΑΛΦΑ Τράπεζα", "ALFA Trapeza"),
            ("Банк Юнион", "Bank Iunion"),
            ("L\u{2019}Oréal \u{2013} Paris", "L'Oreal - Paris"),
            ("sales@acme_ltd", "sales(at)acme-ltd"),
            ("a\u{a0}\t b\r\n c ", "a b c"),
            ("Mu\u{308}ller", "Mueller"),
            ("x\u{323}\u{302}", "x"),
        ];
        for (text, expected) in table {
            assert_eq!(transliterate(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_has_no_equivalent_is_refused_and_not_left_out() {
        let table =
            [('\u{5c71}', "山田商事"), ('$', "Ke$ha"), ('\u{202e}', "a\u{202e}b"), ('\0', "a\0b"), ('=', "=1+1")];
        for (expected, text) in table {
            assert_eq!(transliterate(text), Err(Untranslatable(expected)), "{text}");
        }
        assert_eq!(transliterate("\u{301}a"), Err(Untranslatable('\u{301}')), "a mark without a letter");
    }

    proptest! {
        #[test]
        fn what_comes_out_is_of_the_set_and_comes_out_unchanged_again(text in any::<String>()) {
            if let Ok(spelled) = transliterate(&text) {
                prop_assert!(spelled.chars().all(is_sepa), "{spelled:?}");
                prop_assert_eq!(transliterate(&spelled), Ok(spelled.clone()));
            }
        }

        #[test]
        fn no_letter_or_digit_is_lost(text in "[a-zA-Z0-9äöüßéèñçøåÄÖÜłž ]{1,40}") {
            let spelled = transliterate(&text).unwrap();
            let count = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
            prop_assert!(count(&spelled) >= count(&text), "{text} became {spelled}");
        }
    }
}
