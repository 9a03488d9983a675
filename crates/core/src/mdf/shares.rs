//! Parts of an amount that sum to it exactly.

use std::cmp::Reverse;

use crate::money::Money;

/// How shares are rounded, in words.
pub const ROUNDING: &str = "each share is cut to whole minor units, the rest goes to the largest remainders, among equals to the largest share";

/// Splits an amount by weights: largest remainder, among equals the larger share, then the earlier one.
/// `None` when there is no positive weight.
pub fn shares(whole: Money, weights: &[u64]) -> Option<Vec<Money>> {
    let mut order: Vec<(usize, u64)> = weights.iter().copied().enumerate().collect();
    order.sort_by_key(|(at, weight)| (Reverse(*weight), *at));
    let sorted: Vec<u64> = order.iter().map(|(_, weight)| *weight).collect();
    let mut parts: Vec<(usize, Money)> = order.iter().map(|(at, _)| *at).zip(whole.split(&sorted)?).collect();
    parts.sort_by_key(|(at, _)| *at);
    Some(parts.into_iter().map(|(_, part)| part).collect())
}
