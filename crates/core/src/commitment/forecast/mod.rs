//! Where a period will end: models that are tried on the customer's own past, the best of them with its error, and a fan
//! whose width is what the model was wrong by before.
//!
//! Everything is exact decimals, so that the same history gives the same forecast on every machine; amounts are rounded
//! to minor units when they leave.

mod backtest;
mod fan;
mod history;
mod model;
mod path;

use jiff::civil::Date;
use serde::Serialize;

pub use backtest::Trial;
pub use fan::Coverage;
pub use history::{Month, history};
pub use model::Model;
pub use path::{Ahead, Ending, Fulfilment, Planned, Point};

use super::{
    amount::{Amount, AmountError},
    band::Band,
    drawdown::{ShortfallCost, shortfall_cost},
};
use crate::money::MoneyError;
use backtest::Errors;
use fan::Fans;

/// The fewest whole months that are forecast from.
pub const MONTHS_MIN: usize = 6;

/// Why nothing is forecast.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForecastError {
    /// Too little is known.
    #[error("{months} whole months of spend are known and {MONTHS_MIN} are needed; import older spend first")]
    TooShort {
        /// The whole months that are known.
        months: usize,
    },
    /// The day to run to has passed.
    #[error("{through} is not after {as_of}; nothing is left to forecast")]
    Past {
        /// The day to run to.
        through: Date,
        /// The day of the forecast.
        as_of: Date,
    },
    /// A sum that is no longer exact.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// An amount beyond what minor units hold.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Where a period will end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// The model that was least wrong about this customer's past.
    pub model: Model,
    /// Every model that could be tried, the best first.
    pub trials: Vec<Trial>,
    /// How often the past fell into the fan that would have been drawn for it.
    pub coverage: Coverage,
    /// The same, had those fans been widened by as much as this one is for what they lacked.
    pub widened: Coverage,
    /// Whether too little was seen for the fan to hold what it says: it is a hint of the width then.
    pub thin: bool,
    /// What is reached by the end of each month, the last day last.
    pub path: Vec<Point>,
    /// What is reached on the last day.
    pub end: Ending,
    /// What will lack; nothing where the next period takes it over.
    pub shortfall: Ending,
    /// What that will cost, between the two ends of the wide fan.
    pub cost: ShortfallCost,
    /// The same in the middle.
    pub cost_mid: ShortfallCost,
    /// When everything due will be spent.
    pub fulfilled: Fulfilment,
}

/// Forecasts from whole months of history.
///
/// # Errors
/// When too little is known, nothing is left to forecast, or an amount is beyond bounds.
pub fn forecast(history: &[Month], ahead: &Ahead) -> Result<Forecast, ForecastError> {
    if ahead.through <= ahead.as_of {
        return Err(ForecastError::Past { through: ahead.through, as_of: ahead.as_of });
    }
    if history.len() < MONTHS_MIN {
        return Err(ForecastError::TooShort { months: history.len() });
    }
    let errors = Errors::of(history, path::months_ahead(ahead));
    let (trials, model) = errors.best();
    let fans = Fans::of(errors.by(model));
    let (path, thin) = path::path(history, ahead, model, &fans)?;
    let end = path.last().map(|point| point.reached).unwrap_or(Ending::exactly(ahead.done));
    let lacking = end.lacking(ahead.due)?.rounded(ahead.currency)?;
    let shortfall = if ahead.handed_on { Ending::exactly(Amount::ZERO) } else { lacking };
    let band = Band::between(shortfall.low_80, shortfall.high_80);
    Ok(Forecast {
        coverage: fans.coverage(),
        widened: fans.widened(),
        fulfilled: path::fulfilment(&path, ahead),
        cost: shortfall_cost(band, ahead.true_up)?,
        cost_mid: shortfall_cost(Band::exactly(shortfall.mid), ahead.true_up)?,
        end: end.rounded(ahead.currency)?,
        shortfall,
        path: path.into_iter().map(|point| point.rounded(ahead.currency)).collect::<Result<_, _>>()?,
        model,
        trials,
        thin,
    })
}

/// A decimal as an amount, to [`super::DECIMALS`] decimals.
fn amount(value: rust_decimal::Decimal) -> Amount {
    Amount::computed(value)
}
