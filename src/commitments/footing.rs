//! What figures stand on: the basis on which spend counts, and what the cloud itself said last.

use entente_core::{
    commitment::{Amount, Band, Basis, drawdown::Figures},
    money::Currency,
};
use jiff::civil::Date;
use serde::Serialize;

use super::{
    CommitmentError,
    family::Family,
    sight::{Beside, beside},
    stored::Stored,
};

/// What figures stand on.
#[derive(Debug, Clone, Serialize)]
pub struct Footing {
    /// The day of the figures.
    pub as_of: Date,
    /// Their currency.
    pub currency: Currency,
    /// Their basis.
    pub basis: Basis,
    /// The cloud's last statement beside our figures of its day.
    pub statement: Option<Beside>,
    /// How many partitions were judged by other terms or rules than are known now.
    #[serde(skip_serializing_if = "is_none")]
    pub by_older_terms: usize,
}

fn is_none(number: &usize) -> bool {
    *number == 0
}

impl Footing {
    /// What figures of a commitment stand on.
    ///
    /// # Errors
    /// When the figures of the statement's day cannot be told.
    pub fn of(stored: &Stored, family: &Family, figures: &Figures) -> Result<Footing, CommitmentError> {
        Ok(Footing {
            as_of: figures.as_of,
            currency: figures.currency,
            basis: figures.basis.clone(),
            statement: beside(stored, family, figures)?,
            by_older_terms: family.judged_otherwise().len(),
        })
    }

    /// As the buyer's people see it.
    pub fn shared(self) -> Footing {
        Footing { statement: self.statement.map(Beside::shared), ..self }
    }

    /// Both in words, a line each, as short as a picture needs them.
    pub fn lines(&self) -> [String; 2] {
        [format!("basis: {}", basis(&self.basis)), statement(self.statement.as_ref(), self.currency)]
    }
}

/// Which cost counts, and whether tax and support do, in a few words.
pub fn basis(basis: &Basis) -> String {
    let all = serde_json::to_value(basis).unwrap_or_default();
    let part = |name: &str| format!("{} {}", name.replace('_', " "), all[name].as_str().unwrap_or_default());
    ["cost", "discounts", "dated_by", "tax", "support"].map(part).join(", ")
}

/// What the cloud said last, in a few words.
fn statement(beside: Option<&Beside>, currency: Currency) -> String {
    let Some(Beside { reconciled, .. }) = beside else { return "the cloud's statement: none was typed in".to_owned() };
    let show = |amount: Amount| {
        amount.money(currency).map_or_else(|_| format!("{currency} {amount}"), |money| money.to_string())
    };
    let band = |band: Band| match band.known() {
        Some(known) => show(known),
        None => format!("{} to {}", show(band.least), show(band.most)),
    };
    let (said, ours) = (&reconciled.statement, reconciled.ours_then);
    format!("the cloud's statement: {} remained on {}, ours {}", show(said.remaining), said.as_of, band(ours))
}
