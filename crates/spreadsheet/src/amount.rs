//! Amounts, exact to the minor unit, with the decimal mark that whoever brings the file has declared.

use entente_core::money::{Currency, Money};

use crate::cell::Cell;

/// Which mark separates whole units from their parts. The other one may group thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalMark {
    /// `1,234.50`
    Point,
    /// `1.234,50`
    Comma,
}

/// Why a cell is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountFault {
    /// Nothing stands there.
    #[error("is empty; write an amount")]
    Empty,
    /// It does not read as a number.
    #[error(
        "is no amount as `decimal_mark` declares them; write digits, with thousands in groups of three or not at all"
    )]
    NotANumber,
    /// More digits than the currency has.
    #[error("has more decimals than {0} has; round it in the spreadsheet")]
    TooPrecise(Currency),
    /// Beyond what can be counted.
    #[error("is more than can be counted exactly")]
    TooLarge,
    /// Below zero.
    #[error("is negative; leave reversed rows out, or enter what is still open")]
    Negative,
}

/// The amount in a cell, never negative. The currency's code may stand before or behind it.
///
/// A number of an XLSX is stored as a binary fraction, written with up to 17 digits. It counts as the shortest decimal that
/// names the same fraction; what then has more decimals than the currency is refused, not rounded.
///
/// # Errors
/// When the cell holds no such amount.
pub fn amount(cell: &Cell, mark: DecimalMark, currency: Currency) -> Result<Money, AmountFault> {
    let digits = match cell {
        Cell::Empty => return Err(AmountFault::Empty),
        Cell::Number(text) => shortest(text)?,
        Cell::Text(text) => plain(text, mark, currency)?,
        Cell::Date(_) | Cell::Truth(_) | Cell::Broken(_) => return Err(AmountFault::NotANumber),
    };
    minor(&digits, currency)
}

/// A number's shortest decimal that is stored as the same binary fraction, without an exponent.
fn shortest(text: &str) -> Result<String, AmountFault> {
    let stored: f64 = text.parse().map_err(|_| AmountFault::NotANumber)?;
    if !stored.is_finite() {
        return Err(AmountFault::NotANumber);
    }
    // `Display` of a float is its shortest decimal, and never has an exponent.
    Ok(stored.to_string())
}

/// Digits with a point at most, of an amount as people write it.
fn plain(text: &str, mark: DecimalMark, currency: Currency) -> Result<String, AmountFault> {
    let code = currency.to_string();
    let text = text.strip_prefix(&code).or_else(|| text.strip_suffix(&code)).unwrap_or(text).trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (decimal, group) = match mark {
        DecimalMark::Point => ('.', ','),
        DecimalMark::Comma => (',', '.'),
    };
    let (whole, part) = match text.split_once(decimal) {
        Some((whole, part)) if !part.is_empty() => (whole, part),
        Some(_) => return Err(AmountFault::NotANumber),
        None => (text, ""),
    };
    let groups: Vec<&str> = whole.split([group, ' ', '\u{a0}', '\u{202f}', '\'', '’']).collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.first().copied().unwrap_or_default();
    let in_threes = first.len() <= 3 && !first.starts_with('0') && groups.iter().skip(1).all(|group| group.len() == 3);
    let grouped = groups.len() == 1 || in_threes;
    if !groups.iter().all(|group| digits(group)) || !grouped || !(part.is_empty() || digits(part)) {
        return Err(AmountFault::NotANumber);
    }
    let point = if part.is_empty() { "" } else { "." };
    Ok(format!("{sign}{}{point}{part}", groups.concat()))
}

