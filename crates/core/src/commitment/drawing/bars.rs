//! What counted in each month, beside what each month should bring.

use super::frame::{BOTTOM, LEFT, RIGHT, bar, fitting, height, legend, line, open, shown, text, width};
use crate::{commitment::amount::Amount, money::Currency};

/// A month.
#[derive(Debug, Clone)]
pub struct Bar {
    /// Its name.
    pub label: String,
    /// What counted.
    pub counted: Amount,
    /// What it should have brought.
    pub target: Amount,
}

/// Draws months. Classes: `bars`; `axis`, `bar`, `target`, `label`, and `key target` in the legend. A month below zero has no bar, and says so.
pub fn bars(title: &str, months: &[Bar], currency: Currency, id: &str) -> String {
    let under = months.iter().filter(|month| month.counted < month.target).count();
    let mut out = open("bars", id, title, &format!("{} months, {under} of them under their target", months.len()));
    line(&mut out, "axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    let top = months.iter().flat_map(|month| [month.counted, month.target]).max().unwrap_or_default();
    let count = i64::try_from(months.len()).unwrap_or(i64::MAX).max(1);
    let step = ((RIGHT - LEFT) / count).max(1);
    text(&mut out, "label", (LEFT - 6, height(top, top) + 4), "end", &shown(top, currency));
    // Names that would run into each other are left out, every second, every third …
    let widest = months.iter().map(|month| width(&month.label).min(90)).max().unwrap_or(0);
    let every = ((widest + 6 + step - 1) / step).max(1);
    for (at, month) in (0..).zip(months) {
        let (x, width) = (LEFT + at * step, (step * 4 / 5).max(1));
        let says = format!("{}: {} of {}", month.label, shown(month.counted, currency), shown(month.target, currency));
        bar(&mut out, "bar", (x, width), (height(month.counted, top), BOTTOM), &says);
        let y = height(month.target, top);
        line(&mut out, "target", (x, y), (x + width, y));
        if at % every == 0 {
            text(&mut out, "label", (x + width / 2, BOTTOM + 18), "middle", &fitting(&month.label, step * every));
        }
    }
    legend(&mut out, &[("target", "what the month should bring")]);
    out.push_str("</svg>\n");
    out
}
