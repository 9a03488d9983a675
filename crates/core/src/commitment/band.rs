//! What is known of a figure, and how much of a charge counts: between a least and a most.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::amount::{Amount, AmountError, Percent};

/// A band as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ends<T> {
    least: T,
    most: T,
}

/// A band whose ends are the wrong way round.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`least` is {least} and more than `most`, {most}; write the lower end as `least`")]
pub struct TurnedRound {
    least: String,
    most: String,
}

impl<T: PartialOrd + fmt::Display> Ends<T> {
    fn in_order(self) -> Result<(T, T), TurnedRound> {
        match self.least <= self.most {
            true => Ok((self.least, self.most)),
            false => Err(TurnedRound { least: self.least.to_string(), most: self.most.to_string() }),
        }
    }
}

impl TryFrom<Ends<Amount>> for Band {
    type Error = TurnedRound;
    fn try_from(ends: Ends<Amount>) -> Result<Band, TurnedRound> {
        ends.in_order().map(|(least, most)| Band { least, most })
    }
}

impl TryFrom<Ends<Percent>> for Weight {
    type Error = TurnedRound;
    fn try_from(ends: Ends<Percent>) -> Result<Weight, TurnedRound> {
        ends.in_order().map(|(least, most)| Weight { least, most })
    }
}

/// What is known of a figure: it lies between the two, which are the same where everything is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Ends<Amount>")]
pub struct Band {
    /// At least this.
    pub least: Amount,
    /// At most this.
    pub most: Amount,
}

impl Band {
    /// Nothing.
    pub const ZERO: Band = Band { least: Amount::ZERO, most: Amount::ZERO };

    /// Both, whichever comes first.
    pub fn between(one: Amount, other: Amount) -> Band {
        Band { least: one.min(other), most: one.max(other) }
    }

    /// A figure that is known.
    pub fn exactly(amount: Amount) -> Band {
        Band { least: amount, most: amount }
    }

    /// The one figure, where both ends agree.
    pub fn known(self) -> Option<Amount> {
        (self.least == self.most).then_some(self.least)
    }

    /// The sum.
    ///
    /// # Errors
    /// When 28 digits do not hold it.
    pub fn plus(self, other: Band) -> Result<Band, AmountError> {
        Ok(Band { least: self.least.plus(other.least)?, most: self.most.plus(other.most)? })
    }
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known() {
            Some(amount) => amount.fmt(f),
            None => write!(f, "{} to {}", self.least, self.most),
        }
    }
}

/// How much of a charge counts: between two percentages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Ends<Percent>")]
pub struct Weight {
    /// At least this.
    pub least: Percent,
    /// At most this.
    pub most: Percent,
}

impl Weight {
    /// All of it counts.
    pub const ALL: Weight = Weight { least: Percent::ALL, most: Percent::ALL };
    /// Nothing of it counts.
    pub const NONE: Weight = Weight { least: Percent::NONE, most: Percent::NONE };
    /// Nobody knows.
    pub const UNKNOWN: Weight = Weight { least: Percent::NONE, most: Percent::ALL };

    /// This percentage counts.
    pub fn exactly(percent: Percent) -> Weight {
        Weight { least: percent, most: percent }
    }

    /// The narrowest weight that has room for both.
    pub fn hull(self, other: Weight) -> Weight {
        Weight { least: self.least.min(other.least), most: self.most.max(other.most) }
    }

    /// Whether another weight lies within it.
    pub fn holds(self, other: Weight) -> bool {
        self.least <= other.least && other.most <= self.most
    }

    /// Whether no percentage is in both.
    pub fn is_apart_from(self, other: Weight) -> bool {
        self.most < other.least || other.most < self.least
    }

    /// What it makes of an amount. Of a credit the larger share is the lesser amount.
    ///
    /// # Errors
    /// When 28 digits do not hold it.
    pub fn of(self, amount: Amount) -> Result<Band, AmountError> {
        Ok(Band::between(amount.share(self.least)?, amount.share(self.most)?))
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.least == self.most {
            true => self.least.fmt(f),
            false => write!(f, "{} to {}", self.least.decimal(), self.most),
        }
    }
}
