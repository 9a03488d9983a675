//! A return per unit of money: exact, and shown with two decimals.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use crate::money::Money;

/// How much came back for each unit that was spent, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    numerator: i64,
    denominator: i64,
}

impl Ratio {
    /// One amount per unit of another of the same currency; nothing where nothing was spent.
    pub fn of(returned: Money, spent: Money) -> Option<Ratio> {
        if spent.minor <= 0 || returned.currency != spent.currency {
            return None;
        }
        let by = i64::try_from(common(returned.minor.unsigned_abs(), spent.minor.unsigned_abs())).ok()?.max(1);
        Some(Ratio { numerator: returned.minor / by, denominator: spent.minor / by })
    }

    /// What stands above the line.
    pub fn numerator(self) -> i64 {
        self.numerator
    }

    /// What stands below it, more than zero.
    pub fn denominator(self) -> i64 {
        self.denominator
    }
}

fn common(left: u64, right: u64) -> u64 {
    if right == 0 { left } else { common(right, left % right) }
}

/// With two decimals, rounded half to even.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = Decimal::from(self.numerator) / Decimal::from(self.denominator);
        write!(f, "{:.2}", exact.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven))
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Ratio", 3)?;
        fields.serialize_field("numerator", &self.numerator)?;
        fields.serialize_field("denominator", &self.denominator)?;
        fields.serialize_field("shown", &self.to_string())?;
        fields.end()
    }
}
