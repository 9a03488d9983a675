//! Spend in another currency, converted as the contract says; what cannot be stays apart.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::{By, Cited, Rate, RateDay, Rates};
use crate::{
    commitment::{
        amount::{Amount, AmountError},
        eligibility::Sums,
        model::Commitment,
    },
    money::Currency,
};

/// By what spend is converted: the contract, the rates and the days of the cloud's statements, as they were known on a day.
#[derive(Debug, Clone, Copy)]
pub struct Conversions<'a> {
    /// The contract.
    pub commitment: &'a Commitment,
    /// The rates.
    pub rates: &'a Rates,
    /// The days of the cloud's statements, in their order.
    pub statements: &'a [Date],
    /// The day.
    pub known_on: Date,
}

/// A rate that was used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Used {
    /// The one that the contract fixes.
    Fixed(Rate),
    /// A published one.
    Published(Cited),
}

impl Used {
    /// The rate itself.
    pub fn rate(&self) -> Rate {
        match self {
            Used::Fixed(rate) => *rate,
            Used::Published(cited) => cited.rate,
        }
    }
}

/// Why an amount stays apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Apart {
    /// The contract does not say how.
    #[error("the contract does not say how it is converted")]
    NoRule,
    /// No rate is known.
    #[error("no rate of `{0}` is known for it or the seven days before")]
    NoRate(String),
    /// The cloud has stated nothing yet by whose day a rate could be found.
    #[error("there is no statement of the cloud yet whose day names the rate")]
    NoStatement,
}

/// What was billed on a day in another currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Day {
    /// What was billed.
    pub billed: Amount,
    /// By which rate it was converted and what it came to, or why it stays apart.
    pub came: Result<(Used, Amount), Apart>,
}

/// What was billed in other currencies than the commitment's, by currency and day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Foreign(BTreeMap<&'static str, BTreeMap<Date, Day>>);

/// What came of one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// In which currency it was billed.
    pub currency: Currency,
    /// The rate.
    pub rate: Used,
    /// What was billed.
    pub billed: Amount,
    /// What it comes to in the commitment's currency.
    pub amount: Amount,
    /// The first day that it is of.
    pub from: Date,
    /// The last one.
    pub through: Date,
}

/// What stays apart for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// In which currency it was billed.
    pub currency: Currency,
    /// Why.
    pub why: Apart,
    /// What was billed.
    pub billed: Amount,
    /// The first day that it is of.
    pub from: Date,
    /// The last one.
    pub through: Date,
}

impl Conversions<'_> {
    /// The rate by which what was billed in a currency on a day is converted.
    ///
    /// # Errors
    /// Why it stays apart.
    pub fn rate(&self, from: Currency, day: Date) -> Result<Used, Apart> {
        let terms = self.commitment.terms(day, self.known_on);
        let rule =
            terms.and_then(|terms| terms.conversions.iter().find(|rule| rule.from == from)).ok_or(Apart::NoRule)?;
        let which = match rule.by {
            By::Fixed(rate) => return Ok(Used::Fixed(rate)),
            By::Published(which) => which,
        };
        let name = rule.watched.as_deref().unwrap_or_default();
        let of = match which {
            RateDay::Charge => day,
            RateDay::MonthStart => day.first_of_month(),
            RateDay::MonthEnd => day.last_of_month(),
            RateDay::Statement => {
                *self.statements.iter().rev().find(|stated| **stated <= day).ok_or(Apart::NoStatement)?
            }
        };
        // The last rate of a month is known once the month is over.
        let known = Some(of).filter(|of| *of <= self.known_on);
        let cited = known.and_then(|of| self.rates.on(name, (from, self.commitment.currency), of));
        cited.map(Used::Published).ok_or_else(|| Apart::NoRate(name.to_owned()))
    }

    /// Converts daily sums that were billed in a currency, and notes in `foreign` how. Those that stay apart are left out.
    ///
    /// # Errors
    /// When 28 digits do not hold an amount.
    pub fn convert(&self, from: Currency, sums: &Sums, foreign: &mut Foreign) -> Result<Sums, AmountError> {
        let mut converted = Sums::new();
        let days = foreign.0.entry(from.code()).or_default();
        for (key, billed) in sums {
            let came = match self.rate(from, key.day) {
                Ok(used) => {
                    let amount = billed.at_rate(used.rate().decimal())?;
                    converted.insert(key.clone(), amount);
                    Ok((used, amount))
                }
                Err(why) => Err(why),
            };
            let new = Day { billed: *billed, came };
            match days.get_mut(&key.day) {
                None => drop(days.insert(key.day, new)),
                Some(day) => day.add(&new)?,
            }
        }
        Ok(converted)
    }
}

impl Day {
    /// Takes in another sum of the same day, which went the same way.
    fn add(&mut self, other: &Day) -> Result<(), AmountError> {
        self.billed = self.billed.plus(other.billed)?;
        if let (Ok((_, amount)), Ok((_, more))) = (&mut self.came, &other.came) {
            *amount = amount.plus(*more)?;
        }
        Ok(())
    }
}

impl Foreign {
    /// What each rate has made of what was billed to the end of a day.
    ///
    /// # Errors
    /// When 28 digits do not hold a sum.
    pub fn steps(&self, as_of: Date) -> Result<Vec<Step>, AmountError> {
        let mut steps: Vec<Step> = Vec::new();
        for (currency, on, day) in self.to(as_of) {
            let Ok((rate, amount)) = &day.came else { continue };
            match steps.iter_mut().rev().find(|step| step.currency == currency && step.rate == *rate) {
                Some(step) => {
                    (step.billed, step.through) = (step.billed.plus(day.billed)?, on);
                    step.amount = step.amount.plus(*amount)?;
                }
                None => {
                    let (rate, billed, amount) = (rate.clone(), day.billed, *amount);
                    steps.push(Step { currency, rate, billed, amount, from: on, through: on });
                }
            }
        }
        Ok(steps)
    }

    /// What stays apart of what was billed to the end of a day.
    ///
    /// # Errors
    /// When 28 digits do not hold a sum.
    pub fn waiting(&self, as_of: Date) -> Result<Vec<Waiting>, AmountError> {
        let mut waiting: Vec<Waiting> = Vec::new();
        for (currency, on, day) in self.to(as_of) {
            let Err(why) = &day.came else { continue };
            match waiting.iter_mut().find(|known| known.currency == currency && known.why == *why) {
                Some(known) => (known.billed, known.through) = (known.billed.plus(day.billed)?, on),
                None => waiting.push(Waiting { currency, why: why.clone(), billed: day.billed, from: on, through: on }),
            }
        }
        Ok(waiting)
    }

    fn to(&self, as_of: Date) -> impl Iterator<Item = (Currency, Date, &Day)> {
        let coded = self.0.iter().filter_map(|(code, days)| Some((code.parse::<Currency>().ok()?, days)));
        coded.flat_map(move |(currency, days)| days.range(..=as_of).map(move |(on, day)| (currency, *on, day)))
    }
}
