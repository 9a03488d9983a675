//! How wide a model's fan is: as wide as the model was wrong before, and by as much wider as fans that were drawn so have missed.
//!
//! A fan of few or of old errors is too narrow where a customer's spend becomes harder to tell, and its own past shows by how much:
//! each past has a fan that was drawn from what was known before it. What it missed by, in its order, says what would have to be
//! added for as many pasts to lie within as should (split conformal prediction, of the distance to a band that is there already).

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Serialize;

use super::backtest::Point;

/// The fewest errors of one distance that its fan is made of; with fewer, nearer and farther ones are asked too. Also the fewest
/// pasts by which fans are measured.
const POINTS_MIN: usize = 5;

/// The parts of the past that the narrow and the wide fan are to hold, in hundredths.
const NARROW: u32 = 50;
const WIDE: u32 = 80;

/// The widest fan: ten times what is forecast to either side.
const WIDTH_MAX: Decimal = Decimal::TEN;

/// How often the past fell into fans.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Into the narrow one, which is to hold 50 in 100.
    pub narrow: usize,
    /// Into the wide one, which is to hold 80 in 100.
    pub wide: usize,
    /// Out of so many.
    pub of: usize,
}

/// How wide a fan is: relative to what is forecast.
#[derive(Debug, Clone, Copy)]
pub(super) struct Width {
    pub(super) narrow: Decimal,
    pub(super) wide: Decimal,
    /// Whether too little was seen: errors of other distances had to do, or the worst of all, or hardly a past had a fan.
    pub(super) thin: bool,
}

/// A past, and the fan that was drawn from what was known before it.
struct Past<'e> {
    point: &'e Point,
    drawn: Width,
}

impl Past<'_> {
    /// Whether what came lay within a fan of a width: around a forecast of nothing, only nothing does.
    fn within(&self, width: Decimal) -> bool {
        self.point.relative().map_or(self.point.error().is_zero(), |error| error <= width)
    }

    /// By how much it missed a fan; below zero where it lay within, and `None` where no width would have held it.
    fn missed(&self, width: Decimal) -> Option<Decimal> {
        Some(self.point.relative()?.min(WIDTH_MAX) - width)
    }
}

/// The fans of a model.
pub(super) struct Fans<'e> {
    known: Vec<&'e Point>,
    pasts: Vec<Past<'e>>,
}

impl<'e> Fans<'e> {
    /// Those of the model whose forecasts of the past these are.
    pub(super) fn of(known: Vec<&'e Point>) -> Fans<'e> {
        let mut pasts = Vec::new();
        for point in &known {
            let before = known.iter().filter(|known| known.origin + known.distance <= point.origin);
            let before: Vec<&Point> = before.copied().collect();
            if before.len() >= POINTS_MIN {
                pasts.push(Past { point, drawn: drawn(&before, point.distance) });
            }
        }
        Fans { known, pasts }
    }

    /// How wide the fan is at a distance.
    pub(super) fn width(&self, distance: usize) -> Width {
        let drawn = drawn(&self.known, distance);
        let widened = |width: Decimal, lacks: Decimal| (width + lacks).min(WIDTH_MAX);
        let narrow = widened(drawn.narrow, self.lacks(distance, NARROW, |fan| fan.narrow));
        let wide = widened(drawn.wide, self.lacks(distance, WIDE, |fan| fan.wide)).max(narrow);
        Width { narrow, wide, thin: drawn.thin || self.pasts.len() < POINTS_MIN }
    }

    /// What fans of the past lacked for so many in a hundred of it to lie within; nothing where they held as much as they should.
    fn lacks(&self, distance: usize, part: u32, of: fn(&Width) -> Decimal) -> Decimal {
        let missed = |wanted: &dyn Fn(usize) -> bool| -> Vec<Decimal> {
            let pasts = self.pasts.iter().filter(|past| wanted(past.point.distance));
            pasts.filter_map(|past| past.missed(of(&past.drawn))).collect()
        };
        let own = missed(&|other| other == distance);
        let missed = if own.len() < POINTS_MIN { missed(&|_| true) } else { own };
        ranked(missed, part).unwrap_or(Decimal::ZERO).max(Decimal::ZERO)
    }

    /// How often the past fell into the fans that were drawn from what was known before it, as they were drawn.
    pub(super) fn coverage(&self) -> Coverage {
        self.held(|past| past.drawn)
    }

    /// How often it would have, had they been widened by what they lack now.
    pub(super) fn widened(&self) -> Coverage {
        self.held(|past| {
            let Past { point, drawn } = past;
            let narrow = drawn.narrow + self.lacks(point.distance, NARROW, |fan| fan.narrow);
            let wide = drawn.wide + self.lacks(point.distance, WIDE, |fan| fan.wide);
            Width { narrow, wide: wide.max(narrow), ..*drawn }
        })
    }

    fn held(&self, fan: impl Fn(&Past<'_>) -> Width) -> Coverage {
        let mut coverage = Coverage::default();
        for past in &self.pasts {
            let fan = fan(past);
            coverage.of += 1;
            coverage.narrow += usize::from(past.within(fan.narrow));
            coverage.wide += usize::from(past.within(fan.wide));
        }
        coverage
    }
}

/// The fan of the errors of one distance, or of all distances where there are too few.
fn drawn(points: &[&Point], distance: usize) -> Width {
    let of = |wanted: &dyn Fn(usize) -> bool| -> Vec<Decimal> {
        points.iter().filter(|point| wanted(point.distance)).filter_map(|point| point.relative()).collect()
    };
    let own = of(&|other| other == distance);
    let borrowed = own.len() < POINTS_MIN;
    let errors = if borrowed { of(&|_| true) } else { own };
    let thin = borrowed || rank(errors.len(), WIDE) > errors.len();
    let at = |part| ranked(errors.clone(), part).unwrap_or(Decimal::ONE).min(WIDTH_MAX);
    Width { narrow: at(NARROW), wide: at(WIDE), thin }
}

/// The rank of a part of `n` errors: `part (n + 1)`, rounded up, so that a new error is as likely to lie within as the part says.
fn rank(count: usize, part: u32) -> usize {
    let rank = Decimal::from(part) * Decimal::from(count + 1) / Decimal::ONE_HUNDRED;
    rank.ceil().to_usize().unwrap_or(1)
}

/// The error at the rank of a part, the largest one where there are too few.
fn ranked(mut errors: Vec<Decimal>, part: u32) -> Option<Decimal> {
    errors.sort_unstable();
    let rank = rank(errors.len(), part).clamp(1, errors.len().max(1));
    errors.get(rank - 1).copied()
}
