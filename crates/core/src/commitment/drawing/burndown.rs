//! What is left, day by day, beside the glide path, with the fan of what will be and the shortfall at the end.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::frame::{
    BOTTOM, Caption, LEFT, RIGHT, TOP, between, close, gap, height, legend, line, open, polygon, polyline, shown,
    spanned, text,
};
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
    /// What it is called, and what it stands on.
    pub caption: Caption<'a>,
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
    /// The same if as much counts as may be, where that is not the same.
    pub most: Option<AtMost<'a>>,
    /// Days of which nothing is known.
    pub unknown: &'a [(Date, Date)],
    /// The currency.
    pub currency: Currency,
}

/// What stands and will stand against the amount if as much counts as may be.
#[derive(Debug, Clone, Copy)]
pub struct AtMost<'a> {
    /// By the end of days, the same ones as at the least.
    pub reached: &'a [(Date, Amount)],
    /// What will stand against it, where anything is forecast.
    pub path: &'a [Point],
}

/// Draws a burn-down. Classes: `burndown`; `axis`, `glide`, `reached`, `known` between both ends of what is known, `gap`, `today`,
/// `mid`, `fan-80`, `fan-50`, `bracket`, `label`, `foot`, and `key` beside a line's own class in the legend. The fan reaches from its
/// lower end if as little counts as may be to its higher end if as much does.
///
/// # Errors
/// When an amount is beyond bounds.
pub fn burn_down(picture: &BurnDown<'_>) -> Result<String, AmountError> {
    let mut out = open("burndown", picture.caption, &picture.words()?);
    line(&mut out, "axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    line(&mut out, "axis", (LEFT, TOP), (LEFT, BOTTOM));
    text(&mut out, "label", (LEFT - 6, TOP + 4), "end", &shown(picture.due, picture.currency));
    text(&mut out, "label", (LEFT - 6, BOTTOM), "end", &shown(Amount::ZERO, picture.currency));
    text(&mut out, "label", (LEFT, BOTTOM + 18), "start", &picture.from.to_string());
    text(&mut out, "label", (RIGHT, BOTTOM + 18), "end", &picture.through.to_string());
    for (from, through) in picture.unknown {
        let (left, right) = (picture.across(*from), picture.across(*through));
        gap(&mut out, (left, (right - left).max(1)), &format!("no data from {from} to {through}"));
    }
    polyline(&mut out, "glide", &picture.places(picture.glide.iter().copied())?);
    for (class, high, low) in [
        ("fan-80", (|end| end.high_80) as fn(&Ending) -> Amount, (|end| end.low_80) as fn(&Ending) -> Amount),
        ("fan-50", |end| end.high_50, |end| end.low_50),
    ] {
        let mut points = picture.places(picture.at_most().ahead(high).into_iter())?;
        let mut back = picture.places(picture.at_least().ahead(low).into_iter())?;
        back.reverse();
        points.extend(back);
        if points.len() > 2 {
            polygon(&mut out, class, &points);
        }
    }
    let most = picture.most.map(|_| picture.at_most());
    for end in [Some(picture.at_least()), most].into_iter().flatten() {
        polyline(&mut out, "mid", &picture.places(end.ahead(|end| end.mid).into_iter())?);
    }
    let reached = picture.places(picture.reached.iter().copied())?;
    if let Some(most) = most {
        let mut around = picture.places(most.reached.iter().copied())?;
        around.extend(reached.iter().rev());
        polygon(&mut out, "known", &around);
    }
    polyline(&mut out, "reached", &reached);
    picture.today(&mut out);
    picture.bracket(&mut out)?;
    let ahead = [("mid", "forecast"), ("fan-50", "fan of 50 %"), ("fan-80", "fan of 80 %")];
    let known = [("reached", "left"), ("glide", "glide path")];
    let may_be = most.map(|_| ("known", "or less"));
    let keys = known.into_iter().chain(may_be).chain(ahead.into_iter().filter(|_| !picture.path.is_empty()));
    legend(&mut out, &keys.collect::<Vec<_>>());
    Ok(close(out, picture.caption.foot))
}

impl AtMost<'_> {
    /// The way ahead at one end of the fan, from where the past ends.
    fn ahead(&self, pick: fn(&Ending) -> Amount) -> Vec<(Date, Amount)> {
        let start = self.reached.last().filter(|_| !self.path.is_empty()).copied();
        start.into_iter().chain(self.path.iter().map(|point| (point.day, pick(&point.reached)))).collect()
    }
}

impl BurnDown<'_> {
    fn at_least(&self) -> AtMost<'_> {
        AtMost { reached: self.reached, path: self.path }
    }

    /// The other end, which is the same where everything is known.
    fn at_most(&self) -> AtMost<'_> {
        self.most.unwrap_or_else(|| self.at_least())
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
        let at_least = self.at_most().path.last().map_or(Ok(lacks), |end| self.left(end.reached.mid))?;
        if lacks.is_zero() {
            return Ok(());
        }
        let y = height(lacks, self.due);
        polyline(out, "bracket", &[(RIGHT + 3, y), (RIGHT + 9, y), (RIGHT + 9, BOTTOM), (RIGHT + 3, BOTTOM)]);
        text(
            out,
            "label",
            (RIGHT + 9, TOP - 6),
            "end",
            &format!("short by {}", spanned(at_least, lacks, self.currency)),
        );
        Ok(())
    }

    fn words(&self) -> Result<String, AmountError> {
        let left = |least: Amount, most: Amount| -> Result<String, AmountError> {
            Ok(spanned(self.left(least)?, self.left(most)?, self.currency))
        };
        let (least, most) = (self.at_least(), self.at_most());
        let now = match (least.reached.last(), most.reached.last()) {
            (Some((day, least)), Some((_, most))) => format!("{} left on {day}", left(*least, *most)?),
            _ => "nothing counted yet".to_owned(),
        };
        let end = match (least.path.last(), most.path.last()) {
            (Some(Point { day, reached: least }), Some(Point { reached: most, .. })) => format!(
                "; on {day} {} will be left, between {} and {}",
                left(least.mid, most.mid)?,
                shown(self.left(most.high_80)?, self.currency),
                shown(self.left(least.low_80)?, self.currency)
            ),
            _ => String::new(),
        };
        let gaps: Vec<String> = self.unknown.iter().map(|(from, through)| format!("{from} to {through}")).collect();
        let gaps = if gaps.is_empty() { String::new() } else { format!("; no data from {}", gaps.join(", from ")) };
        Ok(format!("{} due by {}: {now}{end}{gaps}", shown(self.due, self.currency), self.through))
    }
}
