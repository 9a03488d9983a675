//! Where the current period will end: at either end of what is known, and as if something were added.

use entente_core::commitment::{
    drawdown::{Figures, Side},
    forecast::{Ahead, Forecast, ForecastError, Planned, forecast, history},
};
use serde::Serialize;

use super::{CommitmentError, family::Family};

/// To which day a forecast runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// The next amount due: a milestone, or the period's end.
    NextDue,
    /// The period's end.
    PeriodEnd,
}

/// Where it will end, if as little counts as may be and if as much does; or why nothing is forecast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// If as little counts as may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least: Option<Forecast>,
    /// If as much counts as may be; `None` where that is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<Forecast>,
    /// Why nothing is forecast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub none: Option<String>,
}

/// Forecasts from figures of a family, with what is planned besides.
///
/// # Errors
/// When a sum is no longer exact.
pub fn outcome(
    family: &Family,
    figures: &Figures,
    until: Until,
    planned: &[Planned],
) -> Result<Outcome, CommitmentError> {
    let side = |side| at(family, figures, until, side, planned);
    let (least, most) = (side(Side::Least)?, side(Side::Most)?);
    Ok(match (least, most) {
        (Ok(least), Ok(most)) => {
            let most = Some(most).filter(|most| *most != least);
            Outcome { least: Some(least), most, none: None }
        }
        (Err(why), _) | (_, Err(why)) => Outcome { least: None, most: None, none: Some(why.to_string()) },
    })
}

/// The same at one end of what is known; the inner error says why nothing is forecast.
///
/// # Errors
/// As [`outcome`].
pub fn at(
    family: &Family,
    figures: &Figures,
    until: Until,
    side: Side,
    planned: &[Planned],
) -> Result<Result<Forecast, ForecastError>, CommitmentError> {
    let (_, spent) = family.own()?;
    let months = history(spent, figures.as_of, side)?;
    let ahead = match until {
        Until::NextDue => Ahead::to_next_due(figures, side),
        Until::PeriodEnd => Ahead::to_period_end(figures, side),
    };
    Ok(forecast(&months, &Ahead { planned: planned.to_vec(), ..ahead }))
}