/// The minor units of digits with a point at most.
fn minor(digits: &str, currency: Currency) -> Result<Money, AmountFault> {
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let exponent = usize::try_from(currency.decimals()).unwrap_or(0);
    if part.len() > exponent {
        return Err(AmountFault::TooPrecise(currency));
    }
    let minor: i64 = format!("{whole}{part:0<exponent$}").parse().map_err(|_| AmountFault::TooLarge)?;
    match negative && minor != 0 {
        true => Err(AmountFault::Negative),
        false => Ok(Money { minor, currency }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(cell: &Cell, mark: DecimalMark, currency: &str) -> Result<i64, AmountFault> {
        amount(cell, mark, currency.parse().unwrap()).map(|money| money.minor)
    }

    #[test]
    fn texts_are_read_with_the_mark_that_was_declared() {
        let text = |text: &str| Cell::Text(text.into());
        for (written, mark, minor) in [
            ("1,234.50", DecimalMark::Point, 123_450),
            ("1.234,50", DecimalMark::Comma, 123_450),
            ("1 234,5", DecimalMark::Comma, 123_450),
            ("1'234'567.89", DecimalMark::Point, 123_456_789),
            ("EUR 12", DecimalMark::Point, 1_200),
            ("12.00 EUR", DecimalMark::Point, 1_200),
            ("0.1", DecimalMark::Point, 10),
        ] {
            assert_eq!(read(&text(written), mark, "EUR"), Ok(minor), "{written}");
        }
        for (written, mark) in [
            ("1.234,50", DecimalMark::Point),
            ("1,234.50", DecimalMark::Comma),
            ("12,34", DecimalMark::Point),
            ("1,2345", DecimalMark::Point),
            ("0,500", DecimalMark::Point),
            ("12.", DecimalMark::Point),
            ("1e3", DecimalMark::Point),
            ("USD 12", DecimalMark::Point),
            ("twelve", DecimalMark::Point),
        ] {
            assert_eq!(read(&text(written), mark, "EUR"), Err(AmountFault::NotANumber), "{written}");
        }
        assert_eq!(read(&text("-1.00"), DecimalMark::Point, "EUR"), Err(AmountFault::Negative));
        assert_eq!(read(&Cell::Empty, DecimalMark::Point, "EUR"), Err(AmountFault::Empty));
    }

    #[test]
    fn row_58_no_amount_is_rounded_and_none_overflows() {
        let text = |text: &str| Cell::Text(text.into());
        let precise = |currency: &str| Err(AmountFault::TooPrecise(currency.parse().unwrap()));
        assert_eq!(read(&text("0.50"), DecimalMark::Point, "JPY"), precise("JPY"));
        assert_eq!(read(&text("1.005"), DecimalMark::Point, "EUR"), precise("EUR"));
        // A list with the other mark: two thousand, and not two.
        assert_eq!(read(&text("2.000"), DecimalMark::Point, "EUR"), precise("EUR"));
        assert_eq!(read(&text("1.005"), DecimalMark::Point, "KWD"), Ok(1_005));
        assert_eq!(read(&text("99999999999999999999"), DecimalMark::Point, "EUR"), Err(AmountFault::TooLarge));
        assert_eq!(read(&Cell::Number("1e400".into()), DecimalMark::Point, "EUR"), Err(AmountFault::NotANumber));
        assert_eq!(read(&Cell::Number("-0".into()), DecimalMark::Point, "EUR"), Ok(0));
    }

    #[test]
    fn a_stored_number_is_the_shortest_decimal_of_its_fraction() {
        let number = |text: &str| read(&Cell::Number(text.into()), DecimalMark::Comma, "EUR");
        assert_eq!(number("5.0999999999999996"), Ok(510));
        assert_eq!(number("1.2345E3"), Ok(123_450));
        let precise = Err(AmountFault::TooPrecise("EUR".parse().unwrap()));
        assert_eq!(number("1234.4999999999998"), precise, "it is another fraction than that of 1234.5");
        assert_eq!(number("0.30000000000000004"), precise);
    }

    proptest! {
        #[test]
        fn every_amount_comes_back_from_seventeen_digits(minor in 0_i64..1_000_000_000_000) {
            let money = Money { minor, currency: "EUR".parse().unwrap() };
            let stored: f64 = money.decimal().to_string().parse().unwrap();
            prop_assert_eq!(read(&Cell::Number(format!("{stored:.17e}")), DecimalMark::Point, "EUR"), Ok(minor));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = read(&Cell::Text(text.clone()), DecimalMark::Point, "EUR");
            let _ = read(&Cell::Number(text), DecimalMark::Comma, "KWD");
        }
    }
}
