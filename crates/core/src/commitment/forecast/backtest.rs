//! What each model would have said in the past, and how wrong it would have been.

use rust_decimal::Decimal;
use serde::Serialize;

use super::{Model, Month};

/// The fewest pasts that a model is judged by.
const ORIGINS_MIN: usize = 3;

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

/// A forecast of the past: made after `origin` months for the sum of the next `distance` ones.
pub(super) struct Point {
    model: Model,
    pub(super) origin: usize,
    pub(super) distance: usize,
    forecast: Decimal,
    came: Decimal,
}

impl Point {
    pub(super) fn error(&self) -> Decimal {
        (self.came - self.forecast).abs()
    }

    /// The error as a part of the forecast; `None` of a forecast of nothing.
    pub(super) fn relative(&self) -> Option<Decimal> {
        if self.forecast <= Decimal::ZERO { None } else { self.error().checked_div(self.forecast) }
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

    /// Those of a model.
    pub(super) fn by(&self, model: Model) -> Vec<&Point> {
        self.0.iter().filter(|point| point.model == model).collect()
    }
}

fn percent(points: &[&Point]) -> Option<Decimal> {
    let sum =
        |of: fn(&Point) -> Decimal| points.iter().try_fold(Decimal::ZERO, |sum, point| sum.checked_add(of(point)));
    let (errors, came) = (sum(Point::error)?, sum(|point| point.came.abs())?);
    let ratio = errors.checked_div(came)?.checked_mul(Decimal::ONE_HUNDRED)?;
    Some(ratio.round_dp(2).normalize())
}
