//! Crediting a deal to what touched it: weights that sum to one, amounts that sum to the deal.

use jiff::civil::Date;
use serde::Serialize;

use super::{Model, model::WHOLE};
use crate::{
    ids::{DealId, RequestId},
    mdf::shares,
    money::Money,
};

/// That a request touched a deal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Touch {
    /// When.
    pub on: Date,
    /// The request.
    pub request: RequestId,
}

/// What of a deal is credited to one request: `part` of `of`, of which all parts of the deal are the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Credit {
    /// The request.
    pub request: RequestId,
    /// Its weight above the line.
    pub part: u64,
    /// Its weight below the line, the same for all credits of a deal.
    pub of: u64,
    /// What it is credited with.
    pub amount: Money,
}

/// Why a deal cannot be credited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCredit {
    /// The model gives a part to a request that did not touch it.
    #[error(
        "the weights of deal `{deal}` name request `{request}`, which has not reported it; leave it out, or have it reported"
    )]
    Stranger {
        /// The deal.
        deal: DealId,
        /// The request.
        request: RequestId,
    },
    /// Nothing touched it.
    #[error("no request has reported deal `{0}`")]
    Untouched(DealId),
}

/// What of a deal is credited to each request that touched it, the earliest first. The parts sum to the whole and the amounts to
/// the deal's, to the last minor unit: what does not divide goes to the largest remainders, among equals to the largest part,
/// then to the earlier touch.
///
/// # Errors
/// When nothing touched it, or the model names a request that did not.
pub fn credits(model: &Model, deal: &DealId, amount: Money, touches: &[Touch]) -> Result<Vec<Credit>, NoCredit> {
    let mut touches = touches.to_vec();
    touches.sort();
    let (parts, of) = parts(model, deal, &touches)?;
    let amounts = shares(amount, &parts).ok_or_else(|| NoCredit::Untouched(deal.clone()))?;
    let each = touches.into_iter().zip(parts).zip(amounts);
    Ok(each.map(|((touch, part), amount)| Credit { request: touch.request, part, of, amount }).collect())
}

/// The weight of each touch above the line, and the one line below.
fn parts(model: &Model, deal: &DealId, touches: &[Touch]) -> Result<(Vec<u64>, u64), NoCredit> {
    let count = touches.len();
    let alone = |chosen: usize| ((0..count).map(|at| u64::from(at == chosen)).collect(), 1);
    let equal = || (vec![1; count], u64::try_from(count).unwrap_or(u64::MAX));
    Ok(match model {
        Model::Equal => equal(),
        Model::FirstTouch => alone(0),
        Model::LastTouch => alone(count.saturating_sub(1)),
        Model::Custom(weights) => match weights.0.get(deal) {
            None => equal(),
            Some(agreed) => {
                let touched = |request: &&RequestId| touches.iter().any(|touch| touch.request == **request);
                if let Some(request) = agreed.keys().find(|request| !touched(request)) {
                    return Err(NoCredit::Stranger { deal: deal.clone(), request: request.clone() });
                }
                (touches.iter().map(|touch| agreed.get(&touch.request).copied().unwrap_or(0)).collect(), WHOLE)
            }
        },
    })
}
