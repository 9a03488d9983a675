//! Pace: what counts over what was to be expected.

use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;

use super::{Agreed, Course, Share, Standing, glide};
use crate::commitment::amount::AmountError;

/// The pace of the current period on a day, at one end of what is known. Within its first month single charges weigh too much
/// for it to say anything; of what has not begun or was replaced nothing is due.
pub(super) fn of(
    agreed: &Agreed<'_>,
    course: &Course,
    share: Share,
    day: Date,
) -> Result<Option<Decimal>, AmountError> {
    let Some(now) = course.current().filter(|_| course.standing == Standing::Running) else { return Ok(None) };
    let Some(period) = agreed.terms.periods.get(now.place) else { return Ok(None) };
    let begins = share.begins().map_or(period.from, |begins| begins.max(period.from));
    let first = begins.checked_add(1.month()).and_then(Date::yesterday).unwrap_or(Date::MAX);
    if day < first.min(period.through) {
        return Ok(None);
    }
    let expected = glide::in_period(agreed.terms, period, now, share.begins(), day)?;
    Ok(now.eligible()?.plus(now.paid)?.ratio(expected))
}
