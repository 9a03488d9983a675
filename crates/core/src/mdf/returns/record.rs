//! What a partner, or somebody for it, reports of an activity: leads, and the deals that it touched.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    context::FieldError,
    ids::DealId,
    money::Money,
    offer::{DocumentError, source},
};

/// How far a deal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It may be won.
    Open,
    /// It was won.
    Won,
    /// It was lost.
    Lost,
}

impl Stage {
    /// The word under which it is written.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Open => "open",
            Stage::Won => "won",
            Stage::Lost => "lost",
        }
    }
}

/// A deal that an activity touched, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deal {
    /// The opportunity's id, the same whoever reports it.
    pub deal: DealId,
    /// How far it is.
    pub stage: Stage,
    /// What the whole deal is worth, whoever else helped it along.
    pub amount: Money,
    /// When the activity touched it.
    pub touched_on: Date,
    /// The private offer that it became, by its label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
}

/// What is reported of an activity some days after it. It is never changed: another record corrects it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Which report it is: so many days after the activity it is due, such as 90.
    pub after_days: u32,
    /// How many leads there were.
    pub leads: u32,
    /// The deals that it touched.
    #[serde(default)]
    pub deals: Vec<Deal>,
}

impl Record {
    /// Reads a record. The first defect is returned with its place in the file.
    ///
    /// # Errors
    /// When it is no YAML within the budgets, lacks a field or has an unknown one, or contradicts itself.
    pub fn from_yaml(file: &str, text: &str) -> Result<Record, DocumentError> {
        let (record, outline) = source::read::<Record>(file, text, &|_| true)?;
        record.check().map_err(|defect| DocumentError {
            file: file.to_owned(),
            place: outline.place_of(&defect.field),
            field: defect.field,
            message: defect.message,
        })?;
        Ok(record)
    }

    fn check(&self) -> Result<(), FieldError> {
        let mut seen = BTreeSet::new();
        for (at, deal) in self.deals.iter().enumerate() {
            let refuse = |field: &str, message: &str| {
                Err(FieldError { field: format!("/deals/{at}{field}"), message: message.to_owned() })
            };
            if !seen.insert(&deal.deal) {
                return refuse("/deal", "stands there twice; write each deal once, with its first touch");
            }
            if deal.amount.minor <= 0 {
                return refuse("/amount", "is not more than zero; write what the whole deal is worth");
            }
        }
        Ok(())
    }
}
