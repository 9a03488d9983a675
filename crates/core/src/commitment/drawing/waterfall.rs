//! From everything that was spent, cause by cause, to what counts.

use super::frame::{BOTTOM, RIGHT, bar, fitting, height, line, open, shown, text, width as wide};
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
    /// How much it takes away.
    pub amount: Amount,
}

/// Draws the way from `spent` to what counts. Classes: `waterfall`; `axis`, `spent`, `left-out`, `counts`,
/// `label`, `amount`.
///
/// # Errors
/// When an amount is beyond bounds.
pub fn waterfall(
    title: &str,
    spent: Amount,
    steps: &[Step],
    currency: Currency,
    id: &str,
) -> Result<String, AmountError> {
    let counts = steps.iter().try_fold(spent, |left, step| left.minus(step.amount))?;
    let words = format!("{} spent, {} of it counts", shown(spent, currency), shown(counts, currency));
    let mut out = open("waterfall", id, title, &words);
    line(&mut out, "axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    let columns = i64::try_from(steps.len()).unwrap_or(i64::MAX).saturating_add(2);
    let step = ((RIGHT - LEFT) / columns).max(1);
    // What takes away less than nothing makes a column higher than what was spent.
    let mut top = spent;
    let mut left = spent;
    for step in steps {
        left = left.minus(step.amount)?;
        top = top.max(left);
    }
    let mut column = |class: &str, at: i64, (from, to): (Amount, Amount), label: &str, amount: Amount| {
        let (x, width) = (LEFT + at * step, (step * 4 / 5).max(1));
        let says = format!("{label}: {}", shown(amount, currency));
        bar(&mut out, class, (x, width), (height(from, top), height(to, top)), &says);
        // Of neighbours every second name stands a line lower, so that each has the room of two.
        let lower = if at % 2 == 0 { 18 } else { 34 };
        text(&mut out, "label", (x + width / 2, BOTTOM + lower), "middle", &fitting(label, 2 * step - 8));
        let above = height(from, top).min(height(to, top)) - 4;
        // A number is never shortened; the title has it where there is no room.
        let number = whole(amount, currency);
        if wide(&number) <= step + 6 {
            text(&mut out, "amount", (x + width / 2, above), "middle", &number);
        }
    };
    column("spent", 0, (spent, Amount::ZERO), "spent", spent);
    let mut left = spent;
    for (at, step) in (1..).zip(steps) {
        let after = left.minus(step.amount)?;
        column("left-out", at, (left, after), &step.label, step.amount);
        left = after;
    }
    column("counts", columns - 1, (counts, Amount::ZERO), "counts", counts);
    out.push_str("</svg>\n");
    Ok(out)
}

/// An amount without its currency and its minor units: the titles have both.
fn whole(amount: Amount, currency: Currency) -> String {
    let shown = shown(amount, currency);
    let number = shown.split_once(' ').map_or(shown.as_str(), |(_, number)| number);
    number.split('.').next().unwrap_or(number).to_owned()
}
