//! How exact an invoice has to be, and who may do what: what the policy says of all orders.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Exact;
use crate::{
    money::Currency,
    policy::{Operand, Scalar},
};

/// The terms by which an order is received, matched and closed. Approvers see them; they hold until it is approved anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderTerms {
    /// By how many percent a line's price may exceed the order's.
    #[serde(default)]
    pub price_percent: Exact,
    /// And by how many minor units at most, in the currencies that are named.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub price_at_most: BTreeMap<Currency, i64>,
    /// By how many percent more may be received than was ordered.
    #[serde(default)]
    pub over_receipt_percent: Exact,
    /// How many days after the last day of delivery an order of which nothing came expires.
    pub open_days: u32,
    /// Whether whoever orders, approves, receives and enters invoices are different people.
    pub separate_people: bool,
}

impl Default for OrderTerms {
    fn default() -> OrderTerms {
        OrderTerms {
            price_percent: Exact::default(),
            price_at_most: BTreeMap::new(),
            over_receipt_percent: Exact::default(),
            open_days: 90,
            separate_people: true,
        }
    }
}

/// The most days that an order stays open.
const MOST_DAYS: i64 = 730;

impl OrderTerms {
    /// Reads what a policy says; what it does not say is exact.
    ///
    /// # Errors
    /// With the term that is unknown or not understood, and what to write instead.
    pub fn of(written: &BTreeMap<String, Operand>) -> Result<OrderTerms, String> {
        let mut terms = OrderTerms::default();
        for (name, value) in written {
            let wrong = |what: &str| Err(format!("term `{name}` is not {what}"));
            match (name.as_str(), value) {
                ("price_percent" | "over_receipt_percent", value) => {
                    let Some(percent) = percent(value) else {
                        return wrong("a number of percent from 0 to 100, such as `2` or \"2.5\"");
                    };
                    match name.as_str() {
                        "price_percent" => terms.price_percent = percent,
                        _ => terms.over_receipt_percent = percent,
                    }
                }
                ("price_at_most", Operand::PerCurrency(most)) if most.values().all(|minor| *minor >= 0) => {
                    terms.price_at_most.clone_from(most);
                }
                ("price_at_most", _) => return wrong("zero or more minor units for each currency"),
                ("open_days", Operand::One(Scalar::Int(days))) if (1..=MOST_DAYS).contains(days) => {
                    terms.open_days = u32::try_from(*days).unwrap_or_default();
                }
                ("open_days", _) => return wrong("a whole number of days from 1 to 730"),
                ("separate_people", Operand::One(Scalar::Bool(separate))) => terms.separate_people = *separate,
                ("separate_people", _) => return wrong("`true` or `false`"),
                _ => {
                    return Err(format!(
                        "there is no term `{name}`; the terms are `price_percent`, `price_at_most`, \
                         `over_receipt_percent`, `open_days` and `separate_people`"
                    ));
                }
            }
        }
        Ok(terms)
    }
}

fn percent(value: &Operand) -> Option<Exact> {
    let number: Exact = match value {
        Operand::One(Scalar::Int(number)) => number.to_string().parse().ok()?,
        Operand::One(Scalar::Text(text)) => text.parse().ok()?,
        _ => return None,
    };
    (number.decimal() <= rust_decimal::Decimal::ONE_HUNDRED).then_some(number)
}
