//! A burn-down and monthly bars as plain characters: without colour, and for any width.

use jiff::civil::Date;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{AtMost, Bar, BurnDown, bars, frame::shown};
use crate::{
    commitment::{
        amount::{Amount, AmountError},
        forecast::{Ending, Point},
        model::days,
    },
    money::Currency,
};

/// The narrowest and the widest picture, in characters.
const WIDTHS: (usize, usize) = (48, 160);
/// How many lines the plot is high.
const LINES: usize = 16;

/// Draws what was spent against what is committed: up from nothing, with the glide path, the fan and what will lack. As wide as
/// `width` says, but neither narrower than 48 characters nor wider than 160.
///
/// # Errors
/// When an amount is beyond bounds.
pub fn terminal_burn_down(picture: &BurnDown<'_>, width: usize) -> Result<String, AmountError> {
    let width = width.clamp(WIDTHS.0, WIDTHS.1);
    let bracket = Bracket::of(picture)?;
    let top = top(picture);
    let axis = [top, picture.due, Amount::ZERO].map(|amount| shown(amount, picture.currency).len());
    let margin = axis.into_iter().max().unwrap_or_default() + 1;
    let columns = width.saturating_sub(margin + 4).max(8);
    let mut plot = Plot { cells: vec![vec![' '; columns]; LINES], top, from: picture.from, through: picture.through };
    plot.across('=', picture.due);
    plot.fan(picture, ':', (|end| end.low_80, |end| end.high_80));
    plot.fan(picture, '%', (|end| end.low_50, |end| end.high_50));
    plot.curve('.', picture.glide);
    plot.curve('o', &ahead(picture, |end| end.mid));
    if let Some(most) = picture.most {
        plot.curve('+', most.reached);
    }
    plot.curve('#', picture.reached);
    plot.gaps(picture.unknown);
    Ok(format!("{}\n{}{}", picture.caption.title, plot.with_axis(picture, margin, &bracket), legend(picture, &bracket)))
}

/// The highest amount of the picture.
fn top(picture: &BurnDown<'_>) -> Amount {
    let known = picture.reached.iter().chain(picture.glide).map(|(_, amount)| *amount);
    let most = picture.most.into_iter().flat_map(|most| most.reached).map(|(_, amount)| *amount);
    let ahead = picture.path.iter().chain(picture.most.into_iter().flat_map(|most| most.path));
    known.chain(most).chain(ahead.map(|point| point.reached.high_80)).chain([picture.due]).max().unwrap_or_default()
}

/// The way ahead if as little counts as may be, from where the past ends.
fn ahead(picture: &BurnDown<'_>, pick: Pick) -> Vec<(Date, Amount)> {
    let start = picture.reached.last().filter(|_| !picture.path.is_empty()).copied();
    start.into_iter().chain(picture.path.iter().map(|point| (point.day, pick(&point.reached)))).collect()
}

/// An end of the fan.
type Pick = fn(&Ending) -> Amount;

/// What will lack at the end.
struct Bracket {
    reached: Amount,
    lacks: Amount,
}

impl Bracket {
    fn of(picture: &BurnDown<'_>) -> Result<Option<Bracket>, AmountError> {
        let Some(Point { reached, .. }) = picture.path.last() else { return Ok(None) };
        let lacks = picture.due.minus(reached.mid)?.floor();
        Ok((!lacks.is_zero()).then_some(Bracket { reached: reached.mid, lacks }))
    }
}

struct Plot {
    /// The highest line first.
    cells: Vec<Vec<char>>,
    top: Amount,
    from: Date,
    through: Date,
}

impl Plot {
    /// The line of an amount, the highest one being 0.
    fn line(&self, amount: Amount) -> usize {
        let last = LINES - 1;
        let place = ratio(amount.decimal(), self.top.decimal()) * Decimal::from(last);
        last - place.round().to_usize().unwrap_or_default().min(last)
    }

    /// The column of the end of a day.
    fn column(&self, day: Date) -> usize {
        let last = self.width() - 1;
        let (part, whole) = (days(self.from, day), days(self.from, self.through));
        (ratio(Decimal::from(part), Decimal::from(whole)) * Decimal::from(last)).round().to_usize().unwrap_or_default()
    }

    fn width(&self) -> usize {
        self.cells.first().map_or(1, Vec::len)
    }

    fn put(&mut self, line: usize, column: usize, mark: char) {
        if let Some(cell) = self.cells.get_mut(line).and_then(|cells| cells.get_mut(column)) {
            *cell = mark;
        }
    }

    fn across(&mut self, mark: char, amount: Amount) {
        let line = self.line(amount);
        (0..self.width()).for_each(|column| self.put(line, column, mark));
    }

    fn curve(&mut self, mark: char, points: &[(Date, Amount)]) {
        for (column, amount) in self.steps(points) {
            let line = self.line(amount);
            self.put(line, column, mark);
        }
    }

    /// Columns of which nothing is known, at the bottom.
    fn gaps(&mut self, unknown: &[(Date, Date)]) {
        let (first, last) = (self.from, self.through);
        for (from, through) in unknown.iter().filter(|(from, through)| *from <= last && *through >= first) {
            let columns = self.column((*from).max(self.from))..=self.column((*through).min(self.through));
            for column in columns {
                self.put(LINES - 1, column, '?');
            }
        }
    }

