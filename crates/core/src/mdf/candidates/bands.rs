//! Bands: amounts, days and pictures that are close share one, or have neighbouring ones.

use std::ops::RangeInclusive;

use jiff::civil::{Date, date};

/// How many parts a picture's hash is divided into. Of pictures that differ in at most 14 bits, one part differs in at
/// most two; in at most nine bits, in at most one.
const PARTS: u32 = 5;

/// The most bits in which pictures that are found may differ.
pub(super) const MOST_BITS: u32 = 14;

/// Bands within one doubling of an amount, as a power of two: each is 1.6 to 3.1 % wide.
const FINE: u32 = 5;

/// The band of an amount in minor units, which grows with it.
fn amount_band(minor: u64) -> u64 {
    let bits = u64::BITS - minor.leading_zeros();
    if bits <= FINE + 1 {
        return minor;
    }
    let shift = bits - FINE - 1;
    (u64::from(shift) << FINE) + (minor >> shift)
}

/// The bands of all amounts that differ from this one by at most `apart`; one band where that is zero.
pub(super) fn amount_bands(minor: i64, apart: u64) -> RangeInclusive<u64> {
    let amount = minor.unsigned_abs();
    amount_band(amount.saturating_sub(apart))..=amount_band(amount.saturating_add(apart))
}

/// Days since 1970-01-01.
pub(super) fn day_number(day: Date) -> i64 {
    day.duration_since(date(1970, 1, 1)).as_hours().div_euclid(24)
}

/// The bands, seven days each, of all days that are at most `apart` days away.
pub(super) fn weeks(day: Date, apart: u32) -> RangeInclusive<i64> {
    let (day, apart) = (day_number(day), i64::from(apart));
    (day - apart).div_euclid(7)..=(day + apart).div_euclid(7)
}

/// The parts of a hash, each with its place: the first four of 13 bits, the last of 12.
pub(super) fn parts(hash: u64) -> impl Iterator<Item = (u32, u64, u32)> {
    (0..PARTS).map(move |at| {
        let width = if at + 1 < PARTS { 13 } else { 12 };
        (at, (hash >> (13 * at)) & ((1 << width) - 1), width)
    })
}

/// The values of a part that differ from it in so few bits that no picture within `bits` is missed.
pub(super) fn neighbours(part: u64, width: u32, bits: u32) -> Vec<u64> {
    let radius = bits.min(MOST_BITS) / PARTS;
    let mut values = vec![part];
    for first in 0..width {
        if radius >= 1 {
            values.push(part ^ (1 << first));
        }
        for second in first + 1..width {
            if radius >= 2 {
                values.push(part ^ (1 << first) ^ (1 << second));
            }
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_of_amounts_grow_with_them_and_are_narrow() {
        let mut before = 0;
        for minor in 0..200_000_u64 {
            let band = amount_band(minor);
            assert!(band == before || band == before + 1, "{minor}: {band} after {before}");
            before = band;
        }
        assert_eq!(amount_band(10_000), amount_band(10_100));
        assert_ne!(amount_band(10_000), amount_band(10_400));
        assert!(amount_band(u64::MAX) > amount_band(u64::MAX / 2));
    }

    #[test]
    fn pictures_within_eight_bits_share_a_part_or_a_neighbour_of_one() {
        let hash = 0x0123_4567_89ab_cdef_u64;
        for flips in [0xff_u64, 0x8080_8080_8080_8080, 0x0101_0101_0101_0101, 0x1111_1111] {
            let other = hash ^ flips;
            assert_eq!((hash ^ other).count_ones(), 8);
            let met = parts(hash).zip(parts(other)).any(|(own, one)| neighbours(own.1, own.2, 8).contains(&one.1));
            assert!(met, "{flips:x}");
        }
    }

    #[test]
    fn days_within_three_are_in_the_weeks_asked_for() {
        let day = date(2027, 3, 1);
        for apart in -3..=3_i64 {
            let other = day.checked_add(jiff::Span::new().days(apart)).unwrap();
            let own = *weeks(other, 0).start();
            assert!(weeks(day, 3).contains(&own), "{other}");
        }
        assert!(weeks(day, 3).count() <= 2);
    }
}
