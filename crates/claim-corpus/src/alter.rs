//! How invoices are written otherwise, or changed a little.

use jiff::civil::Date;

use crate::{draw::Draw, record::Supplier, world::later};

/// The same number, written otherwise.
pub(crate) fn rewritten(draw: &mut Draw, number: &str) -> String {
    let swapped = |mark: &str| number.replace(['-', '/'], mark);
    let written = match draw.below(6) {
        0 => number.to_lowercase(),
        1 => swapped(" "),
        2 => swapped(""),
        3 => swapped(".").to_lowercase(),
        4 => number.replacen('0', "O", 1).replacen('1', "I", 1),
        _ => leading_zero(number),
    };
    if written == number { format!(" {number}.") } else { written }
}

/// A zero more before the last counter.
fn leading_zero(number: &str) -> String {
    let digits = number.chars().rev().take_while(char::is_ascii_digit).count();
    let (before, counter) = number.split_at(number.len() - digits);
    format!("{before}0{counter}")
}

/// Another number by a slip, or so that it looks like one.
pub(crate) fn slipped(draw: &mut Draw, number: &str) -> String {
    let mut letters: Vec<char> = number.chars().collect();
    let digits: Vec<usize> = (0..letters.len()).filter(|at| letters[*at].is_ascii_digit()).collect();
    match draw.below(3) {
        0 => {
            let at = *draw.one(&digits);
            let digit = letters[at].to_digit(10).unwrap_or(0);
            let other = (digit + 1 + u32::try_from(draw.below(9)).unwrap_or(0)) % 10;
            letters[at] = char::from_digit(other, 10).unwrap_or('0');
        }
        1 => {
            let pairs: Vec<usize> = (1..letters.len())
                .filter(|at| letters[at - 1] != letters[*at])
                .filter(|at| letters[at - 1].is_ascii_digit() && letters[*at].is_ascii_digit())
                .collect();
            if pairs.is_empty() {
                letters.push('9');
            } else {
                let at = *draw.one(&pairs);
                letters.swap(at - 1, at);
            }
        }
        _ => letters.extend(draw.one(&["-A", "/2", " R", "-C1"]).chars()),
    }
    letters.into_iter().collect()
}

/// The same tax id, written otherwise.
pub(crate) fn rewritten_tax_id(draw: &mut Draw, tax_id: &str) -> String {
    let (country, digits) = tax_id.split_at(2);
    match draw.below(4) {
        0 => tax_id.to_owned(),
        1 => format!("{country} {digits}"),
        2 => tax_id.to_lowercase(),
        _ => format!("{country}-{}.{}", &digits[..3], &digits[3..]),
    }
}

/// The same supplier with a slip in its name, at times without its tax id.
pub(crate) fn slipped_supplier(draw: &mut Draw, supplier: &Supplier) -> Supplier {
    let mut slipped = supplier.clone();
    let mut letters: Vec<char> = supplier.name.chars().collect();
    let at = draw.below(letters.len() - 5);
    match draw.below(3) {
        0 if letters[at] != ' ' => drop(letters.remove(at)),
        1 if letters[at] != ' ' => letters.insert(at, letters[at]),
        _ => {}
    }
    slipped.name = letters.into_iter().collect();
    if draw.percent(20) {
        slipped.tax_id = String::new();
    }
    slipped
}

/// An amount within one percent, a date within three days; not both as they were.
pub(crate) fn moved(draw: &mut Draw, total: i64, day: Date) -> (i64, Date) {
    let tenths = if draw.percent(40) { 0 } else { draw.within(-9, 9) };
    let moved = total + total * tenths / 1_000;
    let days = draw.within(-3, 3);
    (moved, later(day, if moved == total && days == 0 { 1 } else { days }))
}

/// The same address, written otherwise.
pub(crate) fn rewritten_address(draw: &mut Draw, address: &str) -> String {
    match draw.below(5) {
        0 => address.to_owned(),
        1 => address.to_uppercase().replace("STRASSE", "STR."),
        2 => address.replace("straße", "str.").replace("Street", "St."),
        3 => address.replace("straße", " Strasse").replace(',', ""),
        _ => match address.split_once(", ") {
            Some((street, city)) => format!("{city} - {street}"),
            None => address.to_owned(),
        },
    }
}