    fn fan(&mut self, picture: &BurnDown<'_>, mark: char, (low, high): (Pick, Pick)) {
        let most = match picture.most {
            Some(AtMost { reached, path }) => ahead(&BurnDown { reached, path, most: None, ..picture.clone() }, high),
            None => ahead(picture, high),
        };
        let (low, high) = (self.steps(&ahead(picture, low)), self.steps(&most));
        for ((column, low), (_, high)) in low.into_iter().zip(high) {
            (self.line(high)..=self.line(low)).for_each(|line| self.put(line, column, mark));
        }
    }

    /// A straight line from point to point, an amount for each column that it crosses.
    fn steps(&self, points: &[(Date, Amount)]) -> Vec<(usize, Amount)> {
        let mut out: Vec<(usize, Amount)> = Vec::new();
        for (day, amount) in points.iter().filter(|(day, _)| *day >= self.from && *day <= self.through) {
            let column = self.column(*day);
            if let Some((before, start)) = out.last().copied() {
                let (whole, rise) = (column - before.min(column), amount.decimal() - start.decimal());
                for step in 1..whole {
                    let part = ratio(Decimal::from(step), Decimal::from(whole));
                    out.push((before + step, Amount::computed(start.decimal() + rise * part)));
                }
                // Of several points within one column the last one shows.
                if whole == 0 {
                    out.pop();
                }
            }
            out.push((column, *amount));
        }
        out
    }

    /// The plot with amounts to its left, the bracket to its right and days below.
    fn with_axis(&self, picture: &BurnDown<'_>, margin: usize, bracket: &Option<Bracket>) -> String {
        let (due, bottom) = (self.line(picture.due), LINES - 1);
        let ends = bracket.as_ref().map(|bracket| (due, self.line(bracket.reached)));
        let mut out = String::new();
        for (at, cells) in self.cells.iter().enumerate() {
            let label = match at {
                at if at == due => shown(picture.due, picture.currency),
                0 => shown(self.top, picture.currency),
                at if at == bottom => shown(Amount::ZERO, picture.currency),
                _ => String::new(),
            };
            let right = match ends {
                Some((high, low)) if at == high || at == low => " ]",
                Some((high, low)) if (high..low).contains(&at) => " |",
                _ => "",
            };
            let line: String = cells.iter().collect();
            let line = format!("{label:>margin$} |{line}{right}");
            out.push_str(line.trim_end());
            out.push('\n');
        }
        let (first, last) = (picture.from.to_string(), picture.through.to_string());
        let space = self.width().saturating_sub(first.len() + last.len()).max(1);
        let dashes = "-".repeat(self.width());
        format!("{out}{:>margin$} +{dashes}\n{:>margin$}  {first}{}{last}\n", "", "", " ".repeat(space))
    }
}

fn legend(picture: &BurnDown<'_>, bracket: &Option<Bracket>) -> String {
    let mut out = "  # spent so far   . glide path   = committed\n".to_owned();
    if !picture.path.is_empty() {
        out.push_str("  o forecast   % fan of 50 %   : fan of 80 %\n");
    }
    if picture.most.is_some() {
        out.push_str("  + spent so far, if as much counts as may be; the fan reaches from one end to the other\n");
    }
    if !picture.unknown.is_empty() {
        out.push_str("  ? no data\n");
    }
    if let Some(bracket) = bracket {
        out.push_str(&format!("  ] short by {} at the end\n", shown(bracket.lacks, picture.currency)));
    }
    out
}

/// Draws months as bars, with what each should have brought as `|`. As wide as `width` says, but neither narrower than 48
/// characters nor wider than 160. A month below zero has no bar, and says so.
pub fn terminal_bars(title: &str, months: &[Bar], currency: Currency, width: usize) -> String {
    let width = width.clamp(WIDTHS.0, WIDTHS.1);
    let longest = months.iter().map(|month| month.label.chars().count()).max().unwrap_or_default();
    let says: Vec<String> = months.iter().map(|month| month.says(currency)).collect();
    let words = says.iter().map(String::len).max().unwrap_or_default();
    let columns = width.saturating_sub(longest + words + 4).max(8);
    let top = bars::top(months);
    let place = |amount: Amount| {
        (ratio(amount.decimal(), top.decimal()) * Decimal::from(columns)).round().to_usize().unwrap_or_default()
    };
    let mut out = format!("{title}\n");
    for (month, says) in months.iter().zip(&says) {
        let counted = month.counted.unwrap_or_default();
        let (bar, most) = (place(counted.least), place(counted.most));
        let target = place(month.target).min(columns.saturating_sub(1));
        let line = (0..columns).map(|at| match at {
            at if at == target => '|',
            at if at < bar => '#',
            at if at < most => '+',
            _ if month.counted.is_none() => '?',
            _ => ' ',
        });
        let line: String = line.collect();
        out.push_str(&format!("{:>longest$} {line} {says:>words$}\n", month.label));
    }
    out.push_str("  # counted   | what the month should bring\n");
    out
}

/// A part of a whole, from 0 to 1.
fn ratio(part: Decimal, whole: Decimal) -> Decimal {
    if whole <= Decimal::ZERO {
        return Decimal::ZERO;
    }
    part.checked_div(whole).unwrap_or_default().clamp(Decimal::ZERO, Decimal::ONE)
}
