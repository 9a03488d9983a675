//! How a deal is divided among the requests that touched it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::{
    ids::{DealId, RequestId},
    offer::{DocumentError, source},
};

/// An attribution model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Model {
    /// All have the same part.
    Equal,
    /// The first one has all of it.
    FirstTouch,
    /// The last one has all of it.
    LastTouch,
    /// As people have agreed for each deal; the same part for all where they have not.
    Custom(CustomWeights),
}

impl Model {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Model::Equal => "equal",
            Model::FirstTouch => "first-touch",
            Model::LastTouch => "last-touch",
            Model::Custom(_) => "custom",
        }
    }
}

/// What people have agreed on: for each deal the weights of its requests, in parts per million that sum to a million.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomWeights(pub(super) BTreeMap<DealId, BTreeMap<RequestId, u64>>);

/// The whole of a deal.
pub(super) const WHOLE: u64 = 1_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    deals: BTreeMap<DealId, BTreeMap<RequestId, String>>,
}

impl CustomWeights {
    /// Reads weights: for each deal its requests, each with a decimal of at most six places.
    ///
    /// # Errors
    /// When it is no YAML within the budgets, a weight is no such decimal, or those of a deal do not sum to 1 exactly.
    pub fn from_yaml(file: &str, text: &str) -> Result<CustomWeights, DocumentError> {
        let (document, outline) = source::read::<Document>(file, text, &|_| true)?;
        let refuse = |field: String, message: String| DocumentError {
            file: file.to_owned(),
            place: outline.place_of(&field),
            field,
            message,
        };
        let mut weights = BTreeMap::new();
        for (deal, written) in document.deals {
            let mut parts = BTreeMap::new();
            for (request, text) in written {
                let part = millionths(&text).ok_or_else(|| {
                    let message =
                        format!("`{text}` is no part of 1; write a decimal of at most six places, such as \"0.25\"");
                    refuse(format!("/deals/{deal}/{request}"), message)
                })?;
                parts.insert(request, part);
            }
            let sum: u64 = parts.values().sum();
            if sum != WHOLE {
                let sum = Decimal::new(i64::try_from(sum).unwrap_or(i64::MAX), 6).normalize();
                return Err(refuse(format!("/deals/{deal}"), format!("sums to {sum}; the weights of a deal sum to 1")));
            }
            weights.insert(deal, parts);
        }
        Ok(CustomWeights(weights))
    }
}

fn millionths(text: &str) -> Option<u64> {
    let parts = Decimal::from_str_exact(text).ok()?.checked_mul(Decimal::from(WHOLE))?;
    let whole = parts.is_integer().then(|| u64::try_from(parts).ok()).flatten();
    whole.filter(|parts| *parts <= WHOLE)
}
