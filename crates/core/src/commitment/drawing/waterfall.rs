//! From everything that was spent, cause by cause, to what counts.

use super::frame::{
    BOTTOM, Caption, RIGHT, bar, close, fitting, height, line, may_be, open, shown, spanned, text, width as wide,
};
use crate::{
    commitment::amount::{Amount, AmountError},
    money::Currency,
};

/// There are no amounts beside the axis: each column has its own.
const LEFT: i64 = 20;

/// A cause why spend does not count.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its name.
    pub label: String,
    /// How much it takes away if as little counts as may be.
    pub amount: Amount,
    /// How much it takes away if as much counts as may be.
    pub at_most: Amount,
}

/// Draws the way from `spent` to what counts: column by column if as little counts as may be, and what may count all the same in
/// lighter boxes. Classes: `waterfall`; `axis`, `spent`, `left-out`, `counts`, `may-be`, `label`, `amount`, `foot`.
///
/// # Errors
/// When an amount is beyond bounds.
pub fn waterfall(
    caption: Caption<'_>,
    spent: Amount,
    steps: &[Step],
    currency: Currency,
) -> Result<String, AmountError> {
    let counts = steps.iter().try_fold(spent, |left, step| left.minus(step.amount))?;
    let most = steps.iter().try_fold(spent, |left, step| left.minus(step.at_most))?;
    let words = format!("{} spent, {} of it counts", shown(spent, currency), spanned(counts, most, currency));
    let mut out = open("waterfall", caption, &words);
    line(&mut out, "axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    let columns = i64::try_from(steps.len()).unwrap_or(i64::MAX).saturating_add(2);
    let step = ((RIGHT - LEFT) / columns).max(1);
    // What takes away less than nothing makes a column higher than what was spent.
    let mut top = spent.max(most);
    let mut left = spent;
    for step in steps {
        left = left.minus(step.amount)?;
        top = top.max(left);
    }
    let mut column = |class: &str, at: i64, (from, to): (Amount, Amount), label: &str, ends: (Amount, Amount)| {
        let (x, width) = (LEFT + at * step, (step * 4 / 5).max(1));
        let says = format!("{label}: {}", spanned(ends.0, ends.1, currency));
        bar(&mut out, class, (x, width), (height(from, top), height(to, top)), &says);
        // Of neighbours every second name stands a line lower, so that each has the room of two.
        let lower = if at % 2 == 0 { 18 } else { 34 };
        text(&mut out, "label", (x + width / 2, BOTTOM + lower), "middle", &fitting(label, 2 * step - 8));
        // A number is never shortened; the title has it where there is no room.
        let numbers = match ends {
            (one, other) if one == other => vec![whole(one, currency)],
            (one, other) => vec![whole(one.min(other), currency), format!("to {}", whole(one.max(other), currency))],
        };
        if numbers.iter().all(|number| wide(number) <= step + 6) {
            let above = height(from, top).min(height(to, top)) - 4;
            let first = (above - 14 * i64::from(numbers.len() > 1)).max(12);
            for (number, y) in numbers.iter().zip([first, first + 14]) {
                text(&mut out, "amount", (x + width / 2, y), "middle", number);
            }
        }
    };
    column("spent", 0, (spent, Amount::ZERO), "spent", (spent, spent));
    let mut left = spent;
    for (at, step) in (1..).zip(steps) {
        let after = left.minus(step.amount)?;
        column("left-out", at, (left, after), &step.label, (step.amount, step.at_most));
        left = after;
    }
    column("counts", columns - 1, (counts, Amount::ZERO), "counts", (counts, most));
    if most > counts {
        let (x, width) = (LEFT + (columns - 1) * step, (step * 4 / 5).max(1));
        let says = format!("may count: {}", shown(most.minus(counts)?, currency));
        may_be(&mut out, (x, width), (height(most, top), height(counts, top)), &says);
    }
    Ok(close(out, caption.foot))
}

/// An amount without its currency, rounded to whole units: the titles have both.
fn whole(amount: Amount, currency: Currency) -> String {
    let shown = shown(Amount::computed(amount.decimal().round()), currency);
    let number = shown.split_once(' ').map_or(shown.as_str(), |(_, number)| number);
    number.split('.').next().unwrap_or(number).to_owned()
}
