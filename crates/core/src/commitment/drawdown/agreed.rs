//! What is agreed about each period.

use jiff::civil::Date;

use crate::commitment::{
    marketplace::MarketplaceTerms,
    model::{Commitment, Period, Terms},
};

/// The terms in force on a day, with what was in force about the marketplace in each period.
#[derive(Debug)]
pub struct Agreed<'c> {
    /// The terms.
    pub terms: &'c Terms,
    /// By period: what was in force on its last day, or on the day itself where that is earlier. What is agreed later leaves
    /// a period that has passed as it was.
    marketplace: Vec<&'c MarketplaceTerms>,
}

impl<'c> Agreed<'c> {
    /// What was agreed on a day as known on `known_on`; `None` where nothing was known.
    pub fn on(commitment: &'c Commitment, day: Date, known_on: Date) -> Option<Agreed<'c>> {
        let terms = commitment.terms(day, known_on)?;
        let then = |period: &Period| commitment.terms(period.through.min(day), known_on).unwrap_or(terms);
        let marketplace = terms.periods.iter().map(|period| &then(period).marketplace).collect();
        Some(Agreed { terms, marketplace })
    }

    /// What is agreed about the marketplace in the period at a place, from 0.
    pub fn marketplace(&self, place: usize) -> &'c MarketplaceTerms {
        self.marketplace.get(place).copied().unwrap_or(&self.terms.marketplace)
    }

    /// Whether the period at a place, from 0, is the last.
    pub fn is_last(&self, place: usize) -> bool {
        place + 1 >= self.terms.periods.len()
    }
}
