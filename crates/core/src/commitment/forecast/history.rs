//! Whole months out of daily sums.

use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::commitment::{
    amount::{Amount, AmountError},
    drawdown::{Drawdown, Side},
};

/// A whole month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Month {
    /// Its first day.
    pub month: Date,
    /// What counts of the cloud's own services.
    pub cloud: Amount,
    /// What would count of the marketplace without a cap.
    pub marketplace: Amount,
}

impl Month {
    pub(super) fn total(&self) -> Decimal {
        self.cloud.decimal() + self.marketplace.decimal()
    }
}

/// The whole months to a day, from the first one with spend on. A month without any is a month of nothing, but where no spend
/// was taken in for it yet; what lies before a gap tells nothing of the months after it.
///
/// # Errors
/// When 28 digits do not hold a sum.
pub fn history(drawdown: &Drawdown, as_of: Date, side: Side) -> Result<Vec<Month>, AmountError> {
    let (since, seen) = drawdown.complete(as_of).unwrap_or((Date::MIN, as_of));
    let (since, as_of) = (since.first_of_month(), seen.min(as_of));
    let mut months: Vec<Month> = Vec::new();
    let whole = |month: Date| month.last_of_month() <= as_of;
    for (day, counted) in drawdown.days().range(since..) {
        let month = day.first_of_month();
        while months.last().is_none_or(|last| last.month < month) {
            let next = months.last().map_or(Ok(month), |last| last.month.checked_add(1.month()));
            // After the calendar's last month there is none.
            let Some(next) = next.ok().filter(|next| whole(*next)) else { return Ok(months) };
            months.push(Month { month: next, cloud: Amount::ZERO, marketplace: Amount::ZERO });
        }
        if let Some(last) = months.last_mut() {
            last.cloud = last.cloud.plus(side.of(counted.cloud))?;
            last.marketplace = last.marketplace.plus(side.of(counted.marketplace))?;
        }
    }
    while let Some(next) =
        months.last().and_then(|last| last.month.checked_add(1.month()).ok()).filter(|next| whole(*next))
    {
        months.push(Month { month: next, cloud: Amount::ZERO, marketplace: Amount::ZERO });
    }
    Ok(months)
}
