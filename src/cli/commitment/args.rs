//! The options that several of its commands take.

use std::collections::BTreeMap;

use entente_core::{
    commitment::{
        Amount,
        eligibility::{Channel, Mark},
    },
    context::commitment::Plan,
};
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::commitments::days;

/// Names a commitment.
#[derive(Debug, clap::Args)]
pub struct Name {
    /// Its id, or its label such as CMT-2027-00003
    #[arg(value_name = "COMMITMENT")]
    pub name: String,
}

/// The day of figures, and the day of the knowledge.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Days {
    /// The figures at the end of this day [default: today, or the term's last day]
    #[arg(long, value_name = "DAY")]
    as_of: Option<Date>,
    /// As they were known at the end of this day [default: today]
    #[arg(long, value_name = "DAY")]
    known_on: Option<Date>,
}

impl From<Days> for days::Days {
    fn from(Days { as_of, known_on }: Days) -> days::Days {
        days::Days { as_of, known_on }
    }
}

/// What would be added.
#[derive(Debug, clap::Args)]
pub struct Added {
    /// How much each time, before tax, in the commitment's currency
    #[arg(long, value_name = "AMOUNT")]
    pub amount: Amount,
    /// The first day
    #[arg(long, value_name = "DAY")]
    pub from: Date,
    /// How often, month after month
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub times: u32,
    /// The product
    #[arg(long, value_name = "PRODUCT", default_value = "what-if")]
    pub product: String,
    /// Through which channel: cloud, marketplace or reseller
    #[arg(long, value_name = "CHANNEL", default_value = "marketplace", value_parser = channel)]
    pub channel: Channel,
    /// The account that would be billed [default: the first in scope]
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    #[command(flatten)]
    pub marks: Marks,
}

/// What is known about products and purchases.
#[derive(Debug, Clone, clap::Args)]
pub struct Marks {
    /// Something that is known, such as runs_on_cloud=true; what is not said is unknown
    #[arg(long = "mark", value_name = "NAME=TRUE|FALSE", value_parser = mark)]
    marks: Vec<(Mark, bool)>,
}

impl Marks {
    /// As rules ask for them.
    pub fn known(&self) -> BTreeMap<Mark, bool> {
        self.marks.iter().copied().collect()
    }
}

impl Added {
    /// As a plan of this name.
    pub fn plan(&self, name: &str) -> Plan {
        Plan {
            name: name.to_owned(),
            product: self.product.clone(),
            channel: self.channel,
            account: self.account.clone(),
            amount: self.amount,
            from: self.from,
            times: self.times,
            marks: self.marks.known(),
            by: None,
            at: None,
        }
    }
}

fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(|error| error.to_string())
}

fn channel(text: &str) -> Result<Channel, String> {
    word(text)
}

fn mark(text: &str) -> Result<(Mark, bool), String> {
    let (name, is) = text.split_once('=').ok_or("write a name and whether it is so, such as runs_on_cloud=true")?;
    let is = is.parse().map_err(|_| format!("`{is}` is neither true nor false"))?;
    Ok((word(name)?, is))
}
