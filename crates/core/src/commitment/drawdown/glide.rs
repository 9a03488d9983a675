//! The glide path: how much was to be expected by a day.

use jiff::civil::Date;

use super::PeriodCourse;
use crate::commitment::{
    amount::{Amount, AmountError},
    model::{Glide, Period, Terms, days},
};

/// A multiple of 28, 29, 30 and 31: with it, parts of months are whole numbers.
const MONTHS: i64 = 377_580;

/// What was to be expected in a period by a day: from one amount due to the next along the glide path. The path of what
/// waited for its former begins on the day on which it could begin; what was due before is no longer on it.
pub(super) fn in_period(
    terms: &Terms,
    period: &Period,
    course: &PeriodCourse,
    begins: Option<Date>,
    day: Date,
) -> Result<Amount, AmountError> {
    let begins = begins.map_or(period.from, |begins| begins.max(period.from));
    let (mut from, mut before) = (begins, Amount::ZERO);
    let due = period.milestones.iter().map(|due| (due.through, due.amount)).chain([(period.through, period.amount)]);
    for (through, amount) in due.filter(|(through, _)| *through >= begins) {
        let target = course.target(amount)?;
        if day <= through {
            let (done, whole) = (length(&terms.glide, from, day), length(&terms.glide, from, through));
            return before.plus(target.minus(before)?.part(done, whole)?);
        }
        from = through.tomorrow().unwrap_or(Date::MAX);
        before = target;
    }
    Ok(before)
}

/// What was to be expected over the whole term by a day, nothing handed on.
pub(super) fn in_term(terms: &Terms, begins: Option<Date>, day: Date) -> Result<Amount, AmountError> {
    if terms.glide == Glide::Linear {
        let first = begins.map_or(terms.starts(), |begins| begins.max(terms.starts()));
        return terms.committed()?.part(days(first, day.min(terms.ends())), days(first, terms.ends()));
    }
    let mut expected = Amount::ZERO;
    for period in terms.periods.iter().filter(|period| period.from <= day) {
        expected = expected.plus(in_period(terms, period, &PeriodCourse::default(), begins, day)?)?;
    }
    Ok(expected)
}

/// How long some days are: each counts one, or with the weight of its month.
fn length(glide: &Glide, from: Date, through: Date) -> i64 {
    let Glide::Seasonal(weights) = glide else { return days(from, through) };
    let (mut sum, mut day) = (0, from);
    while day <= through {
        let end = day.last_of_month().min(through);
        let weight = weights.get(usize::from(day.month().unsigned_abs()) - 1).copied().unwrap_or(1);
        sum += i64::from(weight) * days(day, end) * (MONTHS / i64::from(day.days_in_month()));
        let Ok(next) = end.tomorrow() else { break };
        day = next;
    }
    sum
}
