//! How much of a fund is likely to be used, and how much to lapse.

use jiff::civil::Date;
use serde::Serialize;

use crate::money::{Money, MoneyError};

/// How a fund stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    /// What it was given, less what has lapsed.
    pub given: Money,
    /// What is held, owed and paid of it.
    pub committed: Money,
    /// The first day of its time.
    pub from: Date,
    /// The last day of its time.
    pub until: Date,
}

/// What is likely to become of a fund by its last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// What may still be reserved.
    pub free: Money,
    /// How many days are left, the present one included; none once its time is over.
    pub days_left: i64,
    /// What will be committed by its last day if it goes on as it went so far; at most what was given. Rounded down.
    pub expected: Money,
    /// What lapses then.
    pub likely_to_lapse: Money,
}

/// What is likely to become of a fund, seen on a day: the pace so far goes on until the last day.
///
/// # Errors
/// When the amounts are of different currencies, or too large to be kept exactly.
pub fn forecast(used: &Use, today: Date) -> Result<Forecast, MoneyError> {
    let free = used.given.minus(used.committed)?;
    let days = |from: Date, until: Date| i64::from(until.since(from).map(|span| span.get_days()).unwrap_or(0)) + 1;
    let days_left = days(today.max(used.from), used.until).max(0);
    let elapsed = days(used.from, today.min(used.until)).max(0);
    let pace = match elapsed {
        0 => i128::from(used.committed.minor),
        elapsed => i128::from(used.committed.minor) * i128::from(days(used.from, used.until)) / i128::from(elapsed),
    };
    let expected = pace.min(i128::from(used.given.minor)).max(i128::from(used.committed.minor));
    let minor = i64::try_from(expected).map_err(|_| MoneyError::Overflow)?;
    let expected = Money { minor, ..used.given };
    Ok(Forecast { free, days_left, expected, likely_to_lapse: used.given.minus(expected)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(minor: i64) -> Money {
        Money { minor, currency: "EUR".parse().unwrap() }
    }

    fn seen(committed: i64, today: &str) -> Forecast {
        let (from, until) = ("2027-01-01".parse().unwrap(), "2027-04-10".parse().unwrap());
        let used = Use { given: eur(100_000), committed: eur(committed), from, until };
        forecast(&used, today.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_pace_so_far_goes_on_to_the_last_day() {
        // A hundred days; after 25 of them a tenth is committed, so four tenths will be.
        let quarter = seen(10_000, "2027-01-25");
        assert_eq!((quarter.days_left, quarter.free), (76, eur(90_000)));
        assert_eq!((quarter.expected, quarter.likely_to_lapse), (eur(40_000), eur(60_000)));
    }

    #[test]
    fn no_more_is_expected_than_was_given_and_no_less_than_is_committed() {
        assert_eq!(seen(60_000, "2027-01-10").expected, eur(100_000));
        assert_eq!(seen(60_000, "2027-01-10").likely_to_lapse, eur(0));
        assert_eq!(seen(30_000, "2027-04-10").expected, eur(30_000), "on the last day nothing more comes");
    }

    #[test]
    fn before_its_first_day_and_after_its_last_nothing_goes_on() {
        let before = seen(5_000, "2026-12-01");
        assert_eq!((before.days_left, before.expected), (100, eur(5_000)));
        let after = seen(70_000, "2027-05-01");
        assert_eq!((after.days_left, after.likely_to_lapse), (0, eur(30_000)));
    }
}
