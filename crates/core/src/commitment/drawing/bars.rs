//! What counted in each month, beside what each month should bring.

use super::frame::{
    BOTTOM, Caption, LEFT, RIGHT, bar, close, fitting, gap, height, legend, line, may_be, open, shown, spanned, text,
    width,
};
use crate::{
    commitment::{amount::Amount, band::Band},
    money::Currency,
};

/// A month.
#[derive(Debug, Clone)]
pub struct Bar {
    /// Its name.
    pub label: String,
    /// What counted; `None` where nothing is known of it.
    pub counted: Option<Band>,
    /// What it should have brought.
    pub target: Amount,
}

impl Bar {
    /// Whether it has surely brought less than it should.
    fn is_under(&self) -> bool {
        self.counted.is_some_and(|counted| counted.most < self.target)
    }

    /// What it brought, in words.
    pub(super) fn says(&self, currency: Currency) -> String {
        let target = shown(self.target, currency);
        match self.counted {
            Some(counted) => format!("{} of {target}", spanned(counted.least, counted.most, currency)),
            None => format!("no data, {target} was expected"),
        }
    }
}

/// The highest amount of months.
pub(super) fn top(months: &[Bar]) -> Amount {
    let counted = months.iter().filter_map(|month| Some(month.counted?.most));
    counted.chain(months.iter().map(|month| month.target)).max().unwrap_or_default()
}

/// Draws months. Classes: `bars`; `axis`, `bar`, `may-be`, `gap`, `target`, `label`, `foot`, and `key target` in the legend. A month
/// below zero has no bar, one without data is a gap, and both say so.
pub fn bars(caption: Caption<'_>, months: &[Bar], currency: Currency) -> String {
    let under = months.iter().filter(|month| month.is_under()).count();
    let unknown = match months.iter().filter(|month| month.counted.is_none()).count() {
        0 => String::new(),
        some => format!(", {some} without data"),
    };
    let words = format!("{} months, {under} of them under their target{unknown}", months.len());
    let mut out = open("bars", caption, &words);
    line(&mut out, "axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    let top = top(months);
    let count = i64::try_from(months.len()).unwrap_or(i64::MAX).max(1);
    let step = ((RIGHT - LEFT) / count).max(1);
    text(&mut out, "label", (LEFT - 6, height(top, top) + 4), "end", &shown(top, currency));
    // Names that would run into each other are left out, every second, every third …
    let widest = months.iter().map(|month| width(&month.label).min(90)).max().unwrap_or(0);
    let every = ((widest + 6 + step - 1) / step).max(1);
    for (at, month) in (0..).zip(months) {
        let (x, width) = (LEFT + at * step, (step * 4 / 5).max(1));
        let says = format!("{}: {}", month.label, month.says(currency));
        match month.counted {
            Some(Band { least, most }) => {
                bar(&mut out, "bar", (x, width), (height(least, top), BOTTOM), &says);
                if most > least {
                    may_be(&mut out, (x, width), (height(most, top), height(least, top)), &says);
                }
            }
            None => gap(&mut out, (x, width), &says),
        }
        let y = height(month.target, top);
        line(&mut out, "target", (x, y), (x + width, y));
        if at % every == 0 {
            text(&mut out, "label", (x + width / 2, BOTTOM + 18), "middle", &fitting(&month.label, step * every));
        }
    }
    legend(&mut out, &[("target", "what the month should bring")]);
    close(out, caption.foot)
}
