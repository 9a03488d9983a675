//! Alerts in words.

use std::fmt;

use super::alerts::{About, Alert};

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            About::PaceLow => f.write_str("pace below 0.95 for two months"),
            About::PaceBad => f.write_str("pace below 0.85"),
            About::OverBurn => f.write_str("pace above 1.10"),
            About::Shortfall => f.write_str("a shortfall of more than 2 % of the amount due is forecast"),
            About::MuchLeft(days) => write!(f, "more than a tenth remains, {days} days before it is due"),
            About::Eligibility(product, day) => write!(f, "what counts of `{product}` has changed on {day}"),
            About::Stale(Some(day)) => write!(f, "the newest spend is of {day}, more than 36 hours old"),
            About::Stale(None) => f.write_str("no spend was taken in"),
            About::FxMove(currency, since) => {
                write!(f, "the exchange rate of {currency} has moved by more than 3 % since {since}")
            }
            About::ForecastMissed(day) => write!(f, "the month that ended on {day} fell out of its forecast"),
        }
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let perhaps = if self.sure { "" } else { "perhaps " };
        write!(f, "{perhaps}{} (since {}; due {})", self.about, self.day, self.due)
    }
}
