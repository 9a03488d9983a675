//! The current period as plain characters.

use entente_core::commitment::drawing::{BurnDown, terminal_burn_down};
use jiff::{ToSpan, civil::Date};

use crate::{
    cli::{failure::Failure, output::Out},
    commitments::{CommitmentError, ahead::Outcome, family::Family, sight::Sight},
};

/// How many days of a period the picture is made of.
const POINTS: i64 = 40;

/// Draws what was spent of the current period and where it will end, as wide as the terminal.
pub fn draw(out: &Out, sight: &Sight, family: &Family) -> Result<(), Failure> {
    let figures = &sight.figures;
    let period = &figures.period;
    let (mut reached, mut glide) = (Vec::new(), Vec::new());
    for day in sampled(period.from, period.through, figures.as_of) {
        let then = family.figures(day)?;
        glide.push((day, then.period.expected.least));
        if day <= figures.as_of {
            reached.push((day, then.period.towards.least));
        }
    }
    let Outcome { least, .. } = &sight.forecast;
    let title = format!("{}, period {}", figures.commitment, period.number);
    let picture = BurnDown {
        title: &title,
        from: period.from,
        through: period.through,
        due: period.amount,
        reached: &reached,
        glide: &glide,
        path: least.as_ref().map(|forecast| forecast.path.as_slice()).unwrap_or_default(),
        currency: figures.currency,
    };
    let drawn = terminal_burn_down(&picture, out.width()).map_err(CommitmentError::from)?;
    out.heading("burn-down");
    out.data(&drawn);
    Ok(())
}

/// Days of a period at even distances, with its last one and today.
fn sampled(from: Date, through: Date, today: Date) -> Vec<Date> {
    let length = i64::from((through - from).get_days());
    let at = |step: i64| from.checked_add((length * step / POINTS).days()).ok();
    let mut days: Vec<Date> = (0..=POINTS).filter_map(at).chain([today.clamp(from, through)]).collect();
    days.sort_unstable();
    days.dedup();
    days
}
