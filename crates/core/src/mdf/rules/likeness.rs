//! How alike two texts or pictures are, in whole numbers.

use std::cmp::Ordering;

use crate::mdf::model::{Invoice, InvoiceUse, Supplier};

/// A text as it is compared: letters and digits alone, in lower case.
pub(in crate::mdf) fn normalised(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// An id as it is compared: normalised, and letters that are read for digits as those digits. The confusion loses
/// nothing, because an id never decides alone: date and total are compared beside it.
pub(crate) fn folded(text: &str) -> String {
    normalised(text).chars().map(digit_like).collect()
}

fn digit_like(letter: char) -> char {
    match letter {
        'o' => '0',
        'i' | 'l' => '1',
        'z' => '2',
        's' => '5',
        'b' => '8',
        other => other,
    }
}

/// An invoice number in the two forms under which it is the same: folded as a whole, and with the leading zeros of each
/// of its counters removed, as `RE-2027-0017` and `re 2027/17`.
pub(in crate::mdf) fn number_forms(number: &str) -> [String; 2] {
    let mut counters = String::new();
    let mut leading = true;
    for letter in number.chars().flat_map(char::to_lowercase) {
        let folded = digit_like(letter);
        if !folded.is_ascii_digit() {
            leading = true;
        }
        if folded.is_alphanumeric() && !(leading && folded == '0') {
            counters.push(folded);
            leading = !folded.is_ascii_digit();
        }
    }
    [folded(number), counters]
}

/// Whether two invoice numbers are one, written in two ways.
pub(crate) fn same_number(left: &str, right: &str) -> bool {
    let ([left, left_counters], [right, right_counters]) = (number_forms(left), number_forms(right));
    left == right || (!left_counters.is_empty() && left_counters == right_counters)
}

/// Whether two invoice numbers differ by a slip: one character, two exchanged, or something before or after.
pub(super) fn slipped_number(left: &str, right: &str) -> bool {
    const SHORTEST: usize = 3;
    const ADDED: usize = 5;
    if same_number(left, right) {
        return true;
    }
    let (left, right) = (folded(left), folded(right));
    let (short, long) = if left.len() <= right.len() { (&left, &right) } else { (&right, &left) };
    let part = short.len() >= SHORTEST && long.len() - short.len() <= ADDED;
    if part && (long.starts_with(short.as_str()) || long.ends_with(short.as_str())) {
        return true;
    }
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    short.len() >= SHORTEST && (exchanged(&left, &right) || distance(&left, &right) <= 1)
}

/// Whether two texts differ in two neighbours that are exchanged.
fn exchanged(left: &[char], right: &[char]) -> bool {
    let differing: Vec<usize> =
        left.iter().zip(right).enumerate().filter(|(_, (a, b))| a != b).map(|(at, _)| at).take(3).collect();
    let [first, second] = differing.as_slice() else { return false };
    left.len() == right.len()
        && first + 1 == *second
        && left.get(*first) == right.get(*second)
        && left.get(*second) == right.get(*first)
}

/// How many numbers lie between two that differ in one counter alone: what is greater, and by how much.
pub(super) fn steps(left: &str, right: &str) -> Option<(Ordering, u64)> {
    let (left, right) = (runs(left), runs(right));
    let mut differing = left.iter().zip(&right).filter(|(one, other)| one != other);
    let (Some((one, other)), None) = (differing.next(), differing.next()) else { return None };
    let (one, other): (u64, u64) = (one.parse().ok()?, other.parse().ok()?);
    (left.len() == right.len()).then(|| (one.cmp(&other), one.abs_diff(other)))
}

/// A number's runs of digits and of letters, with letters that are read for digits as those.
pub(super) fn runs(number: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut before = None;
    for letter in number.chars().flat_map(char::to_lowercase).map(digit_like) {
        let kind = letter.is_alphanumeric().then(|| letter.is_ascii_digit());
        match (kind, runs.last_mut()) {
            (Some(_), Some(run)) if kind == before => run.push(letter),
            (Some(_), _) => runs.push(letter.to_string()),
            (None, _) => {}
        }
        before = kind;
    }
    runs
}

/// Whether two suppliers have one tax id.
pub(in crate::mdf) fn same_tax_id(left: &Supplier, right: &Supplier) -> bool {
    let left = folded(&left.tax_id);
    !left.is_empty() && left == folded(&right.tax_id)
}

/// Whether two invoices are one: supplier, number, date and total, however they are written.
pub(super) fn same_invoice(own: &Invoice, other: &InvoiceUse) -> bool {
    own.date == other.date
        && own.total == other.total
        && folded(&own.supplier.tax_id) == folded(&other.supplier.tax_id)
        && same_number(&own.number, &other.number)
}

/// An address as it is compared: its words in one order, without postal codes, streets written in one way. Empty where
/// no house number is among them: a town alone is shared by many.
pub(in crate::mdf) fn address_form(address: &str) -> String {
    let lower = address.to_lowercase().replace('ß', "ss");
    let mut words: Vec<String> = Vec::new();
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = match word {
            "street" => "st",
            "road" => "rd",
            "avenue" => "ave",
            "boulevard" => "blvd",
            "lane" => "ln",
            "drive" => "dr",
            "ste" => "suite",
            other => other,
        };
        match (word.strip_suffix("strasse").or_else(|| word.strip_suffix("str")), words.last_mut()) {
            (Some(""), Some(name)) => name.push_str("strasse"),
            (Some(name), _) => words.push(format!("{name}strasse")),
            (None, _) => words.push(word.to_owned()),
        }
    }
    // The shortest number is the house's; a longer one of four digits or more is a postal code.
    let digits = |word: &String| word.chars().take_while(char::is_ascii_digit).count();
    let Some(house) = words.iter().map(digits).filter(|count| *count > 0).min() else { return String::new() };
    words.retain(|word| digits(word) < 4 || digits(word) == house);
    words.sort_unstable();
    words.join(" ")
}

/// How alike two texts are, in percent: 100 less the share of characters that have to be changed, added or removed.
pub(super) fn similarity(left: &str, right: &str) -> u32 {
    let left: Vec<char> = normalised(left).chars().take(200).collect();
    let right: Vec<char> = normalised(right).chars().take(200).collect();
    let longest = left.len().max(right.len());
    if longest == 0 {
        return 0;
    }
    let same = longest - distance(&left, &right).min(longest);
    u32::try_from(same * 100 / longest).unwrap_or(0)
}

/// The number of characters to change, add or remove.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, from) in left.iter().enumerate() {
        let mut diagonal = at;
        let mut before = at + 1;
        let mut next = vec![before];
        for (to, above) in right.iter().zip(row.iter().skip(1)) {
            let changed = diagonal + usize::from(from != to);
            before = changed.min(above + 1).min(before + 1);
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// In how many bits two perceptual hashes differ.
pub(in crate::mdf) fn picture_distance(left: u64, right: u64) -> u32 {
    (left ^ right).count_ones()
}
