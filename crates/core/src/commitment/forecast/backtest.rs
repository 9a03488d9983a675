//! What each model would have said in the past, and how wrong it would have been.

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Serialize;

use super::{Model, Month};

/// The fewest pasts that a model is judged by.
const ORIGINS_MIN: usize = 3;

/// The fewest errors of one distance that its fan is made of; with fewer, nearer and farther ones are asked too.
const POINTS_MIN: usize = 5;

/// The parts of the past that the narrow and the wide fan are to hold, in hundredths.
const NARROW: u32 = 50;
const WIDE: u32 = 80;

/// A model on trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// The model.
    pub model: Model,
    /// The sum of its errors over the sum of what came, in percent to two decimals; `None` where it could not be tried.
    pub error: Option<Decimal>,
    /// How many forecasts that is the mean of.
    pub forecasts: usize,
}

/// How often the past fell into fans that were drawn from what was known before it.
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
    /// Whether too little was seen: errors of other distances had to do, or the worst of all.
    pub(super) thin: bool,
}

/// A forecast of the past: made after `origin` months for the sum of the next `distance` ones.
struct Point {
    model: Model,
    origin: usize,
    distance: usize,
    forecast: Decimal,
    came: Decimal,
}

impl Point {
    fn error(&self) -> Decimal {
        (self.came - self.forecast).abs()
    }

    /// The error as a part of the forecast; `None` of a forecast of nothing.
    fn relative(&self) -> Option<Decimal> {
        if self.forecast <= Decimal::ZERO { None } else { self.error().checked_div(self.forecast) }
    }

    /// Whether what came lay within a fan of a width: around a forecast of nothing, only nothing does.
    fn within(&self, width: Decimal) -> bool {
        self.relative().map_or(self.error().is_zero(), |error| error <= width)
    }
}

/// Every forecast of the past.
pub(super) struct Errors(Vec<Point>);

impl Errors {
    /// Tries every model from every month on, as far as it will be asked for.
    pub(super) fn of(history: &[Month], distance_max: usize) -> Errors {
        let months: Vec<Decimal> = history.iter().map(Month::total).collect();
        let mut points = Vec::new();
        for model in Model::ALL {
            for origin in model.months_min()..months.len() {
                let (before, after) = months.split_at(origin);
                let count = after.len().min(distance_max);
                let Some(ahead) = model.ahead(before, count) else { continue };
                let (mut forecast, mut came) = (Decimal::ZERO, Decimal::ZERO);
                for (at, (said, is)) in ahead.iter().zip(after).enumerate() {
                    forecast = forecast.checked_add(*said).unwrap_or(Decimal::MAX);
                    came += is;
                    points.push(Point { model, origin, distance: at + 1, forecast, came });
                }
            }
        }
        Errors(points)
    }

    /// The models by their error, judged from the same months on; a model that could not be tried comes last.
    pub(super) fn best(&self) -> (Vec<Trial>, Model) {
        let origins = |model| {
            let mut origins: Vec<usize> =
                self.0.iter().filter(|point| point.model == model).map(|point| point.origin).collect();
            origins.dedup();
            origins
        };
        let tried = |model: &Model| origins(*model).len() >= ORIGINS_MIN;
        let since = Model::ALL.into_iter().filter(tried).filter_map(|model| origins(model).first().copied()).max();
        let mut trials: Vec<Trial> = Model::ALL
            .into_iter()
            .map(|model| {
                let same = |point: &&Point| point.model == model && since.is_some_and(|since| point.origin >= since);
                let points: Vec<&Point> = self.0.iter().filter(same).collect();
                let error = if tried(&model) { percent(&points) } else { None };
                Trial { model, error, forecasts: points.len() }
            })
            .collect();
        trials.sort_by_key(|trial| (trial.error.is_none(), trial.error, trial.model));
        let model = trials.first().map_or(Model::RunRate, |trial| trial.model);
        (trials, model)
    }

    /// How wide the fan of a model is at a distance.
    pub(super) fn width(&self, model: Model, distance: usize) -> Width {
        let known: Vec<&Point> = self.0.iter().filter(|point| point.model == model).collect();
        width(&known, distance)
    }

    /// How often the past fell into the fans of a model that were known before it.
    pub(super) fn coverage(&self, model: Model) -> Coverage {
        let points: Vec<&Point> = self.0.iter().filter(|point| point.model == model).collect();
        let mut coverage = Coverage::default();
        for point in &points {
            let before: Vec<&Point> =
                points.iter().filter(|known| known.origin + known.distance <= point.origin).copied().collect();
            if before.len() < POINTS_MIN {
                continue;
            }
            let fan = width(&before, point.distance);
            coverage.of += 1;
            coverage.narrow += usize::from(point.within(fan.narrow));
            coverage.wide += usize::from(point.within(fan.wide));
        }
        coverage
    }
}

fn percent(points: &[&Point]) -> Option<Decimal> {
    let sum =
        |of: fn(&Point) -> Decimal| points.iter().try_fold(Decimal::ZERO, |sum, point| sum.checked_add(of(point)));
    let (errors, came) = (sum(Point::error)?, sum(|point| point.came.abs())?);
    let ratio = errors.checked_div(came)?.checked_mul(Decimal::ONE_HUNDRED)?;
    Some(ratio.round_dp(2).normalize())
}

/// The errors of one distance in their order, or of all distances where there are too few. The rank of a part `p` of `n`
/// errors is `p (n + 1)`, rounded up: so a new error is as likely to lie within as the part says.
fn width(points: &[&Point], distance: usize) -> Width {
    let of = |wanted: &dyn Fn(usize) -> bool| {
        let mut errors: Vec<Decimal> =
            points.iter().filter(|point| wanted(point.distance)).filter_map(|point| point.relative()).collect();
        errors.sort();
        errors
    };
    let mut errors = of(&|other| other == distance);
    let borrowed = errors.len() < POINTS_MIN;
    if borrowed {
        errors = of(&|_| true);
    }
    let rank = |part: u32| (Decimal::from(part) * Decimal::from(errors.len() + 1) / Decimal::ONE_HUNDRED).ceil();
    let at = |part: u32| {
        let rank = rank(part).to_usize().unwrap_or(1).clamp(1, errors.len().max(1));
        errors.get(rank - 1).copied().unwrap_or(Decimal::ONE)
    };
    Width { narrow: at(NARROW), wide: at(WIDE), thin: borrowed || rank(WIDE) > Decimal::from(errors.len()) }
}
