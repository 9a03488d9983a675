//! How far published rates have moved since the budget was made.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

use super::{By, Conversion, Conversions, Rate};

/// By how much a rate has moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FxMove {
    /// The currency that is billed, by its code.
    pub currency: String,
    /// The day since which.
    pub since: Date,
    /// By which part, to six decimals: above zero where the billed currency has become dearer.
    pub moved: Decimal,
}

impl FxMove {
    /// The same in percent, to two decimals.
    pub fn percent(&self) -> Decimal {
        self.moved.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(Decimal::MAX).round_dp(2).normalize()
    }
}

/// How far each rate that the contract watches stands on a day from its reference: what the contract names, else the rate that it
/// fixes, else that of the cloud's last statement's day, else that of the term's first day.
pub fn moves(conversions: &Conversions<'_>, day: Date) -> Vec<FxMove> {
    let Some(terms) = conversions.commitment.terms(day, conversions.known_on) else { return Vec::new() };
    let moved = |rule: &Conversion| {
        let name = rule.watched.as_deref()?;
        let pair = (rule.from, conversions.commitment.currency);
        let fixed = match rule.by {
            By::Fixed(rate) => Some(rate),
            By::Published(_) => None,
        };
        let published = |on: Date| conversions.rates.on(name, pair, on).map(|cited| (cited.rate, on));
        let agreed = rule.reference.or(fixed).map(|rate| (rate, terms.valid_from));
        let stated = || conversions.statements.iter().rev().find(|stated| **stated <= day).copied();
        let (reference, since): (Rate, Date) =
            agreed.or_else(|| published(stated()?)).or_else(|| published(terms.starts()))?;
        let now = conversions.rates.on(name, pair, day)?.rate;
        let moved = now.decimal().checked_div(reference.decimal())?.checked_sub(Decimal::ONE)?;
        Some(FxMove { currency: rule.from.to_string(), since, moved: moved.round_dp(6).normalize() })
    };
    terms.conversions.iter().filter_map(moved).collect()
}
