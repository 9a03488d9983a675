//! Rates that somebody published, each with its source and its day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::rule::Rate;
use crate::money::Currency;

/// How many days before the one that is asked for a rate may have been published: weekends and holidays have none of their own.
const OLDEST: i64 = 7;

/// Where rates are from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Where they were read.
    pub at: String,
    /// The day on which they were.
    pub read: Date,
}

/// One published rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    /// The day that it is of.
    pub day: Date,
    /// One unit of this currency …
    pub from: Currency,
    /// … costs so many of this one …
    pub to: Currency,
    /// … namely so many.
    pub rate: Rate,
}

/// Rates of one source, as they are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Where they are from.
    pub source: Source,
    /// The file's SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_sha256: Option<String>,
    /// The rates.
    pub rates: Vec<Quote>,
}

/// A rate as it was found, with its source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Cited {
    /// The name of the published rates.
    pub rates: String,
    /// The day that it was published for.
    pub published: Date,
    /// The rate.
    pub rate: Rate,
    /// Where it was read.
    pub at: String,
    /// The day on which it was.
    pub read: Date,
}

/// From one currency, to another.
type Pair = (&'static str, &'static str);

/// A rate and the place of its source.
type Known = (Rate, usize);

/// Everything that was published under one name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Table {
    sources: Vec<Source>,
    days: BTreeMap<Date, BTreeMap<Pair, Known>>,
}

/// Published rates by their name, as they were known at some instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates(BTreeMap<String, Table>);

impl Rates {
    /// Takes in what was kept under a name; what came later corrects what came before.
    pub fn take(&mut self, name: &str, published: &Published) {
        let table = self.0.entry(name.to_owned()).or_default();
        let source = table.sources.len();
        table.sources.push(published.source.clone());
        for quote in &published.rates {
            let pair = (quote.from.code(), quote.to.code());
            table.days.entry(quote.day).or_default().insert(pair, (quote.rate, source));
        }
    }

    /// Of these rates those that are not known here as they stand.
    pub fn news(&self, name: &str, rates: Vec<Quote>) -> Vec<Quote> {
        let known = |quote: &Quote| {
            let table = self.0.get(name)?;
            table.days.get(&quote.day)?.get(&(quote.from.code(), quote.to.code())).map(|(rate, _)| *rate)
        };
        rates.into_iter().filter(|quote| known(quote) != Some(quote.rate)).collect()
    }

    /// What one unit of a currency costs in another by the rate of a day: that day's own, else the last one of the seven days before
    /// it. A pair that was not published is made of the other way round, or of two of the same day by a third currency.
    pub fn on(&self, name: &str, (from, to): (Currency, Currency), day: Date) -> Option<Cited> {
        let table = self.0.get(name)?;
        let oldest = day.checked_sub(OLDEST.days()).unwrap_or(Date::MIN);
        let mut days = table.days.range(oldest..=day).rev();
        days.find_map(|(published, rates)| {
            let (rate, source) = within(rates, (from.code(), to.code()))?;
            let source = table.sources.get(source)?;
            let (rates, at) = (name.to_owned(), source.at.clone());
            Some(Cited { rates, published: *published, rate, at, read: source.read })
        })
    }

    /// Whether anything was published under a name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Everything that is known under each name, day by day.
    pub fn all(&self) -> impl Iterator<Item = (Pair, Cited)> {
        self.0.iter().flat_map(|(name, table)| {
            let rates =
                table.days.iter().flat_map(|(day, rates)| rates.iter().map(move |(pair, known)| (day, pair, known)));
            rates.filter_map(move |(day, pair, (rate, source))| {
                let source = table.sources.get(*source)?;
                let (rates, at) = (name.clone(), source.at.clone());
                Some((*pair, Cited { rates, published: *day, rate: *rate, at, read: source.read }))
            })
        })
    }
}

/// A rate among those of one day.
fn within(rates: &BTreeMap<Pair, Known>, (from, to): Pair) -> Option<Known> {
    let direct = |from, to| rates.get(&(from, to)).copied();
    if let Some(known) = direct(from, to) {
        return Some(known);
    }
    if let Some((rate, source)) = direct(to, from) {
        return Some((Rate::computed(Decimal::ONE.checked_div(rate.decimal()))?, source));
    }
    let thirds: BTreeSet<&'static str> = rates.keys().map(|(base, _)| *base).collect();
    thirds.into_iter().find_map(|third| {
        let ((from, _), (to, source)) = (direct(third, from)?, direct(third, to)?);
        Some((Rate::computed(to.decimal().checked_div(from.decimal()))?, source))
    })
}
