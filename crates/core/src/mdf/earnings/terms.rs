//! How earnings are divided between a rebate and a fund: what rules E6 and E7 of a pack say.

use serde::{Deserialize, Serialize};

use crate::{
    mdf::{
        BasisPoints, Pack,
        rules::earnings::{E6, E7, EARNING, REBATE, THRESHOLD},
        shares,
    },
    money::{Currency, Money},
};

/// How earnings are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarningTerms {
    /// Earnings below it become a rebate as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Money>,
    /// The part that is a rebate, in basis points.
    pub rebate: BasisPoints,
    /// How many months earnings are counted, where the pack says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
}

impl EarningTerms {
    /// What a pack says. Where it does not enable E6 there is no threshold, and without E7 no rebate.
    pub fn of(pack: &Pack, currency: Currency) -> EarningTerms {
        let (threshold, split) = (pack.terms.enables(E6), pack.terms.enables(E7));
        EarningTerms {
            threshold: threshold.then(|| THRESHOLD.of(&pack.terms).in_currency(currency)).flatten(),
            rebate: if split { REBATE.of(&pack.terms) } else { BasisPoints::default() },
            months: split.then(|| EARNING.of(&pack.terms)),
        }
    }

    /// What of earnings goes to the fund; the rest is the rebate. What returns take back is divided in the same way.
    pub fn for_fund(&self, earned: Money) -> Money {
        let (zero, size) = (Money::zero(earned.currency), Money { minor: earned.minor.saturating_abs(), ..earned });
        if earned.minor >= 0 && self.threshold.is_some_and(|threshold| earned.minor < threshold.minor) {
            return zero;
        }
        let weights = [u64::from(self.rebate.0), u64::from(BasisPoints::WHOLE.0.saturating_sub(self.rebate.0))];
        let part = shares(size, &weights).and_then(|parts| parts.get(1).copied()).unwrap_or(zero);
        Money { minor: part.minor.saturating_mul(earned.minor.signum()), ..part }
    }
}
