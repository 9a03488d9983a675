//! What is left, day by day, beside the glide path, with the fan of what will be and the shortfall at the end.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::frame::{BOTTOM, LEFT, RIGHT, TOP, between, height, legend, line, open, polygon, polyline, shown, text};
use crate::{
    commitment::{
        amount::{Amount, AmountError},
        forecast::{Ending, Point},
        model::days,
    },
    money::Currency,
};

/// What a burn-down shows.
#[derive(Debug, Clone)]
pub struct BurnDown<'a> {
    /// Its title.
    pub title: &'a str,
    /// The first day of the period.
    pub from: Date,
    /// The last day of the period.
    pub through: Date,
    /// The amount due.
    pub due: Amount,
    /// What stood against it by the end of days, the oldest first.
    pub reached: &'a [(Date, Amount)],
    /// What was to be expected by the end of days, the oldest first.
    pub glide: &'a [(Date, Amount)],
    /// What will stand against it, where anything is forecast.
    pub path: &'a [Point],
    /// The currency.
    pub currency: Currency,
}

/// Draws a burn-down. Classes: `burndown`; `axis`, `glide`, `reached`, `today`, `mid`, `fan-80`, `fan-50`, `shortfall`, `label`,
/// and `key` beside a line's own class in the legend.
/// `id` makes the picture's own ids unique within a page.
///
/// # Errors
/// When an amount is beyond bounds.
pub fn burn_down(picture: &BurnDown<'_>, id: &str) -> Result<String, AmountError> {
    let mut out = open("burndown", id, picture.title, &picture.words()?);
    line(&mut out, "axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    line(&mut out, "axis", (LEFT, TOP), (LEFT, BOTTOM));
    text(&mut out, "label", (LEFT - 6, TOP + 4), "end", &shown(picture.due, picture.currency));
    text(&mut out, "label", (LEFT - 6, BOTTOM), "end", &shown(Amount::ZERO, picture.currency));
    text(&mut out, "label", (LEFT, BOTTOM + 18), "start", &picture.from.to_string());
    text(&mut out, "label", (RIGHT, BOTTOM + 18), "end", &picture.through.to_string());
    polyline(&mut out, "glide", &picture.places(picture.glide.iter().copied())?);
    for (class, high, low) in [
        ("fan-80", (|end| end.high_80) as fn(&Ending) -> Amount, (|end| end.low_80) as fn(&Ending) -> Amount),
        ("fan-50", |end| end.high_50, |end| end.low_50),
    ] {
        let along = |pick: fn(&Ending) -> Amount| picture.ahead(pick);
        let mut points = picture.places(along(high).into_iter())?;
        let mut back = picture.places(along(low).into_iter())?;
        back.reverse();
        points.extend(back);
        if points.len() > 2 {
            polygon(&mut out, class, &points);
        }
    }
    polyline(&mut out, "mid", &picture.places(picture.ahead(|end| end.mid).into_iter())?);
    polyline(&mut out, "reached", &picture.places(picture.reached.iter().copied())?);
    picture.today(&mut out);
    picture.bracket(&mut out)?;
    let ahead = [("mid", "forecast"), ("fan-50", "fan of 50 %"), ("fan-80", "fan of 80 %")];
    let known = [("reached", "left"), ("glide", "glide path")];
    let keys = known.into_iter().chain(ahead.into_iter().filter(|_| !picture.path.is_empty()));
    legend(&mut out, &keys.collect::<Vec<_>>());
    out.push_str("</svg>\n");
    Ok(out)
}

impl BurnDown<'_> {
    /// The way ahead at one end of the fan, from where the past ends.
    fn ahead(&self, pick: fn(&Ending) -> Amount) -> Vec<(Date, Amount)> {
        let start = self.reached.last().filter(|_| !self.path.is_empty()).copied();
        start.into_iter().chain(self.path.iter().map(|point| (point.day, pick(&point.reached)))).collect()
    }

    fn left(&self, reached: Amount) -> Result<Amount, AmountError> {
        Ok(self.due.minus(reached)?.floor())
    }

    fn places(&self, amounts: impl Iterator<Item = (Date, Amount)>) -> Result<Vec<(i64, i64)>, AmountError> {
        amounts.map(|(day, reached)| Ok((self.across(day), height(self.left(reached)?, self.due)))).collect()
    }

    /// Where the past ends, with its day below unless the axis has another there.
    fn today(&self, out: &mut String) {
        let Some((day, _)) = self.reached.last() else { return };
        let x = self.across(*day);
        line(out, "today", (x, TOP), (x, BOTTOM));
        if (LEFT + 110..=RIGHT - 110).contains(&x) {
            text(out, "label", (x, BOTTOM + 18), "middle", &day.to_string());
        }
    }

    fn across(&self, day: Date) -> i64 {
        let whole = Decimal::from(days(self.from, self.through));
        between(Decimal::from(days(self.from, day)), whole, (LEFT, RIGHT))
    }

    /// What lacks on the last day, as a bracket at the right edge; how much that is stands above the plot, clear of its lines.
    fn bracket(&self, out: &mut String) -> Result<(), AmountError> {
        let Some(end) = self.path.last() else { return Ok(()) };
        let lacks = self.left(end.reached.mid)?;
        if lacks.is_zero() {
            return Ok(());
        }
        let y = height(lacks, self.due);
        polyline(out, "bracket", &[(RIGHT + 3, y), (RIGHT + 9, y), (RIGHT + 9, BOTTOM), (RIGHT + 3, BOTTOM)]);
        text(out, "label", (RIGHT + 9, TOP - 6), "end", &format!("short by {}", shown(lacks, self.currency)));
        Ok(())
    }

    fn words(&self) -> Result<String, AmountError> {
        let left = |reached| self.left(reached).map(|left| shown(left, self.currency));
        let now = match self.reached.last() {
            Some((day, reached)) => format!("{} left on {day}", left(*reached)?),
            None => "nothing counted yet".to_owned(),
        };
        let end = match self.path.last() {
            Some(Point { day, reached }) => format!(
                "; on {day} {} will be left, between {} and {}",
                left(reached.mid)?,
                left(reached.high_80)?,
                left(reached.low_80)?
            ),
            None => String::new(),
        };
        Ok(format!("{} due by {}: {now}{end}", shown(self.due, self.currency), self.through))
    }
}
