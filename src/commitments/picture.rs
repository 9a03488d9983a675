//! The pictures of a commitment on a day.

use entente_core::commitment::{
    Amount, Band,
    drawdown::PeriodFigures,
    drawing::{AtMost, Bar, BurnDown, Caption, Step, bars, burn_down, waterfall},
};
use jiff::{ToSpan, civil::Date};

use super::{CommitmentError, export::File, family::Family, footing::Footing, sight::Sight};

/// How many days of a period a curve is made of.
const POINTS: i64 = 40;

/// The curves of the current period.
#[derive(Debug, Default)]
pub struct Curves {
    /// What stood against the amount by the end of days, if as little counts as may be. They end with the days that spend was taken in
    /// for.
    pub reached: Vec<(Date, Amount)>,
    /// The same if as much counts as may be.
    pub most: Vec<(Date, Amount)>,
    /// What was to be expected beside what was carried in.
    pub glide: Vec<(Date, Amount)>,
    /// Days of the period to date of which nothing is known.
    pub unknown: Vec<(Date, Date)>,
}

/// Days of the current period at even distances, with its last one and that of the figures.
///
/// # Errors
/// When the figures of a day cannot be told.
pub fn curves(sight: &Sight, family: &Family) -> Result<Curves, CommitmentError> {
    let (period, today) = (&sight.figures.period, sight.figures.as_of);
    let length = i64::from((period.through - period.from).get_days());
    let at = |step: i64| period.from.checked_add((length * step / POINTS).days()).ok();
    let seen = sight.figures.complete_through.map(|seen| seen.min(today).min(period.through));
    let mut days: Vec<Date> = (0..=POINTS).filter_map(at).chain(seen.filter(|seen| *seen >= period.from)).collect();
    days.sort_unstable();
    days.dedup();
    let mut curves = Curves { unknown: without_data(sight, family)?, ..Curves::default() };
    for day in days {
        let then = family.figures(day)?.period;
        curves.glide.push((day, path(&then)?));
        if seen.is_some_and(|seen| day <= seen) {
            curves.reached.push((day, then.towards_ends.0));
            curves.most.push((day, then.towards_ends.1));
        }
    }
    // Of a period without data nothing is known but what it began with.
    if curves.reached.is_empty() && seen.is_some() {
        curves.reached.push((period.from, period.carried_in.least));
        curves.most.push((period.from, period.carried_in.most));
    }
    Ok(curves)
}

/// What is to stand against the amount of a period by the glide path: what was carried in, and what was to be expected beside it. The
/// less was carried in, the more was to be expected.
fn path(period: &PeriodFigures) -> Result<Amount, CommitmentError> {
    Ok(period.carried_in.least.plus(period.expected.most)?)
}

/// Days of the current period to date that nothing was taken in for.
fn without_data(sight: &Sight, family: &Family) -> Result<Vec<(Date, Date)>, CommitmentError> {
    let (period, (_, spent)) = (&sight.figures.period, family.own()?);
    let through = sight.figures.as_of.min(period.through);
    Ok(spent.days_without_data(period.from, through).into_iter().map(|gap| (gap.from, gap.through)).collect())
}

/// A burn-down of the current period.
pub fn burn<'p>(caption: Caption<'p>, sight: &'p Sight, curves: &'p Curves) -> BurnDown<'p> {
    let (period, forecast) = (&sight.figures.period, &sight.forecast);
    let least = forecast.least.as_ref().map(|forecast| forecast.path.as_slice()).unwrap_or_default();
    let most = forecast.most.as_ref().map_or(least, |forecast| forecast.path.as_slice());
    let differs = forecast.most.is_some() || curves.reached != curves.most;
    BurnDown {
        caption,
        from: period.from,
        through: period.through,
        due: period.amount,
        reached: &curves.reached,
        glide: &curves.glide,
        path: least,
        most: differs.then_some(AtMost { reached: &curves.most, path: most }),
        unknown: &curves.unknown,
        currency: sight.figures.currency,
    }
}

/// The months of the current period that have begun: what counted in each, and what it should have brought. One of which no day has
/// data is a gap; one of which some days have none says so.
///
/// # Errors
/// As [`curves`].
pub fn months(sight: &Sight, family: &Family) -> Result<Vec<Bar>, CommitmentError> {
    let (period, today) = (&sight.figures.period, sight.figures.as_of.min(sight.figures.period.through));
    let unknown = without_data(sight, family)?;
    let (mut out, mut counted, mut target) = (Vec::new(), (Amount::ZERO, Amount::ZERO), Amount::ZERO);
    let mut from = period.from;
    while from <= today {
        let last = from.last_of_month().min(period.through);
        let (now, then) = (family.figures(last.min(today))?.period.eligible, family.figures(last)?.period);
        let known = Known::of(&unknown, (from, last.min(today)));
        let path = then.expected.most;
        out.push(Bar {
            label: format!("{}{}", from.strftime("%Y-%m"), if known == Known::InPart { ", in part" } else { "" }),
            counted: match known {
                Known::Nothing => None,
                _ => Some(Band::between(now.least.minus(counted.0)?, now.most.minus(counted.1)?)),
            },
            target: path.minus(target)?,
        });
        (counted, target) = ((now.least, now.most), path);
        let Ok(next) = last.tomorrow() else { break };
        from = next;
    }
    Ok(out)
}

/// Whether there are data of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    All,
    InPart,
    Nothing,
}

impl Known {
    fn of(unknown: &[(Date, Date)], (first, last): (Date, Date)) -> Known {
        let within = unknown.iter().filter(|(from, through)| *from <= last && *through >= first);
        let mut known = Known::All;
        for (from, through) in within {
            let all = *from <= first && *through >= last;
            known = if all { Known::Nothing } else { Known::InPart };
        }
        known
    }
}

/// The pictures as SVG, each by its file's name: of the current period its burn-down and its months, and of everything that was
/// spent what counts. Each names what its figures stand on.
///
/// # Errors
/// As [`curves`].
pub fn drawn(sight: &Sight, family: &Family, footing: &Footing) -> Result<Vec<File>, CommitmentError> {
    let figures = &sight.figures;
    let (name, currency, foot) = (figures.commitment.to_string(), figures.currency, footing.lines());
    let period = format!("{name}, period {}", figures.period.number);
    let curves = curves(sight, family)?;
    let named = |title: String, part: &str| (title, format!("{name}-{part}"));
    let left = named(format!("{period}: what is left"), "burn-down");
    let monthly = named(format!("{period}: months"), "months");
    let counts = named(format!("{name}: from what was spent to what counts"), "eligible");
    let [left, monthly, counts] = [&left, &monthly, &counts].map(|(title, id)| Caption {
        title: title.as_str(),
        foot: foot.as_slice(),
        id: id.as_str(),
    });
    Ok(vec![
        (format!("{name}.burn-down.svg"), burn_down(&burn(left, sight, &curves))?),
        (format!("{name}.months.svg"), bars(monthly, &months(sight, family)?, currency)),
        (format!("{name}.eligible.svg"), waterfall(counts, figures.spent, &steps(sight), currency)?),
    ])
}

/// Why spend does not count, at either end of what is known.
fn steps(sight: &Sight) -> Vec<Step> {
    let causes = sight.figures.ineligible.iter();
    causes.map(|(cause, band)| Step { label: cause.to_string(), amount: band.least, at_most: band.most }).collect()
}
