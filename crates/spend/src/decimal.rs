//! Decimal numbers as files write them, exact.

use entente_core::commitment::{Amount, AmountError, DECIMALS, LARGEST};
use rust_decimal::Decimal;

use crate::quarantine::Reason;

/// How many units make one: an amount is held as a whole number of its last decimals.
const ONE: i128 = 10_i128.pow(DECIMALS);
const MOST: i128 = LARGEST as i128 * ONE;

/// An amount in units of its last decimal, and whether decimals beyond that were rounded half to even.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Units {
    pub units: i128,
    pub rounded: bool,
}

/// Reads a decimal number, in plain or scientific notation.
pub(crate) fn units(field: &[u8]) -> Result<Units, Reason> {
    let field = field.trim_ascii();
    let (negative, digits) = match field {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if let Some(units) = short(digits) {
        return Ok(Units { units: if negative { -units } else { units }, rounded: false });
    }
    let number = mantissa(digits).ok_or(Reason::NotANumber)?;
    let scaled = scaled(number.digits, number.scale, number.more)?;
    Ok(Units { units: if negative { -scaled.units } else { scaled.units }, rounded: scaled.rounded })
}

/// Most amounts: at most twelve decimals, and so few digits that the arithmetic is that of the machine.
fn short(text: &[u8]) -> Option<i128> {
    if text.len() > 18 {
        return None;
    }
    let (mut number, mut digits, mut decimals, mut point) = (0_u64, 0_usize, 0_usize, false);
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                number = number * 10 + u64::from(byte - b'0');
                digits += 1;
                decimals += usize::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    let factor = FACTORS.get(decimals).filter(|_| (1..=12 + decimals).contains(&digits))?;
    Some(i128::from(number) * i128::from(*factor))
}

/// What brings so many decimals to units.
const FACTORS: [u64; DECIMALS as usize + 1] = {
    let mut factors = [1; DECIMALS as usize + 1];
    let mut at = DECIMALS as usize;
    while at > 0 {
        factors[at - 1] = factors[at] * 10;
        at -= 1;
    }
    factors
};

struct Number {
    digits: u128,
    scale: i64,
    /// Whether digits that are not zero were left out behind the last one.
    more: bool,
}

/// The most digits that are held: one more leaves room.
const DIGITS_MOST: u32 = 37;

fn mantissa(text: &[u8]) -> Option<Number> {
    let mut number = Number { digits: 0, scale: 0, more: false };
    let (mut held, mut any, mut point, mut at) = (0, false, false, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'0'..=b'9' => {
                any = true;
                let digit = byte - b'0';
                if held < DIGITS_MOST {
                    number.digits = number.digits * 10 + u128::from(digit);
                    held += u32::from(number.digits != 0);
                    number.scale += i64::from(point);
                } else {
                    number.more |= digit != 0;
                    number.scale -= i64::from(!point);
                }
            }
            b'.' if !point => point = true,
            b'e' | b'E' => {
                number.scale -= exponent(text.get(at + 1..)?)?;
                break;
            }
            _ => return None,
        }
        at += 1;
    }
    any.then_some(number)
}

fn exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || digits.len() > 6 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size = digits.iter().fold(0_i64, |size, digit| size * 10 + i64::from(digit - b'0'));
    Some(if negative { -size } else { size })
}

/// Brings `digits / 10^scale` to units.
pub(crate) fn scaled(digits: u128, scale: i64, more: bool) -> Result<Units, Reason> {
    if let (Some(factor), Ok(digits)) =
        (usize::try_from(scale).ok().and_then(|at| FACTORS.get(at)), u64::try_from(digits))
    {
        return bounded(u128::from(digits) * u128::from(*factor), more);
    }
    let places = scale - i64::from(DECIMALS);
    if places <= 0 {
        let factor = u32::try_from(-places).ok().and_then(|power| 10_u128.checked_pow(power));
        let units = if digits == 0 { Some(0) } else { factor.and_then(|factor| digits.checked_mul(factor)) };
        return bounded(units.ok_or(Reason::TooLarge)?, more);
    }
    let Some(divisor) = u32::try_from(places).ok().and_then(|power| 10_u128.checked_pow(power)) else {
        return bounded(0, digits != 0);
    };
    let (whole, rest) = (digits / divisor, digits % divisor);
    let half = divisor / 2;
    let up = rest > half || (rest == half && (more || whole % 2 == 1));
    bounded(whole + u128::from(up), rest != 0 || more)
}

fn bounded(units: u128, rounded: bool) -> Result<Units, Reason> {
    let units = i128::try_from(units).map_err(|_| Reason::TooLarge)?;
    if units > MOST { Err(Reason::TooLarge) } else { Ok(Units { units, rounded }) }
}

/// Units as an amount. A sum may be larger than what may be written; it is put together from such parts.
pub(crate) fn amount(units: i128) -> Result<Amount, AmountError> {
    let part = |units: i128| {
        let value = Decimal::try_from_i128_with_scale(units, DECIMALS);
        Amount::new(value.map_err(|_| AmountError::Inexact)?)
    };
    let (times, rest) = (units / MOST, units % MOST);
    if times.unsigned_abs() > 10_000 {
        return Err(AmountError::Inexact);
    }
    let largest = part(MOST * times.signum())?;
    (0..times.unsigned_abs()).try_fold(part(rest)?, |sum, _| sum.plus(largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_as_they_are_written() {
        for (text, expected) in [
            ("0", "0"),
            ("1.50", "1.5"),
            ("-2.61370000000", "-2.6137"),
            ("+.5", "0.5"),
            ("5.", "5"),
            (" 7 ", "7"),
            ("1.2e3", "1200"),
            ("8E-7", "0.0000008"),
            ("0.00000000000000000000e+9", "0"),
            ("1000000000000", "1000000000000"),
            ("00000000000000000000000000000000000000000000001.25", "1.25"),
            ("0.1234567890125", "0.123456789012"),
            ("0.1234567890135", "0.123456789014"),
            ("0.12345678901250000000000000000000000000000000001", "0.123456789013"),
            ("1e-99999", "0"),
        ] {
            let amount = amount(units(text.as_bytes()).unwrap().units).unwrap();
            assert_eq!(amount.decimal().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn only_what_lies_behind_the_last_decimal_counts_as_rounded() {
        assert!(!units(b"0.123456789012000").unwrap().rounded);
        assert!(units(b"0.1234567890121").unwrap().rounded);
        assert!(units(b"1e-99999").unwrap().rounded);
    }

    #[test]
    fn what_is_no_decimal_number_or_too_large_is_told_apart() {
        for text in ["", "-", ".", "1,000.00", "$5", "NaN", "inf", "1e", "1e1234567", "0x10", "1.2.3", "1-"] {
            assert_eq!(units(text.as_bytes()), Err(Reason::NotANumber), "{text}");
        }
        for text in ["1000000000000.01", "1e13", "-1e99", "99999999999999999999999999999999999999999999"] {
            assert_eq!(units(text.as_bytes()), Err(Reason::TooLarge), "{text}");
        }
    }

    #[test]
    fn a_sum_may_be_larger_than_what_may_be_written() {
        assert_eq!(amount(MOST * 3 + 1).unwrap().decimal().to_string(), "3000000000000.000000000001");
        assert_eq!(amount(-MOST * 3 - 1).unwrap().decimal().to_string(), "-3000000000000.000000000001");
        assert_eq!(amount(i128::MAX), Err(AmountError::Inexact));
    }
}
