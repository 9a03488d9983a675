//! A commitment as its buyer's own people see it: what was promised, what was spent and counts of it, and where it ends. What the
//! vendor's people plan, are told, note or wrote about it stays with them, and so does its label, which counts those of all buyers.

use entente_core::commitment::{
    Cloud,
    drawdown::{Figures, Start},
    rates::{Step, Waiting},
};
use serde::Serialize;

use super::{
    ahead::Outcome,
    sight::{Beside, Row, Sight},
};

/// What the buyer's own people see of a commitment on a day.
#[derive(Debug, Clone, Serialize)]
pub struct Shared {
    /// The contract's own number.
    pub contract: String,
    /// Where the spend is due.
    pub cloud: Cloud,
    /// The state of its run, as it is now.
    pub state: String,
    /// Its figures.
    pub figures: Figures,
    /// When spend begins to count for it, at the least.
    pub start: Start,
    /// Its periods.
    pub periods: Vec<Row>,
    /// The cloud's last statement beside our figures of its day.
    pub statement: Option<Beside>,
    /// Where the current period will end.
    pub forecast: Outcome,
    /// What was billed in other currencies, by the rate that converted it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub converted: Vec<Step>,
    /// What was billed in other currencies and is in no figure, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_converted: Vec<Waiting>,
    /// How many partitions of daily sums the buyer does not share; they are in no figure.
    pub held_back: usize,
    /// How many partitions were judged by other terms or rules than are known now.
    pub by_older_terms: usize,
}

impl From<Sight> for Shared {
    /// Every part is named, so that a new one is shared by decision alone.
    fn from(sight: Sight) -> Shared {
        let Sight {
            contract,
            cloud,
            state,
            figures,
            start,
            periods,
            statement,
            forecast,
            converted,
            not_converted,
            held_back,
            judged_otherwise,
            // The buyer knows who it is, and its other commitments by themselves.
            party: _,
            legal_entity: _,
            former: _,
            next: _,
            // The vendor's own.
            label: _,
            tags: _,
            rate_moves: _,
            told: _,
            trouble: _,
            plans: _,
            ending: _,
            documents: _,
        } = sight;
        Shared {
            contract,
            cloud,
            state,
            figures,
            start,
            periods,
            statement: statement.map(Beside::shared),
            forecast: forecast.shared(),
            converted,
            not_converted,
            held_back: held_back.len(),
            by_older_terms: judged_otherwise.len(),
        }
    }
}
