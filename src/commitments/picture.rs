//! The pictures of a commitment on a day.

use entente_core::commitment::{
    Amount,
    drawing::{Bar, BurnDown, Step, bars, burn_down, waterfall},
};
use jiff::{ToSpan, civil::Date};

use super::{CommitmentError, export::File, family::Family, sight::Sight};

/// How many days of a period a curve is made of.
const POINTS: i64 = 40;

/// The curves of the current period, if as little counts as may be.
#[derive(Debug, Default)]
pub struct Curves {
    /// What stood against the amount by the end of days.
    pub reached: Vec<(Date, Amount)>,
    /// What was to be expected.
    pub glide: Vec<(Date, Amount)>,
}

/// Days of the current period at even distances, with its last one and that of the figures.
///
/// # Errors
/// When the figures of a day cannot be told.
pub fn curves(sight: &Sight, family: &Family) -> Result<Curves, CommitmentError> {
    let (period, today) = (&sight.figures.period, sight.figures.as_of);
    let length = i64::from((period.through - period.from).get_days());
    let at = |step: i64| period.from.checked_add((length * step / POINTS).days()).ok();
    let mut days: Vec<Date> = (0..=POINTS).filter_map(at).chain([today.clamp(period.from, period.through)]).collect();
    days.sort_unstable();
    days.dedup();
    let mut curves = Curves::default();
    for day in days {
        let then = family.figures(day)?;
        curves.glide.push((day, then.period.expected.least));
        if day <= today {
            curves.reached.push((day, then.period.towards.least));
        }
    }
    Ok(curves)
}

/// A burn-down of the current period.
pub fn burn<'p>(title: &'p str, sight: &'p Sight, curves: &'p Curves) -> BurnDown<'p> {
    let period = &sight.figures.period;
    BurnDown {
        title,
        from: period.from,
        through: period.through,
        due: period.amount,
        reached: &curves.reached,
        glide: &curves.glide,
        path: sight.forecast.least.as_ref().map(|forecast| forecast.path.as_slice()).unwrap_or_default(),
        currency: sight.figures.currency,
    }
}

/// The months of the current period that have begun: what counted in each, and what it should have brought.
///
/// # Errors
/// As [`curves`].
pub fn months(sight: &Sight, family: &Family) -> Result<Vec<Bar>, CommitmentError> {
    let (period, today) = (&sight.figures.period, sight.figures.as_of.min(sight.figures.period.through));
    let (mut out, mut counted, mut target) = (Vec::new(), Amount::ZERO, Amount::ZERO);
    let mut from = period.from;
    while from <= today {
        let last = from.last_of_month().min(period.through);
        let (now, then) = (family.figures(last.min(today))?.period, family.figures(last)?.period);
        out.push(Bar {
            label: from.strftime("%Y-%m").to_string(),
            counted: now.eligible.least.minus(counted)?,
            target: then.expected.least.minus(target)?,
        });
        (counted, target) = (now.eligible.least, then.expected.least);
        let Ok(next) = last.tomorrow() else { break };
        from = next;
    }
    Ok(out)
}

/// The pictures as SVG, each by its file's name: of the current period its burn-down and its months, and of everything that was
/// spent what counts.
///
/// # Errors
/// As [`curves`].
pub fn drawn(sight: &Sight, family: &Family) -> Result<Vec<File>, CommitmentError> {
    let figures = &sight.figures;
    let (id, currency) = (figures.commitment.to_string(), figures.currency);
    let period = format!("{id}, period {}", figures.period.number);
    let curves = curves(sight, family)?;
    let left = burn_down(&burn(&format!("{period}: what is left"), sight, &curves), &format!("{id}-burn-down"))?;
    let months = bars(&format!("{period}: months"), &months(sight, family)?, currency, &format!("{id}-months"));
    let title = format!("{id}: from what was spent to what counts");
    let counts = waterfall(&title, figures.spent, &steps(sight), currency, &format!("{id}-eligible"))?;
    Ok(vec![
        (format!("{id}.burn-down.svg"), left),
        (format!("{id}.months.svg"), months),
        (format!("{id}.eligible.svg"), counts),
    ])
}

/// Why spend does not count, if as little counts as may be.
fn steps(sight: &Sight) -> Vec<Step> {
    let causes = sight.figures.ineligible.iter();
    causes.map(|(cause, band)| Step { label: cause.to_string(), amount: band.least }).collect()
}
