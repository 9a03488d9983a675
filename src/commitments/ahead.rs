//! Where the current period will end: at either end of what is known, and as if something were added.

use std::collections::BTreeSet;

use entente_core::commitment::{
    Amount, Partition, Plans,
    drawdown::{Figures, Side, Standing},
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
    /// Partitions that were judged by other terms or rules than are known now.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub judged_otherwise: BTreeSet<Partition>,
}

impl Outcome {
    /// As the buyer's people see it: how the vendor's people have named what they took in is theirs to know.
    pub fn shared(self) -> Outcome {
        Outcome { judged_otherwise: BTreeSet::new(), ..self }
    }
}

/// Forecasts from figures of a family, with what is planned besides.
///
/// # Errors
/// When a sum is no longer exact.
pub fn outcome(family: &Family, figures: &Figures, until: Until, plans: &Plans) -> Result<Outcome, CommitmentError> {
    let judged_otherwise = family.judged_otherwise().clone();
    if figures.standing == (Standing::Replaced, Standing::Replaced) {
        let why = "another commitment has taken its place, and nothing counts for it any more".to_owned();
        return Ok(Outcome { least: None, most: None, none: Some(why), judged_otherwise });
    }
    let least = at(family, figures, until, Side::Least, &plans.least)?;
    let most = at(family, figures, until, Side::Most, &plans.most)?;
    Ok(match (least, most) {
        (Ok(least), Ok(most)) => {
            let most = Some(most).filter(|most| *most != least);
            Outcome { least: Some(least), most, none: None, judged_otherwise }
        }
        (Err(why), _) | (_, Err(why)) => {
            Outcome { least: None, most: None, none: Some(why.to_string()), judged_otherwise }
        }
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
    // From the day on which another one takes its place nothing counts for it.
    let shares = family.shares(figures.as_of)?;
    let share = if side == Side::Least { shares.0 } else { shares.1 };
    let last = share.through.filter(|_| share.superseded);
    let through = last.map_or(ahead.through, |last| last.min(ahead.through));
    // What would have fallen due later is not owed.
    let due = if through < ahead.through { Amount::ZERO } else { ahead.due };
    Ok(forecast(&months, &Ahead { planned: planned.to_vec(), through, due, ..ahead }))
}
