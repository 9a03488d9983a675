//! The models. Each tells the months ahead from the months before, or that it cannot yet.

use rust_decimal::Decimal;
use serde::Serialize;

/// The months of a year.
const YEAR: usize = 12;

/// The months that a run rate is taken from.
const RECENT: usize = 3;

/// The most by which a season is thought to grow within a year.
const GROWTH_MAX: Decimal = Decimal::TEN;

/// A way to tell the months ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// Every month as the mean of the last three.
    RunRate,
    /// Along the straight line through the last twelve months at most.
    Linear,
    /// As the same month a year ago, times what the last months have grown by since then.
    Seasonal,
}

impl Model {
    /// Every model; of equal ones the first is preferred.
    pub const ALL: [Model; 3] = [Model::RunRate, Model::Linear, Model::Seasonal];

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Model::RunRate => "run rate",
            Model::Linear => "straight line",
            Model::Seasonal => "season",
        }
    }

    /// The fewest months that it needs.
    pub fn months_min(self) -> usize {
        match self {
            Model::RunRate => RECENT,
            Model::Linear => 4,
            Model::Seasonal => YEAR + 1,
        }
    }

    /// The months ahead, none below zero; `None` where it cannot tell.
    pub(super) fn ahead(self, before: &[Decimal], count: usize) -> Option<Vec<Decimal>> {
        if before.len() < self.months_min() {
            return None;
        }
        let months = match self {
            Model::RunRate => vec![mean(last(before, RECENT))?; count],
            Model::Linear => line(last(before, YEAR), count)?,
            Model::Seasonal => season(before, count)?,
        };
        Some(months.into_iter().map(|month| month.max(Decimal::ZERO)).collect())
    }
}

fn last(months: &[Decimal], count: usize) -> &[Decimal] {
    months.get(months.len().saturating_sub(count)..).unwrap_or(months)
}

fn sum(months: &[Decimal]) -> Option<Decimal> {
    months.iter().try_fold(Decimal::ZERO, |sum, month| sum.checked_add(*month))
}

fn mean(months: &[Decimal]) -> Option<Decimal> {
    sum(months)?.checked_div(Decimal::from(months.len()))
}

/// Least squares over the places 0, 1, 2 …
fn line(months: &[Decimal], count: usize) -> Option<Vec<Decimal>> {
    let middle = mean(months)?;
    let centre = Decimal::from(months.len() - 1) / Decimal::TWO;
    let (mut above, mut below) = (Decimal::ZERO, Decimal::ZERO);
    for (at, month) in months.iter().enumerate() {
        let away = Decimal::from(at) - centre;
        above = above.checked_add(away.checked_mul(*month)?)?;
        below += away * away;
    }
    let slope = above.checked_div(below)?;
    let at = |place: usize| slope.checked_mul(Decimal::from(place) - centre)?.checked_add(middle);
    (months.len()..months.len() + count).map(at).collect()
}

fn season(before: &[Decimal], count: usize) -> Option<Vec<Decimal>> {
    let compared = (before.len() - YEAR).min(YEAR);
    let now = sum(last(before, compared))?;
    let then = sum(last(before.get(..before.len() - YEAR)?, compared))?;
    if then <= Decimal::ZERO {
        return None;
    }
    let growth = now.checked_div(then)?.clamp(Decimal::ZERO, GROWTH_MAX);
    let mut months = before.to_vec();
    for _ in 0..count {
        months.push(months.get(months.len() - YEAR)?.checked_mul(growth)?);
    }
    months.get(before.len()..).map(<[Decimal]>::to_vec)
}
