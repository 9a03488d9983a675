//! What-ifs that somebody keeps.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    commitment::{
        Amount, Candidate,
        eligibility::{Channel, ChargeKind, Dates, Frequency, Line, Mark, Pricing},
    },
    context::{FieldError, agreement_request::filled, funding::check_at},
    ids::PersonId,
};

/// The most charges that a plan has.
const TIMES_MAX: u32 = 120;

/// What if: the same amount once, or month after month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Its name; another plan of the same name takes its place.
    pub name: String,
    /// The product.
    pub product: String,
    /// Through which channel it would be bought.
    pub channel: Channel,
    /// The account that would be billed; the first in scope where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// How much each time.
    pub amount: Amount,
    /// The first day.
    pub from: Date,
    /// How often, month after month.
    #[serde(default = "once")]
    pub times: u32,
    /// What is known about the product and the purchase.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub marks: BTreeMap<Mark, bool>,
    /// Who keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

fn once() -> u32 {
    1
}

impl Plan {
    /// Checks what can be told from the plan alone.
    ///
    /// # Errors
    /// With the field that is wrong.
    pub fn check(&self) -> Result<(), FieldError> {
        filled("/name", &self.name)?;
        filled("/product", &self.product)?;
        check_at(self.amount > Amount::ZERO, "/amount", "is not positive; write what would be spent")?;
        let sound = (1..=TIMES_MAX).contains(&self.times);
        check_at(sound, "/times", format!("is out of bounds; write a number from 1 to {TIMES_MAX}"))
    }

    /// The charges that it would bring, on an account unless it names one.
    pub fn candidate(&self, account: &str) -> Candidate {
        let frequency = if self.times == 1 { Frequency::OneTime } else { Frequency::Recurring };
        let dates = Dates {
            charge: self.from,
            purchase: Some(self.from),
            activation: Some(self.from),
            invoice: Some(self.from),
            original: None,
        };
        let line = Line {
            account: self.account.clone().unwrap_or_else(|| account.to_owned()),
            product: self.product.clone(),
            channel: self.channel,
            kind: if self.channel.is_marketplace() { ChargeKind::Purchase } else { ChargeKind::Usage },
            frequency,
            pricing: Pricing::Paid,
            dates,
            marks: self.marks.clone(),
            amount: self.amount,
        };
        let days = (0..self.times).filter_map(|month| self.from.checked_add(i64::from(month).months()).ok());
        Candidate::repeated(&self.name, &line, days)
    }
}
